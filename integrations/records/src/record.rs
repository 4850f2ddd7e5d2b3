//! Records whose values mean something.

use pleach_graph::{Capacity, PlanRate, Position, Prefix, Sqm, Text};
use smallvec::SmallVec;

use crate::order;

/// What a node is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum NodeType {
    #[default]
    Site,
    AccessPoint,
    Virtual,
}

/// What a node hangs from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Above {
    /// It does not say: its links may.
    #[default]
    Unstated,
    /// It is where the internet is.
    Top,
    Node(Text),
}

/// Whether a service is in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Status {
    #[default]
    Active,
    Suspended,
    Inactive,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NodeRecord {
    pub(crate) id: Text,
    pub(crate) name: Text,
    pub(crate) node_type: NodeType,
    pub(crate) parent: Above,
    pub(crate) capacity: Capacity,
    pub(crate) position: Option<Position>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LinkRecord {
    pub(crate) id: Option<Text>,
    pub(crate) ends: [Text; 2],
    pub(crate) capacity: Capacity,
    /// 0 where it is not stated.
    pub(crate) cost: u32,
    pub(crate) line: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CircuitRecord {
    pub(crate) id: Text,
    pub(crate) name: Text,
    pub(crate) parent: Option<Text>,
    pub(crate) down: PlanRate,
    pub(crate) up: PlanRate,
    pub(crate) status: Status,
    pub(crate) sqm: Sqm,
    /// A device that stands in the circuit itself.
    pub(crate) inner: Option<Inner>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DeviceRecord {
    pub(crate) id: Text,
    pub(crate) circuit: Text,
    pub(crate) name: Text,
    pub(crate) inner: Inner,
}

/// What a device has, wherever it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Inner {
    pub(crate) mac: Text,
    pub(crate) comment: Text,
    pub(crate) prefixes: SmallVec<[Prefix; 1]>,
    /// Whether something stands where an address should, and is none.
    pub(crate) has_lost: bool,
}

/// The records of a document, or of a piece of one.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) nodes: Vec<NodeRecord>,
    pub(crate) links: Vec<LinkRecord>,
    pub(crate) circuits: Vec<CircuitRecord>,
    pub(crate) devices: Vec<DeviceRecord>,
    /// Records that cannot be read, each of which may be a circuit.
    pub(crate) unreadable: usize,
}

impl Found {
    /// Keeps one of each record that is there several times, alike: rows that state their circuit, say, of which one may have many.
    pub(crate) fn forget_repeats(&mut self) {
        order::sort(&mut self.nodes, |node| node.id.as_str());
        self.nodes.dedup();
        order::sort(&mut self.circuits, |circuit| circuit.id.as_str());
        self.circuits.dedup();
        order::sort(&mut self.devices, |device| device.id.as_str());
        self.devices.dedup();
    }

    /// Adds what a later piece of the document has.
    pub(crate) fn append(&mut self, mut later: Self) {
        self.nodes.append(&mut later.nodes);
        self.links.append(&mut later.links);
        self.circuits.append(&mut later.circuits);
        self.devices.append(&mut later.devices);
        self.unreadable += later.unreadable;
    }
}
