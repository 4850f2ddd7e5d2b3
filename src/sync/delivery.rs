//! What has been done for the current generation, which itself does not change any more.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::exit::Failure;
use crate::state::{StateError, read_optional, replace_file};

/// What has been done for a generation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Delivery {
    /// Which generation.
    pub generation: u64,
    /// Whether its files are in the folders of their readers.
    pub published: bool,
    /// Which shapers' kernels hold it; by the shaper's name.
    pub applied: BTreeMap<String, Done>,
    /// Whether the hook was run for it, and how that ended.
    pub hook: Option<Done>,
}

/// How something ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// When.
    pub at: Timestamp,
    /// In which boot of this host: what a kernel held is gone after the next.
    pub boot: String,
    /// Of what configuration, by the hash of its text: leaves, interfaces and queues are in no generation. Empty for a hook.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub configuration: String,
    /// Why it failed; none if it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Delivery {
    fn path(state: &Path) -> PathBuf {
        state.join("delivery.json")
    }

    /// What has been done for a generation: nothing, where what is written there is about another one.
    pub fn of(state: &Path, generation: u64) -> Result<Self, StateError> {
        let text = read_optional(&Self::path(state))?;
        let read: Self = text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        Ok(if read.generation == generation { read } else { Self { generation, ..Self::default() } })
    }

    pub(super) fn write(&self, state: &Path) -> Result<(), Failure> {
        let text = serde_json::to_vec_pretty(self).expect("invariant: a delivery is text and numbers");
        Ok(replace_file(&Self::path(state), &text)?)
    }

    /// Whether a shaper's kernel was made to hold it, in this boot and as this configuration says.
    pub fn is_applied(&self, shaper: &str, boot: &str, configuration: &str) -> bool {
        let holds = |done: &Done| done.error.is_none() && done.boot == boot && done.configuration == configuration;
        self.applied.get(shaper).is_some_and(holds)
    }
}
