//! What nothing can be faster than: the same bytes to a file, the same nodes and edges in petgraph, the same rows in csv.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use petgraph::graph::{NodeIndex, UnGraph};

use crate::files::write_rows;
use crate::network::{CustomerParent, Network};

/// Whether bytes must be on the disk when a write is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Handed to the kernel.
    Handed,
    /// On the disk.
    Synced,
}

/// Puts ready bytes in the place of a file: written beside it, then renamed.
pub(crate) fn replace(path: &Path, bytes: &[u8], durability: Durability) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let mut file = File::create(&fresh)?;
    file.write_all(bytes)?;
    if durability == Durability::Synced {
        file.sync_all()?;
    }
    std::fs::rename(fresh, path)
}

/// Writes the rows of the network with the csv crate.
pub(crate) fn write_csv(network: &Network, folder: &Path) -> io::Result<()> {
    write_rows(network, File::create(folder.join("floor.csv"))?)
}

/// A graph of the same size: a node and an edge for each record, each weighing eight bytes.
pub(crate) fn petgraph_build(network: &Network) -> UnGraph<u64, u64> {
    let (sites, aps) = (network.sites().len(), network.access_points().len());
    let nodes = 1 + sites + aps + 2 * network.customer_count();
    let mut graph = UnGraph::with_capacity(nodes, nodes);
    let top = graph.add_node(0);
    for site in network.sites() {
        let parent = site.parent.map_or(top, |parent| NodeIndex::new(1 + parent));
        let node = graph.add_node(1);
        graph.add_edge(parent, node, 1);
    }
    for ap in network.access_points() {
        let node = graph.add_node(2);
        graph.add_edge(NodeIndex::new(1 + ap.site), node, 1);
    }
    let client = |number: usize| NodeIndex::new(1 + sites + aps + 2 * number);
    for customer in network.customers() {
        let parent = match customer.parent {
            CustomerParent::AccessPoint(ap) => NodeIndex::new(1 + sites + ap),
            CustomerParent::Relay(relay) => client(relay),
        };
        let node = graph.add_node(3);
        graph.add_edge(parent, node, 1);
        let device = graph.add_node(4);
        graph.add_edge(node, device, 1);
    }
    graph
}

/// The parent of every node, by a breadth-first search.
pub(crate) fn petgraph_search(graph: &UnGraph<u64, u64>, root: NodeIndex) -> Vec<NodeIndex> {
    let mut parents = vec![NodeIndex::end(); graph.node_count()];
    parents[root.index()] = root;
    let mut queue = VecDeque::from([root]);
    while let Some(node) = queue.pop_front() {
        for next in graph.neighbors(node) {
            if parents[next.index()] == NodeIndex::end() {
                parents[next.index()] = node;
                queue.push_back(next);
            }
        }
    }
    parents
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_has_as_many_nodes_as_the_graph_and_reaches_them_all() {
        let network = Network::generate(1_000);
        let floor = petgraph_build(&network);
        let (graph, _) = crate::graph::build(&network, crate::graph::ParentsBy::Index);
        assert_eq!(floor.node_count(), graph.node_count());
        assert_eq!(floor.edge_count(), graph.links().len());
        let parents = petgraph_search(&floor, NodeIndex::new(500));
        assert!(parents.iter().all(|parent| *parent != NodeIndex::end()));
    }
}
