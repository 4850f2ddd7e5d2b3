//! Building a network, record by record.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::num::NonZeroU32;

use petgraph::Undirected;
use petgraph::graph::{Graph, NodeIndex};

use crate::capacity::Capacity;
use crate::id::NodeId;
use crate::link::Link;
use crate::nets::Nets;
use crate::network_graph::{IdIndex, NetworkGraph, SetAside, TOP_NAME};
use crate::node::{AccessPoint, Client, Device, Node, NodeKind, Origin, Parent, Site, Text};
use crate::node_entry::{NodeEntry, Slot};
use crate::prefix::Prefix;
use crate::problem::{Code, Problem, Problems};
use crate::shared_client::SharedClient;
use crate::stated_reason::StatedReasons;

/// Collects nodes and links in any order; [`GraphBuilder::build`] joins them into a [`NetworkGraph`].
///
/// Parents and link ends may be named before they are added. Nothing here fails: what cannot be used becomes a problem.
///
/// A network of parents is on the [front page](crate). With links it may have rings:
///
/// ```
/// use pleach_graph::{Capacity, NetworkGraph, Table, Tree};
///
/// let (towers, links) = (Table::new("noc", "tower")?, Table::new("noc", "link")?);
///
/// let mut network = NetworkGraph::builder();
/// network.site(towers.id("a"), "Tower A").at_top();
/// network.site(towers.id("b"), "Tower B");
/// network.site(towers.id("c"), "Tower C");
/// network.link(links.id("ab"), towers.id("a"), towers.id("b"), Capacity::from_mbit(1000, 800));
/// network.link(links.id("bc"), towers.id("b"), towers.id("c"), Capacity::from_mbit(500, 400));
/// network.link(links.id("ca"), towers.id("c"), towers.id("a"), Capacity::from_mbit(300, 100)).cost(2000);
/// let (network, _) = network.build();
///
/// // Seen from Tower C the first two links are turned around, and the third stands by.
/// let tree = Tree::grow(&network, network.find(&towers.id("c")).expect("it was added above"));
/// let tower_a = network.find(&towers.id("a")).and_then(|a| tree.place_of(a)).expect("a site has a place");
/// assert_eq!(tree.at(tower_a).link_capacity, Capacity::from_mbit(800, 1000));
/// assert_eq!(tree.at(tower_a).ceiling, Capacity::from_mbit(400, 500));
/// let standby: Vec<_> = tree.standby_links().map(|link| network.link_id(link).raw()).collect();
/// assert_eq!(standby, ["ca"]);
/// # Ok::<(), pleach_graph::IdError>(())
/// ```
#[derive(Debug)]
pub struct GraphBuilder {
    pub(crate) graph: Graph<Node, Link, Undirected, u32>,
    pub(crate) ids: IdIndex,
    /// For each node, what was said of its parent.
    pub(crate) parents: Vec<ParentName>,
    /// Records whose id was taken, with the node that has it.
    pub(crate) duplicates: Vec<(NodeIndex, Node, ParentName)>,
    pub(crate) links: Vec<LinkRecord>,
    pub(crate) documents: Vec<Text>,
    pub(crate) set_aside: Vec<SetAside>,
    pub(crate) bypass: BTreeSet<Prefix>,
    pub(crate) nets: Nets,
    pub(crate) problems: Problems,
    /// Clients and devices of which an address was set aside.
    pub(crate) lost_addresses: Vec<NodeIndex>,
    pub(crate) reasons: StatedReasons,
    /// Nodes that go by their raw id because their record has no name, in ascending order.
    pub(crate) unnamed: Vec<NodeIndex>,
    /// Clients and devices that are left out, and so claim no prefix.
    pub(crate) excluded: HashSet<NodeIndex>,
    /// What the link that a node's parent implies costs, where the operator says so.
    pub(crate) costs_to_parent: HashMap<NodeIndex, NonZeroU32>,
    /// Clients with several services, of which the first counts.
    pub(crate) shared_clients: Vec<SharedClient>,
    /// Whether records of several sources have been made one.
    pub(crate) is_joined: bool,
}

