//! Whether nodes of two networks are the same.

use petgraph::graph::NodeIndex;

use super::facts::{Named, StatedParent};
use crate::network_graph::NetworkGraph;
use crate::node::Parent;

/// Finds out whether parents are the same, each pair of them once: most circuits share theirs with many.
pub(super) struct SameParents<'n> {
    before: &'n NetworkGraph,
    after: &'n NetworkGraph,
    /// By node of the first network: the node that is known to be the same.
    same: Vec<NodeIndex>,
}

impl<'n> SameParents<'n> {
    pub(super) fn new(before: &'n NetworkGraph, after: &'n NetworkGraph) -> Self {
        Self { before, after, same: vec![NodeIndex::end(); before.node_count()] }
    }

    pub(super) fn are_same(&mut self, old: Parent, new: Parent) -> bool {
        let (Parent::Node(old), Parent::Node(new)) = (old, new) else { return old == new };
        if self.same[old.index()] == new {
            return true;
        }
        let is_same = self.before.node(old).id == self.after.node(new).id;
        if is_same {
            self.same[old.index()] = new;
        }
        is_same
    }
}

pub(super) fn stated_parent(network: &NetworkGraph, parent: Parent) -> StatedParent {
    match parent {
        Parent::Node(node) => StatedParent::Node(named(network, node)),
        Parent::Unknown => StatedParent::Unknown,
        Parent::Unstated => StatedParent::Nothing,
    }
}

pub(super) fn named(network: &NetworkGraph, node: NodeIndex) -> Named {
    let node = network.node(node);
    Named { id: node.id.clone(), name: node.name.clone() }
}
