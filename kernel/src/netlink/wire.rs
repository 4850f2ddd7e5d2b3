//! Bytes of netlink messages: laid out into one buffer without an allocation per message, and read back without one.

use std::net::IpAddr;

use netlink_packet_core::{NLA_ALIGNTO, NLA_HEADER_SIZE, NLA_TYPE_MASK};

/// The bytes of `struct nlmsghdr` in `include/uapi/linux/netlink.h`.
pub const MESSAGE_HEADER: usize = 16;
/// Where in the header the flags are.
const FLAGS: usize = 6;

/// Messages one behind the other, as one datagram carries them.
#[derive(Debug, Default)]
pub struct Messages {
    bytes: Vec<u8>,
    open: usize,
}

/// A message or a nest of attributes that is not finished; its length is written when it is.
#[derive(Debug)]
#[must_use = "its length is not written yet"]
pub struct Open(usize);

/// What begins a message.
#[derive(Clone, Copy, Debug)]
pub struct MessageHeader {
    /// `RTM_*` or `NLMSG_*`.
    pub kind: u16,
    /// `NLM_F_*`.
    pub flags: u16,
    /// What its answer carries.
    pub sequence: u32,
}

impl Messages {
    /// An empty datagram with room for this many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), open: 0 }
    }

    /// All of it.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is no message.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Forgets all messages and keeps the room.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Begins a message.
    pub fn begin(&mut self, header: MessageHeader) -> Open {
        let start = self.bytes.len();
        self.open = start;
        self.put(&0_u32.to_ne_bytes());
        self.put(&header.kind.to_ne_bytes());
        self.put(&header.flags.to_ne_bytes());
        self.put(&header.sequence.to_ne_bytes());
        self.put(&0_u32.to_ne_bytes()); // the kernel's own port id
        Open(start)
    }

    /// Ends a message.
    pub fn end(&mut self, Open(start): Open) {
        let length = u32::try_from(self.bytes.len() - start).expect("invariant: a message is shorter than 4 GiB");
        self.bytes[start..start + 4].copy_from_slice(&length.to_ne_bytes());
    }

    /// Adds flags to the message that was begun last.
    pub fn flag_last(&mut self, flags: u16) {
        if let Some(bytes) = self.bytes.get_mut(self.open + FLAGS..self.open + FLAGS + 2) {
            let before = u16::from_ne_bytes([bytes[0], bytes[1]]);
            bytes.copy_from_slice(&(before | flags).to_ne_bytes());
        }
    }

    /// Bytes as they are.
    pub fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// An attribute.
    pub fn attribute(&mut self, kind: u16, value: &[u8]) {
        let nest = self.begin_nest(kind);
        self.put(value);
        self.end_nest(nest);
    }

    /// An attribute of 32 bits.
    pub fn attribute_u32(&mut self, kind: u16, value: u32) {
        self.attribute(kind, &value.to_ne_bytes());
    }

    /// An attribute of 64 bits.
    pub fn attribute_u64(&mut self, kind: u16, value: u64) {
        self.attribute(kind, &value.to_ne_bytes());
    }

    /// A text with its final zero.
    pub fn attribute_text(&mut self, kind: u16, text: &str) {
        let nest = self.begin_nest(kind);
        self.put(text.as_bytes());
        self.put(&[0]);
        self.end_nest(nest);
    }

    /// An attribute of 16 bits in the order of the network.
    pub fn attribute_be16(&mut self, kind: u16, value: u16) {
        self.attribute(kind, &value.to_be_bytes());
    }

    /// An address: under the first kind if it is IPv4, else under the second.
    pub fn attribute_address(&mut self, (ipv4, ipv6): (u16, u16), address: IpAddr) {
        match address {
            IpAddr::V4(address) => self.attribute(ipv4, &address.octets()),
            IpAddr::V6(address) => self.attribute(ipv6, &address.octets()),
        }
    }

    /// Begins an attribute whose value is attributes, or bytes put one after the other.
    pub fn begin_nest(&mut self, kind: u16) -> Open {
        let start = self.bytes.len();
        self.put(&0_u16.to_ne_bytes());
        self.put(&kind.to_ne_bytes());
        Open(start)
    }

    /// Ends it, and fills up to the next multiple of four.
    pub fn end_nest(&mut self, Open(start): Open) {
        let length = u16::try_from(self.bytes.len() - start).expect("invariant: an attribute is shorter than 64 KiB");
        self.bytes[start..start + 2].copy_from_slice(&length.to_ne_bytes());
        self.bytes.resize(self.bytes.len().next_multiple_of(NLA_ALIGNTO), 0);
    }
}

