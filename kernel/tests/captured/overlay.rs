//! What overlays are made of: links, forwarding entries and filters, as `ip`, `bridge` and `tc` ask for them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use pleach_graph::{Prefix, Rate};
use pleach_kernel::netlink::constants::{RTM_NEWLINK, RTM_NEWNEIGH, RTM_NEWTFILTER};
use pleach_kernel::netlink::flower::Found;
use pleach_kernel::netlink::tc::TcMessage;
use pleach_kernel::netlink::wire::{Attributes, MESSAGE_HEADER, MessageHeader, Messages};
use pleach_kernel::netlink::{flower, forwarding, link, link_kind};
use pleach_overlay::links::layout::MOST_ACTIONS;
use pleach_overlay::links::{Filter, FilterAction, FilterKey, FilterMatch, Isolation, LinkKind, Side, TunnelMatch};
use pleach_overlay::{Bytes, Limit, Match, Ports, Protocol, UdpPort, VlanId, Vni};
use pleach_tc::Interface;

use crate::capture::{Capture, DEVICE};

const LINK_HEADER: usize = 16;
const ENTRY_HEADER: usize = 12;
const TC_HEADER: usize = 20;
/// The devices besides [`DEVICE`].
const PEER: u32 = 101;
const TUNNEL: u32 = 102;

fn name(text: &str) -> Interface {
    text.parse().expect("a name")
}

fn name_of(index: u32) -> Option<Interface> {
    Some(name(match index {
        DEVICE => "sink",
        PEER => "peer",
        TUNNEL => "tunnel",
        _ => return None,
    }))
}

fn index_of(interface: &Interface) -> u32 {
    [DEVICE, PEER, TUNNEL].into_iter().find(|index| name_of(*index).as_ref() == Some(interface)).expect("a device")
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn vni(number: u32) -> Vni {
    Vni::new(number).expect("an id")
}

fn port(number: i64) -> UdpPort {
    UdpPort::new(number).expect("a port")
}

/// Attributes of a message by their kinds, those of nests under the kinds of all around them.
fn flat(bytes: &[u8], nests: &[&[u16]]) -> BTreeMap<Vec<u16>, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut open = vec![(Vec::new(), bytes)];
    while let Some((above, bytes)) = open.pop() {
        for (kind, value) in Attributes(bytes) {
            let place: Vec<u16> = above.iter().copied().chain([kind]).collect();
            let is_nest = |nest: &&[u16]| {
                nest.len() == place.len() && nest.iter().zip(&place).all(|(nest, kind)| *nest == 0 || nest == kind)
            };
            if nests.iter().any(|nest| is_nest(nest)) {
                open.push((place, value));
            } else {
                all.insert(place, value.to_vec());
            }
        }
    }
    all
}

fn laid_out(capture: &Capture, put: impl FnOnce(&mut Messages, MessageHeader)) -> Vec<u8> {
    let mut messages = Messages::default();
    let header = MessageHeader { kind: capture.request.kind, flags: capture.request.flags, sequence: 0 };
    put(&mut messages, header);
    messages.as_bytes()[MESSAGE_HEADER..].to_vec()
}

const LINK_NESTS: [&[u16]; 3] = [&[18], &[18, 2], &[18, 5]];
/// What `ip` says of a Geneve at its default: TTL, TOS, label.
const GENEVE_DEFAULTS: [u16; 3] = [3, 4, 11];

fn links() -> Vec<(&'static str, LinkKind)> {
    let vxlan = |id, at, local: Option<&str>, group: Option<&str>| LinkKind::Vxlan {
        id: vni(id),
        port: port(at),
        parent: name("sink"),
        local: local.map(address),
        group: group.map(address),
    };
    let geneve = |at, remote| LinkKind::Geneve { id: vni(42), port: port(at), remote: address(remote) };
    vec![
        ("bridge", LinkKind::Bridge),
        ("dummy", LinkKind::Dummy),
        ("vlan", LinkKind::Vlan { parent: name("sink"), id: VlanId::new(42).expect("an id") }),
        ("vxlan-e2e", vxlan(42, 4789, Some("172.16.0.1"), None)),
        ("vxlan-e2e-ipv6", vxlan(16_777_215, 4790, Some("fd00:99::1"), None)),
        ("vxlan-mcast", vxlan(42, 4789, Some("172.16.0.1"), Some("239.1.1.1"))),
        ("vxlan-mcast-ipv6", vxlan(42, 4789, None, Some("ff05::1"))),
        ("vxlan-external", LinkKind::VxlanExternal { port: port(4789) }),
        ("geneve", geneve(6081, "172.16.0.2")),
        ("geneve-ipv6", geneve(6082, "fd00:99::2")),
        ("geneve-external", LinkKind::GeneveExternal { port: port(6081) }),
    ]
}

