//! Junctions: the nodes that paths can lead through.

use petgraph::graph::NodeIndex;

use crate::network_graph::{LEAF, NetworkGraph};
use crate::node::Parent;

/// Numbers the junctions: sites, access points, and whatever has more links than one, not counting those to devices that
/// lead nowhere.
pub(crate) fn number(network: &mut NetworkGraph) {
    let links = links_that_lead_on(network);
    let mut junctions = Vec::new();
    let mut junction_of = vec![LEAF; network.node_count()];
    for (node, record) in network.nodes() {
        if record.is_infrastructure() || links[node.index()] > 1 {
            junction_of[node.index()] = u32::try_from(junctions.len()).expect("invariant: nodes are numbered with u32");
            junctions.push(node);
        }
    }
    (network.junctions, network.junction_of) = (junctions, junction_of);
}

/// How many links each node has, an unknown parent counted as one. Devices with no second link are taken away, then
/// those that this leaves with one, and so on: a chain of devices behind a client is no way through it.
fn links_that_lead_on(network: &NetworkGraph) -> Vec<u32> {
    let mut links = vec![0_u32; network.node_count()];
    for link in network.links() {
        let (first, second) = network.ends(link);
        links[first.index()] += 1;
        links[second.index()] += 1;
    }
    for (node, record) in network.nodes() {
        links[node.index()] += u32::from(record.parent() == Parent::Unknown);
    }
    let is_last = |node: NodeIndex, links: &[u32]| network.node(node).device().is_some() && links[node.index()] == 1;
    let mut last: Vec<NodeIndex> =
        network.nodes().map(|(node, _)| node).filter(|&node| is_last(node, &links)).collect();
    while let Some(device) = last.pop() {
        // 0 links: it is taken away itself. It has one neighbour left, or none where its only link is an unknown parent.
        links[device.index()] = 0;
        if let Some((_, before)) = network.links_of(device).find(|(_, other)| links[other.index()] > 0) {
            links[before.index()] -= 1;
            if is_last(before, &links) {
                last.push(before);
            }
        }
    }
    links
}
