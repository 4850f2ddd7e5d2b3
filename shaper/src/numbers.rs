//! Numbers that are given away once and given back: the longer one lies unused, the sooner it is given again.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Which numbers of a space are in use: all below `next` that are not in `freed`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Numbers {
    /// The first that was never given away.
    pub(crate) next: u32,
    /// Given back, the longest unused first.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub(crate) freed: VecDeque<u32>,
}

impl Numbers {
    /// Those of a space in which `used` are given away: what nobody has below the highest of them counts as given back.
    pub(crate) fn rebuilt(mut used: Vec<u32>) -> Self {
        used.sort_unstable();
        used.dedup();
        let next = used.last().map_or(0, |last| last + 1);
        let mut used = used.into_iter().peekable();
        let freed = (0..next).filter(|number| used.next_if_eq(number).is_none()).collect();
        Self { next, freed }
    }

    /// A number of a space of `size` that nobody has: one that was never used before one that was given back.
    pub(crate) fn take(&mut self, size: u32) -> Option<u32> {
        if self.next < size {
            self.next += 1;
            return Some(self.next - 1);
        }
        let at = self.freed.iter().position(|&number| number < size)?;
        self.freed.remove(at)
    }

    /// Whether a number of a space of `size` is left.
    pub(crate) fn has_more(&self, size: u32) -> bool {
        self.next < size || self.freed.iter().any(|&number| number < size)
    }

    /// How many are given away.
    pub(crate) fn in_use(&self) -> u32 {
        self.next.saturating_sub(u32::try_from(self.freed.len()).unwrap_or(u32::MAX))
    }

    /// Takes `used` out of those that are free, should they be among them.
    pub(crate) fn repair(&mut self, used: &[u32]) {
        const MOST: u32 = 1 << 24; // no kernel has as many of anything that is numbered here
        self.next = self.next.min(MOST);
        let next = used.iter().max().map_or(0, |last| last + 1).max(self.next);
        let mut is_free = vec![true; next as usize];
        for &number in used {
            is_free[number as usize] = false;
        }
        let was_next = std::mem::replace(&mut self.next, next);
        self.freed.retain(|&number| is_free.get(number as usize).is_some_and(|is_free| *is_free));
        self.freed.extend((was_next..next).filter(|&number| is_free[number as usize]));
    }

    /// Takes numbers back.
    pub(crate) fn give_back(&mut self, mut numbers: Vec<u32>) {
        numbers.sort_unstable();
        self.freed.extend(numbers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freed_numbers_are_reused_last_and_in_order() {
        let mut numbers = Numbers::default();
        let taken: Vec<_> = (0..3).map(|_| numbers.take(4)).collect();
        assert_eq!(taken, [Some(0), Some(1), Some(2)]);
        numbers.give_back(vec![2]);
        numbers.give_back(vec![1, 0]);
        let taken: Vec<_> = (0..5).map(|_| numbers.take(4)).collect();
        assert_eq!(taken, [Some(3), Some(2), Some(0), Some(1), None]);
    }

    #[test]
    fn rebuilt_from_what_is_used() {
        let mut numbers = Numbers::rebuilt(vec![4, 1, 1]);
        let taken: Vec<_> = (0..5).map(|_| numbers.take(6)).collect();
        assert_eq!(taken, [Some(5), Some(0), Some(2), Some(3), None]);
    }
}
