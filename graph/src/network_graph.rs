//! The network as its sources describe it: a multigraph of nodes and links, not yet seen from anywhere.

use std::collections::BTreeSet;

use hashbrown::HashMap;
use petgraph::Undirected;
use petgraph::graph::{EdgeIndex, Graph, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::builder::GraphBuilder;
use crate::circuits::CircuitIndex;
use crate::id::NodeId;
use crate::junctions::Ways;
use crate::link::Link;
use crate::nets::Nets;
use crate::node::{Node, Parent, Text};
use crate::node_table::NodeTable;
use crate::prefix::Prefix;
use crate::problem::{Code, Problem};
use crate::stated_reason::{StatedReason, StatedReasons};

/// The name of the unnamed top of a network.
pub const TOP_NAME: &str = "Internet";

/// A network: nodes, links, and what was read but could not become a node.
///
/// Made by [`NetworkGraph::builder`]; it does not change afterwards. Node 0 is the unnamed top that nodes with an empty
/// parent hang from.
#[derive(Debug, Default)]
pub struct NetworkGraph {
    pub(crate) graph: Graph<Node, Link, Undirected, u32>,
    pub(crate) ids: IdIndex,
    pub(crate) link_ids: Vec<NodeId>,
    pub(crate) documents: Vec<Text>,
    pub(crate) set_aside: Vec<SetAside>,
    pub(crate) bypass: BTreeSet<Prefix>,
    pub(crate) nets: Nets,
    pub(crate) circuits: CircuitIndex,
    pub(crate) reasons: StatedReasons,
    /// For each node its number among the junctions, or `LEAF`.
    pub(crate) junction_of: Vec<u32>,
    pub(crate) junctions: Vec<NodeIndex>,
    pub(crate) ways: Ways,
}

/// A circuit that was read and could not become a node of the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Its id, where it has one.
    pub id: Option<NodeId>,
    /// Why.
    pub code: Code,
}

/// Marks a node that leads nowhere: a client or device with a parent and nothing behind it.
pub(crate) const LEAF: u32 = u32::MAX;

impl NetworkGraph {
    /// Starts a network.
    pub fn builder() -> GraphBuilder {
        GraphBuilder::new()
    }

    /// The unnamed top.
    pub fn top(&self) -> NodeIndex {
        NodeIndex::new(0)
    }

    /// The node at `index`.
    pub fn node(&self, index: NodeIndex) -> &Node {
        &self.graph[index]
    }

    /// The node with this id; where several records have been made one node, by any of theirs.
    pub fn find(&self, id: &NodeId) -> Option<NodeIndex> {
        self.ids.find(&self.graph, id)
    }

    /// The ids that a node has beside its own: those of the records that have been made one with it, in order.
    pub fn other_ids(&self, node: NodeIndex) -> Vec<&NodeId> {
        self.ids.merged_into(node)
    }

    /// All nodes: the top, then what belongs to no client as it was added, then each client with its devices, in the order
    /// of [`NetworkGraph::circuits`].
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (NodeIndex, &Node)> {
        self.graph.node_indices().map(|index| (index, &self.graph[index]))
    }

    /// How many nodes there are, the top included.
    pub fn node_count(&self) -> usize {
        self.graph.node_count()
    }

    /// The link at `index`.
    pub fn link(&self, index: EdgeIndex) -> &Link {
        &self.graph[index]
    }

    /// All links.
    pub fn links(&self) -> impl ExactSizeIterator<Item = EdgeIndex> + use<> {
        self.graph.edge_indices()
    }

    /// A link's first and second end.
    pub fn ends(&self, link: EdgeIndex) -> (NodeIndex, NodeIndex) {
        self.graph.edge_endpoints(link).expect("invariant: links come from this graph")
    }

    /// What a link is known by: its own id, else the child whose parent it stands for.
    pub fn link_id(&self, link: EdgeIndex) -> &NodeId {
        match self.graph[link].id {
            Some(id) => &self.link_ids[id.get()],
            None => &self.graph[self.ends(link).1].id,
        }
    }

