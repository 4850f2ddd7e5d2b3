//! Which pairs of records the rules make one, each rule on its own.

use petgraph::graph::NodeIndex;
use smallvec::SmallVec;

use crate::builder::GraphBuilder;
use crate::find::NearMisses;
use crate::id::NodeId;
use crate::node::{Node, NodeKind};
use crate::owners::Owners;
use crate::same::candidates::{self, Candidate};
use crate::same::keys::Shared;
use crate::same::report;
use crate::same::rules::{By, SameRule};
use crate::same::sets::Sets;

/// Two records that a rule makes one.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    pub(super) ends: [NodeIndex; 2],
    /// Which rule, from 1.
    pub(super) rule: usize,
    /// What they have in common; nothing where their ids are said.
    pub(super) shared: Option<Shared>,
}

/// The pairs that all rules make.
pub(super) struct Pairs {
    /// Those whose ids are said.
    pub(super) said: Vec<Pair>,
    /// What these make one.
    pub(super) by_ids: Sets,
    /// Those that have something in common.
    pub(super) found: Vec<Pair>,
    /// Devices that have something in common, for which their clients are to be one. They are one only if their clients are.
    pub(super) devices: Vec<(Pair, [NodeIndex; 2])>,
}

/// What can be one with what: each class only with itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Infrastructure,
    Client,
    Device,
}

impl Class {
    pub(super) fn of(node: &Node) -> Self {
        match node.kind {
            NodeKind::Site(_) | NodeKind::AccessPoint(_) => Self::Infrastructure,
            NodeKind::Client(_) => Self::Client,
            NodeKind::Device(_) => Self::Device,
        }
    }

    const ALL: [Self; 3] = [Self::Infrastructure, Self::Client, Self::Device];
}

/// Applies every rule to the records as they are stated. `owners` is asked for at most once.
pub(super) fn pairs<'o>(
    builder: &mut GraphBuilder,
    rules: &[SameRule],
    owners: &mut impl FnMut(&GraphBuilder) -> &'o Owners,
) -> Pairs {
    let mut said = Vec::new();
    let mut misses = NearMisses::default();
    for (number, rule) in (1..).zip(rules) {
        if let SameRule::Ids(ids) = rule {
            said_pairs(builder, &mut misses, number, ids, &mut said);
        }
    }
    let mut by_ids = Sets::new(builder.graph.node_count());
    by_ids.unite(&said);
    let mut pairs = Pairs { said, by_ids, found: Vec::new(), devices: Vec::new() };
    for (number, rule) in (1..).zip(rules) {
        let SameRule::Tables { tables, by } = rule else { continue };
        let classes = candidates::classes(builder, tables);
        let can_be_one = report::tables(builder, number, rule, tables, &classes);
        let pairs = &mut pairs;
        match by {
            By::Name => {
                let sharing = candidates::by_name(builder, tables);
                Matching { builder, number, rule, by: *by, pairs, can_be_one }.pair_up(&sharing, |_| Shared::Name);
            }
            By::Mac => {
                let sharing = candidates::by_mac(builder, tables, owners(builder));
                Matching { builder, number, rule, by: *by, pairs, can_be_one }.pair_up(&sharing, Shared::Mac);
            }
            By::Address => {
                let sharing = candidates::by_address(builder, tables, owners(builder));
                Matching { builder, number, rule, by: *by, pairs, can_be_one }.pair_up(&sharing, Shared::Address);
            }
        }
    }
    pairs
}

/// Records whose ids are said: those of one class are one.
fn said_pairs(builder: &mut GraphBuilder, misses: &mut NearMisses, rule: usize, ids: &[NodeId], pairs: &mut Vec<Pair>) {
    let mut found: Vec<NodeIndex> = Vec::new();
    for id in ids {
        match builder.find(id) {
            Some(node) if node == builder.top() => report::top(builder, rule),
            Some(node) => found.push(node),
            None => report::no_such_record(builder, misses, rule, id),
        }
    }
    found.sort_unstable_by(|a, b| builder.graph[*a].id.cmp(&builder.graph[*b].id));
    found.dedup();
    let mut firsts = Vec::new();
    for class in Class::ALL {
        let mut alike = found.iter().copied().filter(|&node| Class::of(&builder.graph[node]) == class);
        let Some(first) = alike.next() else { continue };
        pairs.extend(alike.map(|other| Pair { ends: [first, other], rule, shared: None }));
        firsts.push(first);
    }
    for unlike in firsts.windows(2) {
        report::different_kinds(builder, rule, [unlike[0], unlike[1]]);
    }
}

