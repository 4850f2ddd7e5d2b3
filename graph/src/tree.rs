//! The network as one shaper sees it: a tree of places, and the place each circuit hangs from.

use std::collections::HashSet;

use petgraph::graph::{EdgeIndex, NodeIndex};

use crate::capacity::Capacity;
use crate::distance::{Distance, Through};
use crate::id::NodeId;
use crate::network_graph::NetworkGraph;
use crate::node::{NodeKind, Parent};
use crate::paths::{Paths, Reached, orphan_capacity};
use crate::problem::{Code, Problem, Problems};

/// The name of the node that what cannot be placed hangs from.
pub const ORPHANS_NAME: &str = "Orphans";
/// What the generated site of a relay customer is called, before the customer's name.
pub const RELAY_NAME_PREFIX: &str = "(Generated Site) ";

/// The graph rooted at a node: for every site, access point and relay the best path to the root and what it can carry.
///
/// Place 0 is the root; a parent stands before its children. A relay customer's place is a generated site. Devices that
/// carry a path are places too, which files leave out.
#[derive(Debug)]
pub struct Tree<'g> {
    network: &'g NetworkGraph,
    root: NodeIndex,
    places: Vec<Place>,
    /// For each node that is a place, its index; `NOWHERE` for the rest.
    place_of: Vec<u32>,
    orphans: Option<PlaceIndex>,
    /// By position in [`CircuitIndex`](crate::CircuitIndex): the place a circuit hangs from.
    circuit_places: Vec<PlaceIndex>,
    problems: Problems,
}

/// Index of a place in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceIndex(u32);

const NOWHERE: u32 = u32::MAX;

impl PlaceIndex {
    /// The root's place.
    pub const ROOT: Self = Self(0);

    fn new(index: usize) -> Self {
        Self(u32::try_from(index).expect("invariant: places are fewer than nodes"))
    }

    /// As an index into [`Tree::places`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Something of the tree that others can hang from.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// What stands there.
    pub kind: PlaceKind,
    /// The place above; none for the root.
    pub parent: Option<PlaceIndex>,
    /// The link to the node above; none for the root and for what hangs from `Orphans`.
    pub link: Option<EdgeIndex>,
    /// How far from the root.
    pub distance: Distance,
    /// What the link to the place above carries, down away from the root.
    pub link_capacity: Capacity,
    /// The least of all links and sectors from the root to here, down away from the root.
    pub ceiling: Capacity,
}

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlaceKind {
    /// A node of the graph: a site, an access point, or a device that carries a path.
    Node(NodeIndex),
    /// The generated site of this relay customer.
    Relay(NodeIndex),
    /// The node that holds what has no path to the root.
    Orphans,
}

impl PlaceKind {
    /// The node that stands there or that the generated site is for.
    pub fn node(self) -> Option<NodeIndex> {
        match self {
            Self::Node(node) | Self::Relay(node) => Some(node),
            Self::Orphans => None,
        }
    }
}

impl<'g> Tree<'g> {
    /// The tree at `root`. A device with nothing behind it stands where its client stands.
    pub fn grow(network: &'g NetworkGraph, root: NodeIndex) -> Self {
        let root = standing_root(network, root);
        let paths = Paths::search(network, root);
        let attachments = Attachments::new(network, &paths);
        let carries = carrying(network, &paths, &attachments);
        let mut tree = Self {
            network,
            root,
            places: Vec::with_capacity(paths.order.len()),
            place_of: vec![NOWHERE; network.node_count()],
            orphans: None,
            circuit_places: Vec::new(),
            problems: Problems::default(),
        };
        tree.place_nodes(&paths, &carries);
        tree.hang_circuits(&paths, &attachments);
        paths.islands().for_each(|node| tree.report_unreachable(node));
        tree
    }

    fn place_nodes(&mut self, paths: &Paths<'_>, carries: &[bool]) {
        for &node in &paths.order {
            let slot = paths.slot(node).expect("invariant: settled nodes have a number");
            if !carries[slot] && !self.network.node(node).is_infrastructure() && node != self.root {
                continue;
            }
            let kind = match self.network.node(node).kind {
                NodeKind::Client(_) => PlaceKind::Relay(node),
                _ => PlaceKind::Node(node),
            };
            let reached = paths.reached(node).expect("invariant: settled nodes are reached");
            let place = self.place(node, kind, reached);
            self.place_of[node.index()] = PlaceIndex::new(self.places.len()).0;
            self.places.push(place);
        }
    }

