//! Tunnels: whose packet it is by the net and what is in it, where both ends are known, and nowhere else.

use pleach_kernel::bpf::Classifier;
use pleach_tc::{
    Carried, ClassifierState, Direction, Endpoint, KernelState, MapWrite, MarkField, Operation, PortIndex, PortMode,
    Reason, Scope, Store, TakeOver, diff,
};

use crate::harness::{CONTROL, DEFAULT, class_of, is_root, port, put, run, run_marked, shaping, write};
use crate::packets::Payload::{self, Udp};
use crate::packets::Wrap::{self, Mpls, Pppoe, Tag};
use crate::packets::{Outer, carrier, frame, geneve, ip, vxlan};

const NET: u32 = 0x00ab_cdef;
const OTHER_NET: u32 = 5;
const NEAR: &str = "172.16.0.1";
const FAR: &str = "172.16.0.2";
const NEAR6: &str = "2001:db8:ff::1";
const FAR6: &str = "2001:db8:ff::2";
const BRIDGING: u16 = 0x6558;

/// One address in two nets and outside of both; both technologies, over both families.
fn tunnelling() -> Classifier {
    let classifier = shaping();
    let mut writes = vec![
        put(Store::Exact, Scope::ANY, "10.0.0.1", 1),
        put(Store::Exact, Scope::net(NET), "10.0.0.1", 2),
        put(Store::Exact, Scope::net(OTHER_NET), "10.0.0.1", 3),
        put(Store::Trie, Scope::net(NET), "10.1.0.0/24", 4),
        put(Store::Exact, Scope::net(NET), "2001:db8:1::/56", 5),
        put(Store::Exact, Scope::ANY, "10.0.0.9", 6),
    ];
    for address in [NEAR, FAR, NEAR6, FAR6] {
        for (port, carried) in [(4789, Carried::Vxlan), (6081, Carried::Geneve), (0, Carried::Fragments)] {
            let endpoint = Endpoint { address: address.parse().expect("an address"), port };
            writes.push(MapWrite::SetEndpoint { endpoint, carried });
        }
    }
    write(&classifier, &writes);
    classifier
}

/// Whose a packet is, and why.
type To = (Option<u16>, Reason);

/// The two ends of a tunnel, in the direction that a packet goes.
fn ends(direction: Direction, is_ipv6: bool) -> (&'static str, &'static str) {
    let (near, far) = if is_ipv6 { (NEAR6, FAR6) } else { (NEAR, FAR) };
    if direction == Direction::Download { (near, far) } else { (far, near) }
}

fn inner(direction: Direction, wraps: &[Wrap], address: &str, payload: Payload) -> Vec<u8> {
    let outside = if address.contains(':') { "2001:db8:ffff::1" } else { "192.0.2.1" };
    let (from, to) = if direction == Direction::Download { (outside, address) } else { (address, outside) };
    frame(wraps, ip(from, to, payload))
}

/// Both directions of a packet, made by `make` from a direction, as both entry points see it.
fn check(classifier: &Classifier, what: &str, make: impl Fn(Direction) -> Vec<u8>, expected: To) {
    for (index, direction) in [(PortIndex::Download, Direction::Download), (PortIndex::Upload, Direction::Upload)] {
        let class = match expected {
            (Some(number), _) => class_of(number)[direction],
            (None, Reason::NotIp | Reason::Control) => CONTROL[direction],
            (None, _) => DEFAULT[direction],
        };
        assert_eq!(run(classifier, index, &make(direction)), (class, expected.1, direction), "{what}, {direction}");
    }
}

const DATA: Payload = Udp(4000, 4001);

