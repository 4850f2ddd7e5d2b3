//! The network graph of an ISP.

mod address_policy;
mod builder;
mod capacity;
mod census;
mod circuits;
mod claims;
pub mod delimited;
mod device_map;
mod dialect;
mod distance;
pub mod guard;
mod id;
mod join;
mod junctions;
mod link;
mod names;
mod network_graph;
pub mod network_json;
mod node;
mod node_table;
mod oversold;
mod owners;
mod parent_cycles;
mod paths;
mod prefix;
mod prefix_set;
mod problem;
mod rate;
pub mod reasons;
pub mod shaped_devices;
pub mod spreadsheet;
mod sqm;
pub mod suggest;
pub mod text;
mod text_order;
mod tree;
mod view;

pub use address_policy::{AddressPolicy, Dropped, NEVER_SHAPED, NeverShape};
pub use builder::{GraphBuilder, LinkEntry, NodeEntry, read_address};
pub use capacity::{Capacity, Limit};
pub use census::{Census, Circuit, Counts, Fate, Policy, Rule, ShapedRate};
pub use circuits::CircuitIndex;
pub use device_map::{DeviceMap, Match, Target};
pub use dialect::Dialect;
pub use distance::Distance;
pub use id::{IdError, NodeId, Table};
pub use link::{COST_REFERENCE_BIT, Link};
pub use network_graph::{NetworkGraph, SetAside, TOP_NAME};
pub use node::{
    AccessPoint, Assignment, Claim, Client, Device, Node, NodeKind, Origin, Parent, Plan, PlanRate, Position, Site,
    Text,
};
pub use oversold::oversold_minimums;
pub use petgraph::graph::{EdgeIndex, NodeIndex};
pub use prefix::{Prefix, PrefixError, PrefixReading};
pub use prefix_set::PrefixSet;
pub use problem::{Code, Problem, Problems, Severity};
pub use rate::{Mbit, Rate, RateError, RateUnit};
pub use sqm::{QueueKind, Sqm, SqmError};
pub use tree::{ORPHANS_NAME, Place, PlaceIndex, PlaceKind, RELAY_NAME_PREFIX, Tree};
pub use view::{CEILING_UNSTATED, Entry, EntryIndex, EntryKind, Projection, View, ViewOptions, VirtualNodes};
