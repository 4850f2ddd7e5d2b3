//! The network graph of an ISP: what its systems say of subscribers and the network that carries them, and the tree that
//! one shaper sees of it.
//!
//! # A flat network
//!
//! Clients with their devices, and nothing else: each client is one circuit with a plan, whatever devices it has.
//!
//! ```
//! use pleach_graph::{Code, NetworkGraph, PlaceIndex, Rate, Table, Tree};
//!
//! let (clients, devices) = (Table::new("crm", "client")?, Table::new("crm", "device")?);
//!
//! let mut network = NetworkGraph::builder();
//! network
//!     .client(clients.id("1001"), "The Doe Family")
//!     .plan(Rate::from_mbit(100), Rate::from_mbit(20));
//! network
//!     .device(devices.id("2001"), "Doe Family CPE")
//!     .parent(clients.id("1001"))
//!     .addresses("100.64.1.5, feed:beef::12/64")
//!     .mac("00:00:5e:00:53:af");
//! let (network, problems) = network.build();
//!
//! // Nothing fails; what is doubtful is said. This address could be a host or its whole network.
//! assert_eq!(problems.as_slice()[0].code, Code::HostBits);
//! assert_eq!(problems.as_slice()[0].hint, "write `feed:beef::12`, or `feed:beef::/64` if the whole network is meant");
//!
//! let tree = Tree::grow(&network, network.top());
//! assert_eq!(network.circuits().len(), 1);
//! assert_eq!(tree.circuit_place(0), PlaceIndex::ROOT);
//! # Ok::<(), pleach_graph::IdError>(())
//! ```
//!
//! # A network with sites and access points
//!
//! The same, with parents. Nodes may come in any order, and each has what it can carry: a site the capacity of the link to
//! its parent, an access point its sector's.
//!
//! ```
//! # use pleach_graph::{Capacity, NetworkGraph, Rate, Table, Tree};
//! # let (clients, devices) = (Table::new("crm", "client")?, Table::new("crm", "device")?);
//! let (sites, aps) = (Table::new("crm", "site")?, Table::new("crm", "ap")?);
//! let both_ways = |mbit| Capacity::from_mbit(mbit, mbit);
//!
//! let mut network = NetworkGraph::builder();
//! network.site(sites.id("1"), "Site_1").capacity(both_ways(1000));
//! network.site(sites.id("2"), "Site_2").capacity(both_ways(500));
//!
//! network.access_point(aps.id("A"), "AP_A").parent(sites.id("1")).capacity(both_ways(500));
//! network.site(sites.id("3"), "Site_3").parent(sites.id("1")).capacity(both_ways(500));
//! network.site(sites.id("5"), "Site_5").parent(sites.id("3")).capacity(both_ways(200));
//! network.access_point(aps.id("9"), "AP_9").parent(sites.id("5")).capacity(both_ways(120));
//! network.site(sites.id("6"), "Site_6").parent(sites.id("5")).capacity(both_ways(60));
//! network.access_point(aps.id("11"), "AP_11").parent(sites.id("6")).capacity(both_ways(30));
//! network.site(sites.id("4"), "Site_4").parent(sites.id("2")).capacity(both_ways(200));
//! network.access_point(aps.id("7"), "AP_7").parent(sites.id("4")).capacity(both_ways(100));
//! network.access_point(aps.id("1"), "AP_1").parent(sites.id("2")).capacity(both_ways(150));
//!
//! network
//!     .client(clients.id("1001"), "The Doe Family")
//!     .parent(sites.id("5"))
//!     .plan(Rate::from_mbit(100), Rate::from_mbit(20));
//! network.device(devices.id("2001"), "Doe Family CPE").parent(clients.id("1001")).addresses("100.64.1.5");
//! let (network, problems) = network.build();
//! assert!(problems.is_empty());
//!
//! // From the top, the Doe Family is behind three sites, the narrowest of them at 200 Mbit/s.
//! let tree = Tree::grow(&network, network.top());
//! let does = tree.circuit_place(0);
//! let way: Vec<_> = tree.path_up(does).map(|place| tree.place_name(place)).collect();
//! assert_eq!(way, ["Site_5", "Site_3", "Site_1", "Internet"]);
//! assert_eq!(tree.at(does).ceiling, both_ways(200));
//!
//! // A shaper at Site_2 sees the same network from there: the rest is behind the top.
//! let site_2 = network.find(&sites.id("2")).expect("it was added above");
//! let tree = Tree::grow(&network, site_2);
//! let way: Vec<_> = tree.path_up(tree.circuit_place(0)).map(|place| tree.place_name(place)).collect();
//! assert_eq!(way, ["Site_5", "Site_3", "Site_1", "Internet", "Site_2"]);
//! # Ok::<(), pleach_graph::IdError>(())
//! ```

mod address_policy;
mod builder;
mod bypass;
mod bytes;
mod capacity;
mod census;
mod circuits;
mod claims;
pub mod delimited;
mod device_map;
mod dialect;
pub mod diff;
mod distance;
mod find;
pub mod guard;
mod id;
mod join;
mod junctions;
mod link;
mod names;
mod net;
mod nets;
mod network_graph;
pub mod network_json;
mod node;
mod node_entry;
mod node_table;
mod order;
pub mod overrides;
mod oversold;
mod owners;
mod parent_cycles;
mod paths;
mod prefix;
mod prefix_set;
mod problem;
mod rate;
pub mod rate_text;
pub mod reasons;
pub mod same;
pub mod shaped_devices;
mod shared_client;
pub mod spreadsheet;
mod sqm;
mod stated_reason;
pub mod stored;
pub mod suggest;
pub mod text;
mod text_order;
mod tree;
mod view;
pub mod words;

pub use address_policy::{AddressPolicy, Dropped, NEVER_SHAPED, NeverShape};
pub use builder::{GraphBuilder, LinkEntry};
pub use bytes::Bytes;
pub use capacity::{Capacity, Limit};
pub use census::{Census, Circuit, Counts, Fate, Policy, Rule, ShapedRate};
pub use circuits::CircuitIndex;
pub use device_map::{DeviceMap, Match, Target};
pub use dialect::Dialect;
pub use distance::Distance;
pub use find::FindError;
pub use id::{IdError, NodeId, Table};
pub use link::{COST_REFERENCE_BIT, Link};
pub use net::{Net, NetTag, NetVirt, Tunnel, TunnelProtocol, TunnelSide};
pub use network_graph::{NetworkGraph, SetAside, TOP_NAME};
pub use node::{
    AccessPoint, Assignment, Claim, Client, Device, Node, NodeKind, Origin, Parent, Plan, PlanRate, Position, Site,
    Text,
};
pub use node_entry::{NodeEntry, read_address, read_subscriber_address};
pub use oversold::oversold_minimums;
pub use petgraph::graph::{EdgeIndex, NodeIndex};
pub use prefix::{Prefix, PrefixError, PrefixReading};
pub use prefix_set::PrefixSet;
pub use problem::{Code, Problem, Problems, Severity};
pub use rate::{Mbit, Rate, RateError, RateUnit};
pub use shared_client::{SharedClient, SharedService};
pub use sqm::{QueueKind, Sqm, SqmError};
pub use stated_reason::{Aspect, StatedReason};
pub use tree::{ORPHANS_NAME, Place, PlaceIndex, PlaceKind, RELAY_NAME_PREFIX, Tree};
pub use view::{CEILING_UNSTATED, Entry, EntryIndex, EntryKind, Projection, View, ViewOptions, VirtualNodes};
