//! From pairs to groups.

use petgraph::graph::NodeIndex;

use crate::builder::GraphBuilder;
use crate::same::matching::{Pair, Pairs};
use crate::same::preference::Preference;
use crate::same::report;
use crate::same::sets::Sets;

/// Records that are one.
#[derive(Clone, Copy)]
pub(super) struct Group<'g> {
    /// Two or more, the one that is believed first for topology before the others.
    pub(super) members: &'g [NodeIndex],
    /// Why they are one.
    pub(super) pairs: &'g [Pair],
}

/// All groups.
pub(super) struct Groups {
    members: Vec<NodeIndex>,
    pairs: Vec<Pair>,
    /// Where the members and the pairs of each group end.
    ends: Vec<(usize, usize)>,
}

impl Groups {
    pub(super) fn iter(&self) -> impl Iterator<Item = Group<'_>> + Clone {
        let starts = std::iter::once(&(0, 0)).chain(&self.ends);
        starts
            .zip(&self.ends)
            .map(|(from, to)| Group { members: &self.members[from.0..to.0], pairs: &self.pairs[from.1..to.1] })
    }
}

/// Puts the pairs together. Where that makes two records of one table one without a rule that says their ids, what they
/// have in common with others is no sign of anything, and none of those pairs counts.
pub(super) fn form(builder: &mut GraphBuilder, pairs: Pairs, topology: &Preference<'_>) -> Groups {
    let Pairs { said, mut by_ids, found, devices } = pairs;
    let mut found = without_twins(builder, &by_ids, &said, found);
    if !devices.is_empty() {
        let mut clients = by_ids.clone();
        clients.unite(&found);
        found.extend(devices.into_iter().filter(|(_, [a, b])| clients.are_one(*a, *b)).map(|(pair, _)| pair));
        found = without_twins(builder, &by_ids, &said, found);
    }
    by_ids.unite(&found);
    let mut pairs = said;
    pairs.extend(found);
    gather(builder, &mut by_ids, pairs, topology)
}

/// The pairs whose group holds no two records of one table, beside those that are one by their ids.
fn without_twins(builder: &mut GraphBuilder, by_ids: &Sets, said: &[Pair], mut pairs: Vec<Pair>) -> Vec<Pair> {
    let mut all = by_ids.clone();
    all.unite(&pairs);
    let mut refused: Vec<u32> = Vec::new();
    for group in all.members(said.iter().chain(&pairs)).chunk_by(|a, b| a.0 == b.0) {
        let mut members: Vec<NodeIndex> = group.iter().map(|(_, node)| *node).collect();
        if let Some(twins) = twins(builder, by_ids, &mut members) {
            report::chained(builder, &members, twins);
            refused.push(group[0].0); // in ascending order
        }
    }
    if !refused.is_empty() {
        pairs.retain(|pair| refused.binary_search(&all.of(pair.ends[0])).is_err());
    }
    pairs
}

/// Two records of one table that are not one by their ids; the first such by id.
fn twins(builder: &GraphBuilder, by_ids: &Sets, group: &mut [NodeIndex]) -> Option<[NodeIndex; 2]> {
    let id = |node: NodeIndex| &builder.graph[node].id;
    if let [a, b] = *group
        && id(a).whole_table() != id(b).whole_table()
    {
        return None; // nearly every group
    }
    group.sort_unstable_by_key(|&node| id(node)); // a table's ids stand together
    let is_twin = |pair: &&[NodeIndex]| {
        id(pair[0]).whole_table() == id(pair[1]).whole_table() && !by_ids.are_one(pair[0], pair[1])
    };
    group.windows(2).find(is_twin).map(|pair| [pair[0], pair[1]])
}

/// Each group with its pairs, the groups in the order of their sets.
fn gather(builder: &GraphBuilder, sets: &mut Sets, mut pairs: Vec<Pair>, topology: &Preference<'_>) -> Groups {
    let mut members = sets.members(pairs.iter());
    pairs.sort_by_cached_key(|pair| sets.of(pair.ends[0]));
    let mut ends = Vec::new();
    let (mut to, mut pairs_to) = (0, 0);
    for group in members.chunk_by_mut(|a, b| a.0 == b.0) {
        let from = pairs_to;
        to += group.len();
        pairs_to += pairs[from..].iter().take_while(|pair| sets.of(pair.ends[0]) == group[0].0).count();
        ends.push((to, pairs_to));
        topology.sort_by(group, |(_, node)| *node, builder);
        let key = |pair: &Pair| (pair.rule, pair.ends.map(|end| &builder.graph[end].id), pair.shared);
        pairs[from..pairs_to].sort_unstable_by(|a, b| key(a).cmp(&key(b)));
    }
    Groups { members: members.into_iter().map(|(_, node)| node).collect(), pairs, ends }
}
