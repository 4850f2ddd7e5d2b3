//! Links: edges with a capacity in each direction and a cost.

use std::num::NonZeroU32;

use crate::capacity::Capacity;

/// An edge of the graph. Its first end is the parent or `from` side; down is from first end to second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it carries, down from its first end to its second.
    pub capacity: Capacity,
    /// The cost its source states.
    pub stated_cost: Option<NonZeroU32>,
    /// Index of its own id; a link that stands for a parent is known by its child.
    pub(crate) id: Option<LinkIdIndex>,
}

/// Index into the graph's table of link ids, one off so that `Option` costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinkIdIndex(NonZeroU32);

impl LinkIdIndex {
    pub(crate) fn new(index: usize) -> Self {
        let one_off = u32::try_from(index + 1).ok().and_then(NonZeroU32::new);
        Self(one_off.expect("invariant: link ids are fewer than petgraph's u32 edges"))
    }

    pub(crate) fn get(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// The cost of a link without a stated one is this many bit/s divided by its smaller direction.
pub const COST_REFERENCE_BIT: u64 = 100_000_000_000;

impl Link {
    /// What using this link costs: stated, else by its smaller direction, 1 where that is unknown. Never 0.
    pub fn cost(&self) -> u64 {
        match (self.stated_cost, self.capacity.smaller().rate()) {
            (Some(cost), _) => u64::from(cost.get()),
            (None, Some(rate)) => (COST_REFERENCE_BIT / rate.bit().max(1)).max(1),
            (None, None) => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate::Rate;

    #[test]
    fn cost_is_stated_or_by_the_smaller_direction() {
        let link = |capacity, cost| Link { capacity, stated_cost: NonZeroU32::new(cost), id: None };
        let narrow = Capacity::of(Rate::from_gbit(1), Rate::from_mbit(100));
        assert_eq!(link(narrow, 0).cost(), 1_000);
        assert_eq!(link(narrow, 7).cost(), 7);
        assert_eq!(link(Capacity::NONE, 0).cost(), 1);
        assert_eq!(link(Capacity::of(Rate::from_gbit(400), Rate::from_gbit(400)), 0).cost(), 1);
    }
}