    fn place(&mut self, node: NodeIndex, kind: PlaceKind, reached: Reached) -> Place {
        let network = self.network;
        let (parent, link, link_capacity) = match reached.from {
            Some((link, before)) => {
                let above = self.place_of(before).expect("invariant: what leads to a place carries");
                let turned = network.ends(link).0 != before;
                let capacity = network.link(link).capacity;
                (Some(above), Some(link), if turned { capacity.swapped() } else { capacity })
            }
            None if node == self.root => (None, None, Capacity::NONE),
            None => {
                let parent = if self.is_orphans_node(node) { PlaceIndex::ROOT } else { self.orphans() };
                (Some(parent), None, orphan_capacity(network, node))
            }
        };
        let above = parent.map_or(Capacity::NONE, |parent| self.ceiling_towards(parent, link));
        let ceiling = above.min(link_capacity).min(self.sector_towards_children(node, link));
        Place { kind, parent, link, distance: reached.distance, link_capacity, ceiling }
    }

    /// A place's ceiling for what hangs from it over `link`. At a root that is an access point, only what is reached over
    /// the air is held to the sector.
    fn ceiling_towards(&self, place: PlaceIndex, link: Option<EdgeIndex>) -> Capacity {
        let Place { kind, ceiling, .. } = self.places[place.index()];
        match (kind, link) {
            (PlaceKind::Node(node), Some(link)) if place == PlaceIndex::ROOT => match &self.network.node(node).kind {
                NodeKind::AccessPoint(ap) if self.network.is_station_side(node, link) => ceiling.min(ap.sector),
                _ => ceiling,
            },
            _ => ceiling,
        }
    }

    /// An access point's sector as the tree sees it: turned where the tree enters over the air.
    pub(crate) fn sector_towards_children(&self, node: NodeIndex, entered: Option<EdgeIndex>) -> Capacity {
        match (&self.network.node(node).kind, entered) {
            (NodeKind::AccessPoint(ap), Some(link)) if self.network.is_station_side(node, link) => ap.sector.swapped(),
            (NodeKind::AccessPoint(ap), _) if node != self.root => ap.sector,
            _ => Capacity::NONE,
        }
    }

    fn is_orphans_node(&self, node: NodeIndex) -> bool {
        self.network.node(node).id == orphans_id()
    }

    /// The place of `Orphans`, made when first needed; a node that has its id, from an earlier export, serves as it.
    fn orphans(&mut self) -> PlaceIndex {
        if let Some(place) = self.orphans {
            return place;
        }
        let standing = self.network.find(&orphans_id()).and_then(|node| self.place_of(node));
        let place = standing.unwrap_or_else(|| {
            self.places.push(Place {
                kind: PlaceKind::Orphans,
                parent: Some(PlaceIndex::ROOT),
                link: None,
                distance: Distance::ORPHANS,
                link_capacity: Capacity::NONE,
                ceiling: Capacity::NONE,
            });
            PlaceIndex::new(self.places.len() - 1)
        });
        self.orphans = Some(place);
        place
    }

    fn hang_circuits(&mut self, paths: &Paths<'_>, attachments: &Attachments) {
        let mut places = Vec::with_capacity(attachments.0.len());
        for (&client, &attachment) in self.network.circuits().clients().iter().zip(&attachments.0) {
            let place = attachment.and_then(|junction| self.nearest_place(paths, junction));
            places.push(place.unwrap_or_else(|| {
                self.report_unreachable(client);
                self.orphans()
            }));
        }
        self.circuit_places = places;
    }

    /// The place of `junction`, or of the nearest one before it on its path that has one.
    fn nearest_place(&self, paths: &Paths<'_>, junction: NodeIndex) -> Option<PlaceIndex> {
        let before = |&node: &NodeIndex| Some(paths.reached(node)?.from?.1);
        std::iter::successors(Some(junction), before).find_map(|node| self.place_of(node))
    }

    /// Reports a node that hangs from `Orphans`, unless that was reported when the graph was joined.
    fn report_unreachable(&mut self, node: NodeIndex) {
        let record = self.network.node(node);
        if record.parent() == Parent::Unknown {
            return;
        }
        let root = &self.network.node(self.root).name;
        let kind = record.kind.as_str();
        let message = format!("no path leads from `{root}` to {kind} `{}` and what is behind it", record.name);
        let hint = "add the link that is missing, or give the node its parent";
        let problem = self.network.locate(node, Problem::new(Code::Unreachable, message).hint(hint));
        self.problems.push(problem);
    }

