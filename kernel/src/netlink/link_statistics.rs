//! What interfaces counted. Source: `struct rtnl_link_stats64` in `include/uapi/linux/if_link.h`.

use pleach_overlay::links::LinkCount;
use pleach_tc::PacketCount;

use super::constants::IFLA_STATS64;
use super::link::LINK_HEADER;
use super::wire::{Attributes, MessageHeader, Messages, u32_at, u64_at};

/// Lays out a request for all interfaces, with what they counted.
pub fn put_dump(messages: &mut Messages, header: MessageHeader) {
    let message = messages.begin(header);
    messages.put(&[0; LINK_HEADER]);
    messages.end(message);
}

/// Reads an interface's number and what it counted; none where it says nothing of that.
pub fn parse(payload: &[u8]) -> Option<(u32, LinkCount)> {
    let index = u32_at(payload, 4)?;
    let (_, fields) = Attributes(payload.get(LINK_HEADER..)?).find(|(kind, _)| *kind == IFLA_STATS64)?;
    let field = |at: usize| u64_at(fields, at * 8);
    let count = LinkCount {
        received: PacketCount { packets: field(0)?, bytes: field(2)? },
        sent: PacketCount { packets: field(1)?, bytes: field(3)? },
        send_errors: field(5)?,
        send_dropped: field(7)?,
    };
    Some((index, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_where_it_is() {
        let mut messages = Messages::default();
        messages.put(&[0; 4]);
        messages.put(&7_u32.to_ne_bytes());
        messages.put(&[0; 8]);
        let fields = messages.begin_nest(IFLA_STATS64);
        for field in 1_u64..=24 {
            messages.put(&(field << 33).to_ne_bytes());
        }
        messages.end_nest(fields);
        let expected = LinkCount {
            received: PacketCount { packets: 1 << 33, bytes: 3 << 33 },
            sent: PacketCount { packets: 2 << 33, bytes: 4 << 33 },
            send_errors: 6 << 33,
            send_dropped: 8 << 33,
        };
        assert_eq!(parse(messages.as_bytes()), Some((7, expected)));
        assert_eq!(parse(&messages.as_bytes()[..messages.len() - 192]), None, "cut off");
    }
}