    /// The links at a node, each with the node at its other end.
    pub fn links_of(&self, node: NodeIndex) -> impl Iterator<Item = (EdgeIndex, NodeIndex)> + '_ {
        self.graph.edges(node).map(move |edge| (edge.id(), edge.target()))
    }

    /// The documents the network was read from; an [`Origin`](crate::Origin) names one by its index.
    pub fn documents(&self) -> &[Text] {
        &self.documents
    }

    /// Says of a problem which record of this graph it is about, and where that was read.
    pub fn locate(&self, node: NodeIndex, problem: Problem) -> Problem {
        let record = self.node(node);
        let problem = problem.record(&record.id);
        match self.documents.get(record.origin.document as usize) {
            Some(document) => problem.at(document, record.origin.line),
            None => problem,
        }
    }

    /// Why its source, or the operator, says what is said of a node; by aspect, then as they were stated.
    pub fn stated_reasons(&self, node: NodeIndex) -> impl Iterator<Item = &StatedReason> {
        self.reasons.of(node)
    }

    /// The circuits that were read and could not become nodes.
    pub fn set_aside(&self) -> &[SetAside] {
        &self.set_aside
    }

    /// The clients and their devices, in the order they are written in.
    pub fn circuits(&self) -> &CircuitIndex {
        &self.circuits
    }

    /// The client that a device belongs to: the nearest client along its stated parents.
    pub fn owner(&self, device: NodeIndex) -> Option<NodeIndex> {
        let mut node = device;
        while self.node(node).device().is_some() {
            node = self.node(node).parent.node()?;
        }
        self.node(node).client().map(|_| node)
    }

    /// Whether paths can lead on through a node: anything but a client or device with nothing behind it.
    pub fn is_junction(&self, node: NodeIndex) -> bool {
        self.junction_of[node.index()] != LEAF
    }

    /// Whether a path that uses `link` at access point `node` goes over the air.
    ///
    /// Its own parent, and the first end of a link that leads to it, are behind the cable; the rest are its stations.
    pub(crate) fn is_station_side(&self, node: NodeIndex, link: EdgeIndex) -> bool {
        let (first, second) = self.ends(link);
        let other = if first == node { second } else { first };
        self.node(other).parent == Parent::Node(node)
            || (first == node && self.node(node).parent != Parent::Node(other))
    }
}

/// Finds nodes by id.
#[derive(Debug, Default)]
pub(crate) struct IdIndex {
    own: NodeTable,
    /// The ids of records that have been made one with another, which has kept its own.
    merged: HashMap<NodeId, NodeIndex>,
}

impl IdIndex {
    pub(crate) fn reserve(&mut self, nodes: usize) {
        self.own.reserve(nodes);
    }

    pub(crate) fn renumber(&mut self, place: impl Fn(NodeIndex) -> NodeIndex) {
        self.merged.values_mut().for_each(|node| *node = place(*node));
        self.own.renumber(place);
    }

    pub(crate) fn find(&self, graph: &Graph<Node, Link, Undirected, u32>, id: &NodeId) -> Option<NodeIndex> {
        self.own.find(id, |node| graph[node].id == *id).or_else(|| self.find_merged(id))
    }

    /// The node that has this id; where there is none, the id now belongs to `next`, which is not in the graph yet.
    pub(crate) fn find_or_claim(
        &mut self,
        graph: &Graph<Node, Link, Undirected, u32>,
        id: &NodeId,
        next: NodeIndex,
    ) -> Option<NodeIndex> {
        self.find_merged(id).or_else(|| self.own.find_or_insert(id, |node| graph[node].id == *id, next).copied())
    }

    /// Leads from `lost`, the id of a record that is a node of its own no more, to the node it has become part of.
    pub(crate) fn merge(&mut self, lost: NodeId, into: NodeIndex) {
        self.merged.insert(lost, into);
    }

    fn find_merged(&self, id: &NodeId) -> Option<NodeIndex> {
        if self.merged.is_empty() { None } else { self.merged.get(id).copied() }
    }

    /// The ids of records that are nodes of their own no more, each with the node it is part of, in the order of nodes.
    pub(crate) fn merged_by_node(&self) -> Vec<(NodeIndex, &NodeId)> {
        let mut all: Vec<_> = self.merged.iter().map(|(lost, into)| (*into, lost)).collect();
        all.sort_unstable();
        all
    }

    fn merged_into(&self, node: NodeIndex) -> Vec<&NodeId> {
        let mut ids: Vec<&NodeId> =
            self.merged.iter().filter(|(_, into)| **into == node).map(|(lost, _)| lost).collect();
        ids.sort_unstable();
        ids
    }
}
