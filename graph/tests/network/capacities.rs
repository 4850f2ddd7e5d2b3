//! What each place can carry: site pairs, sectors, cables and relays, seen from either side.

use pleach_graph::{Capacity, Limit, NetworkGraph, Rate};

use crate::drawing::{assert_drawn, grow, id, pair};

#[test]
fn a_sites_pair_is_its_links_and_turns_between_the_old_root_and_the_new() {
    let mut network = NetworkGraph::builder();
    network.site(id("s1"), "S1").capacity(pair(100, 20));
    network.site(id("s2"), "S2").parent(id("s1")).capacity(pair(50, 5));
    network.site(id("s3"), "S3").parent(id("s1")).capacity(pair(70, 30));
    let (network, _) = network.build();
    assert_drawn(
        &network,
        "Internet",
        "Internet
           s1 100/20
             s2 50/5
             s3 70/20",
    );
    // s2's link is turned to 5/50, the top's to 20/100; s3 is off the path and keeps 70/30.
    assert_drawn(
        &network,
        "s2",
        "s2
           s1 5/50
             Internet 5/50
             s3 5/30",
    );
}

#[test]
fn fractions_survive_and_one_direction_may_be_unknown() {
    let mut network = NetworkGraph::builder();
    let half = Capacity { down: Limit::of(Rate::from_bit(59_765_625)), up: Limit::NONE };
    network.site(id("s1"), "S1").capacity(half);
    network.site(id("s2"), "S2").parent(id("s1")).capacity(pair(60, 20));
    let (network, _) = network.build();
    assert_drawn(&network, "Internet", "Internet\n  s1 59.765625/-\n    s2 59.765625/20");
}

/// `s1` 200/100, access point `ap` 90/30 on it, behind that the relay customer `r`, and site `s3` 40/35 behind the relay;
/// `c` is another customer on the access point.
fn behind_a_sector() -> NetworkGraph {
    let mut network = NetworkGraph::builder();
    network.site(id("s1"), "S1").capacity(pair(200, 100));
    network.access_point(id("ap"), "AP").parent(id("s1")).capacity(pair(90, 30));
    network.client(id("r"), "Relay").parent(id("ap")).plan(Rate::from_mbit(10), Rate::from_mbit(2));
    network.site(id("s3"), "S3").parent(id("r")).capacity(pair(40, 35));
    network.client(id("c"), "C").parent(id("ap")).plan(Rate::from_mbit(10), Rate::from_mbit(2));
    network.build().0
}

#[test]
fn a_sector_is_turned_exactly_where_the_tree_enters_over_the_air() {
    let network = behind_a_sector();
    // The relay's site has no limit of its own: never the plan's 10/2.
    assert_drawn(
        &network,
        "Internet",
        "Internet
           s1 200/100
             ap 90/30
               * c
               (r) 90/30
                 * r
                 s3 40/30",
    );
    // From s3 the tree enters through the relay, a station: the sector is 30/90 there; the relay's own link, s3's
    // pair turned, is 35/40.
    assert_drawn(
        &network,
        "s3",
        "s3
           (r) 35/40
             * r
             ap 30/40
               * c
               s1 30/40
                 Internet 30/40",
    );
    // From s1 the cable is the way in.
    assert_drawn(
        &network,
        "s1",
        "s1
           Internet 100/200
           ap 90/30
             * c
             (r) 90/30
               * r
               s3 40/30",
    );
}

#[test]
fn an_access_point_as_root_holds_its_stations_to_the_sector_and_its_cable_to_nothing() {
    let network = behind_a_sector();
    assert_drawn(
        &network,
        "ap",
        "ap
           * c
           (r) 90/30
             * r
             s3 40/30
           s1
             Internet 100/200",
    );
}

#[test]
fn an_access_point_behind_another_is_its_station() {
    let mut network = NetworkGraph::builder();
    network.access_point(id("far"), "Far").parent(id("near")).capacity(pair(30, 10));
    network.access_point(id("near"), "Near").capacity(pair(80, 40));
    let (network, _) = network.build();
    assert_drawn(&network, "Internet", "Internet\n  near 80/40\n    far 30/10");
    // Leaving `far` over its cable; `near` is entered over the air.
    assert_drawn(&network, "far", "far\n  near 40/80\n    Internet 40/80");
}

