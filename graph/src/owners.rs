//! Which client each device belongs to.

use petgraph::Undirected;
use petgraph::graph::{Graph, NodeIndex};

use crate::link::Link;
use crate::node::Node;

/// For each node its client: for a device the nearest one along its stated parents, for a client itself.
pub(crate) struct Owners(Vec<Option<NodeIndex>>);

impl Owners {
    /// Parents must be free of cycles. Each is followed once, however long a chain of devices is.
    pub(crate) fn new(graph: &Graph<Node, Link, Undirected, u32>) -> Self {
        let itself = |node: NodeIndex| graph[node].client().map(|_| node);
        let mut owners: Vec<Option<NodeIndex>> = graph.node_indices().map(itself).collect();
        let mut is_known: Vec<bool> = graph.node_weights().map(|node| node.device().is_none()).collect();
        let mut chain = Vec::new();
        for start in graph.node_indices() {
            let mut next = Some(start);
            while let Some(device) = next.filter(|node| !is_known[node.index()]) {
                is_known[device.index()] = true;
                chain.push(device);
                next = graph[device].parent.node();
            }
            let owner = next.and_then(|known| owners[known.index()]);
            for device in chain.drain(..) {
                owners[device.index()] = owner;
            }
        }
        Self(owners)
    }

    /// The client that `node` belongs to.
    pub(crate) fn of(&self, node: NodeIndex) -> Option<NodeIndex> {
        self.0[node.index()]
    }
}
