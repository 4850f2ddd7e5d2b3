//! Where records go: into which node, and which number that has when the others are gone.

use petgraph::graph::NodeIndex;

use crate::builder::{GraphBuilder, ParentName};
use crate::same::groups::Groups;

/// For each record the one of its group that stays.
pub(super) struct Winners(Vec<NodeIndex>);

impl Winners {
    pub(super) fn new(builder: &GraphBuilder, groups: &Groups) -> Self {
        let mut winners: Vec<NodeIndex> = builder.graph.node_indices().collect();
        for group in groups.iter() {
            for member in group.members {
                winners[member.index()] = group.members[0];
            }
        }
        Self(winners)
    }

    pub(super) fn of(&self, record: NodeIndex) -> NodeIndex {
        self.0[record.index()]
    }
}

/// Takes the records that are merged into others out of the graph; the rest keep their order. Whatever leads to one that is
/// gone leads to the one that stays.
pub(super) fn close_up(builder: &mut GraphBuilder, winners: &Winners) {
    let mut place_of = vec![NodeIndex::end(); builder.graph.node_count()];
    let mut kept = 0;
    for node in builder.graph.node_indices() {
        if winners.of(node) == node {
            place_of[node.index()] = NodeIndex::new(kept);
            kept += 1;
        }
    }
    let place = |node: NodeIndex| place_of[winners.of(node).index()];
    for node in builder.graph.node_indices() {
        let to = place(node);
        if winners.of(node) != node {
            builder.ids.merge(builder.graph[node].id.clone(), node);
        } else if to != node {
            let (here, there) = builder.graph.index_twice_mut(node, to);
            std::mem::swap(here, there);
            builder.parents.swap(node.index(), to.index());
        }
    }
    for _ in kept..place_of.len() {
        builder.graph.remove_node(NodeIndex::new(builder.graph.node_count() - 1));
    }
    builder.parents.truncate(kept);
    for parent in &mut builder.parents {
        if let ParentName::Node(node) = parent {
            *node = place(*node);
        }
    }
    builder.ids.renumber(place);
    builder.reasons.renumber(place);
    builder.lost_addresses.iter_mut().for_each(|node| *node = place(*node));
    let stays = |node: &NodeIndex| winners.of(*node) == *node;
    builder.unnamed = builder.unnamed.iter().copied().filter(stays).map(place).collect();
    builder.excluded = builder.excluded.iter().map(|node| place(*node)).collect();
}
