//! Packet vectors: what is wrapped how, and where it goes.

use pleach_kernel::bpf::Classifier;
use pleach_tc::{Direction, Handle, MapWrite, PerDirection, PortIndex, PortMode, Reason, Scope, Store};

use crate::harness::{CONTROL, DEFAULT, class_of, is_root, port, put, run, shaping, write};
use crate::packets::Payload::{Extended, Fragment, Icmp6, Ospf, Tcp, Udp};
use crate::packets::Wrap::{self, Mpls, Pppoe, Pseudowire, Tag};
use crate::packets::{Payload, frame, ip};

const OUTSIDE4: &str = "192.0.2.1";
const OUTSIDE6: &str = "2001:db8:ffff::1";

/// Where a packet should go.
#[derive(Clone, Copy)]
enum To {
    Subscriber(u16),
    Default(Reason),
    Control(Reason),
}
use To::{Control, Default, Subscriber};

fn subscribed() -> Classifier {
    let classifier = shaping();
    let writes = [
        put(Store::Exact, Scope::ANY, "10.0.0.1", 1),
        put(Store::Trie, Scope::ANY, "10.1.0.0/24", 2),
        put(Store::Exact, Scope::ANY, "2001:db8:1::/56", 3),
        put(Store::Exact, Scope::ANY, "2001:db8:2::/64", 4),
        put(Store::Exact, Scope::vlan(300, 0), "10.0.0.9", 5),
        put(Store::Exact, Scope::vlan(300, 7), "10.0.0.9", 6),
        put(Store::Trie, Scope::ANY, "2001:db8:3::1", 7),
    ];
    write(&classifier, &writes);
    classifier
}

/// Both directions of a packet between a subscriber's address and one outside.
fn check(classifier: &Classifier, wraps: &[Wrap], address: &str, payload: Payload, expected: To) {
    let outside = if address.contains(':') { OUTSIDE6 } else { OUTSIDE4 };
    for (index, direction) in [(PortIndex::Download, Direction::Download), (PortIndex::Upload, Direction::Upload)] {
        let packet = match direction {
            Direction::Download => ip(outside, address, payload),
            Direction::Upload => ip(address, outside, payload),
        };
        let found = run(classifier, index, &frame(wraps, packet));
        assert_eq!(found, wanted(expected, direction), "{direction} of {address}, {payload:?} in {wraps:?}");
    }
}

fn wanted(expected: To, direction: Direction) -> (Handle, Reason, Direction) {
    let (class, reason) = match expected {
        Subscriber(number) => (class_of(number), Reason::Known),
        Default(reason) => (DEFAULT, reason),
        Control(reason) => (CONTROL, reason),
    };
    (class[direction], reason, direction)
}

#[test]
fn encapsulations() {
    if !is_root() {
        return;
    }
    let classifier = subscribed();
    let data = Udp(4000, 4001);
    // Priority and drop-eligible bits set, which are no part of the VLAN id.
    let (tag, service, inner) = (Tag(0x8100, 0xf064), Tag(0x88a8, 0xe12c), Tag(0x8100, 0x2007));
    let unknown4 = Default(Reason::UnknownIpv4);
    let vectors: &[(&[Wrap], &str, To)] = &[
        (&[], "10.0.0.1", Subscriber(1)),
        (&[], "10.0.0.2", unknown4),
        (&[], "10.1.0.77", Subscriber(2)),
        (&[], "10.1.1.77", unknown4),
        (&[], "2001:db8:1:7f::1", Subscriber(3)),
        (&[], "2001:db8:1:100::1", Default(Reason::UnknownIpv6)),
        (&[], "2001:db8:2::1", Subscriber(4)),
        (&[], "2001:db8:2:1::1", Default(Reason::UnknownIpv6)),
        (&[], "2001:db8:3::1", Subscriber(7)),
        (&[tag], "10.0.0.1", Subscriber(1)),
        (&[Tag(0x8100, 0xf000)], "10.0.0.1", Subscriber(1)),
        (&[Tag(0x9100, 100)], "2001:db8:1::1", Subscriber(3)),
        // Scopes: only in this VLAN, and only behind this pair of tags.
        (&[], "10.0.0.9", unknown4),
        (&[tag], "10.0.0.9", unknown4),
        (&[service], "10.0.0.9", Subscriber(5)),
        (&[service, inner], "10.0.0.9", Subscriber(6)),
        (&[service, tag], "10.0.0.9", unknown4),
        (&[service, inner], "10.1.0.9", Subscriber(2)),
        (&[service, inner, tag], "10.0.0.1", Default(Reason::TooDeep)),
        (&[Pppoe(0x0021)], "10.0.0.1", Subscriber(1)),
        (&[Pppoe(0x0057)], "2001:db8:1::1", Subscriber(3)),
        (&[service, inner, Pppoe(0x0021)], "10.0.0.9", Subscriber(6)),
        (&[Pppoe(0xc021)], "10.0.0.1", Control(Reason::NotIp)), // LCP
        (&[Pppoe(0x8021)], "10.0.0.1", Control(Reason::NotIp)), // IPCP
        (&[Mpls(1)], "10.0.0.1", Subscriber(1)),
        (&[Mpls(1)], "2001:db8:1::1", Subscriber(3)),
        (&[Mpls(8)], "10.0.0.1", Subscriber(1)),
        (&[Mpls(9)], "10.0.0.1", Default(Reason::TooDeep)),
        (&[tag, Mpls(3)], "10.0.0.1", Subscriber(1)),
        (&[Pseudowire(2)], "10.0.0.1", Subscriber(1)),
        (&[Pseudowire(8), service, inner], "10.0.0.9", Subscriber(6)),
        (&[service, Pseudowire(1), inner], "10.0.0.9", Subscriber(6)),
        (&[service, Pseudowire(1), inner, tag], "10.0.0.9", Default(Reason::TooDeep)),
        (&[Pseudowire(1), Pppoe(0x0057)], "2001:db8:1::1", Subscriber(3)),
        (&[Pseudowire(1), Mpls(1)], "10.0.0.1", Default(Reason::NotUnderstood)),
        (&[service, inner, Pseudowire(8), Pppoe(0x0057)], "2001:db8:1::1", Subscriber(3)),
    ];
    for (wraps, address, expected) in vectors {
        check(&classifier, wraps, address, data, *expected);
    }
    for labels in 1..=8 {
        check(&classifier, &[Mpls(labels)], "10.1.0.1", data, Subscriber(2));
        check(&classifier, &[Pseudowire(labels)], "2001:db8:2::1", data, Subscriber(4));
    }
}

