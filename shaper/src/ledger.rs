//! What a plan must remember for the next: who has which numbers, and which numbers were given back.

use std::collections::BTreeMap;

use compact_str::CompactString;
use pleach_tc::{Handle, Identity, Interface, MapSizes, PerDirection, Slot};
use serde::{Deserialize, Serialize};

use crate::layout::Layout;
use crate::numbers::Numbers;
use crate::shape::LeafShape;
use crate::subjects::{Subject, Subjects};

/// The version of the ledger's file.
const VERSION: u32 = 1;

/// What a plan must remember for the next. Input and output of [`plan`](crate::plan), never of anything else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    version: u32,
    /// How much the classifier's maps can hold; they grow and never shrink.
    pub(crate) sizes: MapSizes,
    /// Counters given to circuits.
    pub(crate) slots: Numbers,
    pub(crate) interfaces: BTreeMap<Interface, InterfaceLedger>,
}

/// The numbers of one interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InterfaceLedger {
    /// Which layout each direction has here; none for a direction that is elsewhere.
    pub(crate) layout: PerDirection<Option<Layout>>,
    /// Leaf majors, by their place in the order they are given away in.
    pub(crate) majors: Numbers,
    /// Minors of each queue's HTB.
    pub(crate) minors: BTreeMap<u16, Numbers>,
    /// By identity.
    pub(crate) holdings: Vec<Holding>,
}

/// What someone has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Holding {
    #[serde(with = "hexadecimal")]
    pub(crate) identity: Identity,
    pub(crate) class: Handle,
    pub(crate) parent: Handle,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) leaf: Option<LeafHolding>,
    /// Counters, where it is a circuit's.
    #[serde(default = "no_slot", skip_serializing_if = "is_no_slot")]
    pub(crate) slot: Slot,
    /// What a plan that deletes the class calls it; empty where the ledger was rebuilt.
    #[serde(default, skip_serializing_if = "Holder::is_unknown")]
    pub(crate) holder: Holder,
}

/// A leaf that someone has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeafHolding {
    pub(crate) major: u16,
    pub(crate) shape: LeafShape,
}

/// Who has a class, as a plan that deletes it calls it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Holder {
    #[default]
    Unknown,
    Node(CompactString),
    Keeper(CompactString),
    Circuit {
        id: CompactString,
        #[serde(default, skip_serializing_if = "CompactString::is_empty")]
        name: CompactString,
    },
}

impl Holder {
    /// What its class is called; none where nobody knows.
    pub(crate) fn subject(&self) -> Option<Subject> {
        match self {
            Self::Unknown => None,
            Self::Node(name) => Some(Subject::Node { id: None, name: name.clone(), entry: None }),
            Self::Keeper(node) => Some(Subject::Keeper { node: node.clone() }),
            Self::Circuit { id, name } => {
                Some(Subject::Circuit { circuit_id: id.clone(), name: name.clone(), parent: CompactString::default() })
            }
        }
    }

    fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }
}

const fn no_slot() -> Slot {
    Slot::NONE
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks this way")]
fn is_no_slot(slot: &Slot) -> bool {
    *slot == Slot::NONE
}

/// Why a text is not a ledger.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// It cannot be read.
    #[error("is not a ledger")]
    Syntax(#[from] serde_json::Error),
    /// It was written by a later version of this program.
    #[error("is a ledger of version {0}, and this program knows {VERSION}")]
    Version(u32),
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            version: VERSION,
            sizes: MapSizes::default(),
            slots: Numbers::default(),
            interfaces: BTreeMap::default(),
        }
    }
}

impl Ledger {
    /// Reads what [`Ledger::to_json`] wrote.
    pub fn from_json(text: &str) -> Result<Self, LedgerError> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let Version { version } = serde_json::from_str(text)?;
        if version == VERSION { Ok(serde_json::from_str(text)?) } else { Err(LedgerError::Version(version)) }
    }

    /// The ledger as JSON: the same bytes for the same ledger.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("invariant: a ledger has no map whose keys are not text")
    }

    /// Who has which class, as far as the ledger knows: for messages when there is no plan at hand.
    pub fn subjects(&self) -> Subjects {
        let mut subjects = Subjects::default();
        for (interface, ledger) in &self.interfaces {
            let known = |holding: &Holding| Some((holding.class, holding.holder.subject()?));
            subjects.set(interface.clone(), ledger.holdings.iter().filter_map(known).collect());
        }
        subjects
    }
}

/// Identities as 32 digits.
mod hexadecimal {
    use compact_str::{CompactString, format_compact};
    use pleach_tc::Identity;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(identity: &Identity, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format_compact!("{:032x}", identity.0))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Identity, D::Error> {
        let text = CompactString::deserialize(deserializer)?;
        u128::from_str_radix(&text, 16)
            .map(Identity)
            .map_err(|_| de::Error::custom(format!("`{text}` is not an identity")))
    }
}