#[test]
fn the_net_and_the_address_in_it() {
    if !is_root() {
        return;
    }
    let classifier = tunnelling();
    let unknown = (None, Reason::UnknownInNet);
    let (tag, service) = (Tag(0x8100, 0x2007), Tag(0x88a8, 0xe12c));
    let vectors: &[(u32, &[Wrap], &str, Payload, To)] = &[
        (NET, &[], "10.0.0.1", DATA, (Some(2), Reason::Known)),
        (OTHER_NET, &[], "10.0.0.1", DATA, (Some(3), Reason::Known)),
        (NET, &[], "10.1.0.77", DATA, (Some(4), Reason::Known)),
        (NET, &[], "2001:db8:1:7f::1", DATA, (Some(5), Reason::Known)),
        // In a net only that net's addresses count.
        (NET + 1, &[], "10.0.0.1", DATA, unknown),
        (0, &[], "10.0.0.1", DATA, unknown),
        (NET, &[], "10.0.0.9", DATA, unknown),
        (NET, &[], "2001:db8:9::1", DATA, unknown),
        (NET, &[tag], "10.0.0.1", DATA, (Some(2), Reason::Known)),
        (NET, &[service, tag], "10.0.0.1", DATA, (Some(2), Reason::Known)),
        (NET, &[service, tag, tag], "10.0.0.1", DATA, (None, Reason::TooDeep)),
        (NET, &[Pppoe(0x0021)], "10.0.0.1", DATA, (Some(2), Reason::Known)),
        (NET, &[service, tag, Pppoe(0x0057)], "2001:db8:1::1", DATA, (Some(5), Reason::Known)),
        (NET, &[Pppoe(0xc021)], "10.0.0.1", DATA, (None, Reason::NotIp)),
        (NET, &[Mpls(1)], "10.0.0.1", DATA, (None, Reason::NotIp)),
        // One tunnel is followed, not what is in it.
        (NET, &[], "10.0.0.1", Udp(1, 4789), (Some(2), Reason::Known)),
        (NET, &[], "10.0.0.7", Udp(68, 67), (None, Reason::Control)),
    ];
    for &(net, wraps, address, payload, expected) in vectors {
        for is_ipv6 in [false, true] {
            let outer = |direction, port, body: &[u8]| {
                let (from, to) = ends(direction, is_ipv6);
                carrier(from, to, port, Outer::Plain, body)
            };
            let what = format!("{address} in {wraps:?} of net {net}, IPv6 {is_ipv6}");
            let in_vxlan = |direction| vxlan(8, net, &inner(direction, wraps, address, payload));
            check(&classifier, &what, |way| frame(&[], outer(way, 4789, &in_vxlan(way))), expected);
            check(&classifier, &what, |way| frame(&[service, tag], outer(way, 4789, &in_vxlan(way))), expected);
            check(&classifier, &what, |way| frame(&[Mpls(8)], outer(way, 4789, &in_vxlan(way))), expected);
            for words in [0, 1, 63] {
                let body = |way| geneve(0, words, BRIDGING, net, &inner(way, wraps, address, payload));
                check(&classifier, &what, |way| frame(&[tag], outer(way, 6081, &body(way))), expected);
            }
        }
    }
    let arp = vxlan(8, NET, &frame(&[], (0x0806, vec![0; 28])));
    check(&classifier, "ARP", |_| frame(&[], carrier(NEAR, FAR, 4789, Outer::Plain, &arp)), (None, Reason::NotIp));
}

#[test]
fn the_furthest_that_a_header_can_be() {
    if !is_root() {
        return;
    }
    let classifier = tunnelling();
    let tags = [Tag(0x88a8, 300), Tag(0x8100, 7)];
    let deep = [tags[0], Wrap::Pseudowire(8), tags[1], Pppoe(0x0021)];
    let make = |way| {
        let (from, to) = ends(way, false);
        let body = geneve(0, 63, BRIDGING, NET, &inner(way, &[tags[0], tags[1], Pppoe(0x0057)], "2001:db8:1::1", DATA));
        frame(&deep, carrier(from, to, 6081, Outer::Options(10), &body))
    };
    check(&classifier, "all there is", make, (Some(5), Reason::Known));
}

#[test]
fn geneve_may_carry_ip_itself() {
    if !is_root() {
        return;
    }
    let classifier = tunnelling();
    let make = |protocol, address: &'static str| {
        move |way| {
            let (from, to) = ends(way, false);
            let packet = &inner(way, &[], address, DATA)[14..];
            frame(&[], carrier(from, to, 6081, Outer::Plain, &geneve(0, 2, protocol, NET, packet)))
        }
    };
    check(&classifier, "IPv4", make(0x0800, "10.0.0.1"), (Some(2), Reason::Known));
    check(&classifier, "IPv6", make(0x86dd, "2001:db8:1::1"), (Some(5), Reason::Known));
    check(&classifier, "neither", make(0x1234, "10.0.0.1"), (None, Reason::NotUnderstood));
}

