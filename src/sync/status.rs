//! What the runs so far came to: one small file, replaced by each.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pleach_graph::Counts;
use serde::{Deserialize, Serialize};

use super::report::Report;
use crate::exit::Failure;
use crate::state::{StateError, read_optional, replace_file};

/// What the runs so far came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// The last run.
    pub last_run: Option<Report>,
    /// When a run last went through, whether it changed anything or not.
    pub last_success: Option<Timestamp>,
    /// Circuits of the last run that read the network, counted.
    pub counts: Option<Counts>,
    /// How many problems of each code it found.
    pub problems: BTreeMap<String, usize>,
    /// What is known of each source.
    pub sources: BTreeMap<String, SourceStatus>,
    /// Hashes of what the last run said: what the next one does not say again when it is quiet.
    pub said: BTreeSet<String>,
}

/// What is known of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceStatus {
    /// When it last answered.
    pub last_success: Timestamp,
    /// When it last answered what the network is: what was refused does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Timestamp>,
}

impl Status {
    fn path(state: &Path) -> PathBuf {
        state.join("status.json")
    }

    /// Reads it; one that is not there, or cannot be understood, is as if there had been no run.
    pub fn read(state: &Path) -> Result<Self, StateError> {
        let text = read_optional(&Self::path(state))?;
        Ok(text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default())
    }

    /// Replaces it.
    pub(super) fn write(&self, state: &Path) -> Result<(), Failure> {
        let text = serde_json::to_vec_pretty(self).expect("invariant: a status is text and numbers");
        Ok(replace_file(&Self::path(state), &text)?)
    }

    /// How long ago each source last answered.
    pub fn ages(&self, now: Timestamp) -> impl Iterator<Item = (&str, jiff::SignedDuration)> {
        self.sources.iter().map(move |(name, source)| (name.as_str(), now.duration_since(source.last_success)))
    }
}
