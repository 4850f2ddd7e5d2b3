//! How two generations of a network differ, in the words of an operator: who came and went, who moved, whose rates and
//! addresses are others, which nodes and links carry more or less.
//!
//! ```
//! use pleach_graph::diff::{NetworkDiff, Side};
//! use pleach_graph::{Census, NetworkGraph, Policy, Rate, Table, Tree};
//!
//! let (clients, devices) = (Table::new("crm", "client")?, Table::new("crm", "device")?);
//! let network = |mbit| {
//!     let mut network = NetworkGraph::builder();
//!     network.client(clients.id("1"), "Jones").plan(Rate::from_mbit(mbit), Rate::from_mbit(20));
//!     network.device(devices.id("1"), "").parent(clients.id("1")).addresses("100.64.0.1");
//!     let (network, _) = network.build();
//!     let census = Census::take(&network, &Policy::default());
//!     (network, census)
//! };
//! let ((network, census), (next_network, next_census)) = (network(50), network(100));
//! let (tree, next_tree) = (Tree::grow(&network, network.top()), Tree::grow(&next_network, next_network.top()));
//!
//! let before = Side::new(&network, &census, [&tree]);
//! let after = Side::new(&next_network, &next_census, [&next_tree]);
//! let diff = NetworkDiff::between(&before, &after);
//! let mut text = Vec::new();
//! diff.write(10, &mut text)?;
//! assert_eq!(
//!     String::from_utf8(text)?,
//!     "rates changed: 1
//!   ~ `crm:client:1` (`Jones`)  down max 50 Mbit/s -> 100 Mbit/s, down min 5 Mbit/s -> 10 Mbit/s
//! circuits: 1 changed, 0 unchanged; nodes: 1 unchanged
//! "
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod circuits;
mod everything;
mod facts;
mod links;
mod nodes;
mod pairs;
mod render;
mod same;
mod side;
mod table;

use std::collections::BTreeSet;

use serde::Serialize;

pub use circuits::CircuitChanges;
pub use everything::Everything;
pub use facts::{
    CapacityFacts, Change, CircuitFacts, Ends, Exchange, FromTo, LinkFacts, Named, NodeFacts, Rates, Reach,
    StatedParent,
};
pub use links::LinkChanges;
pub use nodes::NodeChanges;
pub(crate) use pairs::{Pair, pairs};
pub(crate) use render::named;
pub use side::Side;
pub(crate) use side::SideCircuit;

use crate::net::Net;
use crate::prefix::Prefix;

/// How two generations differ. Each list is in order of typed id; who is the same goes by the typed id and never by a name.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct NetworkDiff {
    /// Circuits.
    pub circuits: CircuitChanges,
    /// Sites, access points, and devices that belong to no circuit.
    pub nodes: NodeChanges,
    /// Links that their source states. The link that stands for a parent changes with its node.
    pub links: LinkChanges,
    /// What passes unshaped inside a wider shaped prefix.
    pub bypass: BypassChanges,
    /// Nets that are bound.
    #[serde(skip_serializing_if = "NetChanges::is_empty")]
    pub nets: NetChanges,
}

/// Nets that are bound, or no longer are. One that changes is in both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NetChanges {
    /// These are no longer bound so.
    pub removed: Vec<Net>,
    /// These are now.
    pub added: Vec<Net>,
}

impl NetChanges {
    fn between(before: &[Net], after: &[Net]) -> Self {
        let missing = |from: &[Net], of: &[Net]| of.iter().filter(|net| !from.contains(net)).cloned().collect();
        Self { removed: missing(after, before), added: missing(before, after) }
    }

    fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.added.is_empty()
    }
}

/// Prefixes that pass unshaped, or no longer do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BypassChanges {
    /// These no longer pass unshaped.
    pub removed: Vec<Prefix>,
    /// These do now.
    pub added: Vec<Prefix>,
}

impl NetworkDiff {
    /// What it takes to come from `before` to `after`.
    pub fn between(before: &Side<'_>, after: &Side<'_>) -> Self {
        let missing = |from: &BTreeSet<Prefix>, of: &BTreeSet<Prefix>| of.difference(from).copied().collect();
        let (old, new) = (before.census.bypass(), after.census.bypass());
        Self {
            circuits: circuits::compare(before, after),
            nodes: nodes::compare(before.network, after.network),
            links: links::compare(before.network, after.network),
            nets: NetChanges::between(before.network.nets(), after.network.nets()),
            bypass: BypassChanges { removed: missing(new, old), added: missing(old, new) },
        }
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.circuits.is_empty()
            && self.nodes.is_empty()
            && self.links.is_empty()
            && self.bypass == BypassChanges::default()
            && self.nets.is_empty()
    }
}
