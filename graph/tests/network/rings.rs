//! Rings and parallel links: which path is taken, and which links stand by.

use pleach_graph::{Capacity, GraphBuilder, NetworkGraph, Rate};

use crate::drawing::{assert_drawn, codes, grow, id, pair};

/// Raw ids of the links that stand by at this root, sorted.
fn standby(network: &NetworkGraph, root: &str) -> Vec<String> {
    let tree = grow(network, root);
    let mut links: Vec<_> = tree.standby_links().map(|link| network.link_id(link).raw().to_owned()).collect();
    links.sort();
    links
}

/// Three towers: `ab` 1000/800, `bc` 500/400, `ca` 300/100; a customer on each; `a` has the uplink.
fn three_towers() -> NetworkGraph {
    let mut network = NetworkGraph::builder();
    network.site(id("a"), "Tower A").at_top();
    network.site(id("b"), "Tower B");
    network.site(id("c"), "Tower C");
    network.link(id("ab"), id("a"), id("b"), pair(1000, 800));
    network.link(id("bc"), id("b"), id("c"), pair(500, 400));
    network.link(id("ca"), id("c"), id("a"), pair(300, 100));
    for tower in ["a", "b", "c"] {
        network.client(id(&format!("at-{tower}")), "x").parent(id(tower)).plan(Rate::from_mbit(1), Rate::from_mbit(1));
    }
    let (network, problems) = network.build();
    assert!(problems.is_empty(), "a ring is a network, not a fault: {problems:?}");
    network
}

#[test]
fn a_ring_at_each_of_its_towers() {
    let network = three_towers();
    // Costs by the smaller direction: ab 125, bc 250, ca 1000. Even from a, c is nearer through b.
    assert_drawn(
        &network,
        "Internet",
        "Internet
           a
             * at-a
             b 1000/800
               * at-b
               c 500/400
                 * at-c",
    );
    assert_drawn(
        &network,
        "a",
        "a
           * at-a
           Internet
           b 1000/800
             * at-b
             c 500/400
               * at-c",
    );
    assert_drawn(
        &network,
        "b",
        "b
           * at-b
           a 800/1000
             * at-a
             Internet 800/1000
           c 500/400
             * at-c",
    );
    assert_drawn(
        &network,
        "c",
        "c
           * at-c
           b 400/500
             * at-b
             a 400/500
               * at-a
               Internet 400/500",
    );
    for root in ["Internet", "a", "b", "c"] {
        assert_eq!(standby(&network, root), ["ca"]);
        assert!(grow(&network, root).problems().is_empty());
    }
}

/// The parent of `z` at root `a`, in a network with `links` as (id, from, to, Mbit/s, cost).
fn before_z(links: &[(&str, &str, &str, u64, u32)]) -> String {
    let build = |links: &mut dyn Iterator<Item = &(&str, &str, &str, u64, u32)>| {
        let mut network = NetworkGraph::builder();
        for site in ["a", "p", "q", "z"] {
            network.site(id(site), site);
        }
        for &(link, from, to, mbit, cost) in links {
            network.link(id(link), id(from), id(to), pair(mbit, mbit)).cost(cost);
        }
        let (network, _) = network.build();
        let tree = grow(&network, "a");
        let z = tree.place_of(network.find(&id("z")).expect("z")).expect("a place");
        let parent = tree.at(z).parent.expect("a parent");
        let link = tree.at(z).link.expect("a link");
        format!("{} over {}", tree.place_id(parent).raw(), network.link_id(link).raw())
    };
    let forwards = build(&mut links.iter());
    assert_eq!(forwards, build(&mut links.iter().rev()), "the order of the links does not matter");
    forwards
}

#[test]
fn least_cost_then_fewest_hops_then_widest_then_smallest_id() {
    let cost = [("1", "a", "p", 10, 1), ("2", "p", "z", 10, 1), ("3", "a", "z", 1000, 3)];
    assert_eq!(before_z(&cost), "p over 2", "two cheap links before one dear one");
    let hops = [("1", "a", "p", 1000, 1), ("2", "p", "z", 1000, 1), ("3", "a", "z", 10, 2)];
    assert_eq!(before_z(&hops), "a over 3", "at equal cost one link before two");
    let width = [("1", "a", "p", 1000, 1), ("2", "p", "z", 10, 1), ("3", "a", "q", 500, 1), ("4", "q", "z", 20, 1)];
    assert_eq!(before_z(&width), "q over 4", "at equal cost and hops the wider path, whatever its first link");
    let ids = [("1", "a", "p", 10, 1), ("4", "p", "z", 10, 1), ("2", "a", "q", 10, 1), ("3", "q", "z", 10, 1)];
    assert_eq!(before_z(&ids), "q over 3", "all equal: the smallest id of the last link");
}

