//! Junctions: the nodes that paths can lead through.

use petgraph::graph::{EdgeIndex, NodeIndex};

use crate::network_graph::{LEAF, NetworkGraph};
use crate::node::{Node, NodeKind, Parent};

/// Numbers the junctions: sites, access points, and whatever has more links than one, not counting those to devices that
/// lead nowhere.
pub(crate) fn number(network: &mut NetworkGraph) {
    let mut links = vec![0_u32; network.node_count()];
    let mut roles = Vec::with_capacity(network.node_count());
    for (node, record) in network.nodes() {
        links[node.index()] = u32::from(record.parent() == Parent::Unknown);
        roles.push(Role::of(record));
    }
    count_links_that_lead_on(network, &roles, &mut links);
    let mut junctions = Vec::new();
    let mut junction_of = vec![LEAF; network.node_count()];
    for (node, (role, links)) in roles.into_iter().zip(links).enumerate() {
        if role == Role::Infrastructure || links > 1 {
            junction_of[node] = u32::try_from(junctions.len()).expect("invariant: nodes are numbered with u32");
            junctions.push(NodeIndex::new(node));
        }
    }
    (network.junctions, network.junction_of) = (junctions, junction_of);
    network.ways = Ways::new(network);
}

/// What matters here of a node's kind: one byte a node, where reading the nodes again would be more than any cache holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Infrastructure,
    Client,
    Device,
}

impl Role {
    fn of(node: &Node) -> Self {
        match node.kind {
            NodeKind::Site(_) | NodeKind::AccessPoint(_) => Self::Infrastructure,
            NodeKind::Client(_) => Self::Client,
            NodeKind::Device(_) => Self::Device,
        }
    }
}

/// The links between junctions, junction by junction: what paths lead over. Most links of a network lead to a client or a
/// device behind which there is nothing, and no search has to look at those.
#[derive(Debug, Default)]
pub(crate) struct Ways {
    /// Those of junction number `n` are `links[starts[n]..starts[n + 1]]`.
    starts: Vec<u32>,
    links: Vec<(EdgeIndex, NodeIndex)>,
}

impl Ways {
    fn new(network: &NetworkGraph) -> Self {
        let number = |node: NodeIndex| network.junction_of[node.index()];
        let between = network.links().map(|link| (link, network.ends(link)));
        let mut ways: Vec<(u32, EdgeIndex, NodeIndex)> = between
            .filter(|&(_, (first, second))| number(first) != LEAF && number(second) != LEAF)
            .flat_map(|(link, (first, second))| [(number(first), link, second), (number(second), link, first)])
            .collect();
        ways.sort_unstable();
        let mut starts = vec![0; network.junctions.len() + 1];
        for (junction, ..) in &ways {
            starts[*junction as usize + 1] += 1;
        }
        for junction in 1..starts.len() {
            starts[junction] += starts[junction - 1];
        }
        Self { starts, links: ways.into_iter().map(|(_, link, other)| (link, other)).collect() }
    }

    /// The links from the junction of this number to others, each with the junction at its other end.
    pub(crate) fn of(&self, junction: usize) -> &[(EdgeIndex, NodeIndex)] {
        &self.links[self.starts[junction] as usize..self.starts[junction + 1] as usize]
    }
}

/// Adds to `links`, where an unknown parent counts as one, how many links each node has. Devices with no second link are
/// taken away, then those that this leaves with one, and so on: a chain of devices behind a client is no way through it.
fn count_links_that_lead_on(network: &NetworkGraph, roles: &[Role], links: &mut [u32]) {
    for link in network.links() {
        let (first, second) = network.ends(link);
        links[first.index()] += 1;
        links[second.index()] += 1;
    }
    let is_last = |node: NodeIndex, links: &[u32]| roles[node.index()] == Role::Device && links[node.index()] == 1;
    let mut last: Vec<NodeIndex> = (0..roles.len()).map(NodeIndex::new).filter(|&node| is_last(node, links)).collect();
    while let Some(device) = last.pop() {
        // 0 links: it is taken away itself. It has one neighbour left, or none where its only link is an unknown parent.
        links[device.index()] = 0;
        if let Some((_, before)) = network.links_of(device).find(|(_, other)| links[other.index()] > 0) {
            links[before.index()] -= 1;
            if is_last(before, links) {
                last.push(before);
            }
        }
    }
}
