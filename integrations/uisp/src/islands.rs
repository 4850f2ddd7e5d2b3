//! Which sites are joined to which by data links.

/// Sites and devices, each in one set with all that links join it to.
pub(crate) struct Islands {
    /// By member: one of its set; itself for the one that stands for the set.
    above: Vec<u32>,
}

impl Islands {
    /// So many members, each alone.
    pub(crate) fn new(members: usize) -> Self {
        Self { above: (0..).take(members).collect() }
    }

    /// The member that stands for the set of `member`.
    pub(crate) fn of(&mut self, member: usize) -> usize {
        let mut at = member;
        while self.above[at] as usize != at {
            let above = self.above[at] as usize;
            self.above[at] = self.above[above]; // half the way is saved for the next who asks
            at = above;
        }
        at
    }

    /// Makes one set of two.
    pub(crate) fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.of(a), self.of(b));
        self.above[a.max(b)] = u32::try_from(a.min(b)).expect("invariant: members are numbered with u32");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_make_sets() {
        let mut islands = Islands::new(6);
        for (a, b) in [(4, 3), (1, 2), (3, 1)] {
            islands.join(a, b);
        }
        let sets: Vec<usize> = (0..6).map(|member| islands.of(member)).collect();
        assert_eq!(sets, [0, 1, 1, 1, 1, 5]);
    }
}