#[test]
fn links_are_read_as_what_they_are_and_made_as_ip_makes_them() {
    for (case, expected) in links() {
        let capture = Capture::read(&format!("link/{case}"));
        let found = link::parse(&capture.dump[0].payload).expect("a link");
        assert_eq!((capture.dump[0].kind, found.name), (RTM_NEWLINK, "made"), "{case}");
        assert!(!found.is_up && found.alias.is_empty() && found.master == 0, "{case}");
        assert_eq!(link_kind::parse(&found, &name_of), expected, "{case}");

        let mtu = (case == "bridge").then_some(1_400);
        assert!(mtu.is_none_or(|mtu| found.link.mtu == mtu), "{case}");
        let parent = link_kind::parent(&expected).map(index_of);
        let ours = laid_out(&capture, |messages, header| {
            link::put_new(messages, header, "made", &expected, mtu, parent);
        });
        assert_eq!(link::ADD_LINK, (capture.request.kind, capture.request.flags & !5), "{case}");
        assert_eq!(ours[..LINK_HEADER], capture.request.payload[..LINK_HEADER], "{case}");
        let mut theirs = flat(&capture.request.payload[LINK_HEADER..], &LINK_NESTS);
        if case.starts_with("geneve") {
            theirs.retain(|place, _| place.len() < 3 || !GENEVE_DEFAULTS.contains(&place[2]));
        }
        if case == "geneve-external" {
            assert_eq!(theirs.remove(&vec![18, 2, 1]), Some(vec![0; 4]), "a number that means nothing");
        }
        assert_eq!(flat(&ours[LINK_HEADER..], &LINK_NESTS), theirs, "{case}");
    }
}

#[test]
fn changes_of_links_are_those_of_ip() {
    type Put = fn(&mut Messages, MessageHeader);
    let cases: [(&str, Put); 6] = [
        ("alias", |messages, header| link::put_alias(messages, header, PEER, "pleach:vxlan/42/bridge")),
        ("mtu", |messages, header| link::put_mtu(messages, header, PEER, 1_400)),
        ("down", |messages, header| link::put_down(messages, header, PEER)),
        ("nomaster", |messages, header| link::put_master(messages, header, PEER, 0)),
        ("isolated", |messages, header| link::put_isolation_and_up(messages, header, PEER, Isolation::Isolated)),
        ("master", |messages, header| link::put_master_and_up(messages, header, PEER, 16)),
    ];
    for (case, put) in cases {
        let capture = Capture::read(&format!("link/{case}"));
        assert_eq!(capture.request.kind, link::CHANGE_LINK.0, "{case}");
        let (mut ours, theirs) = (laid_out(&capture, put), &capture.request.payload);
        if matches!(case, "isolated" | "master") {
            // `ip` needs another command to set it up.
            let up = Capture::read("link/up").request.payload;
            assert_eq!(ours[..LINK_HEADER], up[..LINK_HEADER], "{case}");
            ours[8..LINK_HEADER].fill(0);
        }
        if case == "master" {
            ours[LINK_HEADER + 4..].copy_from_slice(&theirs[LINK_HEADER + 4..]); // the bridge's number
        }
        assert_eq!(ours, *theirs, "{case}");
    }
    let read = |case: &str| Capture::read(&format!("link/{case}")).dump.swap_remove(0).payload;
    assert_eq!(link::parse(&read("alias")).expect("a link").alias, "pleach:vxlan/42/bridge");
    assert_eq!(link::parse(&read("mtu")).expect("a link").link.mtu, 1_400);
    assert!(link::parse(&read("up")).expect("a link").is_up && !link::parse(&read("down")).expect("a link").is_up);
    let (inside, outside) = (read("master"), read("nomaster"));
    let (inside, outside) = (link::parse(&inside).expect("a link"), link::parse(&outside).expect("a link"));
    assert_eq!((inside.isolation(), inside.master > 0, outside.master), (Isolation::Open, true, 0));
    assert_eq!(link::parse(&read("isolated")).expect("a link").isolation(), Isolation::Isolated);
}

