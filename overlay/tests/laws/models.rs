//! Random models: changes of a small world, so that they meet.

use std::net::IpAddr;

use pleach_graph::{Prefix, Rate};
use pleach_overlay::{
    Bytes, Change, Connection, Df, Direction, Limit, Mac, MacRange, Match, Model, Mtu, MulticastGroup, Name, Place,
    Policer, Priority, Protocol, Rule, RuleAction, Shaper, Technology, UdpPort, UdpTunnel, VirtKey,
};
use pleach_tc::Interface;
use pleach_tc::LeafKind;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// Names that are hard to write in some language, and some that are not.
fn name() -> impl Strategy<Value = Name> {
    const HARD: [&str; 16] = [
        "default", "A", "b c", "x\"y", "$v", "[q]", "{", "}", "\\", "é\n\t", "-name", "#", "12abc", "a{b", "x\\",
        "\u{1}",
    ];
    let hard = select(&HARD).prop_map(str::to_owned);
    prop_oneof![4 => hard, 1 => "\\PC{1,12}"].prop_map(|text| text.parse().expect("a name"))
}

fn interface() -> impl Strategy<Value = Interface> {
    prop_oneof!["tap[0-9]", "[-a-z\"$\\[\\]{}\\\\#]{1,15}"].prop_map(|text: String| text.parse().expect("an interface"))
}

fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<[u8; 4]>().prop_map(IpAddr::from),
        any::<[u8; 16]>().prop_map(|bytes| IpAddr::from(bytes).to_canonical()),
        (1..5_u8).prop_map(|last| IpAddr::from([172, 16, 0, last])),
    ]
}

fn prefix() -> impl Strategy<Value = Prefix> {
    (address(), 0..=128_u8).prop_map(|(address, length)| {
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let length = length.min(longest);
        Prefix::network(format!("{address}/{length}").parse().expect("a prefix"))
    })
}

fn technology() -> impl Strategy<Value = Technology> {
    let tunnel = || {
        let port = select(&[4789_i64, 6081, 1, 65_535]).prop_map(|port| UdpPort::new(port).expect("a port"));
        (port, select(&[Df::Set, Df::Unset])).prop_map(|(port, df)| UdpTunnel { port, df })
    };
    let group = select(&["239.1.2.3", "ff05::7"]);
    let group = group.prop_map(|text| MulticastGroup::new(text.parse().expect("an address")).expect("a group"));
    prop_oneof![
        Just(Technology::Direct),
        Just(Technology::Vlan),
        (tunnel(), group).prop_map(|(tunnel, group)| Technology::VxlanMulticast(tunnel, group)),
        tunnel().prop_map(Technology::VxlanE2e),
        tunnel().prop_map(Technology::VxlanStatic),
        tunnel().prop_map(Technology::Geneve),
        tunnel().prop_map(Technology::GeneveE2e),
    ]
}

fn mac() -> impl Strategy<Value = Mac> {
    any::<[u8; 6]>().prop_map(Mac)
}

fn direction() -> impl Strategy<Value = Direction> {
    select(&Direction::BOTH)
}

fn matches() -> impl Strategy<Value = Match> {
    let range = || option::of((mac(), mac()).prop_map(|(value, mask)| MacRange::new(value, mask)));
    let protocol = select(&[Protocol::Tcp, Protocol::Udp, Protocol::Sctp, Protocol::Icmp, Protocol::Icmpv6]);
    let ports = || option::of("[1-9][0-9]{0,3}|1-9|80-65535".prop_map(|text| text.parse().expect("ports")));
    (range(), range(), option::of(prefix()), option::of(prefix()), option::of(protocol), ports(), ports()).prop_map(
        |(source_mac, destination_mac, source, destination, protocol, source_ports, destination_ports)| Match {
            source_mac,
            destination_mac,
            source,
            destination,
            protocol,
            source_ports,
            destination_ports,
        },
    )
}

