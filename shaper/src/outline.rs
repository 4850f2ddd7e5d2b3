//! The hierarchy in an order that does not depend on how it came: a parent before its children, then by id.

use pleach_graph::{EntryKind, NodeId};

use crate::hierarchy::{Circuit, Hierarchy, Node};
use crate::plan::PlanError;

/// The hierarchy, ordered. Virtual sites are left out: they have no queue, and what hangs from one hangs from the node above.
#[derive(Debug)]
pub(crate) struct Outline<'h> {
    /// A parent before its children; those of one level by id.
    pub(crate) nodes: Vec<OutlineNode<'h>>,
    /// By id.
    pub(crate) circuits: Vec<OutlineCircuit<'h>>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct OutlineNode<'h> {
    pub(crate) node: &'h Node,
    pub(crate) parent: Option<usize>,
    /// The node at the top that it is below, or is.
    pub(crate) top: usize,
    /// How many nodes hang right below it.
    pub(crate) node_children: usize,
    /// How many circuits do.
    pub(crate) circuit_children: usize,
    /// How many nodes are on the way from the top, itself included.
    pub(crate) depth: usize,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct OutlineCircuit<'h> {
    pub(crate) circuit: &'h Circuit,
    pub(crate) parent: Option<usize>,
}

impl<'h> Outline<'h> {
    pub(crate) fn new(hierarchy: &'h Hierarchy) -> Result<Self, PlanError> {
        let found = Found::new(hierarchy)?;
        let mut order: Vec<usize> =
            (0..hierarchy.nodes.len()).filter(|&at| !is_virtual(&hierarchy.nodes[at])).collect();
        let id = |at: usize| &hierarchy.nodes[at].id;
        order.sort_by(|&a, &b| (found.depth[a], id(a)).cmp(&(found.depth[b], id(b))));
        let mut rank = vec![0; hierarchy.nodes.len()];
        for (at, &position) in order.iter().enumerate() {
            rank[position] = at;
        }
        let mut nodes: Vec<OutlineNode<'h>> = Vec::with_capacity(order.len());
        for (at, &position) in order.iter().enumerate() {
            let parent = found.above[position].map(|parent| rank[parent]);
            let top = parent.map_or(at, |parent| nodes[parent].top);
            if let Some(parent) = parent {
                nodes[parent].node_children += 1;
            }
            let (node, depth) = (&hierarchy.nodes[position], found.depth[position]);
            nodes.push(OutlineNode { node, parent, top, node_children: 0, circuit_children: 0, depth });
        }
        let mut circuits: Vec<OutlineCircuit<'h>> = Vec::with_capacity(hierarchy.circuits.len());
        for circuit in &hierarchy.circuits {
            let parent = circuit.parent.and_then(|parent| found.shown_at(hierarchy, parent.0 as usize));
            let parent = parent.map(|parent| rank[parent]);
            if let Some(parent) = parent {
                nodes[parent].circuit_children += 1;
            }
            circuits.push(OutlineCircuit { circuit, parent });
        }
        circuits.sort_by(|a, b| a.circuit.id.cmp(&b.circuit.id));
        let outline = Self { nodes, circuits };
        outline.check_ids().map(|()| outline)
    }

    fn check_ids(&self) -> Result<(), PlanError> {
        let twice = |id: &NodeId| Err(PlanError::DuplicateId(id.clone()));
        if let Some(pair) = self.circuits.windows(2).find(|pair| pair[0].circuit.id == pair[1].circuit.id) {
            return twice(&pair[0].circuit.id);
        }
        let mut ids: Vec<&NodeId> = self.nodes.iter().map(|node| &node.node.id).collect();
        ids.sort_unstable();
        ids.windows(2).find(|pair| pair[0] == pair[1]).map_or(Ok(()), |pair| twice(pair[0]))
    }
}

/// By position in the hierarchy.
struct Found {
    /// The node above that is not virtual.
    above: Vec<Option<usize>>,
    /// How many nodes that are not virtual are on the way, itself included.
    depth: Vec<usize>,
}

impl Found {
    fn new(hierarchy: &Hierarchy) -> Result<Self, PlanError> {
        let mut found = Self { above: Vec::new(), depth: Vec::new() };
        for (at, node) in hierarchy.nodes.iter().enumerate() {
            let parent = node.parent.map(|parent| parent.0 as usize);
            if parent.is_some_and(|parent| parent >= at) {
                return Err(PlanError::Order(node.id.clone()));
            }
            let above = parent.and_then(|parent| found.shown_at(hierarchy, parent));
            found.above.push(above);
            found.depth.push(above.map_or(0, |above| found.depth[above]) + usize::from(!is_virtual(node)));
        }
        Ok(found)
    }

    /// The node itself, or the one above a virtual one.
    fn shown_at(&self, hierarchy: &Hierarchy, position: usize) -> Option<usize> {
        if is_virtual(&hierarchy.nodes[position]) { self.above[position] } else { Some(position) }
    }
}

fn is_virtual(node: &Node) -> bool {
    node.kind == EntryKind::VirtualSite
}
