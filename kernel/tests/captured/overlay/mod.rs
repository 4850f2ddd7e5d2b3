//! What overlays are made of: links, forwarding entries and filters, as `ip`, `bridge` and `tc` ask for them.

mod filters;
mod hostile;
mod links;

use std::collections::BTreeMap;
use std::net::IpAddr;

use pleach_kernel::netlink::wire::{Attributes, MESSAGE_HEADER, MessageHeader, Messages};
use pleach_overlay::{UdpPort, Vni};
use pleach_tc::Interface;

use crate::capture::{Capture, DEVICE};

/// The devices besides [`DEVICE`].
pub(super) const PEER: u32 = 101;
pub(super) const TUNNEL: u32 = 102;

pub(super) fn name(text: &str) -> Interface {
    text.parse().expect("a name")
}

pub(super) fn name_of(index: u32) -> Option<Interface> {
    Some(name(match index {
        DEVICE => "sink",
        PEER => "peer",
        TUNNEL => "tunnel",
        _ => return None,
    }))
}

pub(super) fn index_of(interface: &Interface) -> u32 {
    [DEVICE, PEER, TUNNEL].into_iter().find(|index| name_of(*index).as_ref() == Some(interface)).expect("a device")
}

pub(super) fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

pub(super) fn vni(number: u32) -> Vni {
    Vni::new(number).expect("an id")
}

pub(super) fn port(number: i64) -> UdpPort {
    UdpPort::new(number).expect("a port")
}

/// Attributes of a message by their kinds, those of nests under the kinds of all around them.
pub(super) fn flat(bytes: &[u8], nests: &[&[u16]]) -> BTreeMap<Vec<u16>, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut open = vec![(Vec::new(), bytes)];
    while let Some((above, bytes)) = open.pop() {
        for (kind, value) in Attributes(bytes) {
            let place: Vec<u16> = above.iter().copied().chain([kind]).collect();
            let is_nest = |nest: &&[u16]| {
                nest.len() == place.len() && nest.iter().zip(&place).all(|(nest, kind)| *nest == 0 || nest == kind)
            };
            if nests.iter().any(is_nest) {
                open.push((place, value));
            } else {
                all.insert(place, value.to_vec());
            }
        }
    }
    all
}

pub(super) fn laid_out(capture: &Capture, put: impl FnOnce(&mut Messages, MessageHeader)) -> Vec<u8> {
    let mut messages = Messages::default();
    let header = MessageHeader { kind: capture.request.kind, flags: capture.request.flags, sequence: 0 };
    put(&mut messages, header);
    messages.as_bytes()[MESSAGE_HEADER..].to_vec()
}
