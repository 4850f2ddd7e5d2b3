//! Building a network, record by record.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use petgraph::Undirected;
use petgraph::graph::{Graph, NodeIndex};

use crate::capacity::Capacity;
use crate::id::NodeId;
use crate::link::Link;
use crate::network_graph::{IdIndex, NetworkGraph, SetAside, TOP_NAME};
use crate::node::{
    AccessPoint, Assignment, Claim, Client, Device, Node, NodeKind, Origin, Parent, PlanRate, Position, Site, Text,
};
use crate::prefix::{Prefix, PrefixReading};
use crate::problem::{Code, Problem, Problems};
use crate::rate::Rate;
use crate::sqm::Sqm;

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
    pub(crate) problems: Problems,
    /// Clients and devices of which an address was set aside.
    pub(crate) lost_addresses: Vec<NodeIndex>,
}

/// A parent as a record names it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum ParentName {
    #[default]
    Unstated,
    Node(NodeIndex),
    Id(NodeId),
    Unknown(Text),
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
        let mut builder = Self {
            graph: Graph::with_capacity(0, 0),
            ids: IdIndex::default(),
            parents: Vec::new(),
            duplicates: Vec::new(),
            links: Vec::new(),
            documents: Vec::new(),
            set_aside: Vec::new(),
            bypass: BTreeSet::new(),
            problems: Problems::default(),
            lost_addresses: Vec::new(),
        };
        builder.add(NodeId::own("top", "internet"), TOP_NAME, NodeKind::Site(Site::default()));
        builder
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

    /// Counts a circuit that cannot become a node; the caller reports why.
    pub fn set_aside(&mut self, id: Option<NodeId>, code: Code) {
        self.set_aside.push(SetAside { id, code });
    }

    /// Adds a problem to those that [`GraphBuilder::build`] returns.
    pub fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The node with this id, if it has been added.
    pub fn find(&self, id: &NodeId) -> Option<NodeIndex> {
        self.ids.find(&self.graph, id)
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
        let name = match name.trim() {
            "" => id.raw().into(),
            name => Text::from(name),
        };
        let next = NodeIndex::new(self.graph.node_count());
        let taken = self.ids.find_or_claim(&self.graph, &id, next);
        let node = Node { id, name, origin: Origin::default(), kind, parent: Parent::Unstated };
        let slot = if let Some(holder) = taken {
            self.duplicates.push((holder, node, ParentName::Unstated));
            Slot::Duplicate(self.duplicates.len() - 1)
        } else {
            self.graph.add_node(node);
            self.parents.push(ParentName::Unstated);
            Slot::Node(next)
        };
        NodeEntry { builder: self, slot }
    }

    /// Joins the records: parents become links, cycles of parents are broken, claims on one prefix are settled.
    pub fn build(self) -> (NetworkGraph, Problems) {
        crate::join::join(self)
    }
}

#[derive(Clone, Copy)]
enum Slot {
    Node(NodeIndex),
    Duplicate(usize),
}

/// A node being described; each method states one thing and returns the entry.
///
/// What is stated is in the builder at once, so the last entry of a chain may be dropped.
pub struct NodeEntry<'b> {
    builder: &'b mut GraphBuilder,
    slot: Slot,
}