/// Attributes one behind the other: kind without its flags, and value. Ends at the first that does not fit.
#[derive(Clone, Debug)]
pub struct Attributes<'a>(pub &'a [u8]);

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let length = usize::from(u16_at(self.0, 0)?);
        let kind = u16_at(self.0, 2)? & NLA_TYPE_MASK;
        let value = self.0.get(NLA_HEADER_SIZE..length)?;
        self.0 = self.0.get(length.next_multiple_of(NLA_ALIGNTO)..).unwrap_or_default();
        Some((kind, value))
    }
}

/// Messages of a datagram that was received: kind, flags, sequence, payload. Ends at the first that does not fit.
#[derive(Clone, Debug)]
pub struct Received<'a>(pub &'a [u8]);

impl<'a> Iterator for Received<'a> {
    type Item = (MessageHeader, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let length = usize::try_from(u32_at(self.0, 0)?).ok()?;
        let header =
            MessageHeader { kind: u16_at(self.0, 4)?, flags: u16_at(self.0, FLAGS)?, sequence: u32_at(self.0, 8)? };
        let payload = self.0.get(MESSAGE_HEADER..length)?;
        self.0 = self.0.get(length.next_multiple_of(NLA_ALIGNTO)..).unwrap_or_default();
        Some((header, payload))
    }
}

/// The address that these bytes are: 4 or 16 of them.
pub fn address(bytes: &[u8]) -> Option<IpAddr> {
    let ipv4 = <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from);
    ipv4.or_else(|| <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from))
}

/// Two bytes of the network's order, if they are there.
pub fn be16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_be_bytes)
}

/// Four bytes of the network's order, if they are there.
pub fn be32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_be_bytes)
}

/// Two bytes of this machine's order, if they are there.
pub fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_ne_bytes)
}

/// Four bytes of this machine's order, if they are there.
pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_ne_bytes)
}

/// Eight bytes of this machine's order, if they are there.
pub fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().copied().map(u64::from_ne_bytes)
}

/// A text up to its first zero; none if it is no UTF-8.
pub fn text(bytes: &[u8]) -> Option<&str> {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    std::str::from_utf8(&bytes[..end]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_laid_out_reads_back() {
        let mut messages = Messages::default();
        for sequence in 1..=2 {
            let message = messages.begin(MessageHeader { kind: 36, flags: 1, sequence });
            messages.attribute_text(1, "htb");
            let nest = messages.begin_nest(2);
            messages.attribute_u32(5, 7);
            messages.attribute(6, &[1, 2, 3, 4, 5]);
            messages.end_nest(nest);
            messages.end(message);
        }
        messages.flag_last(4);
        let read: Vec<_> = Received(messages.as_bytes()).collect();
        assert_eq!(read.len(), 2);
        assert_eq!((read[0].0.kind, read[0].0.flags, read[0].0.sequence), (36, 1, 1));
        assert_eq!((read[1].0.flags, read[1].0.sequence), (5, 2), "only the last has the flag");
        let attributes: Vec<_> = Attributes(read[1].1).collect();
        assert_eq!(attributes[0].1, b"htb\0");
        let inner: Vec<_> = Attributes(attributes[1].1).collect();
        assert_eq!(inner, [(5, &7_u32.to_ne_bytes()[..]), (6, &[1, 2, 3, 4, 5][..])]);
    }

    #[test]
    fn lengths_that_lie_end_the_reading() {
        assert_eq!(Attributes(&[3, 0, 1, 0]).count(), 0, "shorter than its own header");
        assert_eq!(Attributes(&[255, 0, 1, 0]).count(), 0, "longer than what is there");
        assert_eq!(Attributes(&[4, 0]).count(), 0);
        assert_eq!(Received(&[0; 16]).count(), 0);
        assert_eq!(Received(&[255; 40]).count(), 0);
    }
}
