//! The hard cases that other graphs get wrong: relays, devices on the way, roots at the edge, depth.

use pleach_graph::{NetworkGraph, NodeIndex, PlaceIndex, Tree};

use crate::drawing::{assert_drawn, customer, grow, id, pair};

#[test]
fn a_relay_gets_a_generated_site_in_its_place() {
    let mut network = NetworkGraph::builder();
    network.site(id("s"), "Site 1").capacity(pair(100, 50));
    customer(&mut network, "c3", "s");
    customer(&mut network, "c4", "c3");
    let (network, problems) = network.build();
    assert!(problems.is_empty(), "{problems:?}");
    assert_drawn(
        &network,
        "Internet",
        "Internet
           s 100/50
             (c3) 100/50
               * c3
               * c4",
    );
    let tree = grow(&network, "Internet");
    let relay = tree.place_of(network.find(&id("c3")).expect("c3")).expect("a place");
    assert_eq!(tree.place_name(relay), "(Generated Site) c3");
    assert_eq!(tree.place_id(relay).as_str(), "pleach:relay:test:node:c3");
}

#[test]
fn a_chain_of_relays_is_nested() {
    let mut network = NetworkGraph::builder();
    network.site(id("s"), "Site");
    for (client, parent) in [("c4", "c3"), ("c3", "c2"), ("c2", "c1"), ("c1", "s")] {
        customer(&mut network, client, parent);
    }
    let (network, _) = network.build();
    assert_drawn(
        &network,
        "Internet",
        "Internet
           s
             (c1)
               * c1
               (c2)
                 * c2
                 (c3)
                   * c3
                   * c4",
    );
    // Seen from the other end nothing is behind c4, and the client nearest to it carries all the rest.
    assert_drawn(
        &network,
        "c4",
        "(c4)
           * c4
           (c3)
             * c3
             (c2)
               * c2
               (c1)
                 * c1
                 s
                   Internet",
    );
}

#[test]
fn sites_and_access_points_behind_a_client_keep_their_customers() {
    let mut network = NetworkGraph::builder();
    network.site(id("s"), "Site");
    customer(&mut network, "relay", "s");
    network.access_point(id("ap"), "AP").parent(id("relay")).capacity(pair(60, 20));
    network.site(id("village"), "Village").parent(id("relay")).capacity(pair(30, 30));
    customer(&mut network, "c1", "ap");
    customer(&mut network, "c2", "village");
    let (network, _) = network.build();
    assert_drawn(
        &network,
        "Internet",
        "Internet
           s
             (relay)
               * relay
               ap 60/20
                 * c1
               village 30/30
                 * c2",
    );
}

#[test]
fn two_relays_of_one_name_are_two_places() {
    let mut network = NetworkGraph::builder();
    network.site(id("s"), "Site");
    for (relay, behind) in [("r1", "c1"), ("r2", "c2")] {
        network.client(id(relay), "Jones").parent(id("s"));
        customer(&mut network, behind, relay);
    }
    let (network, problems) = network.build();
    assert!(problems.is_empty(), "{problems:?}");
    assert_drawn(
        &network,
        "Internet",
        "Internet
           s
             (r1)
               * c1
               * r1
             (r2)
               * c2
               * r2",
    );
}

#[test]
fn a_client_under_a_device_makes_its_owner_a_relay() {
    let mut network = NetworkGraph::builder();
    network.site(id("s"), "S").capacity(pair(100, 50));
    customer(&mut network, "c1", "s");
    customer(&mut network, "c2", "c1-cpe");
    let (network, problems) = network.build();
    assert!(problems.is_empty(), "{problems:?}");
    assert_drawn(
        &network,
        "Internet",
        "Internet
           s 100/50
             (c1) 100/50
               * c1
               <c1-cpe> 100/50
                 * c2",
    );
}

