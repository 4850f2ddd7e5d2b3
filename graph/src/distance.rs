//! How far a node is from a root: the order that decides between two paths.

use std::cmp::Reverse;

use petgraph::graph::NodeIndex;

use crate::capacity::Limit;
use crate::link::Link;
use crate::network_graph::NetworkGraph;

/// The length of a path. The smaller is the better path: least cost, then fewest hops, then widest.
///
/// Before cost count what no operator means as a way through: the unnamed top, and subscribers. A customer wired to two
/// towers is no backbone, however cheap its two unlimited cables look beside a radio link between the towers. Costs are at least 1, so a longer path is never as short as its own beginning, and width only shrinks along a path:
/// every beginning of a best path is itself a best path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Distance {
    /// Whether no path leads here, so that it hangs from `Orphans`.
    pub is_orphan: bool,
    /// Whether the path leads through the unnamed top: taken only where there is no other.
    pub is_through_top: bool,
    /// How many subscribers' nodes the path leads through: relay customers, where there is no way around them.
    pub customers: u32,
    /// The sum of the links' costs.
    pub cost: u64,
    /// The number of links.
    pub hops: u32,
    width: Reverse<Limit>,
}

impl Distance {
    /// At the root itself.
    pub(crate) const ZERO: Self =
        Self { is_orphan: false, is_through_top: false, customers: 0, cost: 0, hops: 0, width: Reverse(Limit::NONE) };

    /// Where what no path leads to hangs from.
    pub(crate) const ORPHANS: Self = Self { is_orphan: true, ..Self::ZERO };

    /// The width: the smallest limit of the path's links, each by its smaller direction.
    pub fn width(&self) -> Limit {
        self.width.0
    }

    /// One link further, leading on from `through`.
    #[must_use]
    pub(crate) fn over(self, link: &Link, through: Through) -> Self {
        Self {
            is_orphan: self.is_orphan,
            is_through_top: self.is_through_top || through == Through::Top,
            customers: self.customers.saturating_add(u32::from(through == Through::Customer)),
            cost: self.cost.saturating_add(link.cost()),
            hops: self.hops.saturating_add(1),
            width: self.width.max(Reverse(link.capacity.smaller())),
        }
    }
}

/// What a path leads through when it goes on from a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Through {
    /// The root itself, a site, an access point, or a device of the operator's.
    Network,
    /// The unnamed top.
    Top,
    /// A client, or a device of one.
    Customer,
}

impl Through {
    /// What a path from `root` leads through when it goes on from `node`.
    pub(crate) fn node(network: &NetworkGraph, root: NodeIndex, node: NodeIndex) -> Self {
        if node == root {
            Self::Network
        } else if node == network.top() {
            Self::Top
        } else if network.owner(node).is_some() {
            Self::Customer
        } else {
            Self::Network
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
            distance.over(&Link { capacity, stated_cost: std::num::NonZeroU32::new(cost), id: None }, Through::Network)
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
