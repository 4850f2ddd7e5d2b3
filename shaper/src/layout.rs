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
    /// What subscribers could: `wanted` less what is beside the tree.
    pub(crate) subscribers: u64,
    pub(crate) root_spread: RootSpread,
}

/// A direction begins on several queues only where all that subscribers could send fits so many times into the root's ceiling.
///
/// As soon as the root can bind, everybody moves under one HTB and gets a new class: half a ceiling of room puts that off until
/// the network has doubled, and makes it rare that it happens at all.
const ROOM_TO_GROW: u64 = 2;

impl Facts {
    /// Whether the root's ceiling can bind.
    pub(crate) fn root_binds(&self) -> bool {
        self.root.is_some_and(|root| self.wanted > root)
    }

    /// Whether the network could grow a good deal before the root's ceiling binds.
    fn has_room(&self) -> bool {
        !self.root_binds() && self.root.is_none_or(|root| self.subscribers.saturating_mul(ROOM_TO_GROW) <= root)
    }

    /// The layout that is best, whatever there is.
    pub(crate) fn best(&self) -> Layout {
        match self.root_spread {
            _ if self.queues < 2 => Layout::One,
            RootSpread::One if !self.has_room() => Layout::One,
            _ => Layout::Spread,
        }
    }

    /// The layout that is kept, given what there is: until the root's ceiling would not hold, or would cut plans short that
    /// nobody asked to share it in parts.
    pub(crate) fn sticky(&self, known: Option<Layout>) -> Layout {
        match known {
            Some(Layout::Spread) if self.must_leave_queues() => Layout::One,
            Some(layout) if self.queues > 1 => layout,
            _ => self.best(),
        }
    }

    /// Whether a direction that is on several queues cannot stay there.
    pub(crate) fn must_leave_queues(&self) -> bool {
        self.root_spread == RootSpread::One && self.root_binds()
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

/// What a queue has to carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Load {
    /// The plans on it, added up.
    pub(crate) weight: u64,
    /// The largest of them, as far as it can be reached at all.
    pub(crate) largest: u64,
}

/// Divides a ceiling among queues by weight, but so that the largest plan of each fits. Where those do not fit together, the
/// smallest of them do, and what is left is the others' in equal shares.
pub(crate) fn shares(ceiling: u64, loads: &[Load]) -> Vec<u64> {
    let largest: Vec<u64> = loads.iter().map(|load| load.largest.min(ceiling)).collect();
    if largest.iter().fold(0, |sum: u64, rate| sum.saturating_add(*rate)) > ceiling {
        return fill(ceiling, &largest);
    }
    let mut fixed: Vec<Option<u64>> = vec![None; loads.len()];
    loop {
        let open: Vec<usize> = (0..loads.len()).filter(|&queue| fixed[queue].is_none()).collect();
        let weights: Vec<u64> = open.iter().map(|&queue| loads[queue].weight).collect();
        let parts = by_weight(ceiling - fixed.iter().flatten().sum::<u64>(), &weights);
        let short = |(&queue, &part): (&usize, &u64)| (part < largest[queue]).then_some(queue);
        let short: Vec<usize> = open.iter().zip(&parts).filter_map(short).collect();
        if short.is_empty() {
            let mut parts = parts.into_iter();
            return fixed.into_iter().map(|fixed| fixed.unwrap_or_else(|| parts.next().unwrap_or(0))).collect();
        }
        for queue in short {
            fixed[queue] = Some(largest[queue]);
        }
    }
}

/// Gives each what it wants, those that want least first, and at most an equal part of what is left.
fn fill(ceiling: u64, wanted: &[u64]) -> Vec<u64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|&queue| (wanted[queue], queue));
    let mut left = ceiling;
    let mut given = vec![0; wanted.len()];
    for (queue, waiting) in order.into_iter().zip((1..=wanted.len() as u64).rev()) {
        given[queue] = wanted[queue].min(left / waiting);
        left -= given[queue];
    }
    given
}

/// Divides a ceiling by weight, in parts of a 128th: a new subscriber changes a share only now and then.
fn by_weight(ceiling: u64, weights: &[u64]) -> Vec<u64> {
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

    const FACTS: Facts =
        Facts { queues: 4, root: Some(100), wanted: 60, subscribers: 50, root_spread: RootSpread::One };

    #[test]
    fn several_queues_need_a_root_with_room() {
        assert_eq!(FACTS.best(), Layout::Spread);
        assert_eq!(Facts { subscribers: 51, ..FACTS }.best(), Layout::One, "half the root's ceiling is room to grow");
        assert_eq!(Facts { wanted: 101, ..FACTS }.best(), Layout::One);
        assert_eq!(Facts { wanted: 101, root_spread: RootSpread::Shares, ..FACTS }.best(), Layout::Spread);
        assert_eq!(Facts { root: None, wanted: 101, subscribers: 99, ..FACTS }.best(), Layout::Spread);
        assert_eq!(Facts { root: None, queues: 1, ..FACTS }.best(), Layout::One);
    }

    #[test]
    fn what_there_is_stays_until_a_ceiling_would_not_hold() {
        let spread = Some(Layout::Spread);
        assert_eq!(Facts { subscribers: 99, wanted: 100, ..FACTS }.sticky(spread), Layout::Spread);
        let binds = Facts { subscribers: 99, wanted: 101, ..FACTS };
        assert_eq!(binds.sticky(spread), Layout::One);
        assert_eq!(Facts { root_spread: RootSpread::Shares, ..binds }.sticky(spread), Layout::Spread);
        assert_eq!(FACTS.sticky(Some(Layout::One)), Layout::One, "never back, unless asked");
        assert_eq!(Facts { queues: 1, ..FACTS }.sticky(spread), Layout::One, "queues that went");
    }

    fn loads(of: &[(u64, u64)]) -> Vec<Load> {
        of.iter().map(|&(weight, largest)| Load { weight, largest }).collect()
    }

    #[test]
    fn a_share_carries_the_largest_plan_of_its_queue() {
        assert_eq!(shares(1_280, &loads(&[(900, 100), (100, 100)])), [1_140, 140], "by weight, where that is enough");
        assert_eq!(shares(1_280, &loads(&[(990, 100), (10, 400)])), [880, 400]);
        assert_eq!(shares(200, &loads(&[(200, 200), (10, 10)])), [190, 10], "where it is not, the smallest are whole");
        assert_eq!(shares(200, &loads(&[(9, 200), (10, 150), (10, 10)])), [95, 95, 10]);
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
        fn shares_add_up_to_the_ceiling_at_most(
            ceiling in 0_u64..1 << 50, loads in proptest::collection::vec((0_u64..1 << 45, 0_u64..1 << 45), 1..200)
        ) {
            let loads: Vec<Load> = loads.into_iter().map(|(weight, largest)| Load { weight, largest }).collect();
            let shares = shares(ceiling, &loads);
            let sum = shares.iter().sum::<u64>();
            prop_assert!(sum <= ceiling);
            prop_assert!(sum + 200 + 128 * 4 >= ceiling, "and hardly less");
            if loads.iter().map(|load| load.largest).sum::<u64>() <= ceiling {
                prop_assert!(shares.iter().zip(&loads).all(|(share, load)| *share >= load.largest));
            }
        }
    }
}
