//! Nodes: sites, access points, clients and devices, as their source describes them.

use compact_str::CompactString;
use petgraph::graph::NodeIndex;
use serde::Serialize;
use smallvec::SmallVec;

use crate::capacity::Capacity;
use crate::census::Rule;
use crate::id::NodeId;
use crate::prefix::Prefix;
use crate::rate::Rate;
use crate::sqm::Sqm;

/// A short text: names, comments, MAC addresses.
pub type Text = CompactString;

/// Where a record was read: the document's number in its graph, and the line in it, from 1 (0: no line).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Index into [`NetworkGraph::documents`](crate::NetworkGraph::documents).
    pub document: u32,
    /// Line, from 1; 0 where the document has no lines.
    pub line: u32,
}

impl Default for Origin {
    /// No document; after all records of documents in order.
    fn default() -> Self {
        Self { document: u32::MAX, line: 0 }
    }
}

/// A node of the graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its typed id, unique in the graph.
    pub id: NodeId,
    /// Its name for people; need not be unique, never empty (a node without a name is called by its raw id).
    pub name: Text,
    /// The record it came from.
    pub origin: Origin,
    /// What it is, with what only such a node has.
    pub kind: NodeKind,
    pub(crate) parent: Parent,
}

impl Node {
    /// The parent that the source states.
    pub fn parent(&self) -> Parent {
        self.parent
    }

    /// The client's part of the node, if it is one.
    pub fn client(&self) -> Option<&Client> {
        if let NodeKind::Client(client) = &self.kind { Some(client) } else { None }
    }

    /// The device's part of the node, if it is one.
    pub fn device(&self) -> Option<&Device> {
        if let NodeKind::Device(device) = &self.kind { Some(device) } else { None }
    }

    /// Whether this is a site or an access point: what a tree shows.
    pub fn is_infrastructure(&self) -> bool {
        matches!(self.kind, NodeKind::Site(_) | NodeKind::AccessPoint(_))
    }
}

/// What a source says of a node's parent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parent {
    /// Nothing: the node's links say where it is.
    #[default]
    Unstated,
    /// This node; the graph's top for an empty parent.
    Node(NodeIndex),
    /// A parent that is not in the graph.
    Unknown,
}

impl Parent {
    /// The parent node, if it is stated and known.
    pub fn node(self) -> Option<NodeIndex> {
        if let Self::Node(node) = self { Some(node) } else { None }
    }
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// A tower, a building, a point of presence.
    Site(Site),
    /// A radio sector, an OLT port: what subscribers attach to.
    AccessPoint(AccessPoint),
    /// A subscriber's service; with its devices it is a circuit.
    Client(Client),
    /// A device with addresses, or one that only carries a path.
    Device(Device),
}

impl NodeKind {
    /// The kind in words: `access point`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Site(_) => "site",
            Self::AccessPoint(_) => "access point",
            Self::Client(_) => "client",
            Self::Device(_) => "device",
        }
    }
}

/// A site.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Site {
    /// The pair its source gives it: the capacity of the link to its parent, down from parent to site.
    pub capacity: Capacity,
    /// Whether it exists for reports only: no queue, no limit of its own (LibreQoS's virtual nodes).
    pub is_virtual: bool,
    /// Where it stands.
    pub position: Option<Position>,
}

/// An access point.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AccessPoint {
    /// The sector's own limit, down towards its stations. The cable behind it is unlimited.
    pub sector: Capacity,
    /// Where it stands.
    pub position: Option<Position>,
}

/// A position on the globe (WGS 84), in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Position {
    /// Degrees north, -90 to 90.
    pub latitude: f64,
    /// Degrees east, -180 to 180.
    pub longitude: f64,
}

impl Position {
    /// A position, if both are finite and in range.
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        (latitude.abs() <= 90.0 && longitude.abs() <= 180.0).then_some(Self { latitude, longitude })
    }
}

/// A subscriber's service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// What was sold.
    pub plan: Plan,
    /// The queue asked for, per direction.
    pub sqm: Sqm,
    /// Whether an address of it was set aside: it could not be read, or another circuit has it.
    pub(crate) has_lost_address: bool,
    /// The rule of its source that leaves it out.
    pub(crate) left_out: Option<Rule>,
}

/// A plan as its source states it; what is not stated is settled by the [census](crate::Census).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Towards the subscriber.
    pub down: PlanRate,
    /// From the subscriber.
    pub up: PlanRate,
}

/// One direction of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanRate {
    /// The committed rate.
    pub min: Option<Rate>,
    /// The most the subscriber may use.
    pub max: Option<Rate>,
}

/// A device.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Device {
    /// Its prefixes, each with the claim it has on it.
    pub claims: SmallVec<[Claim; 1]>,
    /// MAC address or RADIUS user name.
    pub mac: Text,
    /// Free text.
    pub comment: Text,
}

/// A prefix and how the device came by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The prefix.
    pub prefix: Prefix,
    /// How sure it is.
    pub assignment: Assignment,
}

/// How an address came to a device, the best claim first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assignment {
    /// Said by an override, which is there because something else is wrong.
    Override,
    /// Written down by the operator.
    #[default]
    Static,
    /// A live PPPoE or RADIUS session.
    Session,
    /// A DHCP lease.
    Dhcp,
    /// What the device says of itself.
    Device,
}
