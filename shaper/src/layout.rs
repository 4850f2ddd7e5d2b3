//! How a direction lies on its queues, and which queues are its.

use serde::{Deserialize, Serialize};

/// How a direction lies on the transmit queues it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// All under the HTB of its first queue, which holds the root's ceiling.
    One,
    /// On the HTBs of all its queues.
    Spread,
}