#[test]
fn a_link_that_somebody_changed_is_none_of_ours() {
    for (case, attribute) in [("vxlan-e2e", 7), ("vxlan-e2e", 29), ("vxlan-external", 7), ("geneve", 13)] {
        let capture = Capture::read(&format!("link/{case}"));
        let found = link::parse(&capture.dump[0].payload).expect("a link");
        let mut data = Messages::default();
        for (kind, value) in Attributes(found.data) {
            let turned = [u8::from(value[0] == 0)];
            data.attribute(kind, if kind == attribute { &turned } else { value });
        }
        let changed = link::LinkMessage { data: data.as_bytes(), ..found };
        let expected = LinkKind::Changed { kind: found.kind.to_owned() };
        assert_eq!(link_kind::parse(&changed, &name_of), expected, "{case}: attribute {attribute}");
    }
}

#[test]
fn entries_are_those_of_bridge() {
    for (case, verb, last) in [
        ("append", forwarding::APPEND_ENTRY, "172.16.0.3"),
        ("append-ipv6", forwarding::APPEND_ENTRY, "fd00:99::2"),
        ("delete", forwarding::DELETE_ENTRY, "172.16.0.3"),
    ] {
        let capture = Capture::read(&format!("fdb/{case}"));
        assert_eq!(verb, (capture.request.kind, capture.request.flags & !5), "{case}");
        let ours = laid_out(&capture, |messages, header| forwarding::put(messages, header, TUNNEL, address(last)));
        assert_eq!(ours[..ENTRY_HEADER], capture.request.payload[..ENTRY_HEADER], "{case}");
        assert_eq!(flat(&ours[ENTRY_HEADER..], &[]), flat(&capture.request.payload[ENTRY_HEADER..], &[]), "{case}");
    }
    let read = |case: &str| {
        let dump = Capture::read(&format!("fdb/{case}")).dump;
        let entries = dump.iter().filter(|message| message.kind == RTM_NEWNEIGH);
        entries.filter_map(|message| forwarding::parse(&message.payload)).collect::<Vec<_>>()
    };
    let hosts = |hosts: &[&str]| hosts.iter().map(|host| (TUNNEL, address(host))).collect::<Vec<_>>();
    assert_eq!(read("append"), hosts(&["172.16.0.2", "172.16.0.3"]));
    assert_eq!(read("append-ipv6"), hosts(&["fd00:99::2"]));
    assert_eq!(read("append-group"), hosts(&["239.1.1.1", "172.16.0.2"]), "the group is one of them");
    assert_eq!(read("delete"), hosts(&["172.16.0.2"]));
}

#[expect(clippy::unnecessary_wraps, reason = "as the fields are")]
fn prefix(text: &str) -> Option<Prefix> {
    Some(Prefix::parse(text).expect("a prefix").prefix)
}

#[expect(clippy::unnecessary_wraps, reason = "as the fields are")]
fn ports(text: &str) -> Option<Ports> {
    Some(text.parse().expect("ports"))
}

fn matches() -> Vec<(&'static str, FilterMatch)> {
    let mac = |text: &str| Some(text.parse().expect("a range"));
    let frame = |frame| FilterMatch { frame, tunnel: None };
    let usual = Match::default;
    let groups = || Match { destination_mac: mac("01:00:00:00:00:00/01:00:00:00:00:00"), ..usual() };
    let tunnel = |id, source| Some(TunnelMatch { id: vni(id), source: address(source) });
    let of = |protocol, destination| Match { protocol: Some(protocol), destination: prefix(destination), ..usual() };
    vec![
        ("all-drop", FilterMatch::all()),
        ("macs", frame(Match { source_mac: mac("02:00:00:00:00:00/ff:ff:ff:00:00:00"), ..groups() })),
        ("mac-exact", frame(Match { destination_mac: mac("02:00:00:00:00:07"), ..usual() })),
        ("ipv4", frame(Match { source: prefix("192.168.0.0/16"), destination: prefix("10.0.0.1"), ..usual() })),
        ("ipv6", frame(Match { source: prefix("2001:db8::/32"), destination: prefix("fd00::1"), ..usual() })),
        (
            "tcp-ports",
            frame(Match {
                source_ports: ports("1024"),
                destination_ports: ports("443"),
                ..of(Protocol::Tcp, "10.0.0.1")
            }),
        ),
        (
            "tcp-range",
            frame(Match {
                source_ports: ports("1024-2047"),
                destination_ports: ports("80-90"),
                ..of(Protocol::Tcp, "10.0.0.1")
            }),
        ),
        (
            "udp-mixed",
            frame(Match {
                protocol: Some(Protocol::Udp),
                source: prefix("fd00::/8"),
                source_ports: ports("53"),
                destination_ports: ports("5000-5010"),
                ..usual()
            }),
        ),
        ("sctp", frame(Match { destination_ports: ports("7"), ..of(Protocol::Sctp, "10.0.0.1") })),
        ("icmp", frame(Match { protocol: Some(Protocol::Icmp), ..usual() })),
        ("icmpv6", frame(Match { protocol: Some(Protocol::Icmpv6), source: prefix("2001:db8::/32"), ..usual() })),
        ("tunnel", FilterMatch { frame: groups(), tunnel: tunnel(42, "172.16.0.2") }),
        ("tunnel-ipv6", FilterMatch { frame: usual(), tunnel: tunnel(16_777_215, "fd00:99::2") }),
    ]
}

