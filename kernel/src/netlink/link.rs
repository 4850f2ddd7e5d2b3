//! Interfaces, as far as a shaper asks for them. Source: `struct ifinfomsg` in `include/uapi/linux/rtnetlink.h`.

use super::constants::{IFLA_IFNAME, IFLA_MTU, IFLA_NUM_TX_QUEUES};
use super::wire::{Attributes, MessageHeader, Messages, u32_at};

/// The bytes of `struct ifinfomsg`.
const LINK_HEADER: usize = 16;

/// An interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Its number.
    pub index: u32,
    /// The largest packet in bytes.
    pub mtu: u32,
    /// How many transmit queues it was made with; an `mq` has so many children, used or not.
    pub transmit_queues: u32,
}

/// Lays out a request for the interface of this name.
pub fn put_get(messages: &mut Messages, header: MessageHeader, name: &str) {
    let message = messages.begin(header);
    messages.put(&[0; LINK_HEADER]);
    messages.attribute_text(IFLA_IFNAME, name);
    messages.end(message);
}

/// Reads a message about an interface; none where it is shorter than its header.
pub fn parse(payload: &[u8]) -> Option<Link> {
    let mut link = Link { index: u32_at(payload, 4)?, ..Link::default() };
    for (kind, value) in Attributes(payload.get(LINK_HEADER..)?) {
        match kind {
            IFLA_MTU => link.mtu = u32_at(value, 0)?,
            IFLA_NUM_TX_QUEUES => link.transmit_queues = u32_at(value, 0)?,
            _ => {}
        }
    }
    Some(link)
}