    /// The graph this is a tree of.
    pub fn network(&self) -> &'g NetworkGraph {
        self.network
    }

    /// The node at the root.
    pub fn root(&self) -> NodeIndex {
        self.root
    }

    /// All places, the root first, a parent before its children.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The index of every place, in the order of [`Tree::places`].
    pub fn indices(&self) -> impl ExactSizeIterator<Item = PlaceIndex> + use<> {
        (0..self.places.len()).map(PlaceIndex::new)
    }

    /// A place.
    pub fn at(&self, place: PlaceIndex) -> &Place {
        &self.places[place.index()]
    }

    /// The place of a node: none for devices and clients with nothing behind them.
    pub fn place_of(&self, node: NodeIndex) -> Option<PlaceIndex> {
        let place = self.place_of[node.index()];
        (place != NOWHERE).then_some(PlaceIndex(place))
    }

    /// The place of `Orphans`, if anything hangs from it.
    pub fn orphans_place(&self) -> Option<PlaceIndex> {
        self.orphans
    }

    /// The place that the circuit at `position` of [`NetworkGraph::circuits`] hangs from.
    pub fn circuit_place(&self, position: usize) -> PlaceIndex {
        self.circuit_places[position]
    }

    /// The places from `place` up to the root, both included.
    pub fn path_up(&self, place: PlaceIndex) -> impl Iterator<Item = PlaceIndex> + '_ {
        std::iter::successors(Some(place), |&place| self.at(place).parent)
    }

    /// The id of what stands at a place.
    pub fn place_id(&self, place: PlaceIndex) -> NodeId {
        match self.at(place).kind {
            PlaceKind::Node(node) => self.network.node(node).id.clone(),
            PlaceKind::Relay(client) => NodeId::own("relay", self.network.node(client).id.as_str()),
            PlaceKind::Orphans => orphans_id(),
        }
    }

    /// The name of what stands at a place, as its source has it.
    pub fn place_name(&self, place: PlaceIndex) -> String {
        match self.at(place).kind {
            PlaceKind::Node(node) => self.network.node(node).name.to_string(),
            PlaceKind::Relay(client) => [RELAY_NAME_PREFIX, &self.network.node(client).name].concat(),
            PlaceKind::Orphans => ORPHANS_NAME.to_owned(),
        }
    }

    /// The distance at the far end of `link` when a path at `distance` leads over it from `node`.
    pub(crate) fn step(&self, node: NodeIndex, distance: Distance, link: EdgeIndex) -> Distance {
        distance.over(self.network.link(link), Through::node(self.network, self.root, node))
    }

    /// The links that no path uses, between places: a ring's redundancy.
    pub fn standby_links(&self) -> impl Iterator<Item = EdgeIndex> + '_ {
        self.network.links().filter(|&link| {
            let (first, second) = self.network.ends(link);
            let place = |node| self.place_of(node).map(|place| self.at(place));
            match (place(first), place(second)) {
                (Some(first), Some(second)) => first.link != Some(link) && second.link != Some(link),
                _ => false,
            }
        })
    }

    /// What was found while growing it: islands that no path reaches.
    pub fn problems(&self) -> &Problems {
        &self.problems
    }
}

/// The id of the node `Orphans`.
pub(crate) fn orphans_id() -> NodeId {
    NodeId::own("generated", "orphans")
}

/// A device with nothing behind it cannot be a root: its client, or what it is attached to, stands for it. Such devices may
/// be attached to each other; there is one way out of them at most.
fn standing_root(network: &NetworkGraph, root: NodeIndex) -> NodeIndex {
    let is_last = |node: NodeIndex| network.node(node).device().is_some() && !network.is_junction(node);
    let mut seen = HashSet::from([root]);
    let mut next = vec![root];
    while let Some(node) = next.pop() {
        if !is_last(node) {
            return node;
        }
        next.extend(network.links_of(node).map(|(_, other)| other).filter(|&other| seen.insert(other)));
    }
    root
}

/// By position in the circuit index: the junction a client hangs from, which is itself where it is one.
struct Attachments(Vec<Option<NodeIndex>>);

impl Attachments {
    fn new(network: &NetworkGraph, paths: &Paths<'_>) -> Self {
        let leads_on = |node: &NodeIndex| paths.slot(*node).is_some();
        let attachment = |client: NodeIndex| {
            if leads_on(&client) {
                return Some(client);
            }
            let stated = network.node(client).parent().node().filter(leads_on);
            stated.or_else(|| network.links_of(client).map(|(_, other)| other).find(leads_on))
        };
        Self(network.circuits().clients().iter().map(|&client| attachment(client)).collect())
    }
}

/// By junction number: whether anything but its own devices is behind a junction. Clients and devices that carry nothing
/// are no places.
fn carrying(network: &NetworkGraph, paths: &Paths<'_>, attachments: &Attachments) -> Vec<bool> {
    let mut carries = vec![false; network.junctions.len() + 1];
    for (&client, &attachment) in network.circuits().clients().iter().zip(&attachments.0) {
        if let Some(junction) = attachment.filter(|&junction| junction != client)
            && let Some(slot) = paths.slot(junction)
        {
            carries[slot] = true;
        }
    }
    for &node in paths.order.iter().rev() {
        let slot = paths.slot(node).expect("invariant: settled nodes have a number");
        let leads_to_someone = carries[slot] || network.node(node).device().is_none();
        if leads_to_someone
            && let Some((_, before)) = paths.reached(node).and_then(|reached| reached.from)
            && let Some(slot) = paths.slot(before)
        {
            carries[slot] = true;
        }
    }
    carries
}
