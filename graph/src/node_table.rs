//! A hash table of nodes by something they hold: the key itself stays in the node.

use std::hash::{BuildHasher, Hash};

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};
use petgraph::graph::NodeIndex;

/// Eight bytes a node. Half of each key's hash stands beside its node, so that neither growing nor a near miss reads a
/// node, which is a cache miss each.
#[derive(Debug, Default)]
pub(crate) struct NodeTable {
    table: HashTable<(HalfHash, NodeIndex)>,
    hasher: DefaultHashBuilder,
}

type HalfHash = u32;

impl NodeTable {
    /// Makes room for so many more nodes.
    pub(crate) fn reserve(&mut self, nodes: usize) {
        self.table.reserve(nodes, |(half, _)| spread(*half));
    }

    /// The node that holds `key`; `holds` says whether a node does.
    pub(crate) fn find(&self, key: &impl Hash, holds: impl Fn(NodeIndex) -> bool) -> Option<NodeIndex> {
        let half = self.half_hash(key);
        self.table.find(spread(half), |(other, node)| *other == half && holds(*node)).map(|(_, node)| *node)
    }

    /// The node that holds `key`, to be replaced if need be; where there is none, the key is now `next`'s.
    pub(crate) fn find_or_insert(
        &mut self,
        key: &impl Hash,
        holds: impl Fn(NodeIndex) -> bool,
        next: NodeIndex,
    ) -> Option<&mut NodeIndex> {
        let half = self.half_hash(key);
        let is_key = |(other, node): &(HalfHash, NodeIndex)| *other == half && holds(*node);
        match self.table.entry(spread(half), is_key, |(other, _)| spread(*other)) {
            Entry::Occupied(holder) => Some(&mut holder.into_mut().1),
            Entry::Vacant(place) => {
                place.insert((half, next));
                None
            }
        }
    }

    /// Gives each node the number that `place` says.
    pub(crate) fn renumber(&mut self, place: impl Fn(NodeIndex) -> NodeIndex) {
        self.table.iter_mut().for_each(|(_, node)| *node = place(*node));
    }

    fn half_hash(&self, key: &impl Hash) -> HalfHash {
        (self.hasher.hash_one(key) >> 32) as HalfHash
    }
}

/// Half a hash as the table wants it: it takes the place from the lowest bits and a tag from the highest.
fn spread(half: HalfHash) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15; // 2^64 over the golden ratio: every bit of the half reaches the highest bits
    u64::from(half).wrapping_mul(ODD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_one_holder_however_far_it_grows() {
        let keys: Vec<String> = (0..10_000).map(|number| format!("csv:circuit:{number}")).collect();
        let mut table = NodeTable::default();
        for (number, key) in keys.iter().enumerate() {
            let holds = |node: NodeIndex| keys[node.index()] == *key;
            assert_eq!(table.find_or_insert(key, holds, NodeIndex::new(number)), None);
            assert_eq!(table.find_or_insert(key, holds, NodeIndex::end()).copied(), Some(NodeIndex::new(number)));
        }
        for (number, key) in keys.iter().enumerate() {
            assert_eq!(table.find(key, |node| keys[node.index()] == *key), Some(NodeIndex::new(number)));
        }
        assert_eq!(table.find(&"csv:circuit:10000", |_| false), None);
    }
}
