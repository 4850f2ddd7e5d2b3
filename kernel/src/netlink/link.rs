//! Interfaces. Source: `struct ifinfomsg` in `include/uapi/linux/rtnetlink.h`, `net/core/rtnetlink.c`.

use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use pleach_overlay::links::{Aggregates, Isolation, LinkKind};

use super::constants::{
    AF_INET6, IFF_UP, IFLA_AF_SPEC, IFLA_BRPORT_ISOLATED, IFLA_EXT_MASK, IFLA_GSO_MAX_SEGS, IFLA_GSO_MAX_SIZE,
    IFLA_IFALIAS, IFLA_IFNAME, IFLA_INET6_ADDR_GEN_MODE, IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_INFO_SLAVE_DATA,
    IFLA_LINK, IFLA_LINKINFO, IFLA_MASTER, IFLA_MTU, IFLA_NUM_TX_QUEUES, IFLA_TSO_MAX_SEGS, IFLA_TSO_MAX_SIZE,
    IN6_ADDR_GEN_MODE_NONE, RTEXT_FILTER_SKIP_STATS, RTM_DELLINK, RTM_NEWLINK,
};
use super::link_kind;
use super::request::Verb;
use super::wire::{Attributes, MessageHeader, Messages, Open, text, u32_at};

/// Makes a link that is not there.
pub const ADD_LINK: Verb = (RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
/// Changes a link that is there.
pub const CHANGE_LINK: Verb = (RTM_NEWLINK, 0);
/// Deletes a link.
pub const DELETE_LINK: Verb = (RTM_DELLINK, 0);

/// The bytes of `struct ifinfomsg`.
pub(super) const LINK_HEADER: usize = 16;

/// An interface in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Its number.
    pub index: u32,
    /// The largest packet in bytes.
    pub mtu: u32,
    /// How many transmit queues it was made with; an `mq` has so many children, used or not.
    pub transmit_queues: u32,
    /// The largest aggregate that it may be told to take.
    pub largest: LargestAggregate,
}

/// The largest aggregate that a link's driver takes, or the interface's that it stands on (`netif_inherit_tso_max`): `do_setlink`
/// refuses more. Nothing where the kernel does not say it: before 5.19 there is no such limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LargestAggregate {
    /// How many packets.
    pub packets: Option<u32>,
    /// How many bytes.
    pub bytes: Option<u32>,
}

/// A message about an interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkMessage<'a> {
    /// Its numbers.
    pub link: Link,
    /// Its name.
    pub name: &'a str,
    /// Whether it is set up.
    pub is_up: bool,
    /// What somebody said that it is.
    pub alias: &'a str,
    /// The number of the interface that it is in; 0 for none.
    pub master: u32,
    /// The number of the interface that it stands on; 0 for none.
    pub on: u32,
    /// Its kind; empty for hardware.
    pub kind: &'a str,
    /// What it does with aggregates.
    pub aggregates: Aggregates,
    /// What its kind says of it, as attributes.
    pub data: &'a [u8],
    /// What the kind of its master says of it, as attributes.
    pub port: &'a [u8],
}

impl LinkMessage<'_> {
    /// Whether it reaches other isolated ports of its bridge.
    pub fn isolation(&self) -> Isolation {
        let isolated = |(kind, value): (u16, &[u8])| kind == IFLA_BRPORT_ISOLATED && value.first() == Some(&1);
        if Attributes(self.port).any(isolated) { Isolation::Isolated } else { Isolation::Open }
    }
}

/// Begins a message about the interface of this number, changing these of its flags.
fn begin(messages: &mut Messages, header: MessageHeader, index: u32, flags: u32, change: u32) -> Open {
    let message = messages.begin(header);
    messages.put(&[0; 4]); // family, padding, type
    for field in [index, flags, change] {
        messages.put(&field.to_ne_bytes());
    }
    message
}

/// Lays out a request for the interface of this name, without what it counted.
pub fn put_get(messages: &mut Messages, header: MessageHeader, name: &str) {
    let message = begin(messages, header, 0, 0, 0);
    messages.attribute_text(IFLA_IFNAME, name);
    messages.attribute_u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    messages.end(message);
}

/// Lays out a request for all interfaces, without what they counted.
pub fn put_dump(messages: &mut Messages, header: MessageHeader) {
    let message = begin(messages, header, 0, 0, 0);
    messages.attribute_u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    messages.end(message);
}