/// A parent as a record names it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum ParentName {
    #[default]
    Unstated,
    Node(NodeIndex),
    Id(NodeId),
    Unknown(Text),
    Unplaced,
}

/// The id of the unnamed top.
pub(crate) fn top_id() -> NodeId {
    NodeId::own("top", "internet")
}

#[derive(Debug)]
pub(crate) struct LinkRecord {
    pub(crate) ends: [NodeId; 2],
    pub(crate) link: Link,
    pub(crate) id: NodeId,
    pub(crate) origin: Origin,
}

impl GraphBuilder {
    pub(crate) fn new() -> Self {
        let mut builder = Self::empty();
        builder.add(top_id(), TOP_NAME, NodeKind::Site(Site::default()));
        builder
    }

    /// A builder of nothing, not even the top.
    pub(crate) fn empty() -> Self {
        Self {
            graph: Graph::with_capacity(0, 0),
            ids: IdIndex::default(),
            parents: Vec::new(),
            duplicates: Vec::new(),
            links: Vec::new(),
            documents: Vec::new(),
            set_aside: Vec::new(),
            bypass: BTreeSet::new(),
            nets: Nets::default(),
            problems: Problems::default(),
            lost_addresses: Vec::new(),
            reasons: StatedReasons::default(),
            unnamed: Vec::new(),
            excluded: HashSet::new(),
            costs_to_parent: HashMap::new(),
            shared_clients: Vec::new(),
            is_joined: false,
        }
    }

    /// The unnamed top, which a node with an empty parent hangs from.
    pub fn top(&self) -> NodeIndex {
        NodeIndex::new(0)
    }

    /// Names a document that records come from; an [`Origin`] refers to it by the number returned.
    pub fn document(&mut self, name: &str) -> u32 {
        self.documents.push(name.into());
        u32::try_from(self.documents.len() - 1).expect("invariant: a network is read from few documents")
    }

    /// The name of a document.
    pub fn document_name(&self, document: u32) -> &str {
        self.documents.get(document as usize).map_or("", Text::as_str)
    }

