//! From pairs to groups: what is one with the same is one.

use petgraph::graph::NodeIndex;
use petgraph::unionfind::UnionFind;

use crate::builder::GraphBuilder;
use crate::same::matching::{Pair, Pairs};
use crate::same::report;

/// Records that are one.
pub(super) struct Group {
    /// Two or more.
    pub(super) members: Vec<NodeIndex>,
    /// Why they are one.
    pub(super) pairs: Vec<Pair>,
}

/// Puts the pairs together. Where that makes two records of one table one without a rule that says their ids, what they
/// have in common with others is no sign of anything, and none of those pairs counts.
pub(super) fn form(builder: &mut GraphBuilder, pairs: Pairs) -> Vec<Group> {
    let Pairs { said, found, devices } = pairs;
    let mut by_ids = UnionFind::new(builder.graph.node_count());
    unite(&mut by_ids, &said);
    let mut found = without_twins(builder, &by_ids, &said, found);
    if !devices.is_empty() {
        let mut clients = by_ids.clone();
        unite(&mut clients, &found);
        let follows = |(pair, [a, b]): (Pair, [NodeIndex; 2])| clients.equiv(number(a), number(b)).then_some(pair);
        found.extend(devices.into_iter().filter_map(follows));
        found = without_twins(builder, &by_ids, &said, found);
    }
    unite(&mut by_ids, &found);
    let mut pairs = said;
    pairs.extend(found);
    gather(builder, &mut by_ids, pairs)
}

fn number(node: NodeIndex) -> u32 {
    u32::try_from(node.index()).expect("invariant: nodes are numbered with u32")
}

fn unite(sets: &mut UnionFind<u32>, pairs: &[Pair]) {
    for Pair { ends: [a, b], .. } in pairs {
        sets.union(number(*a), number(*b));
    }
}

/// The pairs whose group holds no two records of one table, beside those that are one by their ids.
fn without_twins(
    builder: &mut GraphBuilder,
    by_ids: &UnionFind<u32>,
    said: &[Pair],
    mut pairs: Vec<Pair>,
) -> Vec<Pair> {
    let mut all = by_ids.clone();
    unite(&mut all, &pairs);
    let ends = said.iter().chain(&pairs).flat_map(|pair| pair.ends);
    let mut members: Vec<(u32, NodeIndex)> = ends.map(|node| (all.find_mut(number(node)), node)).collect();
    members.sort_unstable();
    members.dedup();
    let mut refused: Vec<u32> = Vec::new();
    for group in members.chunk_by(|a, b| a.0 == b.0) {
        let mut group: Vec<NodeIndex> = group.iter().map(|(_, node)| *node).collect();
        if let Some(twins) = twins(builder, by_ids, &mut group) {
            report::chained(builder, &group, twins);
            refused.push(all.find_mut(number(twins[0])));
        }
    }
    if !refused.is_empty() {
        refused.sort_unstable();
        pairs.retain(|pair| refused.binary_search(&all.find_mut(number(pair.ends[0]))).is_err());
    }
    pairs
}

/// Two records of one table that are not one by their ids; the first such by id.
fn twins(builder: &GraphBuilder, by_ids: &UnionFind<u32>, group: &mut [NodeIndex]) -> Option<[NodeIndex; 2]> {
    let id = |node: NodeIndex| &builder.graph[node].id;
    if let [a, b] = *group
        && id(a).whole_table() != id(b).whole_table()
    {
        return None; // nearly every group
    }
    group.sort_unstable_by_key(|&node| id(node)); // a table's ids stand together
    let is_twin = |pair: &&[NodeIndex]| {
        id(pair[0]).whole_table() == id(pair[1]).whole_table() && !by_ids.equiv(number(pair[0]), number(pair[1]))
    };
    group.windows(2).find(is_twin).map(|pair| [pair[0], pair[1]])
}

/// Each group with its pairs, the groups in the order of their first record.
fn gather(builder: &GraphBuilder, sets: &mut UnionFind<u32>, pairs: Vec<Pair>) -> Vec<Group> {
    let mut members: Vec<(u32, NodeIndex)> =
        pairs.iter().flat_map(|pair| pair.ends).map(|node| (sets.find_mut(number(node)), node)).collect();
    members.sort_unstable();
    members.dedup();
    let mut pairs: Vec<(u32, Pair)> =
        pairs.into_iter().map(|pair| (sets.find_mut(number(pair.ends[0])), pair)).collect();
    pairs.sort_unstable_by_key(|(set, _)| *set);
    let mut pairs = pairs.into_iter().peekable();
    let with_pairs = |group: &[(u32, NodeIndex)]| {
        let mut own = Vec::new();
        while let Some((_, pair)) = pairs.next_if(|(set, _)| *set == group[0].0) {
            own.push(pair);
        }
        let key = |pair: &Pair| (pair.rule, pair.ends.map(|end| &builder.graph[end].id));
        own.sort_unstable_by(|a, b| (key(a), &a.shared).cmp(&(key(b), &b.shared)));
        Group { members: group.iter().map(|(_, node)| *node).collect(), pairs: own }
    };
    members.chunk_by(|a, b| a.0 == b.0).map(with_pairs).collect()
}
