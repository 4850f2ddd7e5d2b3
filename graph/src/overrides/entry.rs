//! The entries of an overrides file.

use jiff::Timestamp;
use serde::Serialize;

use crate::id::NodeId;
use crate::node::Text;
use crate::overrides::expiry::Expiry;
use crate::overrides::setting::Setting;

/// An overrides file, as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    pub(super) document: Text,
    pub(super) entries: Vec<Override>,
}

/// An entry: what it sets, of which node or link, and until when.
///
/// As data for a hash it is what it sets and of what: neither its note, nor where it stands, nor its expiry decide anything
/// while it is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Override {
    /// Of what.
    pub subject: Subject,
    /// What it sets, each with its line, from 1.
    #[serde(serialize_with = "without_lines")]
    pub settings: Vec<(u32, Setting)>,
    /// When it ends, if it does, with its line.
    #[serde(skip)]
    pub expires: Option<(u32, Expiry)>,
    /// Why it is there, in the operator's words; may be empty.
    #[serde(skip)]
    pub note: Text,
    /// Its line, from 1.
    #[serde(skip)]
    pub line: u32,
}

/// What an override is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The node or link with this id.
    Id(NodeId),
    /// Every link between these two nodes; down is from the first to the second.
    Between([NodeId; 2]),
}

/// The entries that are in force at one time, in the order of the file: what decides, for a hash of a run's inputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InForce<'o>(Vec<&'o Override>);

impl Overrides {
    /// The name of the file.
    pub fn document(&self) -> &str {
        &self.document
    }

    /// The entries, in the order of the file.
    pub fn entries(&self) -> &[Override] {
        &self.entries
    }

    /// The entries that have not expired at `now`.
    pub fn in_force(&self, now: Timestamp) -> InForce<'_> {
        InForce(self.entries.iter().filter(|entry| entry.holds(now)).collect())
    }
}

impl Override {
    /// Whether it has not expired at `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.expires.as_ref().is_none_or(|(_, expiry)| expiry.holds(now))
    }
}

impl<'o> InForce<'o> {
    /// The entries.
    pub fn entries(&self) -> &[&'o Override] {
        &self.0
    }
}

fn without_lines<S: serde::Serializer>(settings: &[(u32, Setting)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(settings.iter().map(|(_, setting)| setting))
}
