//! Two devices that claim one prefix: who keeps it, whatever order they are added in.

use std::collections::BTreeMap;

use pleach_graph::{Assignment, Code, NetworkGraph, Origin, Prefix};
use proptest::prelude::*;

use crate::drawing::{codes, count, id};

const BEST_FIRST: [Assignment; 4] = [Assignment::Static, Assignment::Session, Assignment::Dhcp, Assignment::Device];

fn prefix(text: &str) -> Prefix {
    Prefix::parse(text).expect("a prefix").prefix
}

/// Raw device id to the prefixes it holds, sorted.
fn held(network: &NetworkGraph) -> BTreeMap<String, Vec<Prefix>> {
    let devices = network.nodes().filter_map(|(_, node)| Some((node.id.raw().to_owned(), node.device()?)));
    devices
        .map(|(raw, device)| {
            let mut prefixes: Vec<_> = device.claims.iter().map(|claim| claim.prefix).collect();
            prefixes.sort();
            (raw, prefixes)
        })
        .collect()
}

#[test]
fn static_before_session_before_dhcp_before_device() {
    for (at, better) in BEST_FIRST.into_iter().enumerate() {
        for worse in BEST_FIRST.into_iter().skip(at + 1) {
            let mut network = NetworkGraph::builder();
            // The worse claim comes first and has the smaller id.
            network.device(id("a"), "a").prefix(prefix("10.0.0.1"), worse).prefix(prefix("10.0.0.2"), worse);
            network.device(id("b"), "b").prefix(prefix("10.0.0.1"), better);
            let (network, problems) = network.build();
            assert_eq!(codes(&problems), ["duplicate-prefix a"]);
            assert_eq!(held(&network)["a"], [prefix("10.0.0.2")], "the loser loses that prefix only");
            assert_eq!(held(&network)["b"], [prefix("10.0.0.1")]);
        }
    }
}

#[test]
fn then_the_first_record_and_then_the_smaller_id() {
    let mut network = NetworkGraph::builder();
    let document = network.document("devices.csv");
    let line = |line| Origin { document, line };
    network.device(id("a"), "a").addresses("10.0.0.1").origin(line(3));
    network.device(id("b"), "b").addresses("10.0.0.1, 10.0.0.2").origin(line(2));
    network.device(id("c"), "c").addresses("10.0.0.2").origin(line(2));
    let (network, problems) = network.build();
    assert_eq!(codes(&problems), ["duplicate-prefix c", "duplicate-prefix a"], "by line");
    assert_eq!(held(&network)["b"].len(), 2);
}

#[test]
fn the_best_of_a_devices_own_claims_counts() {
    for order in [[0, 1], [1, 0]] {
        let claims = [Assignment::Device, Assignment::Static];
        let mut network = NetworkGraph::builder();
        network.device(id("a"), "a").prefix(prefix("10.0.0.1"), Assignment::Session);
        network
            .device(id("b"), "b")
            .prefix(prefix("10.0.0.1"), claims[order[0]])
            .prefix(prefix("10.0.0.1"), claims[order[1]]);
        let (network, problems) = network.build();
        assert_eq!(codes(&problems), ["duplicate-prefix a"]);
        assert!(held(&network)["a"].is_empty());
        assert_eq!(held(&network)["b"], [prefix("10.0.0.1")]);
    }
}

#[test]
fn overlapping_prefixes_are_no_duplicates() {
    let mut network = NetworkGraph::builder();
    network.device(id("a"), "a").addresses("0.0.0.0/0, 10.0.0.0/24");
    network.device(id("b"), "b").addresses("10.0.0.0/25, 10.0.0.1");
    let (network, problems) = network.build();
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(held(&network).values().map(Vec::len).sum::<usize>(), 4);
}

#[test]
fn two_devices_of_one_circuit_are_a_note() {
    let mut network = NetworkGraph::builder();
    network.client(id("c"), "Jones");
    network.device(id("a"), "a").parent(id("c")).addresses("10.0.0.1");
    network.device(id("b"), "b").parent(id("c")).addresses("10.0.0.1");
    let (_, problems) = network.build();
    assert_eq!(codes(&problems), ["duplicate-row b"]);
}

#[test]
fn a_device_may_have_very_many_prefixes() {
    let mut network = NetworkGraph::builder();
    let addresses: Vec<String> = (0..100_000_u32).map(|n| std::net::Ipv4Addr::from_bits(n << 1).to_string()).collect();
    let list = addresses.join(", ");
    network.device(id("a"), "a").addresses(&list);
    network.device(id("b"), "b").addresses(&list);
    let (network, problems) = network.build();
    assert_eq!(held(&network)["a"].len(), 100_000);
    assert!(held(&network)["b"].is_empty());
    assert_eq!(count(&problems, Code::DuplicatePrefix), 100_000);
}

/// A device: its number, line, and claims as (last byte, assignment).
type Claimant = (u8, u32, Vec<(u8, usize)>);

fn settle(claimants: &[Claimant]) -> (BTreeMap<String, Vec<Prefix>>, Vec<String>) {
    let mut network = NetworkGraph::builder();
    let document = network.document("devices.csv");
    for (device, line, claims) in claimants {
        let origin = Origin { document, line: *line };
        let mut entry = network.device(id(&device.to_string()), "d").origin(origin);
        for &(last, assignment) in claims {
            entry = entry.prefix(prefix(&format!("10.0.0.{last}")), BEST_FIRST[assignment]);
        }
    }
    let (network, problems) = network.build();
    let messages = problems.into_sorted().into_iter().map(|problem| format!("{problem:?}")).collect();
    (held(&network), messages)
}

proptest! {
    #[test]
    fn the_winner_is_the_least_by_assignment_then_record_then_id(
        claimants in proptest::collection::btree_map(
            0_u8..12,
            (0_u32..4, proptest::collection::vec((0_u8..5, 0_usize..4), 0..4)),
            0..12,
        ),
        seed in any::<u64>(),
    ) {
        let claimants: Vec<Claimant> = claimants.into_iter().map(|(device, (line, claims))| (device, line, claims)).collect();
        let mut expected: BTreeMap<String, Vec<Prefix>> =
            claimants.iter().map(|(device, ..)| (device.to_string(), Vec::new())).collect();
        for last in 0..5 {
            let claims = claimants.iter().flat_map(|(device, line, claims)| {
                claims.iter().filter(|claim| claim.0 == last).map(move |claim| (claim.1, *line, device.to_string()))
            });
            if let Some((_, _, winner)) = claims.min() {
                expected.entry(winner).or_default().push(prefix(&format!("10.0.0.{last}")));
            }
        }
        let (as_added, problems) = settle(&claimants);
        prop_assert_eq!(&as_added, &expected);
        let mut shuffled = claimants.clone();
        shuffled.sort_by_key(|(device, ..)| (u64::from(*device) + 1).wrapping_mul(seed | 1).rotate_left(17));
        prop_assert_eq!(settle(&shuffled), (as_added, problems));
    }
}
