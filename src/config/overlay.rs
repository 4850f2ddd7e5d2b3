//! The overlay that carries some of the subscribers.

use std::path::PathBuf;

use pleach_tc::MarkField;
use serde::{Deserialize, Serialize};

/// The overlay that carries some of the subscribers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overlay {
    /// The file that describes it, in TOML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Which bits of `skb->mark` hold the number of the net that an upload came out of on this host; 0: none.
    #[serde(skip_serializing_if = "MarkField::is_none")]
    pub mark: MarkField,
}
