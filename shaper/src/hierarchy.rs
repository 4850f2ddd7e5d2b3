//! What is shaped: nodes with ceilings, circuits with plans, as one shaper sees them.

use compact_str::CompactString;
use pleach_graph::{EntryKind, NodeId, Prefix, QueueKind, Rate, ShapedRate};
use pleach_tc::{DeviceKey, PerDirection};
use smallvec::SmallVec;

/// What one shaper shapes.
#[derive(Clone, Debug)]
pub struct Hierarchy {
    /// The node the shaper stands at.
    pub root: NodeId,
    /// Its name.
    pub root_name: String,
    /// What passes the shaper at most; none where nobody says.
    pub ceiling: PerDirection<Option<Rate>>,
    /// Sites and access points, a parent before its children.
    pub nodes: Vec<Node>,
    /// Subscribers.
    pub circuits: Vec<Circuit>,
    /// Addresses inside a subscriber's prefix that pass unshaped.
    pub bypass: Vec<Prefix>,
}

/// Position of a node in [`Hierarchy::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodePosition(pub u32);

/// A site or access point.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its typed id.
    pub id: NodeId,
    /// Its name, unique.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// The node above; none at the top.
    pub parent: Option<NodePosition>,
    /// What passes it at most; none where nothing on its way states it.
    pub ceiling: PerDirection<Option<Rate>>,
}

/// A subscriber's service.
#[derive(Clone, Debug)]
pub struct Circuit {
    /// The typed id of its client.
    pub id: NodeId,
    /// The Circuit ID as files have it.
    pub circuit_id: CompactString,
    /// Its name.
    pub name: CompactString,
    /// The node it hangs from; none at the top.
    pub parent: Option<NodePosition>,
    /// Its plan.
    pub rates: PerDirection<ShapedRate>,
    /// The queue it asks for.
    pub queue: PerDirection<QueueKind>,
    /// Its addresses, each with the VLANs or the net that it counts in.
    pub addresses: SmallVec<[DeviceKey; 1]>,
}