fn actions() -> Vec<(&'static str, Vec<FilterAction>)> {
    let mirror = |to| FilterAction::Mirror(name(to));
    let redirect = |to, side| FilterAction::Redirect { to: name(to), side };
    let set = |source: &str, destination: &str, id| FilterAction::SetTunnel {
        source: address(source),
        destination: address(destination),
        id: vni(id),
    };
    let police = |mbit, burst, peak: Option<u64>| {
        let limit =
            Limit { average: Rate::from_mbit(mbit), burst: Bytes(burst), burst_rate: peak.map(Rate::from_mbit) };
        vec![FilterAction::Police(limit), FilterAction::Continue]
    };
    let copies = |count: u8| {
        let copy = |at| [set("172.16.0.1", &format!("10.0.0.{at}"), 42), mirror("tunnel")];
        let mut actions: Vec<FilterAction> = (1..=count).flat_map(copy).collect();
        actions.push(FilterAction::Continue);
        actions
    };
    let tunnel = || redirect("tunnel", Side::Egress);
    vec![
        ("all-drop", vec![FilterAction::Drop]),
        ("all-continue", vec![FilterAction::Continue]),
        ("all-goto", vec![FilterAction::Goto(2)]),
        ("tunnel-ipv6", vec![FilterAction::Goto((1 << 25) - 1)]),
        ("mac-exact", vec![redirect("peer", Side::Egress)]),
        ("redirect-ingress", vec![redirect("peer", Side::Ingress)]),
        ("mirrors", vec![mirror("peer"), mirror("tunnel"), FilterAction::Continue]),
        ("set-tunnel", vec![set("172.16.0.1", "172.16.0.2", 42), tunnel()]),
        ("set-tunnel-ipv6", vec![set("fd00:99::1", "fd00:99::2", 16_777_215), tunnel()]),
        ("police", police(100, 131_072, None)),
        ("police-peak", police(10, 65_536, Some(20))),
        ("police-fast", police(40_000, 131_072, None)),
        ("remotes-15", copies(15)),
        ("remotes-16", copies(16)),
        ("replace", vec![FilterAction::Continue]),
    ]
}

/// A case's filter as it is read, under the number that follows from its match.
fn read(case: &str, matches: &FilterMatch) -> (FilterKey, Filter) {
    let capture = Capture::read(&format!("flower/{case}"));
    let filters = capture.dump.iter().filter(|message| message.kind == RTM_NEWTFILTER);
    let found = filters.filter_map(|message| {
        let mut tc = TcMessage::parse(&message.payload)?;
        if tc.header.handle > 0 {
            assert_eq!(flower::parse(&tc, &name("sink"), Side::Ingress, &name_of), Some(Found::Others), "{case}");
            tc.header.handle = matches.handle();
        }
        flower::parse(&tc, &name("sink"), Side::Ingress, &name_of)
    });
    match found.collect::<Vec<_>>().as_slice() {
        [Found::Ours(key, filter)] => (key.clone(), filter.clone()),
        other => panic!("{case}: {other:?}"),
    }
}

