//! The overlay that this host has its part in, and that carries some of the subscribers.

use std::path::PathBuf;

use pleach_tc::MarkField;
use serde::{Deserialize, Serialize};

/// The overlay that this host has its part in, and that carries some of the subscribers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overlay {
    /// The file that all hosts share: directives where its name ends in `.lsctl`, else TOML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// The phys that is this host's. Without it the file says which are local.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phys: Option<String>,
    /// Which bits of `skb->mark` hold the number of the net that an upload came out of on this host; 0: none.
    #[serde(skip_serializing_if = "MarkField::is_none")]
    pub mark: MarkField,
}

impl Overlay {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
