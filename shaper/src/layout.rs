//! How a direction lies on its queues, and what each queue's link class carries.

use pleach_tc::Identity;
use serde::{Deserialize, Serialize};

use crate::ceilings::UNLIMITED;
use crate::settings::RootSpread;

/// How a direction lies on the transmit queues it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// All under the HTB of its first queue, which holds the root's ceiling.
    One,
    /// On the HTBs of all its queues.
    Spread,
}

/// What decides a direction's layout.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// How many queues the direction has.
    pub(crate) queues: u16,
    /// The root's ceiling.
    pub(crate) root: Option<u64>,
    /// What all could send at most together.
    pub(crate) wanted: u64,
    pub(crate) root_spread: RootSpread,
}

impl Facts {
    /// Whether the root's ceiling can bind.
    pub(crate) fn root_binds(&self) -> bool {
        self.root.is_some_and(|root| self.wanted > root)
    }

    /// The layout that is best, whatever there is.
    pub(crate) fn best(&self) -> Layout {
        match self.root_spread {
            _ if self.queues < 2 => Layout::One,
            RootSpread::One if self.root_binds() => Layout::One,
            _ => Layout::Spread,
        }
    }

    /// The layout that is kept, given what there is.
    pub(crate) fn sticky(&self, known: Option<Layout>) -> Layout {
        match known {
            Some(layout) if self.queues > 1 => layout,
            _ => self.best(),
        }
    }
}

/// The ceiling of addresses that nobody has, where none is configured: never derived from what others leave, so that a new
/// subscriber does not change it.
pub(crate) fn unknown_ceiling(layout: Layout, root: Option<u64>) -> u64 {
    const LEAST: u64 = 1_000_000;
    const PART: u64 = 10;
    match (layout, root) {
        (_, None) => UNLIMITED,
        (Layout::One, Some(root)) => root,
        (Layout::Spread, Some(root)) => (root / PART).max(LEAST),
    }
}

/// Divides a ceiling among queues by weight, in parts of a 128th: a new subscriber changes a share only now and then.
pub(crate) fn shares(ceiling: u64, weights: &[u64]) -> Vec<u64> {
    const PARTS: u64 = 128;
    let queues = weights.len() as u64;
    let all = PARTS.max(queues * 4); // each queue has one at least
    let total = weights.iter().map(|&weight| u128::from(weight)).sum::<u128>().max(1);
    let free = u128::from(all - queues);
    let mut parts: Vec<u64> = Vec::with_capacity(weights.len());
    let mut rests: Vec<(u128, usize)> = Vec::with_capacity(weights.len());
    for (queue, &weight) in weights.iter().enumerate() {
        let exact = u128::from(weight) * free;
        parts.push(1 + u64::try_from(exact / total).unwrap_or(0));
        rests.push((exact % total, queue));
    }
    // The largest rest gets what rounding left over, the lower queue among equals.
    rests.sort_by_key(|&(rest, queue)| (std::cmp::Reverse(rest), queue));
    let left = all.saturating_sub(parts.iter().sum());
    for &(_, queue) in rests.iter().take(usize::try_from(left).unwrap_or(0)) {
        parts[queue] += 1;
    }
    let share = |part: u64| u64::try_from(u128::from(ceiling) * u128::from(part) / u128::from(all)).unwrap_or(ceiling);
    parts.into_iter().map(share).collect()
}

/// What stands under an interface's own handle in the kernel's map of identities: the layout of each direction.
const TAG: u128 = 0x706c_6561_6368_0001; // `pleach`, and the version of what follows

/// The layouts of an interface's directions, as the kernel's map has them.
pub(crate) fn to_identity(download: Option<Layout>, upload: Option<Layout>) -> Identity {
    let code = |layout| match layout {
        None => 0_u128,
        Some(Layout::One) => 1,
        Some(Layout::Spread) => 2,
    };
    Identity(TAG << 64 | code(download) << 8 | code(upload))
}

/// The layouts of an interface's directions; none where it is not an identity that [`to_identity`] made.
pub(crate) fn from_identity(identity: Identity) -> Option<[Option<Layout>; 2]> {
    if identity.0 >> 64 != TAG {
        return None;
    }
    let layout = |code: u128| match code & 0xff {
        1 => Some(Layout::One),
        2 => Some(Layout::Spread),
        _ => None,
    };
    Some([layout(identity.0 >> 8), layout(identity.0)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_root_that_can_bind_is_held_by_one_htb() {
        let facts = Facts { queues: 4, root: Some(100), wanted: 101, root_spread: RootSpread::One };
        assert_eq!(facts.best(), Layout::One);
        assert_eq!(Facts { root_spread: RootSpread::Shares, ..facts }.best(), Layout::Spread);
        assert_eq!(Facts { wanted: 100, ..facts }.best(), Layout::Spread);
        assert_eq!(Facts { root: None, ..facts }.best(), Layout::Spread);
        assert_eq!(Facts { root: None, queues: 1, ..facts }.best(), Layout::One);
        assert_eq!(facts.sticky(Some(Layout::Spread)), Layout::Spread, "what there is stays");
        assert_eq!(Facts { queues: 1, ..facts }.sticky(Some(Layout::Spread)), Layout::One, "but for queues that went");
    }

    #[test]
    fn layouts_survive_the_kernel() {
        for download in [None, Some(Layout::One), Some(Layout::Spread)] {
            for upload in [None, Some(Layout::One), Some(Layout::Spread)] {
                assert_eq!(from_identity(to_identity(download, upload)), Some([download, upload]));
            }
        }
        assert_eq!(from_identity(Identity(1)), None);
    }

    proptest! {
        #[test]
        fn shares_add_up_to_the_ceiling_at_most(ceiling in 0_u64..1 << 50, weights in proptest::collection::vec(0_u64..1 << 45, 1..200)) {
            let shares = shares(ceiling, &weights);
            prop_assert!(shares.iter().sum::<u64>() <= ceiling);
            prop_assert!(shares.iter().sum::<u64>() + 200 + 128 * 4 >= ceiling, "and hardly less");
        }
    }
}
