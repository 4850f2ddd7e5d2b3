//! Flower filters on clsact. Source: `include/uapi/linux/pkt_cls.h`, `net/sched/cls_flower.c` (6.12).

use std::net::IpAddr;

use ipnet::IpNet;
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use pleach_graph::Prefix;
use pleach_overlay::links::{Filter, FilterKey, FilterMatch, Side, TunnelMatch};
use pleach_overlay::{Mac, MacRange, Ports, Protocol, Vni};
use pleach_tc::{Interface, PacketCount};

use super::action;
use super::constants::{
    ETH_P_ALL, ETH_P_IP, ETH_P_IPV6, RTM_NEWTFILTER, TCA_CHAIN, TCA_FLOWER_ACT, TCA_FLOWER_FLAGS,
    TCA_FLOWER_KEY_ENC_IPV4_SRC, TCA_FLOWER_KEY_ENC_IPV4_SRC_MASK, TCA_FLOWER_KEY_ENC_IPV6_SRC,
    TCA_FLOWER_KEY_ENC_IPV6_SRC_MASK, TCA_FLOWER_KEY_ENC_KEY_ID, TCA_FLOWER_KEY_ETH_DST, TCA_FLOWER_KEY_ETH_DST_MASK,
    TCA_FLOWER_KEY_ETH_SRC, TCA_FLOWER_KEY_ETH_SRC_MASK, TCA_FLOWER_KEY_ETH_TYPE, TCA_FLOWER_KEY_IP_PROTO,
    TCA_FLOWER_KEY_IPV4_DST, TCA_FLOWER_KEY_IPV4_DST_MASK, TCA_FLOWER_KEY_IPV4_SRC, TCA_FLOWER_KEY_IPV4_SRC_MASK,
    TCA_FLOWER_KEY_IPV6_DST, TCA_FLOWER_KEY_IPV6_DST_MASK, TCA_FLOWER_KEY_IPV6_SRC, TCA_FLOWER_KEY_IPV6_SRC_MASK,
    TCA_FLOWER_KEY_PORT_DST_MAX, TCA_FLOWER_KEY_PORT_DST_MIN, TCA_FLOWER_KEY_PORT_SRC_MAX, TCA_FLOWER_KEY_PORT_SRC_MIN,
    TCA_FLOWER_KEY_SCTP_DST, TCA_FLOWER_KEY_SCTP_SRC, TCA_FLOWER_KEY_TCP_DST, TCA_FLOWER_KEY_TCP_SRC,
    TCA_FLOWER_KEY_UDP_DST, TCA_FLOWER_KEY_UDP_SRC, TCA_KIND, TCA_OPTIONS,
};
use super::filter::parent;
use super::request::Verb;
use super::tc::{TcHeader, TcMessage};
use super::wire::{Attributes, MessageHeader, Messages, address, be16_at, be32_at};

/// The kind of filter.
pub const KIND: &str = "flower";
/// Adds a filter that is not there.
pub const ADD_FILTER: Verb = (RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL);

/// Where a filter's parts are: value and mask for IPv4, then for IPv6.
type AddressPlaces = [(u16, u16); 2];

const SOURCE: AddressPlaces =
    [(TCA_FLOWER_KEY_IPV4_SRC, TCA_FLOWER_KEY_IPV4_SRC_MASK), (TCA_FLOWER_KEY_IPV6_SRC, TCA_FLOWER_KEY_IPV6_SRC_MASK)];
const DESTINATION: AddressPlaces =
    [(TCA_FLOWER_KEY_IPV4_DST, TCA_FLOWER_KEY_IPV4_DST_MASK), (TCA_FLOWER_KEY_IPV6_DST, TCA_FLOWER_KEY_IPV6_DST_MASK)];
const TUNNEL_SOURCE: AddressPlaces = [
    (TCA_FLOWER_KEY_ENC_IPV4_SRC, TCA_FLOWER_KEY_ENC_IPV4_SRC_MASK),
    (TCA_FLOWER_KEY_ENC_IPV6_SRC, TCA_FLOWER_KEY_ENC_IPV6_SRC_MASK),
];

fn header(index: u32, key: &FilterKey, protocol: u16) -> TcHeader {
    let info = u32::from(key.preference) << 16 | u32::from(protocol.to_be());
    TcHeader { index, handle: key.handle, parent: parent(key.side).raw(), info }
}

fn protocol(matches: &FilterMatch) -> u16 {
    match matches.protocol() {
        "ip" => ETH_P_IP,
        "ipv6" => ETH_P_IPV6,
        _ => ETH_P_ALL,
    }
}