#[test]
fn what_the_network_runs_on() {
    if !is_root() {
        return;
    }
    let classifier = subscribed();
    let control = Control(Reason::Control);
    let (unknown4, unknown6) = (Default(Reason::UnknownIpv4), Default(Reason::UnknownIpv6));
    let vectors: &[(&str, Payload, To)] = &[
        ("10.0.0.2", Udp(67, 68), control),
        ("10.0.0.2", Udp(68, 67), control),
        ("fe80::2", Udp(546, 547), control),
        ("fe80::2", Udp(547, 546), control),
        ("10.0.0.2", Udp(49152, 3784), control),
        ("fe80::2", Udp(49152, 4784), control),
        ("10.0.0.2", Udp(3784, 49152), unknown4),
        ("10.0.0.2", Tcp(40000, 179), control),
        ("fe80::2", Tcp(179, 40000), control),
        ("10.0.0.2", Tcp(40000, 443), unknown4),
        ("10.0.0.2", Ospf, control),
        ("fe80::2", Ospf, control),
        ("10.0.0.2", Fragment, unknown4),
        ("fe80::2", Fragment, unknown6),
        // A subscriber does not reach `control` by choosing a port.
        ("10.0.0.1", Udp(68, 67), Subscriber(1)),
        ("10.0.0.1", Tcp(40000, 179), Subscriber(1)),
        ("2001:db8:1::1", Udp(546, 547), Subscriber(3)),
        ("2001:db8:1::1", Ospf, Subscriber(3)),
        ("10.0.0.1", Fragment, Subscriber(1)),
        ("2001:db8:1::1", Fragment, Subscriber(3)),
        ("2001:db8:1::1", Extended, Subscriber(3)),
        // Neighbour discovery is what it is, whoever sends it; ping is not.
        ("2001:db8:1::1", Icmp6(133, 255), control),
        ("2001:db8:1::1", Icmp6(137, 255), control),
        ("fe80::2", Icmp6(135, 255), control),
        ("2001:db8:1::1", Icmp6(135, 254), Subscriber(3)),
        ("2001:db8:1::1", Icmp6(132, 255), Subscriber(3)),
        ("2001:db8:1::1", Icmp6(138, 255), Subscriber(3)),
        ("fe80::2", Icmp6(128, 64), unknown6),
    ];
    for (address, payload, expected) in vectors {
        check(&classifier, &[], address, *payload, *expected);
        check(&classifier, &[Tag(0x8100, 9), Mpls(2)], address, *payload, *expected);
    }
    let arp = frame(&[], (0x0806, vec![0; 28]));
    let discovery = frame(&[Tag(0x8100, 9)], (0x8863, vec![0; 20]));
    for frame in [arp, discovery] {
        let found = run(&classifier, PortIndex::Download, &frame);
        assert_eq!(found, wanted(Control(Reason::NotIp), Direction::Download));
    }
    let neither = frame(&[Mpls(1)], (0, vec![0x10; 40]));
    let found = run(&classifier, PortIndex::Download, &neither);
    assert_eq!(found, wanted(Default(Reason::NotUnderstood), Direction::Download));
}