#[test]
fn of_parallel_links_the_best_is_used_and_the_others_stand_by() {
    let links = [("old", 100, 0), ("new", 1000, 0), ("spare", 1000, 9)];
    let build = |network: &mut GraphBuilder| {
        network.site(id("a"), "A");
        network.site(id("b"), "B").parent(id("a"));
        for (link, mbit, cost) in links {
            network.link(id(link), id("a"), id("b"), pair(mbit, mbit / 2)).cost(cost);
        }
    };
    let mut network = NetworkGraph::builder();
    build(&mut network);
    let (network, _) = network.build();
    // By capacity: old 2000, new 200; the spare's stated cost of 9 is the least.
    assert_drawn(&network, "a", "a\n  Internet\n  b 1000/500");
    assert_eq!(standby(&network, "a"), ["new", "old"]);
    assert_drawn(&network, "b", "b\n  a 500/1000\n    Internet 500/1000");
}

#[test]
fn a_link_row_replaces_the_link_that_the_parent_implies() {
    for (first, second, capacity) in [("a", "b", pair(50, 10)), ("b", "a", pair(10, 50))] {
        let mut network = NetworkGraph::builder();
        network.site(id("a"), "A");
        network.site(id("b"), "B").parent(id("a")).capacity(pair(100, 20));
        network.link(id("row"), id(first), id(second), capacity);
        let (network, problems) = network.build();
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(network.links().len(), 2, "the row, and the top's link to a");
        assert!(standby(&network, "a").is_empty());
        assert_drawn(&network, "Internet", "Internet\n  a\n    b 50/10");
        assert_drawn(&network, "b", "b\n  a 10/50\n    Internet 10/50");
    }
}

#[test]
fn a_link_of_unknown_capacity_costs_one_and_limits_nothing() {
    let mut network = NetworkGraph::builder();
    network.site(id("a"), "A").at_top();
    network.site(id("b"), "B");
    network.link(id("fibre"), id("a"), id("b"), Capacity::NONE);
    network.link(id("radio"), id("a"), id("b"), pair(99_000, 99_000)).cost(2);
    let (network, _) = network.build();
    assert_drawn(&network, "a", "a\n  Internet\n  b");
    assert_eq!(standby(&network, "a"), ["radio"]);
}

#[test]
fn a_second_link_with_the_same_id_is_named_and_the_first_kept() {
    let mut network = NetworkGraph::builder();
    network.site(id("a"), "A").at_top();
    network.site(id("b"), "B");
    network.link(id("l"), id("a"), id("b"), pair(100, 20));
    network.link(id("l"), id("a"), id("b"), pair(100, 20));
    network.link(id("l"), id("b"), id("a"), pair(100, 20));
    let (network, problems) = network.build();
    assert_eq!(codes(&problems), ["duplicate-id l", "duplicate-row l"]);
    assert_drawn(&network, "Internet", "Internet\n  a\n    b 100/20");
    assert!(standby(&network, "Internet").is_empty());
}

#[test]
fn a_customer_with_two_uplinks_is_no_relay() {
    let mut network = NetworkGraph::builder();
    network.site(id("s"), "S").capacity(pair(100, 100));
    network.access_point(id("ap1"), "AP 1").parent(id("s")).capacity(pair(60, 20));
    network.access_point(id("ap2"), "AP 2").parent(id("s")).capacity(pair(40, 20));
    network.client(id("c"), "Dual WAN").parent(id("ap2"));
    network.device(id("d"), "router").parent(id("c"));
    network.link(id("second"), id("ap1"), id("c"), Capacity::NONE);
    let (network, problems) = network.build();
    assert!(problems.is_empty(), "{problems:?}");
    assert_drawn(
        &network,
        "Internet",
        "Internet
           s 100/100
             ap1 60/20
             ap2 40/20
               * c",
    );
}

#[test]
fn a_customer_wired_to_two_towers_is_no_backbone() {
    // The radio link between the towers costs 250, the customer's two unlimited cables 2.
    let mut network = NetworkGraph::builder();
    network.site(id("a"), "Tower A").at_top();
    network.site(id("b"), "Tower B");
    network.link(id("ab"), id("a"), id("b"), pair(500, 400));
    network.client(id("dual"), "Dual").parent(id("a")).plan(Rate::from_mbit(10), Rate::from_mbit(2));
    network.link(id("second"), id("b"), id("dual"), Capacity::NONE);
    network.client(id("at-b"), "x").parent(id("b")).plan(Rate::from_mbit(1), Rate::from_mbit(1));
    let (network, _) = network.build();
    assert_drawn(
        &network,
        "a",
        "a
           * dual
           Internet
           b 500/400
             * at-b",
    );
}
