//! Records that pairs make one: what is one with the same is one.

use petgraph::graph::NodeIndex;
use petgraph::unionfind::UnionFind;

use crate::same::matching::Pair;

/// Every record is in one set; records of one set are one.
#[derive(Clone)]
pub(super) struct Sets(UnionFind<u32>);

fn number(node: NodeIndex) -> u32 {
    u32::try_from(node.index()).expect("invariant: nodes are numbered with u32")
}

impl Sets {
    /// Of so many records, each on its own.
    pub(super) fn new(records: usize) -> Self {
        Self(UnionFind::new(records))
    }

    pub(super) fn unite(&mut self, pairs: &[Pair]) {
        for Pair { ends: [a, b], .. } in pairs {
            self.0.union(number(*a), number(*b));
        }
    }

    /// Which set a record is in.
    pub(super) fn of(&mut self, node: NodeIndex) -> u32 {
        self.0.find_mut(number(node))
    }

    pub(super) fn are_one(&self, a: NodeIndex, b: NodeIndex) -> bool {
        self.0.equiv(number(a), number(b))
    }

    /// The records of the pairs, each once, those of one set together.
    pub(super) fn members<'p>(&mut self, pairs: impl Iterator<Item = &'p Pair>) -> Vec<(u32, NodeIndex)> {
        let mut members: Vec<(u32, NodeIndex)> =
            pairs.flat_map(|pair| pair.ends).map(|node| (self.of(node), node)).collect();
        members.sort_unstable();
        members.dedup();
        members
    }
}
