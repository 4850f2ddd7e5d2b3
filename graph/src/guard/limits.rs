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

impl GuardLimits {
    /// Whether to lose so many of so many circuits is too much.
    pub fn are_exceeded(self, lost: usize, of: usize) -> bool {
        let is_share = lost as u128 * 100 > of as u128 * u128::from(self.percent);
        is_share && lost > self.circuits
    }
}

/// The limits of each kind of loss, in each source and in all of them: 10 % and 10 circuits unless stated. Whatever they
/// say, a result without any circuit is refused, and a source that had circuits and has none.
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
}
