//! From the lines of a file to a network: parents that stand in later lines, links, circuits, junctions.

use std::collections::HashSet;

use petgraph::graph::{EdgeIndex, NodeIndex};

use super::error::{Damage, StoredError};
use super::lines::damaged;
use super::read::Parts;
use crate::bypass;
use crate::circuits::CircuitIndex;
use crate::join;
use crate::nets;
use crate::network_graph::NetworkGraph;
use crate::node::Parent;
use crate::order;
use crate::owners::Owners;
use crate::parent_cycles;
use crate::problem::Problems;

/// The network that the parts make up.
pub(super) fn finish(mut parts: Parts) -> Result<NetworkGraph, StoredError> {
    if parts.builder.graph.node_count() == 0 {
        return Err(StoredError::Incomplete { what: "nodes", stated: 1, found: 0 }); // the top is always there
    }
    find_waiting_parents(&mut parts)?;
    let Parts { mut builder, costs, .. } = parts;
    let mut owners = Owners::new(&builder.graph);
    let mut circuits = CircuitIndex::new(&builder.graph, &owners);
    order::by_circuit(&mut builder, &mut circuits, &mut owners);
    let mut link_ids = join::add_links(&mut builder);
    nets::assign(&mut builder, &mut circuits, &mut link_ids);
    builder.problems = Problems::default(); // nets that are bound to nothing, which was said when the network was read
    bypass::settle(&mut builder);
    builder.reasons.settle();
    let (mut network, problems) = join::assemble(builder, circuits, link_ids);
    debug_assert!(problems.is_empty(), "invariant: each line was checked when it was read");
    for (child, cost) in costs {
        let node = network.find(&child);
        let parent_link =
            node.and_then(|node| network.links_of(node).find(|(link, _)| is_parent_link(&network, *link, node)));
        if let Some((link, _)) = parent_link {
            network.graph[link].stated_cost = Some(cost);
        }
    }
    Ok(network)
}

/// Whether `link` is the one that stands for the parent of `child`.
fn is_parent_link(network: &NetworkGraph, link: EdgeIndex, child: NodeIndex) -> bool {
    network.link(link).id.is_none() && network.ends(link).1 == child
}

/// Gives nodes their parents, where these stand in later lines. Each cycle has such a node.
fn find_waiting_parents(parts: &mut Parts) -> Result<(), StoredError> {
    for (node, id, line) in &parts.waiting {
        let Some(parent) = parts.builder.find(id) else {
            return Err(damaged(*line, Damage::UnknownParent(id.clone())));
        };
        parts.builder.graph[*node].parent = Parent::Node(parent);
    }
    if parts.waiting.is_empty() {
        return Ok(());
    }
    let cycle: HashSet<NodeIndex> = parent_cycles::find(&parts.builder.graph).into_iter().collect();
    match parts.waiting.iter().find(|(node, ..)| cycle.contains(node)) {
        None => Ok(()),
        Some((node, _, line)) => Err(damaged(*line, Damage::ParentCycle(parts.builder.graph[*node].id.clone()))),
    }
}