#[test]
fn a_client_on_the_new_root_hangs_from_the_root_itself() {
    let mut network = NetworkGraph::builder();
    network.site(id("r"), "R").capacity(pair(1000, 400));
    customer(&mut network, "c", "r");
    let (network, _) = network.build();
    assert_eq!(grow(&network, "r").circuit_place(0), PlaceIndex::ROOT);
    assert_drawn(
        &network,
        "r",
        "r
           * c
           Internet 400/1000",
    );
}

#[test]
fn a_client_or_a_device_as_root_stands_for_the_customer() {
    let mut network = NetworkGraph::builder();
    network.site(id("s"), "S").capacity(pair(100, 50));
    customer(&mut network, "c", "s");
    let (network, _) = network.build();
    let expected = "(c)
                      * c
                      s
                        Internet 50/100";
    assert_drawn(&network, "c", expected);
    assert_drawn(&network, "c-cpe", expected);
}

#[test]
fn devices_behind_devices_are_the_clients_own_in_any_order() {
    for order in [["d1", "d2", "d3"], ["d3", "d2", "d1"], ["d2", "d3", "d1"]] {
        let mut network = NetworkGraph::builder();
        network.site(id("s"), "S");
        network.client(id("c"), "C").parent(id("s"));
        for device in order {
            let parent = match device {
                "d1" => "c",
                "d2" => "d1",
                _ => "d2",
            };
            network.device(id(device), device).parent(id(parent));
        }
        let (network, problems) = network.build();
        assert!(problems.is_empty(), "{problems:?}");
        let client = network.find(&id("c")).expect("c");
        assert!(!network.is_junction(client), "nothing is behind the client, added in the order {order:?}");
        assert_eq!(network.circuits().devices(0).len(), 3);
        assert_drawn(&network, "Internet", "Internet\n  s\n    * c");
    }
}

#[test]
fn a_chain_of_a_hundred_thousand_sites_from_both_ends() {
    const LENGTH: usize = 100_000;
    let mut network = NetworkGraph::builder();
    let mut parent = network.top();
    for n in 0..LENGTH {
        parent = network.site(id(&format!("{n:06}")), "s").under(parent).capacity(pair(2, 1)).index();
    }
    let last = parent;
    network.client(id("c"), "c").under(last);
    let (network, problems) = network.build();
    assert!(problems.is_empty());
    let at_top = Tree::grow(&network, network.top());
    assert_eq!(at_top.path_up(at_top.circuit_place(0)).count(), LENGTH + 1);
    assert_eq!(at_top.at(at_top.circuit_place(0)).ceiling, pair(2, 1));
    let at_end = Tree::grow(&network, last);
    assert_eq!(at_end.circuit_place(0), PlaceIndex::ROOT);
    let top = at_end.place_of(network.top()).expect("the top has a place");
    assert_eq!(at_end.path_up(top).count(), LENGTH + 1);
    assert_eq!(at_end.at(top).ceiling, pair(1, 2), "every link is turned");
}

#[test]
fn chains_of_relays_and_of_devices_may_be_as_long() {
    const LENGTH: usize = 100_000;
    let mut network = NetworkGraph::builder();
    let (mut client, mut device) = (network.top(), network.top());
    for n in 0..LENGTH {
        client = network.client(id(&format!("c{n:06}")), "c").under(client).index();
        let owner = if n == 0 { client } else { device };
        device = network.device(id(&format!("d{n:06}")), "d").under(owner).index();
    }
    let (network, problems) = network.build();
    assert!(problems.is_empty());
    let tree = Tree::grow(&network, network.top());
    let last = tree.circuit_place(LENGTH - 1);
    assert_eq!(tree.path_up(last).count(), LENGTH, "the last client is no relay");
    assert_eq!(network.circuits().devices(0).len(), LENGTH);
}

#[test]
fn the_top_is_node_zero_and_has_no_parent() {
    let mut network = NetworkGraph::builder();
    let top = network.top();
    network.edit(top).parent(id("s"));
    network.site(id("s"), "S");
    let (network, problems) = network.build();
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(network.top(), NodeIndex::new(0));
    assert_drawn(&network, "Internet", "Internet\n  s");
}
