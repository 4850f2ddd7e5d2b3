//! What no path leads to, and the unnamed top as the last way out.

use pleach_graph::{Capacity, Code, NetworkGraph, Origin, Parent};

use crate::drawing::{assert_drawn, codes, count, customer, grow, id, pair};

#[test]
fn the_top_is_transit_only_where_there_is_no_other_way() {
    for linked in [false, true] {
        let mut network = NetworkGraph::builder();
        network.site(id("a"), "A").at_top().capacity(pair(1000, 1000));
        network.site(id("b"), "B").at_top().capacity(pair(1000, 500));
        if linked {
            network.link(id("slow"), id("a"), id("b"), pair(1, 1)).cost(u32::MAX);
        }
        let (network, _) = network.build();
        let expected = if linked {
            "a
               Internet 1000/1000
               b 1/1"
        } else {
            "a
               Internet 1000/1000
                 b 1000/500"
        };
        assert_drawn(&network, "a", expected);
        assert!(grow(&network, "a").problems().is_empty());
    }
}

#[test]
fn what_hangs_behind_the_top_goes_around_it_where_it_can() {
    // b and c both hang from the top; c can be reached from a through the ring, b cannot; d is behind b.
    let mut network = NetworkGraph::builder();
    for site in ["a", "b", "c"] {
        network.site(id(site), site).at_top();
    }
    network.site(id("d"), "d").parent(id("b"));
    network.link(id("dear"), id("c"), id("a"), Capacity::NONE).cost(1_000_000);
    let (network, _) = network.build();
    assert_drawn(
        &network,
        "a",
        "a
           Internet
             b
               d
           c",
    );
}

#[test]
fn an_unknown_parent_puts_a_whole_branch_under_orphans_without_a_limit_of_its_own() {
    let mut network = NetworkGraph::builder();
    network.site(id("a"), "A").capacity(pair(10, 10));
    network.site(id("x"), "X").unknown_parent("gone").capacity(pair(30, 10));
    network.site(id("y"), "Y").parent(id("x")).capacity(pair(20, 20));
    network.access_point(id("z"), "Z").parent(id("gone-too")).capacity(pair(9, 9));
    network.client(id("c"), "C").unknown_parent("gone");
    let (network, problems) = network.build();
    assert_eq!(codes(&problems), ["unknown-parent c", "unknown-parent x", "unknown-parent z"]);
    assert_drawn(
        &network,
        "Internet",
        "Internet
           Orphans
             * c
             x 30/10
               y 20/10
             z 9/9
           a 10/10",
    );
    for root in ["Internet", "a", "x", "z", "c"] {
        assert_eq!(count(grow(&network, root).problems(), Code::UnknownParent), 0, "reported once, by the graph");
    }
    // From inside the island everything else is the orphan.
    let tree = grow(&network, "y");
    assert_eq!(tree.problems().len(), 1);
    assert_eq!(tree.problems().as_slice()[0].code, Code::Unreachable);
    assert_drawn(
        &network,
        "y",
        "y
           Orphans
             * c
             Internet
               a 10/10
             z 9/9
           x 20/20",
    );
}

#[test]
fn an_unknown_parent_matters_not_where_a_link_leads_on() {
    let mut network = NetworkGraph::builder();
    network.site(id("a"), "A").at_top();
    network.site(id("x"), "X").unknown_parent("gone").capacity(pair(30, 10));
    network.link(id("l"), id("a"), id("x"), pair(50, 40));
    let (network, problems) = network.build();
    assert_eq!(codes(&problems), ["unknown-parent x"]);
    assert_drawn(&network, "Internet", "Internet\n  a\n    x 50/40");
}

#[test]
fn an_island_without_any_parent_hangs_by_its_smallest_id() {
    let mut network = NetworkGraph::builder();
    network.site(id("a"), "A").at_top();
    network.site(id("q"), "Q");
    network.site(id("p"), "P");
    network.client(id("c"), "C").parent(id("q"));
    network.link(id("l"), id("q"), id("p"), pair(50, 40));
    let (network, problems) = network.build();
    assert!(problems.is_empty());
    let tree = grow(&network, "Internet");
    assert_eq!(codes(tree.problems()), ["unreachable p"]);
    assert_drawn(
        &network,
        "Internet",
        "Internet
           Orphans
             p
               q 40/50
                 * c
           a",
    );
}