/// Lays out a link to make. `index_of` knows the number of the interface that it stands on.
pub fn put_new(
    messages: &mut Messages,
    header: MessageHeader,
    name: &str,
    kind: &LinkKind,
    (mtu, aggregates): (Option<u32>, Aggregates),
    parent: Option<u32>,
) {
    let message = begin(messages, header, 0, 0, 0);
    if let (LinkKind::Vlan { .. }, Some(parent)) = (kind, parent) {
        messages.attribute_u32(IFLA_LINK, parent);
    }
    messages.attribute_text(IFLA_IFNAME, name);
    if let Some(mtu) = mtu {
        messages.attribute_u32(IFLA_MTU, mtu);
    }
    if aggregates == Aggregates::Split {
        put_limits(messages, aggregates, LargestAggregate::default());
    }
    let info = messages.begin_nest(IFLA_LINKINFO);
    messages.attribute(IFLA_INFO_KIND, link_kind::name(kind).as_bytes());
    if link_kind::has_options(kind) {
        let data = messages.begin_nest(IFLA_INFO_DATA);
        link_kind::put(messages, kind, parent);
        messages.end_nest(data);
    }
    messages.end_nest(info);
    messages.end(message);
}

/// Lays out a link to delete.
pub fn put_delete(messages: &mut Messages, header: MessageHeader, index: u32) {
    let message = begin(messages, header, index, 0, 0);
    messages.end(message);
}

/// Whether the kernel gives links IPv6 addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ipv6 {
    /// It does, unless it is told not to.
    Known,
    /// It has no IPv6, and refuses to hear of it.
    Unknown,
}

/// Lays out what a link shall say that it is, and that it gets no IPv6 address of its own: this host is no part of what it
/// carries.
pub fn put_alias(messages: &mut Messages, header: MessageHeader, index: u32, alias: &str, ipv6: Ipv6) {
    let message = begin(messages, header, index, 0, 0);
    messages.attribute(IFLA_IFALIAS, alias.as_bytes());
    if ipv6 == Ipv6::Known {
        let families = messages.begin_nest(IFLA_AF_SPEC);
        let family = messages.begin_nest(AF_INET6);
        messages.attribute(IFLA_INET6_ADDR_GEN_MODE, &[IN6_ADDR_GEN_MODE_NONE]);
        messages.end_nest(family);
        messages.end_nest(families);
    }
    messages.end(message);
}

/// Lays out another MTU.
pub fn put_mtu(messages: &mut Messages, header: MessageHeader, index: u32, mtu: u32) {
    let message = begin(messages, header, index, 0, 0);
    messages.attribute_u32(IFLA_MTU, mtu);
    messages.end(message);
}

/// Lays out what an interface does with aggregates, as far as it takes them.
pub fn put_aggregates(messages: &mut Messages, header: MessageHeader, link: Link, aggregates: Aggregates) {
    let message = begin(messages, header, link.index, 0, 0);
    put_limits(messages, aggregates, link.largest);
    messages.end(message);
}

fn put_limits(messages: &mut Messages, aggregates: Aggregates, largest: LargestAggregate) {
    let (packets, bytes) = aggregates.limits();
    messages.attribute_u32(IFLA_GSO_MAX_SEGS, packets.min(largest.packets.unwrap_or(u32::MAX)));
    messages.attribute_u32(IFLA_GSO_MAX_SIZE, bytes.min(largest.bytes.unwrap_or(u32::MAX)));
}

/// Lays out that an interface is put into a bridge, or with 0 into none.
pub fn put_master(messages: &mut Messages, header: MessageHeader, index: u32, master: u32) {
    let message = begin(messages, header, index, 0, 0);
    messages.attribute_u32(IFLA_MASTER, master);
    messages.end(message);
}

/// The same, and that it is set up then (`do_setlink` comes to the flags last).
pub fn put_master_and_up(messages: &mut Messages, header: MessageHeader, index: u32, master: u32) {
    let message = begin(messages, header, index, IFF_UP, IFF_UP);
    messages.attribute_u32(IFLA_MASTER, master);
    messages.end(message);
}

/// Lays out that a bridge's port is isolated or open, and that it is set up then.
pub fn put_isolation_and_up(messages: &mut Messages, header: MessageHeader, index: u32, isolation: Isolation) {
    let message = begin(messages, header, index, IFF_UP, IFF_UP);
    let info = messages.begin_nest(IFLA_LINKINFO);
    messages.attribute(IFLA_INFO_KIND, b"bridge_slave");
    let data = messages.begin_nest(IFLA_INFO_SLAVE_DATA);
    messages.attribute(IFLA_BRPORT_ISOLATED, &[u8::from(isolation == Isolation::Isolated)]);
    messages.end_nest(data);
    messages.end_nest(info);
    messages.end(message);
}

/// Lays out that an interface is set down.
pub fn put_down(messages: &mut Messages, header: MessageHeader, index: u32) {
    let message = begin(messages, header, index, 0, IFF_UP);
    messages.end(message);
}