    /// Adds a site.
    pub fn site(&mut self, id: NodeId, name: &str) -> NodeEntry<'_> {
        self.add(id, name, NodeKind::Site(Site::default()))
    }

    /// Adds an access point.
    pub fn access_point(&mut self, id: NodeId, name: &str) -> NodeEntry<'_> {
        self.add(id, name, NodeKind::AccessPoint(AccessPoint::default()))
    }

    /// Adds a client: with its devices it is a circuit.
    pub fn client(&mut self, id: NodeId, name: &str) -> NodeEntry<'_> {
        self.add(id, name, NodeKind::Client(Client::default()))
    }

    /// Adds a device; its parent is its client.
    pub fn device(&mut self, id: NodeId, name: &str) -> NodeEntry<'_> {
        self.add(id, name, NodeKind::Device(Device::default()))
    }

    /// Adds a link from `first` to `second`; `capacity` is down from first to second. `id` tells parallel links apart.
    ///
    /// A link between a node and its parent replaces the one that the parent implies. Of two links with one id the first is
    /// kept.
    pub fn link(&mut self, id: NodeId, first: NodeId, second: NodeId, capacity: Capacity) -> LinkEntry<'_> {
        let link = Link { capacity, stated_cost: None, id: None };
        self.links.push(LinkRecord { ends: [first, second], link, id, origin: Origin::default() });
        LinkEntry(self.links.last_mut().expect("invariant: just pushed"))
    }

    /// Says that a client that was added has several services.
    pub fn shared_client(&mut self, shared: SharedClient) {
        self.shared_clients.push(shared);
    }

    /// Counts a circuit that cannot become a node; the caller reports why.
    pub fn set_aside(&mut self, id: Option<NodeId>, code: Code) {
        self.set_aside.push(SetAside { id, code });
    }

    /// Adds a problem to those that [`GraphBuilder::build`] returns.
    pub fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The node with this id, if it has been added; by any of its ids, where several records have been made one.
    pub fn find(&self, id: &NodeId) -> Option<NodeIndex> {
        self.ids.find(&self.graph, id)
    }

    /// Whether a node has a name of its own; one without goes by its raw id.
    pub(crate) fn has_name(&self, index: NodeIndex) -> bool {
        let node = &self.graph[index];
        node.name != node.id.raw() || self.unnamed.binary_search(&index).is_err()
    }

    /// A node as it stands.
    pub fn node(&self, index: NodeIndex) -> &Node {
        &self.graph[index]
    }

    /// How many nodes there are, the top included; their indices are `0..node_count`.
    pub fn node_count(&self) -> usize {
        self.graph.node_count()
    }

    /// The parent stated for a node so far, where it is stated as a node that has been added.
    pub fn stated_parent(&self, index: NodeIndex) -> Option<NodeIndex> {
        if let ParentName::Node(parent) = self.parents[index.index()] { Some(parent) } else { None }
    }

    /// Leaves a node out before claims on prefixes are settled: an excluded device, or any device of an excluded client,
    /// claims none. The census leaves it out if its [policy](crate::Policy::excluded) says the same.
    pub fn exclude(&mut self, index: NodeIndex) {
        self.excluded.insert(index);
    }

    /// The parent that a node's record names, by whatever, if that is in the network by now.
    pub(crate) fn parent(&self, index: NodeIndex) -> Option<NodeIndex> {
        match &self.parents[index.index()] {
            ParentName::Node(parent) => Some(*parent),
            ParentName::Id(id) => self.find(id),
            ParentName::Unstated | ParentName::Unknown(_) | ParentName::Unplaced => None,
        }
    }

    /// Goes on describing a node that has been added.
    pub fn edit(&mut self, index: NodeIndex) -> NodeEntry<'_> {
        NodeEntry { builder: self, slot: Slot::Node(index) }
    }

    /// Makes room for so many more nodes.
    pub fn reserve(&mut self, nodes: usize) {
        self.graph.reserve_nodes(nodes);
        self.parents.reserve(nodes);
        self.ids.reserve(nodes);
    }

    fn add(&mut self, id: NodeId, name: &str, kind: NodeKind) -> NodeEntry<'_> {
        let has_name = !name.trim().is_empty();
        let name = if has_name { Text::from(name.trim()) } else { id.raw().into() };
        let next = NodeIndex::new(self.graph.node_count());
        let taken = self.ids.find_or_claim(&self.graph, &id, next);
        let node = Node { id, name, origin: Origin::default(), kind, parent: Parent::Unstated };
        let slot = if let Some(holder) = taken {
            self.duplicates.push((holder, node, ParentName::Unstated));
            Slot::Duplicate(self.duplicates.len() - 1)
        } else {
            self.graph.add_node(node);
            self.parents.push(ParentName::Unstated);
            if !has_name {
                self.unnamed.push(next);
            }
            Slot::Node(next)
        };
        NodeEntry { builder: self, slot }
    }

    /// Joins the records: parents become links, cycles of parents are broken, claims on one prefix are settled.
    pub fn build(self) -> (NetworkGraph, Problems) {
        crate::join::join(self)
    }
}

/// A link being described.
pub struct LinkEntry<'b>(&'b mut LinkRecord);

#[expect(clippy::return_self_not_must_use, reason = "the entry is a way into the builder, which keeps what is stated")]
impl LinkEntry<'_> {
    /// What using it costs, at least 1; a cost of 0 counts as not stated.
    pub fn cost(self, cost: u32) -> Self {
        self.0.link.stated_cost = NonZeroU32::new(cost);
        self
    }

    /// The record it was read from.
    pub fn origin(self, origin: Origin) -> Self {
        self.0.origin = origin;
        self
    }
}