fn rule() -> impl Strategy<Value = Rule> {
    let priority = (0..=0x7fff_i64).prop_map(|number| Priority::new(number).expect("a priority"));
    let action = select(&[RuleAction::Drop, RuleAction::Accept]);
    (direction(), priority, matches(), action).prop_map(|(direction, priority, matches, action)| Rule {
        direction,
        priority,
        matches,
        action,
    })
}

/// Limits in whole bytes a second, which is what an lsctl file can say.
fn limit() -> impl Strategy<Value = Limit> {
    let rate = || (0..=Rate::MAX.bit() / 8).prop_map(|bytes| Rate::from_bit(bytes * 8));
    let burst = || (0..=u64::from(u32::MAX)).prop_map(Bytes);
    let leaf = proptest::sample::select(&LeafKind::QUEUES[..]);
    prop_oneof![
        (rate(), burst(), option::of(rate())).prop_map(|(average, burst, burst_rate)| Limit::Policed(Policer {
            average,
            burst,
            burst_rate
        })),
        (rate(), option::of(burst()), leaf).prop_map(|(average, burst, leaf)| Limit::Shaped(Shaper {
            average,
            burst,
            leaf
        })),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let key = || (name(), name()).prop_map(|(net, virt)| VirtKey { net, virt });
    let mtu = || option::of((68..=65_535_i64).prop_map(|mtu| Mtu::new(mtu).expect("an MTU")));
    let prefixes = proptest::collection::btree_set(prefix(), 0..3);
    let node = "[a-z]{1,3}:[a-z]{1,3}:[a-z0-9 .]{0,2}[a-z0-9]".prop_map(|text| text.parse().expect("an id"));
    let connection = (name(), option::of(interface())).prop_map(|(phys, interface)| Connection { phys, interface });
    prop_oneof![
        4 => (name(), technology()).prop_map(|(name, technology)| Change::AddSettings { name, technology }),
        4 => name().prop_map(Change::AddPhys),
        1 => (name(), option::of(interface())).prop_map(|(name, interface)| Change::PhysInterface(name, interface)),
        1 => (name(), option::of(address())).prop_map(|(name, ip)| Change::PhysAddress(name, ip)),
        1 => (name(), mtu()).prop_map(|(name, mtu)| Change::PhysMtu(name, mtu)),
        1 => name().prop_map(|name| Change::PhysPlace(name, Place::Local)),
        6 => (name(), name(), 0..5_000_u64).prop_map(|(name, settings, id)| Change::AddNet { name, settings, id }),
        1 => (name(), mtu()).prop_map(|(name, mtu)| Change::NetMtu(name, mtu)),
        1 => (name(), option::of(name())).prop_map(|(name, table)| Change::NetTable(name, table)),
        1 => (name(), prefixes).prop_map(|(name, prefixes)| Change::NetPrefixes(name, prefixes)),
        1 => (name(), option::of(node)).prop_map(|(name, node)| Change::NetNode(name, node)),
        4 => (name(), name()).prop_map(|(phys, net)| Change::Attach { phys, net }),
        1 => (name(), name()).prop_map(|(phys, net)| Change::Detach { phys, net }),
        6 => key().prop_map(Change::AddVirt),
        2 => (key(), option::of(mac())).prop_map(|(key, mac)| Change::VirtMac(key, mac)),
        3 => (key(), connection).prop_map(|(key, connection)| Change::Connect(key, connection)),
        2 => (key(), direction(), option::of(limit())).prop_map(|(key, direction, limit)| Change::Limit(key, direction, limit)),
        2 => (key(), rule()).prop_map(|(key, rule)| Change::AddRule(key, rule)),
    ]
}

/// A model of any kind, with errors or without.
pub(crate) fn model() -> impl Strategy<Value = Model> {
    proptest::collection::vec(change(), 0..120).prop_map(|changes| {
        let mut model = Model::default();
        for change in changes {
            let _ = model.apply(change); // what refers to nothing is refused
        }
        model
    })
}