#[test]
fn a_top_that_nothing_hangs_from_is_no_island() {
    let mut network = NetworkGraph::builder();
    network.site(id("p"), "P");
    network.site(id("q"), "Q");
    network.link(id("l"), id("q"), id("p"), pair(50, 40));
    let (network, _) = network.build();
    assert!(grow(&network, "p").problems().is_empty());
    assert_drawn(&network, "p", "p\n  q 40/50");
}

#[test]
fn a_node_whose_links_are_all_unusable_hangs_from_the_top() {
    let mut network = NetworkGraph::builder();
    network.site(id("s"), "S");
    network.client(id("c"), "C");
    network.link(id("l1"), id("s"), id("nowhere"), Capacity::NONE);
    network.link(id("l2"), id("c"), id("c"), Capacity::NONE);
    let (network, problems) = network.build();
    assert_eq!(codes(&problems), ["bad-link l1", "bad-link l2"]);
    assert!(grow(&network, "Internet").problems().is_empty());
    assert_drawn(&network, "Internet", "Internet\n  * c\n  s");
}

#[test]
fn no_circuit_is_an_orphan_without_being_named() {
    let mut network = NetworkGraph::builder();
    network.site(id("s"), "S");
    network.client(id("c1"), "C1");
    network.client(id("c2"), "C2");
    network.link(id("l"), id("c1"), id("c2"), Capacity::NONE);
    let (network, problems) = network.build();
    assert!(problems.is_empty());
    assert_eq!(codes(grow(&network, "Internet").problems()), ["unreachable c1", "unreachable c2"]);
    assert_drawn(
        &network,
        "Internet",
        "Internet
           Orphans
             * c1
             * c2
           s",
    );
}

#[test]
fn without_orphans_there_is_no_such_place() {
    let mut network = NetworkGraph::builder();
    network.site(id("s"), "S");
    let (network, _) = network.build();
    assert!(grow(&network, "s").orphans_place().is_none());
}

#[test]
fn orphans_read_from_an_earlier_export_are_used_again() {
    let orphans = "pleach:generated:orphans".parse().expect("an id");
    let mut network = NetworkGraph::builder();
    network.site(orphans, "Orphans");
    network.site(id("s"), "S").at_top();
    network.site(id("x"), "X").unknown_parent("gone");
    network.site(id("y"), "Y").parent(id("x"));
    let (network, _) = network.build();
    for root in ["Internet", "s", "y"] {
        let tree = grow(&network, root);
        let named = tree.indices().filter(|&place| tree.place_name(place) == "Orphans").count();
        assert_eq!(named, 1, "at {root}");
    }
}

#[test]
fn an_unknown_parent_is_reported_once_with_a_near_miss() {
    let mut network = NetworkGraph::builder();
    network.site(id("north"), "North Tower");
    customer(&mut network, "c", "s");
    let client = network.find(&id("c")).expect("c");
    network.edit(client).unknown_parent("Nroth Tower");
    let (network, problems) = network.build();
    assert_eq!(codes(&problems), ["unknown-parent c"]);
    assert_eq!(problems.as_slice()[0].hint, "did you mean `North Tower`?");
    assert_eq!(network.node(client).parent(), Parent::Unknown);
    for root in ["Internet", "north"] {
        assert_eq!(count(grow(&network, root).problems(), Code::UnknownParent), 0);
    }
    assert_drawn(
        &network,
        "Internet",
        "Internet
           Orphans
             * c
           north",
    );
}

#[test]
fn a_problem_names_a_document_only_where_the_record_came_from_one() {
    let mut network = NetworkGraph::builder();
    let document = network.document("nodes.csv");
    network.site(id("a"), "A").at_top();
    network.site(id("b"), "B").unknown_parent("gone").origin(Origin { document, line: 7 });
    network.site(id("c"), "C").unknown_parent("gone");
    let (network, problems) = network.build();
    let places: Vec<_> =
        problems.into_sorted().into_iter().map(|problem| (problem.document.map(String::from), problem.line)).collect();
    assert_eq!(places, [(None, None), (Some("nodes.csv".to_owned()), Some(7))]);
    let tree = grow(&network, "b");
    assert_eq!(codes(tree.problems()), ["unreachable internet"]);
    assert_eq!(tree.problems().as_slice()[0].document, None, "the top is in no document");
}
