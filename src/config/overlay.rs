//! Which overlay this host has its part in.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Which overlay this host has its part in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overlay {
    /// The file that all hosts share: directives where its name ends in `.lsctl`, else TOML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// The phys that is this host's. Without it the file says which are local.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phys: Option<String>,
}

impl Overlay {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