#[test]
fn a_stated_link_to_an_access_point_limits_the_cable_too() {
    for reversed in [false, true] {
        let mut network = NetworkGraph::builder();
        network.site(id("s"), "S").at_top();
        network.access_point(id("ap"), "AP").parent(id("s")).capacity(pair(90, 30));
        if reversed {
            network.link(id("l"), id("ap"), id("s"), pair(50, 100));
        } else {
            network.link(id("l"), id("s"), id("ap"), pair(100, 50));
        }
        network.access_point(id("wide"), "Wide").parent(id("s")).capacity(pair(300, 300));
        network.link(id("w"), id("s"), id("wide"), pair(70, 60));
        let (network, _) = network.build();
        assert_drawn(&network, "Internet", "Internet\n  s\n    ap 90/30\n    wide 70/60");
        assert_drawn(&network, "ap", "ap\n  s 50/100\n    Internet 50/100\n    wide 50/60");
    }
}

#[test]
fn a_sector_known_by_links_alone_has_its_stations_at_their_second_ends() {
    let mut network = NetworkGraph::builder();
    network.site(id("s"), "S").at_top();
    network.access_point(id("ap"), "AP").capacity(pair(90, 30));
    network.site(id("far"), "Far");
    network.link(id("cable"), id("s"), id("ap"), Capacity::NONE);
    network.link(id("air"), id("ap"), id("far"), pair(60, 60));
    let (network, _) = network.build();
    assert_drawn(&network, "s", "s\n  Internet\n  ap 90/30\n    far 60/30");
    assert_drawn(&network, "far", "far\n  ap 30/60\n    s 30/60\n      Internet 30/60");
    assert_drawn(&network, "ap", "ap\n  far 60/30\n  s\n    Internet");
}

#[test]
fn a_relays_site_takes_its_links_capacity_and_else_its_parents_ceiling() {
    for (stated, expected) in [(Some(pair(25, 12)), "25/12"), (None, "90/30")] {
        let mut network = NetworkGraph::builder();
        network.access_point(id("ap"), "AP").capacity(pair(90, 30));
        network.client(id("r"), "R").parent(id("ap")).plan(Rate::from_mbit(5), Rate::from_mbit(1));
        network.client(id("c"), "C").parent(id("r"));
        if let Some(capacity) = stated {
            network.link(id("l"), id("ap"), id("r"), capacity);
        }
        let (network, _) = network.build();
        let drawn = format!("Internet\n  ap 90/30\n    (r) {expected}\n      * c\n      * r");
        assert_drawn(&network, "Internet", &drawn);
    }
}

#[test]
fn a_virtual_site_has_no_limit_of_its_own() {
    let mut network = NetworkGraph::builder();
    network.site(id("s"), "S").capacity(pair(100, 50));
    network.site(id("v"), "V").parent(id("s")).capacity(pair(1, 1)).virtual_site();
    network.site(id("t"), "T").parent(id("v")).capacity(pair(70, 70));
    let (network, _) = network.build();
    assert_drawn(&network, "Internet", "Internet\n  s 100/50\n    v 100/50\n      t 70/50");
}

#[test]
fn what_a_link_carries_is_read_away_from_the_root() {
    let network = behind_a_sector();
    let tree = grow(&network, "s3");
    let link =
        |node: &str| tree.at(tree.place_of(network.find(&id(node)).expect(node)).expect("a place")).link_capacity;
    assert_eq!(link("r"), pair(35, 40));
    assert_eq!(link("ap"), Capacity::NONE, "the relay's own link was stated nowhere");
    assert_eq!(link("s1"), Capacity::NONE, "the cable");
    assert_eq!(tree.at(tree.place_of(network.top()).expect("a place")).link_capacity, pair(100, 200));
}
