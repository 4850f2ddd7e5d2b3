//! Queueing disciplines.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::handle::Handle;
use crate::leaf::Leaf;

/// A qdisc as it hangs in an interface; its own handle is the key it is kept under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Qdisc {
    /// A class, [`Handle::ROOT`], or `major:queue` of an `mq` (queues count from 1 there).
    pub parent: Handle,
    /// What it is.
    pub kind: QdiscKind,
}

/// What a qdisc is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QdiscKind {
    /// One child per transmit queue.
    Mq,
    /// Hierarchical token bucket. Its default class is always 0, so that what no one classified passes at once
    /// (`direct_packets` counts it) instead of being held in a class that may not exist yet.
    Htb,
    /// A queue for the packets of one class.
    Leaf(Leaf),
    /// Anything else, by its name: not ours.
    Other(CompactString),
}

impl QdiscKind {
    /// The kernel's name for it.
    pub fn name(&self) -> &str {
        match self {
            Self::Mq => "mq",
            Self::Htb => "htb",
            Self::Leaf(leaf) => leaf.kind(),
            Self::Other(name) => name,
        }
    }
}
