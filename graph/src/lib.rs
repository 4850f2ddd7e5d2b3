//! The network graph of an ISP.
mod builder;
mod capacity;
mod circuits;
mod claims;
mod distance;
mod id;
mod join;
mod link;
mod network_graph;
mod node;
mod node_table;
mod parent_cycles;
mod paths;
mod prefix;
mod prefix_set;
mod problem;
mod rate;
mod sqm;
pub mod suggest;
mod text_order;
mod tree;

pub use builder::{GraphBuilder, LinkEntry, NodeEntry, read_address};
pub use capacity::{Capacity, Limit};
pub use circuits::CircuitIndex;
pub use distance::Distance;
pub use id::{IdError, NodeId, Table};
pub use link::{COST_REFERENCE_BIT, Link};
pub use network_graph::{NetworkGraph, SetAside, TOP_NAME};
pub use node::{
    AccessPoint, Assignment, Claim, Client, Device, Node, NodeKind, Origin, Parent, Plan, PlanRate, Position, Site,
    Text,
};
pub use petgraph::graph::{EdgeIndex, NodeIndex};
pub use prefix::{Prefix, PrefixError, PrefixReading};
pub use prefix_set::PrefixSet;
pub use problem::{Code, Problem, Problems, Severity};
pub use rate::{Mbit, Rate, RateError, RateUnit};
pub use sqm::{QueueKind, Sqm, SqmError};
pub use tree::{ORPHANS_NAME, Place, PlaceIndex, PlaceKind, RELAY_NAME_PREFIX, Tree};