/// One rule while it is applied.
struct Matching<'b, 'r> {
    builder: &'b mut GraphBuilder,
    number: usize,
    rule: &'r SameRule,
    by: By,
    pairs: &'b mut Pairs,
    /// Whether a record of each table can be one with one of any other.
    can_be_one: bool,
}

impl Matching<'_, '_> {
    /// Makes pairs of what has a key in common, unless several records of one table have it.
    fn pair_up<K: Copy + Ord>(mut self, sharing: &[Candidate<K>], shared: impl Fn(K) -> Shared) {
        let mut is_of_use = !self.can_be_one; // or its tables are reported already
        for sharing in sharing.chunk_by(|a, b| a.key == b.key) {
            if sharing[0].table != sharing[sharing.len() - 1].table {
                is_of_use = true;
                self.pair_up_those(sharing, shared(sharing[0].key));
            }
        }
        if !is_of_use {
            report::joins_nothing(self.builder, self.number, self.rule);
        }
    }

    /// The same of those that share one key, sorted by table.
    fn pair_up_those<K: Copy + Ord>(&mut self, sharing: &[Candidate<K>], shared: Shared) {
        let mut subjects: SmallVec<[(u32, NodeIndex); 4]> =
            sharing.iter().map(|candidate| (candidate.table, candidate.subject)).collect();
        subjects.dedup();
        if are_several_of_one_table(&subjects) {
            self.keep_one_each(&mut subjects);
        }
        if are_several_of_one_table(&subjects) {
            if is_in_doubt(&subjects, &mut self.pairs.by_ids) {
                let subjects: Vec<NodeIndex> = subjects.iter().map(|(_, subject)| *subject).collect();
                report::shared_by_several(self.builder, self.number, self.by, shared, &subjects);
            }
            return;
        }
        for (at, (_, second)) in subjects.iter().enumerate() {
            for (_, first) in &subjects[..at] {
                let ends = [*first, *second];
                let [a, b] = ends.map(|end| Class::of(&self.builder.graph[end]));
                if a == b {
                    self.pairs.found.push(Pair { ends, rule: self.number, shared: Some(shared) });
                } else if self.can_be_one {
                    report::different_kinds(self.builder, self.number, ends);
                }
            }
        }
        self.pair_up_devices(sharing, shared);
    }

    /// The devices through which clients share a key, where each client has one such device.
    fn pair_up_devices<K: Copy + Ord>(&mut self, sharing: &[Candidate<K>], shared: Shared) {
        let of_clients: SmallVec<[&Candidate<K>; 4]> =
            sharing.iter().filter(|candidate| candidate.subject != candidate.holder).collect();
        let of_one = of_clients.chunk_by(|a, b| a.subject == b.subject); // sorted so
        let only: SmallVec<[&Candidate<K>; 4]> =
            of_one.filter(|devices| devices.len() == 1).map(|devices| devices[0]).collect();
        for pair in only.windows(2).filter(|pair| pair[0].holder != pair[1].holder) {
            let ends = [pair[0].holder, pair[1].holder];
            let devices = Pair { ends, rule: self.number, shared: Some(shared) };
            self.pairs.devices.push((devices, [pair[0].subject, pair[1].subject]));
        }
    }

    /// Keeps one of those that are of one table and one by their ids.
    fn keep_one_each(&mut self, subjects: &mut SmallVec<[(u32, NodeIndex); 4]>) {
        let (graph, by_ids) = (&self.builder.graph, &mut self.pairs.by_ids);
        subjects.sort_by_cached_key(|(table, subject)| (*table, by_ids.of(*subject), graph[*subject].id.clone()));
        subjects.dedup_by_key(|(table, subject)| (*table, by_ids.of(*subject)));
    }
}

fn are_several_of_one_table(subjects: &[(u32, NodeIndex)]) -> bool {
    subjects.windows(2).any(|pair| pair[0].0 == pair[1].0)
}

/// Whether it is in doubt which of the records that share a key are one: those of which ids do not say what they are one with
/// are of two tables.
fn is_in_doubt(subjects: &[(u32, NodeIndex)], by_ids: &mut Sets) -> bool {
    let mut tables: Vec<(u32, u32)> = subjects.iter().map(|(table, subject)| (by_ids.of(*subject), *table)).collect();
    tables.sort_unstable();
    let undecided = tables.chunk_by(|a, b| a.0 == b.0).filter(|set| set[0].1 == set[set.len() - 1].1).flatten();
    let mut undecided = undecided.map(|(_, table)| table);
    undecided.next().is_some_and(|first| undecided.any(|other| other != first))
}
