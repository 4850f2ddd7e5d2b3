//! Which client each device belongs to.

use petgraph::Undirected;
use petgraph::graph::{Graph, NodeIndex};

use crate::link::Link;
use crate::node::Node;

/// For each node its client: for a device the nearest one along its stated parents, for a client itself.
pub(crate) struct Owners(Vec<Option<NodeIndex>>);

impl Owners {
    /// By the parents that nodes have. Each is followed once, however long a chain of devices is; one that ends in itself
    /// has no client.
    pub(crate) fn new(graph: &Graph<Node, Link, Undirected, u32>) -> Self {
        Self::by(graph, |index| graph[index].parent.node())
    }

    /// By what `parent` says; it is asked once for each node.
    pub(crate) fn by(
        graph: &Graph<Node, Link, Undirected, u32>,
        parent: impl Fn(NodeIndex) -> Option<NodeIndex>,
    ) -> Self {
        let mut owners: Vec<Option<NodeIndex>> = Vec::with_capacity(graph.node_count());
        let mut is_known = Vec::with_capacity(graph.node_count());
        let mut above: Vec<Option<NodeIndex>> = Vec::with_capacity(graph.node_count());
        for index in graph.node_indices() {
            let node = &graph[index]; // read once: all the nodes are more than any cache holds
            owners.push(node.client().map(|_| index));
            is_known.push(node.device().is_none());
            above.push(node.device().and_then(|_| parent(index)));
        }
        let mut chain = Vec::new();
        for start in graph.node_indices() {
            let mut next = Some(start);
            while let Some(device) = next.filter(|node| !is_known[node.index()]) {
                is_known[device.index()] = true;
                chain.push(device);
                next = above[device.index()];
            }
            let owner = next.and_then(|known| owners[known.index()]);
            for device in chain.drain(..) {
                owners[device.index()] = owner;
            }
        }
        Self(owners)
    }

    /// Gives each node the number that `place` says.
    pub(crate) fn renumber(&mut self, place: impl Fn(NodeIndex) -> NodeIndex) {
        let mut renumbered = vec![None; self.0.len()];
        for (node, owner) in self.0.iter().enumerate() {
            renumbered[place(NodeIndex::new(node)).index()] = owner.map(&place);
        }
        self.0 = renumbered;
    }

    /// The client that `node` belongs to.
    pub(crate) fn of(&self, node: NodeIndex) -> Option<NodeIndex> {
        self.0[node.index()]
    }
}
