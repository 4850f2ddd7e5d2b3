//! Messages about qdiscs, classes and filters: `struct tcmsg` of `include/uapi/linux/rtnetlink.h` and its attributes.

use pleach_tc::Handle;

use super::constants::{TCA_CHAIN, TCA_KIND, TCA_OPTIONS, TCA_STATS2};
use super::wire::{Attributes, MessageHeader, Messages, Open, text, u32_at};

/// What is at the beginning of every message about a qdisc, a class or a filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcHeader {
    /// Which interface.
    pub index: u32,
    /// The object's own handle.
    pub handle: u32,
    /// What it hangs in.
    pub parent: u32,
    /// Of a class: its leaf's handle. Of a filter: preference and protocol. Of a qdisc: how many hold it.
    pub info: u32,
}

/// The bytes of `struct tcmsg`.
const TC_HEADER: usize = 20;

impl TcHeader {
    /// A header for an object of an interface.
    pub fn new(index: u32, handle: Handle, parent: Handle) -> Self {
        Self { index, handle: handle.raw(), parent: parent.raw(), info: 0 }
    }

    /// Begins a message with this header.
    pub fn begin(self, messages: &mut Messages, header: MessageHeader) -> Open {
        let message = messages.begin(header);
        messages.put(&[0; 4]); // family and padding
        for field in [self.index, self.handle, self.parent, self.info] {
            messages.put(&field.to_ne_bytes());
        }
        message
    }
}

/// A message about a qdisc, a class or a filter, with its attributes still as bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcMessage<'a> {
    /// Which object.
    pub header: TcHeader,
    /// Its kind, such as `htb`.
    pub kind: &'a str,
    /// Its options: attributes or a struct, as the kind has it.
    pub options: &'a [u8],
    /// What it counted, as attributes.
    pub statistics: &'a [u8],
    /// Of a filter: its chain.
    pub chain: u32,
}

impl<'a> TcMessage<'a> {
    /// Reads a message's payload; none where it is shorter than its header.
    pub fn parse(payload: &'a [u8]) -> Option<Self> {
        let field = |at| u32_at(payload, at);
        let header = TcHeader { index: field(4)?, handle: field(8)?, parent: field(12)?, info: field(16)? };
        let mut message = Self { header, ..Self::default() };
        for (kind, value) in Attributes(payload.get(TC_HEADER..)?) {
            match kind {
                TCA_KIND => message.kind = text(value).unwrap_or_default(),
                TCA_OPTIONS => message.options = value,
                TCA_STATS2 => message.statistics = value,
                TCA_CHAIN => message.chain = u32_at(value, 0).unwrap_or_default(),
                _ => {}
            }
        }
        Some(message)
    }

    /// The object's own handle.
    pub fn handle(&self) -> Handle {
        Handle::from_raw(self.header.handle)
    }

    /// What it hangs in.
    pub fn parent(&self) -> Handle {
        Handle::from_raw(self.header.parent)
    }
}
