//! Filters and their actions.

use std::collections::BTreeMap;

use pleach_graph::{Prefix, Rate};
use pleach_kernel::netlink::constants::RTM_NEWTFILTER;
use pleach_kernel::netlink::flower::{self, Found};
use pleach_kernel::netlink::tc::TcMessage;
use pleach_overlay::links::layout::{self, MOST_ACTIONS};
use pleach_overlay::links::{Counters, Filter, FilterAction, FilterKey, FilterMatch, Side, TunnelMatch};
use pleach_overlay::{Bytes, Df, Match, Policer, Ports, Protocol};
use pleach_tc::MarkField;

use super::{address, flat, index_of, laid_out, name, name_of, vni};
use crate::capture::{Capture, DEVICE};

const TC_HEADER: usize = 20;

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
        df: Some(Df::Unset).filter(|_| address(destination).is_ipv4()),
    };
    let police = |mbit, burst, peak: Option<u64>| {
        let limit =
            Policer { average: Rate::from_mbit(mbit), burst: Bytes(burst), burst_rate: peak.map(Rate::from_mbit) };
        vec![FilterAction::Police(limit), FilterAction::Continue]
    };
    let copies = |count: u8| {
        let copy = |at| [set("172.16.0.1", &format!("10.0.0.{at}"), 42), mirror("tunnel")];
        let mut actions: Vec<FilterAction> = (1..=count).flat_map(copy).collect();
        actions.push(FilterAction::Continue);
        actions
    };
    let tunnel = || redirect("tunnel", Side::Egress);
    let mark =
        FilterAction::Mark { number: vni(0x42), field: MarkField::new(0x00ff_ff00).expect("bits that stand together") };
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
        ("mark", vec![mark, FilterAction::Goto(42)]),
        ("tag", vec![FilterAction::Tag(layout::RETURN_TAG), redirect("peer", Side::Egress)]),
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
fn what_came_to_each_action_is_what_tc_printed() {
    let capture = Capture::read("flower/loaded");
    let mut messages = capture.dump.iter().filter_map(|message| TcMessage::parse(&message.payload));
    let message = messages.rfind(|message| message.header.handle > 0).expect("a filter");
    let counts = flower::counts(&message);
    for count in &counts {
        let sent = format!("Sent {} bytes {} pkt ", count.bytes, count.packets);
        assert!(capture.text.contains(&sent), "`{sent}` in\n{}", capture.text);
    }
    // What did not come to the next action is what the kernel says that the policer dropped.
    let policer = Policer { average: Rate::from_bit(8_000), burst: Bytes(4_000), burst_rate: None };
    let filter =
        Filter { matches: FilterMatch::all(), actions: vec![FilterAction::Police(policer), FilterAction::Continue] };
    let key =
        FilterKey { interface: name("sink"), side: Side::Egress, chain: 0, preference: 65_281, handle: 0x0123_4567 };
    let counters = Counters { filters: [(key.clone(), counts)].into(), ..Counters::default() };
    let dropped = counters.dropped(&key, &filter);
    assert!(dropped.packets > 0);
    assert!(capture.text.contains(&format!("(dropped {}, overlimits {0} ", dropped.packets)), "{}", capture.text);
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
