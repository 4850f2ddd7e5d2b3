//! How far a node is from a root: the order that decides between two paths.

use std::cmp::Reverse;

use crate::capacity::Limit;
use crate::link::Link;

/// The length of a path. The smaller is the better path: least cost, then fewest hops, then widest.
///
/// Costs are at least 1, so a longer path is never as short as its own beginning, and width only shrinks along a path:
/// every beginning of a best path is itself a best path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Distance {
    /// Whether no path leads here, so that it hangs from `Orphans`.
    pub is_orphan: bool,
    /// Whether the path leads through the unnamed top: taken only where there is no other.
    pub is_through_top: bool,
    /// The sum of the links' costs.
    pub cost: u64,
    /// The number of links.
    pub hops: u32,
    width: Reverse<Limit>,
}

impl Distance {
    /// At the root itself.
    pub(crate) const ZERO: Self =
        Self { is_orphan: false, is_through_top: false, cost: 0, hops: 0, width: Reverse(Limit::NONE) };

    /// Where what no path leads to hangs from.
    pub(crate) const ORPHANS: Self = Self { is_orphan: true, ..Self::ZERO };

    /// The width: the smallest limit of the path's links, each by its smaller direction.
    pub fn width(&self) -> Limit {
        self.width.0
    }

    /// One link further; `leaves_top` where that link leads on from the unnamed top below another root.
    #[must_use]
    pub(crate) fn over(self, link: &Link, leaves_top: bool) -> Self {
        Self {
            is_through_top: self.is_through_top || leaves_top,
            cost: self.cost.saturating_add(link.cost()),
            hops: self.hops.saturating_add(1),
            width: self.width.max(Reverse(link.capacity.smaller())),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::Capacity;
    use crate::rate::Rate;

    fn path(links: &[(u64, u32)]) -> Distance {
        links.iter().fold(Distance::ZERO, |distance, &(mbit, cost)| {
            let rate = Rate::from_mbit(mbit);
            let capacity = Capacity::of(rate, rate);
            distance.over(&Link { capacity, stated_cost: std::num::NonZeroU32::new(cost), id: None }, false)
        })
    }

    #[test]
    fn least_cost_then_fewest_hops_then_widest() {
        assert!(path(&[(10, 1), (10, 1)]) < path(&[(1000, 3)]), "cost first");
        assert!(path(&[(10, 2)]) < path(&[(1000, 1), (1000, 1)]), "then hops");
        assert!(path(&[(1000, 1), (20, 1)]) < path(&[(10, 1), (1000, 1)]), "then width");
        assert_eq!(path(&[(10, 1), (20, 1)]).width(), Limit::of(Rate::from_mbit(10)));
    }
}
