//! Cycles of parents: one edge is broken, everything behind it stays attached, and it is told once.

use pleach_graph::NetworkGraph;

use crate::drawing::{assert_drawn, codes, customer, id, pair};

#[test]
fn a_cycle_of_sites_is_broken_once_and_keeps_its_client() {
    let mut network = NetworkGraph::builder();
    network.site(id("b"), "B").parent(id("a")).capacity(pair(50, 5));
    network.site(id("a"), "A").parent(id("b")).capacity(pair(100, 10));
    customer(&mut network, "c", "b");
    network.client(id("empty"), "no device").parent(id("b"));
    let (network, problems) = network.build();
    assert_eq!(codes(&problems), ["parent-cycle a"]);
    assert_drawn(
        &network,
        "Internet",
        "Internet
           a 100/10
             b 50/5
               * c
               * empty",
    );
}

#[test]
fn a_site_that_is_its_own_parent_hangs_from_the_top() {
    let mut network = NetworkGraph::builder();
    network.site(id("s"), "Narcissus").parent(id("s"));
    customer(&mut network, "c", "s");
    let (network, problems) = network.build();
    assert_eq!(codes(&problems), ["parent-cycle s"]);
    assert_eq!(problems.as_slice()[0].message, "site `Narcissus` is its own parent; it now hangs from the top");
    assert_drawn(
        &network,
        "Internet",
        "Internet
           s
             * c",
    );
}

#[test]
fn a_cycle_of_access_points_is_broken_too() {
    let mut network = NetworkGraph::builder();
    network.access_point(id("y"), "Y").parent(id("x"));
    network.access_point(id("x"), "X").parent(id("y"));
    customer(&mut network, "c", "y");
    let (network, problems) = network.build();
    assert_eq!(codes(&problems), ["parent-cycle x"]);
    assert_drawn(
        &network,
        "Internet",
        "Internet
           x
             y
               * c",
    );
}

#[test]
fn what_leads_into_a_cycle_is_no_cycle() {
    let mut network = NetworkGraph::builder();
    // `a` has the smallest id of all, but it is only behind the cycle m -> n -> o -> m.
    for (site, parent) in [("a", "b"), ("b", "n"), ("n", "o"), ("o", "m"), ("m", "n")] {
        network.site(id(site), site).parent(id(parent));
    }
    let (network, problems) = network.build();
    assert_eq!(codes(&problems), ["parent-cycle m"]);
    assert_drawn(
        &network,
        "Internet",
        "Internet
           m
             o
               n
                 b
                   a",
    );
}

#[test]
fn a_long_cycle_is_told_in_few_words() {
    let mut network = NetworkGraph::builder();
    for n in 0..10_000 {
        network.site(id(&format!("{n:05}")), "s").parent(id(&format!("{:05}", (n + 1) % 10_000)));
    }
    let (_, problems) = network.build();
    assert_eq!(codes(&problems), ["parent-cycle 00000"]);
    assert!(problems.as_slice()[0].message.contains("9992 more"), "{}", problems.as_slice()[0].message);
}