/// What is not a tunnel between two known ends is what its own addresses say.
#[test]
fn nobody_else_s_packets_are_followed() {
    if !is_root() {
        return;
    }
    let classifier = tunnelling();
    let body = |way| vxlan(8, NET, &inner(way, &[], "10.0.0.1", DATA));
    let of = |from: &'static str, to: &'static str, port| {
        move |way| {
            let (from, to) = if way == Direction::Download { (from, to) } else { (to, from) };
            frame(&[], carrier(from, to, port, Outer::Plain, &body(way)))
        }
    };
    let unknown4 = (None, Reason::UnknownIpv4);
    check(&classifier, "a subscriber's own", of("192.0.2.1", "10.0.0.9", 4789), (Some(6), Reason::Known));
    check(&classifier, "one end known", of(NEAR, "10.0.0.9", 4789), (Some(6), Reason::Known));
    check(&classifier, "the other end known", of("192.0.2.1", FAR, 4789), unknown4);
    check(&classifier, "another port", of(NEAR, FAR, 4790), unknown4);
    check(&classifier, "the port of fragments", of(NEAR, FAR, 0), unknown4);
    check(&classifier, "another family", of(NEAR6, FAR6, 4790), (None, Reason::UnknownIpv6));
    let tcp = |way| {
        let (from, to) = ends(way, false);
        frame(&[], ip(from, to, Payload::Tcp(4789, 4789)))
    };
    check(&classifier, "not UDP", tcp, unknown4);
    // Where no end is known, nothing is looked for.
    let none = shaping();
    write(&none, &[put(Store::Exact, Scope::ANY, FAR, 7)]);
    check(&none, "no ends", of(NEAR, FAR, 4789), (Some(7), Reason::Known));
    // An end that is removed is none.
    let endpoint = Endpoint { address: FAR.parse().expect("an address"), port: 4789 };
    write(&classifier, &[MapWrite::RemoveEndpoint(endpoint)]);
    check(&classifier, "removed", of(NEAR, FAR, 4789), unknown4);
}

#[test]
fn what_cannot_be_read() {
    if !is_root() {
        return;
    }
    let classifier = tunnelling();
    let make = |is_ipv6, port, outer, body: fn(&[u8]) -> Vec<u8>| {
        move |way| {
            let (from, to) = ends(way, is_ipv6);
            frame(&[], carrier(from, to, port, outer, &body(&inner(way, &[], "10.0.0.1", DATA))))
        }
    };
    let not_understood = (None, Reason::NotUnderstood);
    let without = |frame: &[u8]| vxlan(0, NET, frame);
    check(&classifier, "no net", make(false, 4789, Outer::Plain, without), not_understood);
    let newer = |frame: &[u8]| geneve(1, 0, BRIDGING, NET, frame);
    check(&classifier, "a newer Geneve", make(true, 6081, Outer::Plain, newer), not_understood);
    let whole = |frame: &[u8]| vxlan(8, NET, frame);
    for is_ipv6 in [false, true] {
        for outer in [Outer::FirstFragment, Outer::LaterFragment] {
            let fragment = (None, Reason::TunnelFragment);
            check(&classifier, &format!("{outer:?}"), make(is_ipv6, 4789, outer, whole), fragment);
        }
    }
    // Fragments of others are theirs.
    let other = |way| {
        let (from, to) = if way == Direction::Download { (NEAR, "10.0.0.9") } else { ("10.0.0.9", NEAR) };
        frame(&[], carrier(from, to, 4789, Outer::LaterFragment, &[0; 64]))
    };
    check(&classifier, "a subscriber's fragment", other, (Some(6), Reason::Known));
}

/// Cut anywhere behind the outer UDP header and before the end of the inner IP header.
#[test]
fn frames_cut_at_every_length() {
    const UDP_END: usize = 14 + 20 + 8;
    if !is_root() {
        return;
    }
    let classifier = tunnelling();
    let inside = inner(Direction::Download, &[Tag(0x8100, 7)], "10.0.0.1", DATA);
    let behind = DATA_LENGTH;
    for (port, body) in [(4789, vxlan(8, NET, &inside)), (6081, geneve(0, 5, BRIDGING, NET, &inside))] {
        let whole = frame(&[], carrier(NEAR, FAR, port, Outer::Plain, &body));
        for length in UDP_END..=whole.len() {
            let found = run(&classifier, PortIndex::Download, &whole[..length]);
            let is_cut = length < whole.len() - behind;
            let (class, reason) =
                if is_cut { (DEFAULT.download, Reason::Truncated) } else { (class_of(2).download, Reason::Known) };
            assert_eq!(found, (class, reason, Direction::Download), "{length} of {} bytes to {port}", whole.len());
        }
    }
}