/// Lays out a filter to add, or to put in the place of the one that is there. `index_of` knows the numbers of interfaces.
pub fn put(
    messages: &mut Messages,
    message: MessageHeader,
    index: u32,
    (key, filter): (&FilterKey, &Filter),
    index_of: &dyn Fn(&Interface) -> u32,
) {
    let protocol = protocol(&filter.matches);
    let message = header(index, key, protocol).begin(messages, message);
    messages.attribute_u32(TCA_CHAIN, key.chain);
    messages.attribute_text(TCA_KIND, KIND);
    let options = messages.begin_nest(TCA_OPTIONS);
    put_match(messages, &filter.matches);
    let actions = messages.begin_nest(TCA_FLOWER_ACT);
    action::put_all(messages, &filter.actions, index_of);
    messages.end_nest(actions);
    messages.attribute_u32(TCA_FLOWER_FLAGS, 0);
    if protocol != ETH_P_ALL {
        messages.attribute_be16(TCA_FLOWER_KEY_ETH_TYPE, protocol);
    }
    messages.end_nest(options);
    messages.end(message);
}

/// Lays out a filter to delete. The kernel takes every protocol where none is stated.
pub fn put_delete(messages: &mut Messages, message: MessageHeader, index: u32, key: &FilterKey) {
    let message = header(index, key, 0).begin(messages, message);
    messages.attribute_u32(TCA_CHAIN, key.chain);
    messages.attribute_text(TCA_KIND, KIND);
    messages.end(message);
}

fn put_match(messages: &mut Messages, matches: &FilterMatch) {
    let frame = &matches.frame;
    if let Some(protocol) = frame.protocol {
        messages.attribute(TCA_FLOWER_KEY_IP_PROTO, &[protocol.number()]);
    }
    for (range, value, mask) in [
        (frame.source_mac, TCA_FLOWER_KEY_ETH_SRC, TCA_FLOWER_KEY_ETH_SRC_MASK),
        (frame.destination_mac, TCA_FLOWER_KEY_ETH_DST, TCA_FLOWER_KEY_ETH_DST_MASK),
    ] {
        let Some(range) = range else { continue };
        messages.attribute(value, &range.value().0);
        messages.attribute(mask, &range.mask().0);
    }
    for (prefix, places) in [(frame.source, SOURCE), (frame.destination, DESTINATION)] {
        if let Some(prefix) = prefix.filter(|prefix| prefix.net().prefix_len() > 0) {
            put_prefix(messages, prefix.net(), places);
        }
    }
    if let Some(protocol) = frame.protocol {
        put_ports(messages, protocol, Way::Source, frame.source_ports);
        put_ports(messages, protocol, Way::Destination, frame.destination_ports);
    }
    if let Some(TunnelMatch { id, source }) = matches.tunnel {
        messages.attribute(TCA_FLOWER_KEY_ENC_KEY_ID, &id.get().to_be_bytes());
        put_prefix(messages, Prefix::host(source).net(), TUNNEL_SOURCE);
    }
}

fn put_prefix(messages: &mut Messages, net: IpNet, [ipv4, ipv6]: AddressPlaces) {
    messages.attribute_address((ipv4.0, ipv6.0), net.addr());
    messages.attribute_address((ipv4.1, ipv6.1), net.netmask());
}

/// Which of a packet's two ports.
#[derive(Clone, Copy)]
enum Way {
    Source,
    Destination,
}

/// Where a single port is: that of the protocol.
const fn port_place(protocol: Protocol, way: Way) -> Option<u16> {
    match (protocol, way) {
        (Protocol::Tcp, Way::Source) => Some(TCA_FLOWER_KEY_TCP_SRC),
        (Protocol::Tcp, Way::Destination) => Some(TCA_FLOWER_KEY_TCP_DST),
        (Protocol::Udp, Way::Source) => Some(TCA_FLOWER_KEY_UDP_SRC),
        (Protocol::Udp, Way::Destination) => Some(TCA_FLOWER_KEY_UDP_DST),
        (Protocol::Sctp, Way::Source) => Some(TCA_FLOWER_KEY_SCTP_SRC),
        (Protocol::Sctp, Way::Destination) => Some(TCA_FLOWER_KEY_SCTP_DST),
        (Protocol::Icmp | Protocol::Icmpv6, _) => None,
    }
}

const fn range_places(way: Way) -> (u16, u16) {
    match way {
        Way::Source => (TCA_FLOWER_KEY_PORT_SRC_MIN, TCA_FLOWER_KEY_PORT_SRC_MAX),
        Way::Destination => (TCA_FLOWER_KEY_PORT_DST_MIN, TCA_FLOWER_KEY_PORT_DST_MAX),
    }
}

fn put_ports(messages: &mut Messages, protocol: Protocol, way: Way, ports: Option<Ports>) {
    let Some(ports) = ports else { return };
    // The kernel takes no range of one.
    if ports.first() == ports.last() {
        if let Some(place) = port_place(protocol, way) {
            messages.attribute_be16(place, ports.first());
        }
        return;
    }
    let (least, most) = range_places(way);
    messages.attribute_be16(least, ports.first());
    messages.attribute_be16(most, ports.last());
}

/// A filter as it is read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// One of ours: its number follows from its match, and it is in a place of ours. Actions that we cannot have given it are
    /// none.
    Ours(FilterKey, Filter),
    /// Somebody else's.
    Others,
}

