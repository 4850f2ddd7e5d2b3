//! In which order leaf qdiscs of an interface get their majors.

use pleach_tc::{Handle, layout};

/// The majors of an interface's leaves: the preferred ones ascending, then what else is free, HTBs' own bucket last.
#[derive(Debug)]
pub(crate) struct Majors {
    order: Vec<u16>,
    /// By major, its place in the order and one; 0 for those that no leaf may have.
    place: Vec<u16>,
}

impl Majors {
    /// For an interface with so many queues, whose HTBs' majors no leaf may have.
    pub(crate) fn new(queues: u16) -> Self {
        const CLSACT_MAJOR: u16 = 0xffff;
        let mut order: Vec<u16> = layout::leaf_majors().collect();
        let is_free = |major: &u16| {
            let is_root = *major == layout::ROOT_MAJOR || *major == CLSACT_MAJOR || *major == 0;
            !is_root && !layout::is_leaf_major(*major)
        };
        let others = || (1..CLSACT_MAJOR).filter(is_free);
        // Among the kernel's own qdiscs they are slow to find, but they are found.
        order.extend(others().filter(|&major| !layout::is_htb_major(major)));
        // HTBs take theirs from below: from above, queues that are added meet a leaf only when hardly any is left.
        let in_use = |major: u16| layout::queue_of(Handle::qdisc(major)).is_some_and(|queue| queue < queues);
        order.extend(others().rev().filter(|&major| layout::is_htb_major(major) && !in_use(major)));
        let mut place = vec![0; 1 << 16];
        for (at, &major) in (1..).zip(&order) {
            place[usize::from(major)] = at;
        }
        Self { order, place }
    }

    /// How many there are.
    pub(crate) fn size(&self) -> u32 {
        u32::try_from(self.order.len()).expect("invariant: majors have 16 bits")
    }

    /// The major at a place of the order.
    pub(crate) fn at(&self, number: u32) -> Option<u16> {
        self.order.get(usize::try_from(number).ok()?).copied()
    }

    /// The place of a major; none where no leaf may have it.
    pub(crate) fn number(&self, major: u16) -> Option<u32> {
        self.place[usize::from(major)].checked_sub(1).map(u32::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_major_is_used_but_those_that_are_taken() {
        let majors = Majors::new(16);
        assert_eq!(majors.size(), 0xffff - 1 - 16 - 1, "less the mq, 16 HTBs, and 0xffff");
        let mut sorted = majors.order.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), majors.order.len());
        assert!(majors.order[..57_000].iter().all(|&major| layout::is_leaf_major(major)), "the preferred ones first");
        for queue in 0..16 {
            assert_eq!(majors.number(layout::htb(queue).expect("an HTB").major()), None);
        }
        assert_eq!(majors.at(majors.number(0x7fff).expect("a leaf's")), Some(0x7fff));
    }
}