/// Bytes behind the IP header of what `DATA` makes: a UDP header.
const DATA_LENGTH: usize = 8;

/// What came out of a tunnel on this host says its net by a field of its mark.
#[test]
fn uploads_say_their_net_by_mark() {
    if !is_root() {
        return;
    }
    let classifier = tunnelling();
    let marked = |field: u32| {
        let port = port(PortMode::Shape, pleach_tc::PerDirection::default());
        let mark = MarkField::new(field).expect("together");
        MapWrite::SetPort { index: PortIndex::Upload, port: pleach_tc::Port { mark, ..port } }
    };
    let packet = inner(Direction::Upload, &[], "10.0.0.1", DATA);
    let upload = |mark| {
        let (class, reason, _) = run_marked(&classifier, PortIndex::Upload, &packet, mark);
        (class, reason)
    };
    let class = |number: u16| (class_of(number).upload, Reason::Known);
    assert_eq!(upload(NET), class(1), "no field, no meaning");
    write(&classifier, &[marked(0x00ff_ffff)]);
    assert_eq!(upload(0), class(1));
    assert_eq!(upload(NET), class(2));
    assert_eq!(upload(0xff00_0000 | OTHER_NET), class(3), "other bits play no part");
    assert_eq!(upload(NET + 1), (DEFAULT.upload, Reason::UnknownInNet));
    write(&classifier, &[marked(0x0ff0_0000)]);
    assert_eq!(upload(OTHER_NET << 20 | 0xf00f_ffff), class(3));
    assert_eq!(upload(OTHER_NET), class(1));
    let (class_down, ..) = {
        let packet = inner(Direction::Download, &[], "10.0.0.1", DATA);
        run_marked(&classifier, PortIndex::Download, &packet, OTHER_NET << 20)
    };
    assert_eq!(class_down, class_of(1).download, "downloads are read, not marked");
    // A tunnel's packet says it by itself, whatever its mark.
    let transit = {
        let body = vxlan(8, NET, &packet);
        frame(&[], carrier(FAR, NEAR, 4789, Outer::Plain, &body))
    };
    let (transit_class, ..) = run_marked(&classifier, PortIndex::Upload, &transit, OTHER_NET << 20);
    assert_eq!(transit_class, class_of(2).upload);
}

/// On a stick the outer tag is the direction, and the tunnel is behind it.
#[test]
fn on_a_stick() {
    if !is_root() {
        return;
    }
    let classifier = tunnelling();
    for (direction, vlan) in [(Direction::Download, 100), (Direction::Upload, 200)] {
        let (from, to) = ends(direction, true);
        let body = vxlan(8, NET, &inner(direction, &[], "10.0.0.1", DATA));
        let packet = frame(&[Tag(0x8100, vlan)], carrier(from, to, 4789, Outer::Plain, &body));
        let found = run(&classifier, PortIndex::Stick, &packet);
        assert_eq!(found, (class_of(2)[direction], Reason::Known, direction));
    }
}

#[test]
fn endpoints_read_back() {
    if !is_root() {
        return;
    }
    let classifier = tunnelling();
    let state = classifier.observe(|_| None).expect("it can be read");
    assert_eq!(state.endpoints.len(), 12);
    let endpoint = Endpoint { address: FAR6.parse().expect("an address"), port: 6081 };
    assert_eq!(state.endpoints[&endpoint], Carried::Geneve);
}

/// All ends that there can be are others at once: so many go first that the map has room at every moment.
#[test]
fn ends_that_are_all_exchanged() {
    if !is_root() {
        return;
    }
    let end = |number: u32| Endpoint { address: std::net::Ipv4Addr::from(number).into(), port: 4789 };
    let ends = |numbers: std::ops::Range<u32>| {
        let endpoints = numbers.map(|number| (end(number), Carried::Vxlan)).collect();
        let classifier = ClassifierState { endpoints, ..ClassifierState::default() };
        KernelState { classifier: Some(classifier), ..KernelState::default() }
    };
    let classifier = shaping();
    let mut before = ends(0..0);
    for after in [ends(0..3_000), ends(3_000..6_000), ends(10_000..14_096), ends(20_000..24_096), ends(24_095..24_100)]
    {
        let plan = diff(&after, &before, TakeOver::No).expect("all ours");
        let writes = plan.operations().map(|operation| match operation {
            Operation::Map(write) => write.clone(),
            other => panic!("{other:?}"),
        });
        write(&classifier, &writes.collect::<Vec<_>>());
        before = after;
    }
}
