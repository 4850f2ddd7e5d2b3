//! Which changes at a shaper's root are refused, and which are what a night brings.

use super::{Carried, Root, ShareLimit, judge_shaper};
use crate::{Capacity, NetworkGraph, Rate, Table, Tree};

/// Ways below the root, each with a customer behind it and its capacity down in Mbit/s, 0 where it is unknown; and whether
/// the root has a customer of its own.
#[derive(Clone, Copy)]
struct Below<'a> {
    ways: &'a [(&'a str, u64)],
    at_root: bool,
}

fn network(Below { ways, at_root }: Below<'_>) -> NetworkGraph {
    let table = |name| Table::new("test", name).expect("two words");
    let (site, client) = (table("site"), table("client"));
    let mut net = NetworkGraph::builder();
    net.site(site.id("core"), "Core");
    net.site(site.id("idle"), "Idle").parent(site.id("core")).capacity(Capacity::from_mbit(1, 1));
    for (name, mbit) in ways {
        net.site(site.id(name), name).parent(site.id("core")).capacity(Capacity::from_mbit(*mbit, 1_000));
        net.client(client.id(name), name).parent(site.id(name)).plan(Rate::from_mbit(9), Rate::from_mbit(9));
    }
    if at_root {
        net.client(client.id("own"), "").parent(site.id("core")).plan(Rate::from_mbit(9), Rate::from_mbit(9));
    }
    net.build().0
}

/// The refusals of a shaper at the core with so much uplink down, in Mbit/s.
fn judged(before: (Below<'_>, u64), after: (Below<'_>, u64), limit: ShareLimit) -> Vec<String> {
    judged_networks(&[network(before.0), network(after.0)], [before.1, after.1], limit)
}

fn judged_networks(networks: &[NetworkGraph; 2], uplinks: [u64; 2], limit: ShareLimit) -> Vec<String> {
    let trees = networks.each_ref().map(|network| Tree::grow(network, network.find_named("Core").expect("there")));
    let carried = |at: usize| Carried { tree: &trees[at], uplink: Capacity::from_mbit(uplinks[at], 0) };
    let refusals = judge_shaper("main", carried(0), carried(1), Root::AsBefore, limit);
    refusals.iter().map(ToString::to_string).collect()
}

/// The core and a tower with these links between them, each with its id, capacity in Mbit/s and cost, of which the least
/// leads to the tower's customer.
fn parallel(links: &[(&str, u64, u32)]) -> NetworkGraph {
    let table = |name| Table::new("test", name).expect("two words");
    let (site, client, link) = (table("site"), table("client"), table("link"));
    let mut net = NetworkGraph::builder();
    net.site(site.id("core"), "Core");
    net.site(site.id("tower"), "Tower");
    net.client(client.id("a"), "").parent(site.id("tower")).plan(Rate::from_mbit(9), Rate::from_mbit(9));
    for (id, mbit, cost) in links {
        let capacity = Capacity::from_mbit(*mbit, *mbit);
        net.link(link.id(id), site.id("core"), site.id("tower"), capacity).cost(*cost);
    }
    net.build().0
}

