//! How the nodes of two generations differ: sites, access points, and devices that belong to no circuit.

use petgraph::graph::NodeIndex;
use serde::Serialize;

use super::facts::{CapacityFacts, Change, Named, NodeFacts, StatedParent};
use super::pairs::{Pair, pairs};
use super::same::{SameParents, named, stated_parent};
use crate::capacity::Capacity;
use crate::id::NodeId;
use crate::network_graph::NetworkGraph;
use crate::node::{Node, NodeKind, Position, Text};

/// What is different about nodes. One that is on both sides may be in several lists.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct NodeChanges {
    /// These are new.
    pub added: Vec<NodeFacts>,
    /// These are no more.
    pub removed: Vec<NodeFacts>,
    /// Their source states another parent.
    pub moved: Vec<Change<StatedParent>>,
    /// They carry more or less: a site's link to its parent, an access point's sector.
    pub capacity: Vec<Change<CapacityFacts>>,
    /// They are something else: `site`, `virtual site`, `access point`, `device`.
    pub kind: Vec<Change<&'static str>>,
    /// They have other names.
    pub renamed: Vec<Change<Text>>,
    /// They stand elsewhere on the globe.
    pub position: Vec<Change<Option<Position>>>,
    /// How many are on both sides, and in one of the lists at least.
    pub changed: usize,
    /// How many are on both sides and the same.
    pub unchanged: usize,
}

impl NodeChanges {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.added.len() + self.removed.len() + self.changed == 0
    }
}

pub(super) fn compare(before: &NetworkGraph, after: &NetworkGraph) -> NodeChanges {
    let (old, new) = (by_id(before), by_id(after));
    let mut parents = SameParents::new(before, after);
    let mut changes = NodeChanges::default();
    for pair in pairs(&old, &new, |(id, _)| *id) {
        match pair {
            Pair::Before((_, old)) => changes.removed.push(facts(before, *old)),
            Pair::After((_, new)) => changes.added.push(facts(after, *new)),
            Pair::Both((_, old), (_, new)) => {
                let is_moved = !parents.are_same(before.node(*old).parent(), after.node(*new).parent());
                if is_moved {
                    let [from, to] = [(before, old), (after, new)].map(|(network, node)| parent(network, *node));
                    changes.moved.push(Change { of: named(after, *new), from, to });
                }
                if changes.records(before.node(*old), after.node(*new)) | is_moved {
                    changes.changed += 1;
                } else {
                    changes.unchanged += 1;
                }
            }
        }
    }
    changes
}

impl NodeChanges {
    /// Adds what the records of one node say differently; whether they do.
    fn records(&mut self, old: &Node, new: &Node) -> bool {
        let of = || Named { id: new.id.clone(), name: new.name.clone() };
        let both = [old, new];
        push(&mut self.capacity, of, both.map(|node| capacity(node).into()))
            | push(&mut self.kind, of, both.map(kind))
            | push(&mut self.renamed, of, both.map(|node| node.name.clone()))
            | push(&mut self.position, of, both.map(position))
    }
}

/// Adds a change, if it is one; whether it is.
fn push<T: PartialEq>(list: &mut Vec<Change<T>>, of: impl Fn() -> Named, [from, to]: [T; 2]) -> bool {
    let is_change = from != to;
    if is_change {
        list.push(Change { of: of(), from, to });
    }
    is_change
}

/// How many nodes there are but the circuits' own. Those of circuits come last in memory.
pub(super) fn count(network: &NetworkGraph) -> usize {
    network.circuits().clients().first().map_or(network.node_count(), |client| client.index())
}

/// All nodes but the circuits' own, by id.
fn by_id(network: &NetworkGraph) -> Vec<(&NodeId, NodeIndex)> {
    let mut nodes: Vec<_> = network.nodes().take(count(network)).map(|(index, node)| (&node.id, index)).collect();
    nodes.sort_unstable();
    nodes
}

fn parent(network: &NetworkGraph, node: NodeIndex) -> StatedParent {
    stated_parent(network, network.node(node).parent())
}

fn facts(network: &NetworkGraph, index: NodeIndex) -> NodeFacts {
    let node = network.node(index);
    NodeFacts {
        of: named(network, index),
        kind: kind(node),
        parent: parent(network, index),
        capacity: capacity(node).into(),
    }
}

fn kind(node: &Node) -> &'static str {
    match &node.kind {
        NodeKind::Site(site) if site.is_virtual => "virtual site",
        kind => kind.as_str(),
    }
}

fn capacity(node: &Node) -> Capacity {
    match &node.kind {
        NodeKind::Site(site) => site.capacity,
        NodeKind::AccessPoint(ap) => ap.sector,
        NodeKind::Client(_) | NodeKind::Device(_) => Capacity::NONE,
    }
}

fn position(node: &Node) -> Option<Position> {
    match &node.kind {
        NodeKind::Site(site) => site.position,
        NodeKind::AccessPoint(ap) => ap.position,
        NodeKind::Client(_) | NodeKind::Device(_) => None,
    }
}