#[expect(clippy::return_self_not_must_use, reason = "the entry is a way into the builder, which keeps what is stated")]
impl NodeEntry<'_> {
    /// The node's index: of the node that has this id, where the id was taken. The builder's own: the network numbers its
    /// nodes anew.
    pub fn index(&self) -> NodeIndex {
        match self.slot {
            Slot::Node(index) => index,
            Slot::Duplicate(at) => self.builder.duplicates[at].0,
        }
    }

    fn node(&mut self) -> &mut Node {
        match self.slot {
            Slot::Node(index) => &mut self.builder.graph[index],
            Slot::Duplicate(at) => &mut self.builder.duplicates[at].1,
        }
    }

    /// Its name, where it becomes known after it was added; an empty one changes nothing.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        if !name.trim().is_empty() {
            self.node().name = name.trim().into();
        }
        self
    }

    fn set_parent(self, parent: ParentName) -> Self {
        match self.slot {
            Slot::Node(index) => self.builder.parents[index.index()] = parent,
            Slot::Duplicate(at) => self.builder.duplicates[at].2 = parent,
        }
        self
    }

    /// Its parent, by id; may be added later.
    pub fn parent(self, id: NodeId) -> Self {
        self.set_parent(ParentName::Id(id))
    }

    /// Its parent, already added.
    pub fn under(self, parent: NodeIndex) -> Self {
        self.set_parent(ParentName::Node(parent))
    }

    /// It hangs from the top, whatever links it has. A node without a parent does so anyway where no link leads from it to
    /// anything but its own children.
    pub fn at_top(self) -> Self {
        let top = self.builder.top();
        self.set_parent(ParentName::Node(top))
    }

    /// Its parent is named `name`, and there is no such node.
    pub fn unknown_parent(self, name: &str) -> Self {
        self.set_parent(ParentName::Unknown(name.into()))
    }

    /// A site: the capacity of the link to its parent. An access point: the sector's limit, down towards its stations.
    pub fn capacity(mut self, capacity: Capacity) -> Self {
        match &mut self.node().kind {
            NodeKind::Site(site) => site.capacity = capacity,
            NodeKind::AccessPoint(ap) => ap.sector = capacity,
            NodeKind::Client(_) | NodeKind::Device(_) => {}
        }
        self
    }

    /// A site that exists for reports only.
    pub fn virtual_site(mut self) -> Self {
        if let NodeKind::Site(site) = &mut self.node().kind {
            site.is_virtual = true;
        }
        self
    }

    /// Where a site or access point stands.
    pub fn position(mut self, position: Option<Position>) -> Self {
        match &mut self.node().kind {
            NodeKind::Site(site) => site.position = position,
            NodeKind::AccessPoint(ap) => ap.position = position,
            NodeKind::Client(_) | NodeKind::Device(_) => {}
        }
        self
    }

    /// A client's maximum rates.
    pub fn plan(self, down: Rate, up: Rate) -> Self {
        self.plan_rates(PlanRate { min: None, max: Some(down) }, PlanRate { min: None, max: Some(up) })
    }

    /// A client's rates, as far as they are stated.
    pub fn plan_rates(mut self, down: PlanRate, up: PlanRate) -> Self {
        if let NodeKind::Client(client) = &mut self.node().kind {
            (client.plan.down, client.plan.up) = (down, up);
        }
        self
    }

    /// The queue a client asks for.
    pub fn sqm(mut self, sqm: Sqm) -> Self {
        if let NodeKind::Client(client) = &mut self.node().kind {
            client.sqm = sqm;
        }
        self
    }

    /// One more prefix of a device, and how it came by it; of several claims on one prefix the best counts.
    pub fn prefix(mut self, prefix: Prefix, assignment: Assignment) -> Self {
        if let NodeKind::Device(device) = &mut self.node().kind {
            device.claims.push(Claim { prefix, assignment });
        }
        self
    }

    /// More prefixes of a device, as text: `10.0.0.1, 2001:db8::/56`. What cannot be read becomes a problem.
    pub fn addresses(mut self, list: &str) -> Self {
        for text in Prefix::split_list(list) {
            let (prefix, problem) = read_address(text);
            if let Some(problem) = problem {
                let problem = problem.record(&self.node().id);
                self.builder.problems.push(problem);
            }
            self = match prefix {
                Some(prefix) => self.prefix(prefix, Assignment::Static),
                None => self.lost_address(),
            };
        }
        self
    }

    /// An address of this client or device was set aside. A circuit without another one is quarantined for it, whatever
    /// rule its other addresses fall under.
    pub fn lost_address(self) -> Self {
        let index = self.index();
        self.builder.lost_addresses.push(index);
        self
    }

    /// A device's MAC address or user name.
    pub fn mac(mut self, mac: &str) -> Self {
        if let NodeKind::Device(device) = &mut self.node().kind {
            device.mac = mac.trim().into();
        }
        self
    }

    /// Free text on a device.
    pub fn comment(mut self, comment: &str) -> Self {
        if let NodeKind::Device(device) = &mut self.node().kind {
            device.comment = comment.trim().into();
        }
        self
    }

    /// The record it was read from.
    pub fn origin(mut self, origin: Origin) -> Self {
        self.node().origin = origin;
        self
    }
}

/// Reads one address as a user wrote it: the prefix if there is one, and what is wrong or doubtful about the text.
pub fn read_address(text: &str) -> (Option<Prefix>, Option<Problem>) {
    match Prefix::parse(text) {
        Ok(PrefixReading { prefix, other_reading: None }) => (Some(prefix), None),
        Ok(PrefixReading { prefix, other_reading: Some(network) }) => {
            let message = format!("`{text}` has host bits set and is taken as the host `{prefix}`");
            let hint = format!("write `{prefix}`, or `{network}` if the whole network is meant");
            (Some(prefix), Some(Problem::new(Code::HostBits, message).value(text).hint(hint)))
        }
        Err(error) => {
            let hint = "write an address such as `100.64.1.5`, or a network such as `2001:db8:1::/56`";
            (None, Some(Problem::new(Code::BadAddress, format!("`{text}` {error}")).value(text).hint(hint)))
        }
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