/// Reads a message about an interface; none where it is shorter than its header.
pub fn parse(payload: &[u8]) -> Option<LinkMessage<'_>> {
    let is_up = u32_at(payload, 8)? & IFF_UP != 0;
    let numbers = Link { index: u32_at(payload, 4)?, ..Link::default() };
    let mut link = LinkMessage { link: numbers, is_up, ..LinkMessage::default() };
    let (mut packets, mut bytes) = Aggregates::Whole.limits();
    for (kind, value) in Attributes(payload.get(LINK_HEADER..)?) {
        match kind {
            IFLA_IFNAME => link.name = text(value).unwrap_or_default(),
            IFLA_MTU => link.link.mtu = u32_at(value, 0)?,
            IFLA_NUM_TX_QUEUES => link.link.transmit_queues = u32_at(value, 0)?,
            IFLA_GSO_MAX_SEGS => packets = u32_at(value, 0)?,
            IFLA_GSO_MAX_SIZE => bytes = u32_at(value, 0)?,
            IFLA_TSO_MAX_SEGS => link.link.largest.packets = Some(u32_at(value, 0)?),
            IFLA_TSO_MAX_SIZE => link.link.largest.bytes = Some(u32_at(value, 0)?),
            IFLA_IFALIAS => link.alias = text(value).unwrap_or_default(),
            IFLA_MASTER => link.master = u32_at(value, 0)?,
            IFLA_LINK => link.on = u32_at(value, 0)?,
            IFLA_LINKINFO => {
                for (kind, value) in Attributes(value) {
                    match kind {
                        IFLA_INFO_KIND => link.kind = text(value).unwrap_or_default(),
                        IFLA_INFO_DATA => link.data = value,
                        IFLA_INFO_SLAVE_DATA => link.port = value,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    link.aggregates = Aggregates::of_limits(packets, bytes);
    Some(link)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the kernel says of a link with these limits: `gso_max_segs`, `gso_max_size`, `tso_max_segs`, `tso_max_size`.
    fn said([gso_packets, gso_bytes, tso_packets, tso_bytes]: [u32; 4]) -> Vec<u8> {
        let mut messages = Messages::default();
        let message = begin(&mut messages, HEADER, 7, 0, 0);
        messages.attribute_u32(IFLA_GSO_MAX_SIZE, gso_bytes);
        messages.attribute_u32(IFLA_GSO_MAX_SEGS, gso_packets);
        messages.attribute_u32(IFLA_TSO_MAX_SIZE, tso_bytes);
        messages.attribute_u32(IFLA_TSO_MAX_SEGS, tso_packets);
        messages.end(message);
        messages.as_bytes()[NETLINK_HEADER..].to_vec()
    }

    /// The limits that a request states: packets and bytes.
    fn asked(link: Link, aggregates: Aggregates) -> (u32, u32) {
        let mut messages = Messages::default();
        put_aggregates(&mut messages, HEADER, link, aggregates);
        let payload = &messages.as_bytes()[NETLINK_HEADER..];
        assert_eq!(u32_at(payload, 4), Some(7));
        let attribute = |kind| Attributes(&payload[LINK_HEADER..]).find(|(found, _)| *found == kind);
        let number = |kind| attribute(kind).and_then(|(_, value)| u32_at(value, 0)).expect("it is there");
        (number(IFLA_GSO_MAX_SEGS), number(IFLA_GSO_MAX_SIZE))
    }

    const HEADER: MessageHeader = MessageHeader { kind: RTM_NEWLINK, flags: 0, sequence: 1 };
    /// The bytes of `struct nlmsghdr`.
    const NETLINK_HEADER: usize = 16;

    /// `r8169` takes 64 packets and 64 000 bytes, and a tunnel on it no more.
    #[test]
    fn no_link_is_asked_for_more_than_its_card_takes() {
        for (limits, expected, whole) in [
            ([64, 64_000, 64, 64_000], Aggregates::Whole, (64, 64_000)),
            ([1, 512, 64, 64_000], Aggregates::Split, (64, 64_000)),
            ([1, 512, 65_535, 65_536], Aggregates::Split, (65_535, 65_536)),
            ([1, 512, 65_535, 524_280], Aggregates::Split, (65_535, 65_536)),
            ([1, 65_536, 1, 65_536], Aggregates::Whole, (1, 65_536)),
            ([1, 500, 1, 500], Aggregates::Whole, (1, 500)),
            ([65_535, 512, 65_535, 65_536], Aggregates::Whole, (65_535, 65_536)),
        ] {
            let message = said(limits);
            let found = parse(&message).expect("a link");
            assert_eq!(found.aggregates, expected, "{limits:?}");
            assert_eq!(asked(found.link, Aggregates::Whole), whole, "{limits:?}");
        }
        let from_before_there_was_a_limit = Link { index: 7, ..Link::default() };
        assert_eq!(asked(from_before_there_was_a_limit, Aggregates::Whole), (65_535, 65_536));
        assert_eq!(asked(from_before_there_was_a_limit, Aggregates::Split), (1, 512));
    }
}
