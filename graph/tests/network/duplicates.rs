//! Two records with one id, and two nodes with one name.

use pleach_graph::{Code, NetworkGraph};

use crate::drawing::{assert_drawn, codes, customer, id, pair};

#[test]
fn equal_names_side_by_side_and_at_two_levels_stay_apart() {
    let mut network = NetworkGraph::builder();
    network.site(id("1"), "North");
    network.site(id("2"), "North");
    network.access_point(id("3"), "North").parent(id("2"));
    let (network, _) = network.build();
    assert_drawn(
        &network,
        "Internet",
        "Internet
           1
           2
             3",
    );
}

#[test]
fn of_two_records_with_one_id_the_first_is_kept() {
    let mut network = NetworkGraph::builder();
    network.site(id("a"), "A").capacity(pair(100, 10));
    network.site(id("b"), "B").capacity(pair(30, 3));
    network.site(id("a"), "another").parent(id("b")).capacity(pair(7, 7));
    customer(&mut network, "c", "a");
    let (network, problems) = network.build();
    assert_eq!(codes(&problems), ["duplicate-id a"]);
    assert!(network.set_aside().is_empty(), "a site is no circuit");
    assert_drawn(
        &network,
        "Internet",
        "Internet
           a 100/10
             * c
           b 30/3",
    );
}

#[test]
fn an_equal_copy_is_dropped_with_a_note_however_it_names_its_parent() {
    let mut network = NetworkGraph::builder();
    let site = network.site(id("s"), "S").index();
    network.client(id("c"), "C").parent(id("s"));
    network.client(id("c"), "C").parent(id("s"));
    network.client(id("c"), "C").under(site);
    let (network, problems) = network.build();
    assert_eq!(problems.len(), 2);
    assert_eq!(codes(&problems), ["duplicate-row c"], "alike in every word, so said once");
    assert!(network.set_aside().is_empty());
    assert_eq!(network.circuits().len(), 1);
}

#[test]
fn a_second_client_with_the_same_id_is_counted_as_set_aside() {
    let mut network = NetworkGraph::builder();
    network.client(id("c"), "Jones");
    network.client(id("c"), "Ng");
    let (network, problems) = network.build();
    assert_eq!(codes(&problems), ["duplicate-id c"]);
    assert_eq!(network.set_aside().len(), 1);
    assert_eq!(network.set_aside()[0].code, Code::DuplicateId);
}

#[test]
fn devices_are_alike_whatever_the_order_of_their_addresses() {
    let mut network = NetworkGraph::builder();
    customer(&mut network, "c", "s");
    network.site(id("s"), "S");
    let device = network.find(&id("c-cpe")).expect("the device");
    network.edit(device).addresses("10.0.0.1, 2001:db8::/56");
    network.device(id("c-cpe"), "cpe").parent(id("c")).addresses("2001:db8::/56, 10.0.0.1/32, 10.0.0.1");
    let (_, problems) = network.build();
    assert_eq!(codes(&problems), ["duplicate-row c-cpe"]);
}