#[test]
fn matches_are_read_and_known_by_their_numbers() {
    for (case, matches) in matches() {
        let (key, filter) = read(case, &matches);
        assert_eq!(filter.matches, matches, "{case}");
        assert_eq!((key.chain, key.preference, key.handle), (1, 65_282, matches.handle()), "{case}");
        assert_eq!(matches.clone().canonical(), matches, "{case}");
    }
}

#[test]
fn actions_are_read_and_32_of_them_at_most_are_kept() {
    let matches: BTreeMap<&str, FilterMatch> = matches().into_iter().collect();
    for (case, mut actions) in actions() {
        let (_, filter) = read(case, matches.get(case).unwrap_or(&FilterMatch::all()));
        if case == "remotes-16" {
            assert_eq!(filter.actions.len(), MOST_ACTIONS);
            actions.truncate(MOST_ACTIONS);
        }
        let expected = Filter { matches: filter.matches.clone(), actions };
        assert!(expected.is_kept_as(&filter), "{case}: {filter:#?}");
        assert!(filter.is_kept_as(&filter), "{case}");
    }
}

const FILTER_NESTS: [&[u16]; 4] = [&[2], &[2, 3], &[2, 3, 0], &[2, 3, 0, 2]];
/// A policer's tables, which the kernel does not read.
const TABLES: [u16; 2] = [2, 3];

#[test]
fn filters_are_put_as_tc_puts_them() {
    let drop = || vec![FilterAction::Drop];
    let mut cases: BTreeMap<&str, (FilterMatch, Vec<FilterAction>)> =
        matches().into_iter().map(|(case, matches)| (case, (matches, drop()))).collect();
    for (case, actions) in actions() {
        cases.entry(case).or_insert_with(|| (FilterMatch::all(), Vec::new())).1 = actions;
    }
    cases.get_mut("tunnel").expect("there").1 = vec![FilterAction::Goto(42)];
    for (case, (matches, actions)) in cases {
        let capture = Capture::read(&format!("flower/{case}"));
        let key = FilterKey {
            interface: name("sink"),
            side: Side::Ingress,
            chain: 1,
            preference: 65_282,
            handle: 0x0123_4567,
        };
        let ours = laid_out(&capture, |messages, header| {
            flower::put(messages, header, DEVICE, (&key, &Filter { matches, actions }), &index_of);
        });
        let verb = if case == "replace" { pleach_kernel::netlink::request::REPLACE_FILTER } else { flower::ADD_FILTER };
        assert_eq!(verb, (capture.request.kind, capture.request.flags & !5), "{case}");
        assert_eq!(ours[..TC_HEADER], capture.request.payload[..TC_HEADER], "{case}");
        let attributes = |payload: &[u8]| {
            let mut flat = flat(&payload[TC_HEADER..], &FILTER_NESTS);
            // That outer packets are not fragmented, which `tc` knows how to say since 6.4.
            flat.retain(|place, value| !(place.len() == 5 && place[4] == 14 && value.is_empty()));
            if case.starts_with("police") {
                flat.retain(|place, _| place.len() != 5 || !TABLES.contains(&place[4]));
                for parameters in
                    flat.iter_mut().filter(|(place, _)| **place == [2, 3, 1, 2, 1]).map(|(_, value)| value)
                {
                    // Cells of the tables, the unused number of a new policer; `tc` counts bursts in whole microseconds.
                    parameters[20..28].fill(0);
                    parameters[32..40].fill(0);
                    parameters[12..16].fill(0);
                }
            }
            flat
        };
        assert_eq!(attributes(&ours), attributes(&capture.request.payload), "{case}");
    }
}

#[test]
fn a_filter_is_deleted_by_its_number() {
    let capture = Capture::read("flower/delete");
    let key =
        FilterKey { interface: name("sink"), side: Side::Ingress, chain: 1, preference: 65_282, handle: 0x0123_4567 };
    let ours = laid_out(&capture, |messages, header| flower::put_delete(messages, header, DEVICE, &key));
    let (ours, theirs) = (&ours[..], &capture.request.payload[..]);
    assert_eq!(ours[..12], theirs[..12]);
    assert_eq!(ours[12..18], theirs[12..18], "parent and protocol");
    let [ours, theirs] = [ours, theirs].map(|payload| flat(&payload[TC_HEADER..], &[]));
    assert!(ours.iter().all(|(place, value)| theirs.get(place) == Some(value)), "`tc` says options besides");
}
