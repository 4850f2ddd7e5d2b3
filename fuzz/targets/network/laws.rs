//! What holds of every network and of the tree at each of its nodes.

use std::collections::HashSet;

use pleach_graph::{NetworkGraph, NodeIndex, PlaceIndex, PlaceKind, Tree};

/// Parents lead to an end, each circuit is counted once, no prefix has two holders.
pub fn assert_joined(network: &NetworkGraph) {
    for (start, _) in network.nodes() {
        let above = |&node: &NodeIndex| network.node(node).parent().node();
        let steps = std::iter::successors(Some(start), above).take(network.node_count() + 1).count();
        assert!(steps <= network.node_count(), "parents of {start:?} form a cycle");
    }
    let clients = network.nodes().filter(|(_, node)| node.client().is_some()).count();
    assert_eq!(network.circuits().len(), clients, "each client is one circuit");
    let mut held = HashSet::new();
    for claim in network.nodes().filter_map(|(_, node)| node.device()).flat_map(|device| &device.claims) {
        assert!(held.insert(claim.prefix), "{} has two holders", claim.prefix);
    }
    let ids: HashSet<_> = network.circuits().clients().iter().map(|&c| network.circuits().id(network, c)).collect();
    assert_eq!(ids.len(), clients, "Circuit IDs are unique");
}

/// One root, parents before children, nothing lost, nothing twice, ceilings that never grow downwards.
pub fn assert_tree(network: &NetworkGraph, tree: &Tree<'_>) {
    let places = tree.places();
    let mut standing = HashSet::new();
    for (index, place) in places.iter().enumerate() {
        assert_eq!(place.parent.is_none(), index == 0, "the root alone has no parent");
        assert!(standing.insert(place.kind), "{:?} stands twice", place.kind);
        let Some(parent) = place.parent else { continue };
        assert!(parent.index() < index, "a parent stands before its children");
        let above = tree.at(parent);
        for (ceiling, limits) in [
            (place.ceiling.down, [above.ceiling.down, place.link_capacity.down]),
            (place.ceiling.up, [above.ceiling.up, place.link_capacity.up]),
        ] {
            assert!(limits.iter().all(|limit| ceiling <= *limit), "{place:?} has more than it is given, {above:?}");
        }
        if let (Some(link), Some(node)) = (place.link, place.kind.node()) {
            let (first, second) = network.ends(link);
            let above = above.kind.node();
            assert!([first, second].contains(&node) && (above == Some(first) || above == Some(second)));
            assert!(places[parent.index()].distance < place.distance, "paths grow");
        }
    }
    assert_nothing_lost(network, tree);
}

fn assert_nothing_lost(network: &NetworkGraph, tree: &Tree<'_>) {
    for (node, record) in network.nodes() {
        match tree.place_of(node) {
            Some(place) => assert_eq!(tree.at(place).kind.node(), Some(node)),
            // A top that nothing hangs from is not part of the network: links alone say where everything is.
            None if node == network.top() => assert_eq!(network.links_of(node).count(), 0, "the top has no place"),
            None => assert!(!record.is_infrastructure(), "`{}` has no place", record.id),
        }
    }
    for (position, &client) in network.circuits().clients().iter().enumerate() {
        let place = tree.circuit_place(position);
        let kind = tree.at(place).kind;
        assert_eq!(tree.path_up(place).last(), Some(PlaceIndex::ROOT), "a circuit's path leads to the root");
        if let Some(own) = tree.place_of(client) {
            assert_eq!(place, own, "a relay hangs from its own place");
        } else {
            assert_ne!(kind, PlaceKind::Relay(client));
        }
    }
    let used: HashSet<_> = tree.places().iter().filter_map(|place| place.link).collect();
    assert!(tree.standby_links().all(|link| !used.contains(&link)), "a link is used or on standby, not both");
}

/// Two trees of the same input are the same.
pub fn assert_same(tree: &Tree<'_>, again: &Tree<'_>) {
    assert_eq!(format!("{:?}", tree.places()), format!("{:?}", again.places()));
    assert_eq!(tree.problems().as_slice(), again.problems().as_slice());
}