/// A frame that ends anywhere inside its headers goes to the default class, and one with all of its IP header does not.
#[test]
fn frames_cut_at_every_length() {
    const ETHERNET: usize = 14;
    if !is_root() {
        return;
    }
    let classifier = subscribed();
    let tags = [Tag(0x88a8, 300), Tag(0x8100, 7)];
    let deep = [tags[0], Pseudowire(8), tags[1], Pppoe(0x0021)];
    let cases: [(&[Wrap], &str, usize); 5] = [
        (&[], "10.0.0.1", 20),
        (&tags[1..], "2001:db8:1::1", 40),
        (&[], "2001:db8:1::1", 40),
        (&tags, "10.0.0.1", 20),
        (&deep, "10.0.0.1", 20),
    ];
    for (wraps, address, header) in cases {
        let packet = ip(if header == 20 { OUTSIDE4 } else { OUTSIDE6 }, address, Udp(4000, 4001));
        let behind = packet.1.len() - header;
        let whole = frame(wraps, packet);
        // Test runs refuse an Ethernet header alone, and IP without all of its header (seen on 6.18).
        let shortest = if wraps.is_empty() { ETHERNET + header } else { ETHERNET + 1 };
        for length in shortest..=whole.len() {
            let (class, reason, _) = run(&classifier, PortIndex::Download, &whole[..length]);
            let expected = if length < whole.len() - behind { Reason::Truncated } else { Reason::Known };
            assert_eq!(reason, expected, "{length} of {} bytes in {wraps:?}", whole.len());
            if reason == Reason::Truncated {
                assert_eq!(class, DEFAULT.download);
            }
        }
    }
}

#[test]
fn on_a_stick_the_outer_tag_is_the_direction_and_no_scope() {
    if !is_root() {
        return;
    }
    let classifier = subscribed();
    write(&classifier, &[put(Store::Exact, Scope::vlan(300, 0), "10.0.0.1", 8)]);
    let (down, up, inner) = (Tag(0x8100, 0xe064), Tag(0x8100, 200), Tag(0x8100, 300));
    let to = |address| ip(OUTSIDE4, address, Udp(4000, 4001));
    let from = |address| ip(address, OUTSIDE4, Udp(4000, 4001));
    let vectors = [
        (frame(&[down], to("10.0.0.1")), Subscriber(1), Direction::Download),
        (frame(&[up], from("10.0.0.1")), Subscriber(1), Direction::Upload),
        (frame(&[down, inner], to("10.0.0.1")), Subscriber(8), Direction::Download),
        (frame(&[up, inner], from("10.0.0.9")), Subscriber(5), Direction::Upload),
        (frame(&[up], to("10.0.0.1")), Default(Reason::UnknownIpv4), Direction::Upload),
        (frame(&[up], (0x0806, vec![0; 28])), Control(Reason::NotIp), Direction::Upload),
        (frame(&[inner, down], to("10.0.0.1")), Control(Reason::OtherVlan), Direction::Download),
        (frame(&[], to("10.0.0.1")), Control(Reason::OtherVlan), Direction::Download),
        (frame(&[Tag(0x8100, 0)], to("10.0.0.1")), Control(Reason::OtherVlan), Direction::Download),
    ];
    for (at, (frame, expected, direction)) in vectors.into_iter().enumerate() {
        assert_eq!(run(&classifier, PortIndex::Stick, &frame), wanted(expected, direction), "vector {at}");
    }
}

/// With one queue both directions share an HTB, and have a control class each: the one before the default class.
#[test]
fn control_is_the_class_before_each_direction_s_default() {
    if !is_root() {
        return;
    }
    let classifier = subscribed();
    let vlan = PerDirection { download: 100, upload: 200 };
    let mut stick = port(PortMode::Shape, vlan);
    stick.default_class = PerDirection { download: Handle::new(1, 3), upload: Handle::new(1, 7) };
    let class_of = |vlan: u16| {
        let arp = frame(&[Tag(0x8100, vlan)], (0x0806, vec![0; 28]));
        run(&classifier, PortIndex::Stick, &arp).0
    };
    write(&classifier, &[MapWrite::SetPort { index: PortIndex::Stick, port: stick }]);
    let control = stick.control_class();
    assert_eq!((control.download, control.upload), (Handle::new(1, 2), Handle::new(1, 6)));
    assert_eq!((class_of(100), class_of(200)), (control.download, control.upload));
    // Led around its default class, which is not there for a while, a direction has no control class either.
    stick.default_class.upload = Handle::qdisc(1);
    write(&classifier, &[MapWrite::SetPort { index: PortIndex::Stick, port: stick }]);
    assert_eq!((class_of(200), stick.control_class().upload), (Handle::qdisc(1), Handle::qdisc(1)));
}

#[test]
fn bypass_is_one_write_and_uses_each_class_s_own_htb() {
    if !is_root() {
        return;
    }
    let classifier = subscribed();
    let bypass = port(PortMode::Bypass, PerDirection::default());
    write(&classifier, &[MapWrite::SetPort { index: PortIndex::Download, port: bypass }]);
    for (address, major) in [("10.0.0.1", 3), ("10.0.0.2", 1)] {
        let packet = frame(&[], ip(OUTSIDE4, address, Udp(67, 67)));
        let found = run(&classifier, PortIndex::Download, &packet);
        assert_eq!(found, (Handle::qdisc(major), Reason::Bypassed, Direction::Download), "{address}");
    }
}