/// Reads a filter on this side of this interface; none for what is listed like a filter and is none. `name_of` knows
/// interfaces by their numbers.
pub fn parse(
    message: &TcMessage<'_>,
    interface: &Interface,
    side: Side,
    name_of: &dyn Fn(u32) -> Option<Interface>,
) -> Option<Found> {
    let handle = message.header.handle;
    if handle == 0 {
        return None; // a preference, which is listed before its filters
    }
    let preference = u16::try_from(message.header.info >> 16).expect("invariant: 16 bits are left");
    let key = FilterKey { interface: interface.clone(), side, chain: message.chain, preference, handle };
    let is_our_place = pleach_overlay::links::layout::is_our_place(key.chain, preference);
    if message.kind != KIND || !is_our_place {
        return Some(Found::Others);
    }
    let matches = parse_match(message.options).filter(|matches| matches.gives(handle));
    Some(matches.map_or(Found::Others, |matches| {
        let actions = Attributes(message.options).find(|(kind, _)| *kind == TCA_FLOWER_ACT);
        let actions = actions.and_then(|(_, actions)| action::parse_all(actions, name_of));
        Found::Ours(key, Filter { matches, actions: actions.unwrap_or_default() })
    }))
}

/// What came to each action of a filter since it was made, in their order.
pub fn counts(message: &TcMessage<'_>) -> Vec<PacketCount> {
    let actions = Attributes(message.options).find(|(kind, _)| *kind == TCA_FLOWER_ACT);
    actions.map(|(_, actions)| action::counts(actions)).unwrap_or_default()
}

/// The last kind of attribute that is looked at is below: [`TCA_FLOWER_KEY_PORT_DST_MAX`] and those before it.
const FIRST_UNUSED: usize = 128;

/// What a filter matches, as far as it can be one of ours.
fn parse_match(options: &[u8]) -> Option<FilterMatch> {
    let mut matches = FilterMatch::default();
    // Each is asked for, and nearly none is there: they are gone through once.
    let mut values = [None; FIRST_UNUSED];
    for (kind, value) in Attributes(options) {
        if let Some(place) = values.get_mut(usize::from(kind)) {
            place.get_or_insert(value);
        }
    }
    let attribute = |kind: u16| values.get(usize::from(kind)).copied().flatten();
    let frame = &mut matches.frame;
    if let Some(number) = attribute(TCA_FLOWER_KEY_IP_PROTO) {
        frame.protocol = Some(Protocol::of_number(*number.first()?)?);
    }
    let mac = |value, mask| {
        let bytes = |kind| <[u8; 6]>::try_from(attribute(kind)?).ok().map(Mac);
        Some(MacRange::new(bytes(value)?, bytes(mask)?))
    };
    frame.source_mac = mac(TCA_FLOWER_KEY_ETH_SRC, TCA_FLOWER_KEY_ETH_SRC_MASK);
    frame.destination_mac = mac(TCA_FLOWER_KEY_ETH_DST, TCA_FLOWER_KEY_ETH_DST_MASK);
    let prefix = |places: AddressPlaces| {
        places.into_iter().find_map(|(value, mask)| {
            let (value, mask) = (address(attribute(value)?)?, address(attribute(mask)?)?);
            Some(Prefix::network(IpNet::with_netmask(value, mask).ok()?))
        })
    };
    frame.source = prefix(SOURCE);
    frame.destination = prefix(DESTINATION);
    let port = |kind| be16_at(attribute(kind)?, 0);
    let ports = |way: Way, protocol: Option<Protocol>| {
        let single = protocol.and_then(|protocol| port_place(protocol, way)).and_then(port);
        let (least, most) = range_places(way);
        single.map(|port| (port, port)).or_else(|| Some((port(least)?, port(most)?)))
    };
    let protocol = frame.protocol;
    for (way, place) in [(Way::Source, &mut frame.source_ports), (Way::Destination, &mut frame.destination_ports)] {
        if let Some((first, last)) = ports(way, protocol) {
            *place = Some(Ports::new(first, last)?);
        }
    }
    // A version of IP without addresses is stated as all its addresses.
    let version: Option<IpNet> = match port(TCA_FLOWER_KEY_ETH_TYPE) {
        Some(ETH_P_IP) => Some(ipnet::Ipv4Net::default().into()),
        Some(ETH_P_IPV6) => Some(ipnet::Ipv6Net::default().into()),
        Some(_) => return None,
        None => None,
    };
    if frame.source.is_none() && frame.destination.is_none() {
        frame.source = version.map(Prefix::network);
    }
    matches.tunnel = tunnel(&attribute);
    Some(matches.canonical())
}

fn tunnel<'a>(attribute: &impl Fn(u16) -> Option<&'a [u8]>) -> Option<TunnelMatch> {
    let id = Vni::new(be32_at(attribute(TCA_FLOWER_KEY_ENC_KEY_ID)?, 0)?)?;
    let source = |(value, mask): (u16, u16)| {
        let (source, mask): (IpAddr, IpAddr) = (address(attribute(value)?)?, address(attribute(mask)?)?);
        IpNet::with_netmask(source, mask).ok().filter(|net| net.prefix_len() == net.max_prefix_len()).map(|_| source)
    };
    Some(TunnelMatch { id, source: TUNNEL_SOURCE.into_iter().find_map(source)? })
}
