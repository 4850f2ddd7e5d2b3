//! What changes, as facts: the same for text and JSON. Rates are in bit/s, as their keys say.

use serde::Serialize;

use crate::capacity::Capacity;
use crate::census::Fate;
use crate::id::NodeId;
use crate::node::Text;
use crate::rate::Rate;

/// Something, by its id and its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Its id.
    pub id: NodeId,
    /// Its name; of something on both sides the newer one that is known.
    pub name: Text,
}

/// What something was and what it is now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change<T> {
    /// What it is about.
    #[serde(flatten)]
    pub of: Named,
    /// What it was.
    pub from: T,
    /// What it is.
    pub to: T,
}

/// What something has no more, and what it has now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exchange<T> {
    /// What it is about.
    #[serde(flatten)]
    pub of: Named,
    /// In order.
    pub removed: Vec<T>,
    /// In order.
    pub added: Vec<T>,
    /// What it still has, and is not as it was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<T>,
}

impl<T> Exchange<T> {
    pub(super) fn none(of: Named) -> Self {
        Self { of, removed: Vec::new(), added: Vec::new(), changed: Vec::new() }
    }

    /// Adds it to a list, unless it is none; whether it did.
    pub(super) fn push_to(self, list: &mut Vec<Self>) -> bool {
        let is_any = self.removed.len() + self.added.len() + self.changed.len() > 0;
        if is_any {
            list.push(self);
        }
        is_any
    }
}

/// A number before and after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FromTo {
    /// Before.
    pub from: usize,
    /// After.
    pub to: usize,
}

/// What a source says that something hangs from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "stated")]
pub enum StatedParent {
    /// This node.
    Node(Named),
    /// A node that is not in the network.
    Unknown,
    /// Nothing: links say where it is.
    Nothing,
}

/// The rates of a circuit: as they are shaped, or as its source states them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rates {
    /// The minimum towards the subscriber.
    pub down_min_bit: Option<Rate>,
    /// The maximum towards the subscriber.
    pub down_max_bit: Option<Rate>,
    /// The minimum from the subscriber.
    pub up_min_bit: Option<Rate>,
    /// The maximum from the subscriber.
    pub up_max_bit: Option<Rate>,
}

/// Whether a path leads to a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// In one of the trees at least.
    Placed,
    /// It hangs from the orphans in every tree.
    Orphaned,
}

/// A circuit that came or went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CircuitFacts {
    /// Which.
    #[serde(flatten)]
    pub of: Named,
    /// What became of it.
    #[serde(flatten)]
    pub fate: Fate,
    /// What it hangs from; none where its record could not be used.
    pub parent: Option<StatedParent>,
    /// Its rates; none where its record could not be used.
    pub rates: Option<Rates>,
}

/// The capacity of a node or a link, as far as it is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CapacityFacts {
    /// Down: from parent to site, from an access point to its stations, from a link's first end to its second.
    pub down_bit: Option<Rate>,
    /// Up.
    pub up_bit: Option<Rate>,
}

impl From<Capacity> for CapacityFacts {
    fn from(capacity: Capacity) -> Self {
        Self { down_bit: capacity.down.rate(), up_bit: capacity.up.rate() }
    }
}

/// A node that came or went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NodeFacts {
    /// Which.
    #[serde(flatten)]
    pub of: Named,
    /// What it is: `site`, `virtual site`, `access point`, `device`.
    pub kind: &'static str,
    /// What it hangs from.
    pub parent: StatedParent,
    /// What it can carry.
    #[serde(flatten)]
    pub capacity: CapacityFacts,
}

/// A link's ends, down from the first to the second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ends {
    /// The first.
    pub first: Named,
    /// The second.
    pub second: Named,
}

/// A link that came or went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkFacts {
    /// Its id.
    pub id: NodeId,
    /// Where it leads.
    #[serde(flatten)]
    pub ends: Ends,
    /// What it carries.
    #[serde(flatten)]
    pub capacity: CapacityFacts,
    /// The cost that is stated.
    pub cost: Option<u32>,
}
