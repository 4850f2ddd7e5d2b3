//! What files show of a tree: ceilings and names.

use pleach_graph::{Capacity, Census, Limit, NetworkGraph, Policy, Tree, View, ViewOptions, VirtualNodes};

use crate::drawing::id;

/// `name down/up` in Mbit/s for each node shown.
fn shown(network: &NetworkGraph) -> Vec<String> {
    let tree = Tree::grow(network, network.top());
    let census = Census::take(network, &Policy::default());
    let options = ViewOptions { virtual_nodes: VirtualNodes::Shown, ..ViewOptions::default() };
    let view = View::new(&tree, &census, &options);
    let entries = view.entries().iter();
    entries.map(|entry| format!("{} {}/{}", entry.name, entry.down.mbit(), entry.up.mbit())).collect()
}

#[test]
fn nothing_is_shown_wider_than_what_it_hangs_from() {
    let mut network = NetworkGraph::builder();
    network.site(id("core"), "Core");
    network.site(id("wide"), "Wide").parent(id("core")).capacity(Capacity::from_mbit(40_000, 200));
    assert_eq!(shown(&network.build().0), ["Core 10000/10000", "Wide 10000/200"]);
}

#[test]
fn a_virtual_site_repeats_its_parents_ceiling_whatever_its_link_carries() {
    let mut network = NetworkGraph::builder();
    network.site(id("core"), "Core").capacity(Capacity::from_mbit(1000, 500));
    network.site(id("village"), "Village").parent(id("core")).virtual_site();
    network.site(id("mast"), "Mast").parent(id("village"));
    network.link(id("cable"), id("core"), id("village"), Capacity::from_mbit(50, 20));
    assert_eq!(shown(&network.build().0), ["Core 1000/500", "Village 1000/500", "Mast 50/20"]);
}

#[test]
fn a_capacity_of_zero_is_not_stated() {
    let mut network = NetworkGraph::builder();
    let zero = Capacity { down: Limit::NONE, up: Limit::of(pleach_graph::Rate::ZERO) };
    network.site(id("core"), "Core").capacity(Capacity::from_mbit(1000, 500));
    network.site(id("mast"), "Mast").parent(id("core")).capacity(zero);
    assert_eq!(shown(&network.build().0), ["Core 1000/500", "Mast 1000/500"]);
}

#[test]
fn a_name_that_reads_as_no_parent_is_told_apart() {
    let mut network = NetworkGraph::builder();
    network.site(id("1"), "None").capacity(Capacity::from_mbit(1, 1));
    network.site(id("2"), "NONE").capacity(Capacity::from_mbit(1, 1));
    assert_eq!(shown(&network.build().0), ["None (site) 1/1", "NONE (site) 1/1"]);
}