fn ways<'a>(ways: &'a [(&'a str, u64)]) -> Below<'a> {
    Below { ways, at_root: false }
}

const NOTHING: [&str; 0] = [];

#[test]
fn under_half_of_the_ways_together_as_far_as_the_uplink_lets_pass() {
    let limit = ShareLimit::default();
    let both = ways(&[("a", 1_000), ("b", 1_000)]);
    assert_eq!(judged((both, 0), (ways(&[("a", 999), ("b", 1)]), 0), limit), NOTHING, "exactly half");
    let narrow = ways(&[("a", 998), ("b", 1)]);
    assert_eq!(
        judged((both, 0), (narrow, 0), limit),
        ["shaper `main` would carry 999 Mbit/s down, and carried 2 Gbit/s: it would lose more than 50 %"]
    );
    assert_eq!(judged((both, 1_500), (narrow, 1_500), limit), NOTHING, "the uplink lets no more than 1.5 pass");
    assert_eq!(judged((both, 0), (narrow, 0), ShareLimit { percent: 51 }), NOTHING);
    let nothing_left = ways(&[("a", 1), ("b", 1)]);
    assert_eq!(judged((both, 0), (nothing_left, 0), ShareLimit { percent: 100 }), NOTHING);
    assert_eq!(judged((narrow, 10), (both, 10_000), limit), NOTHING, "more is no loss");
}

#[test]
fn what_a_night_brings_is_no_loss() {
    let limit = ShareLimit::default();
    let both = ways(&[("a", 1_000), ("b", 100)]);
    assert_eq!(judged((both, 0), (ways(&[("b", 100)]), 0), limit), NOTHING, "one way failed over to the other");
    let unknown = ways(&[("a", 0), ("b", 100)]);
    assert_eq!(judged((unknown, 10_000), (both, 10_000), limit), NOTHING, "a limit was learnt");
    assert_eq!(judged((both, 10_000), (unknown, 10_000), limit), NOTHING, "a port is down, and states no speed");
    let own = |ways| Below { ways, at_root: true };
    assert_eq!(
        judged((own(&[("a", 1_000)]), 0), (own(&[("a", 10)]), 0), limit),
        NOTHING,
        "most may be at the root itself"
    );
}

#[test]
fn an_uplink_that_was_changed_is_meant_and_excuses_nothing_else() {
    let limit = ShareLimit::default();
    let (wide, narrow) = (ways(&[("a", 10_000)]), ways(&[("a", 300)]));
    assert_eq!(judged((wide, 10_000), (wide, 40), limit), NOTHING, "less");
    assert_eq!(judged((wide, 0), (wide, 40), limit), NOTHING, "it was not stated");
    assert_eq!(judged((wide, 100), (narrow, 10_000), limit), NOTHING, "more passes than did");
    assert_eq!(judged((wide, 10_000), (narrow, 200), limit), NOTHING, "the way lets more pass than is meant to");
    for uplink in [0, 4_000, 20_000] {
        let refused = judged((wide, 10_000), (narrow, uplink), limit);
        assert!(refused.iter().any(|line| line.contains("would carry 300 Mbit/s down")), "{uplink}: {refused:?}");
    }
}

#[test]
fn a_link_that_fails_over_to_the_one_beside_it_is_no_loss() {
    let judged = |before: &[_], after: &[_]| {
        judged_networks(&[parallel(before), parallel(after)], [10_000, 10_000], ShareLimit::default())
    };
    let (fibre, radio) = (("fibre", 10_000, 10), ("radio", 300, 100));
    let fibre_down = ("fibre", 10_000, 65_535);
    assert_eq!(judged(&[fibre, radio], &[radio]), NOTHING, "it is gone");
    assert_eq!(judged(&[fibre, radio], &[fibre_down, radio]), NOTHING, "its source says that it is down");
    assert_eq!(judged(&[fibre_down, radio], &[fibre, radio]), NOTHING, "it is back");
    let lost = [
        "shaper `main` would carry 100 Mbit/s down, and carried 10 Gbit/s: it would lose more than 50 %",
        "shaper `main` would carry 100 Mbit/s up, and carried 10 Gbit/s: it would lose more than 50 %",
    ];
    assert_eq!(judged(&[fibre, radio], &[("fibre", 100, 10), radio]), lost, "the same link carries less");
    let narrow = ("fibre of 100", 100, 10);
    assert_eq!(judged(&[fibre], &[narrow]), lost, "an id may hold the capacity");
    assert_eq!(judged(&[fibre, radio], &[narrow, radio]), lost, "the radio beside it does not carry");
    assert_eq!(judged(&[fibre, radio], &[("radio of 200", 200, 100)]), NOTHING, "one is gone");
}
