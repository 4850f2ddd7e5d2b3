//! Entries of a VXLAN's forwarding table for stations that are not known: the MAC address of zeros, and a host. Source:
//! `struct ndmsg` in `include/uapi/linux/neighbour.h`, `rtnl_fdb_add` in `net/core/rtnetlink.c`.

use std::net::IpAddr;

use netlink_packet_core::{NLM_F_APPEND, NLM_F_CREATE};

use super::constants::{NDA_DST, NDA_LLADDR, NTF_SELF, NUD_NOARP, NUD_PERMANENT, RTM_DELNEIGH, RTM_NEWNEIGH};
use super::request::Verb;
use super::wire::{Attributes, MessageHeader, Messages, address, u32_at};

/// Adds a host to those that are there.
pub const APPEND_ENTRY: Verb = (RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_APPEND);
/// Deletes one of them.
pub const DELETE_ENTRY: Verb = (RTM_DELNEIGH, 0);

/// `PF_BRIDGE`.
const FAMILY: u8 = 7;
/// The bytes of `struct ndmsg`.
const HEADER: usize = 12;
const UNKNOWN: [u8; 6] = [0; 6];

/// Lays out an entry of the VXLAN of this number, to add or to delete.
pub fn put(messages: &mut Messages, header: MessageHeader, index: u32, destination: IpAddr) {
    let message = messages.begin(header);
    messages.put(&[FAMILY, 0, 0, 0]);
    messages.put(&index.to_ne_bytes());
    messages.put(&(NUD_NOARP | NUD_PERMANENT).to_ne_bytes());
    messages.put(&[NTF_SELF, 0]);
    messages.attribute(NDA_LLADDR, &UNKNOWN);
    messages.attribute_address((NDA_DST, NDA_DST), destination);
    messages.end(message);
}

/// Lays out a request for the entries of one interface: with `struct ifinfomsg`, by which the kernel asks for one
/// (`valid_fdb_dump_legacy`).
pub fn put_dump(messages: &mut Messages, header: MessageHeader, index: u32) {
    let message = messages.begin(header);
    messages.put(&[FAMILY, 0, 0, 0]);
    messages.put(&index.to_ne_bytes());
    messages.put(&[0; 8]);
    messages.end(message);
}

/// Reads an entry: the interface's number, and the host that frames for unknown stations go to. None for every other entry.
pub fn parse(payload: &[u8]) -> Option<(u32, IpAddr)> {
    let index = u32_at(payload, 4)?;
    let (mut station, mut host) = (None, None);
    for (kind, value) in Attributes(payload.get(HEADER..)?) {
        match kind {
            NDA_LLADDR => station = Some(value),
            NDA_DST => host = address(value),
            _ => {}
        }
    }
    (station == Some(&UNKNOWN)).then_some((index, host?))
}
