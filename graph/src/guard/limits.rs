//! How much may be lost at once.

use serde::{Deserialize, Serialize};

/// How much may be lost at once. Refused is what exceeds both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GuardLimits {
    /// This share of the circuits there were, in percent. With 100 or more nothing exceeds it.
    pub percent: u32,
    /// This many circuits: a network of ten customers may lose one.
    pub circuits: usize,
}

impl Default for GuardLimits {
    /// 10 % and 10 circuits.
    fn default() -> Self {
        Self { percent: 10, circuits: 10 }
    }
}

/// How many nodes may change at once. Refused is what exceeds both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NodeLimits {
    /// This share of the sites and access points there were, in percent. With 100 or more nothing exceeds it.
    pub percent: u32,
    /// This many of them.
    pub nodes: usize,
}

impl Default for NodeLimits {
    /// 10 % and 10 nodes.
    fn default() -> Self {
        Self { percent: 10, nodes: 10 }
    }
}

/// How many links may vanish at once. Refused is what exceeds both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinkLimits {
    /// This share of the links there were, in percent. With 100 or more nothing exceeds it.
    pub percent: u32,
    /// This many of them.
    pub links: usize,
}

impl Default for LinkLimits {
    /// 10 % and 10 links.
    fn default() -> Self {
        Self { percent: 10, links: 10 }
    }
}

/// How much of what a shaper carries may be lost at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShareLimit {
    /// This share of it, in percent. With 100 or more nothing exceeds it.
    pub percent: u32,
}

impl Default for ShareLimit {
    /// Half of it.
    fn default() -> Self {
        Self { percent: 50 }
    }
}

/// The two numbers of a limit, whatever it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Most {
    /// This share of what there was, in percent.
    pub percent: u32,
    /// This many.
    pub count: usize,
}

impl Most {
    /// Whether to lose so many of so many is too much.
    pub fn is_exceeded(self, lost: usize, of: usize) -> bool {
        let is_share = lost as u128 * 100 > of as u128 * u128::from(self.percent);
        is_share && lost > self.count
    }
}

impl From<GuardLimits> for Most {
    fn from(GuardLimits { percent, circuits }: GuardLimits) -> Self {
        Self { percent, count: circuits }
    }
}

impl From<NodeLimits> for Most {
    fn from(NodeLimits { percent, nodes }: NodeLimits) -> Self {
        Self { percent, count: nodes }
    }
}

impl From<LinkLimits> for Most {
    fn from(LinkLimits { percent, links }: LinkLimits) -> Self {
        Self { percent, count: links }
    }
}

/// The limits of each kind of loss, in each source and in all of them: 10 % and 10 unless stated; for what a shaper carries
/// half of it, whatever that is. Whatever they say, a result without any circuit is refused, a source that had circuits and has
/// none, and a shaper that would stand elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Circuits that would no longer be shaped: gone, quarantined or left out.
    pub vanished: GuardLimits,
    /// Circuits that would lose over half of their maximum rate, in one direction at least.
    pub slowed: GuardLimits,
    /// Circuits that would come to hang from the orphans, under no ceiling of the network's.
    pub orphaned: GuardLimits,
    /// All of these, each circuit once.
    pub together: GuardLimits,
    /// Sites and access points that would vanish, or be stated to hang from another node.
    pub uprooted: NodeLimits,
    /// Links that would vanish.
    pub unlinked: LinkLimits,
    /// How much less a shaper would carry at its root, in one direction at least.
    pub narrowed: ShareLimit,
}
