//! Which pairs of records the rules make one, each rule on its own.

use hashbrown::HashMap;
use petgraph::graph::NodeIndex;
use smallvec::SmallVec;

use crate::address_policy::AddressPolicy;
use crate::builder::GraphBuilder;
use crate::find::NearMisses;
use crate::id::{NodeId, Table};
use crate::node::{Node, NodeKind};
use crate::owners::Owners;
use crate::same::keys::{Key, Mac};
use crate::same::report;
use crate::same::rules::{By, SameRule};

/// Two records that a rule makes one.
#[derive(Clone)]
pub(super) struct Pair {
    pub(super) ends: [NodeIndex; 2],
    /// Which rule, from 1.
    pub(super) rule: usize,
    /// What they have in common; nothing where their ids are said.
    pub(super) shared: Option<Key>,
}

/// The pairs that all rules make.
#[derive(Default)]
pub(super) struct Pairs {
    /// Those whose ids are said.
    pub(super) said: Vec<Pair>,
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

/// A record of one of a rule's tables.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Candidate {
    /// Which of the rule's tables.
    table: usize,
    /// The record: a device, or the client of one.
    subject: NodeIndex,
    /// The device that has the key; the record itself where it is asked for.
    holder: NodeIndex,
}

type Candidates = HashMap<Key, SmallVec<[Candidate; 2]>>;

/// Applies every rule to the records as they are stated. `owners` is asked for at most once.
pub(super) fn pairs<'o>(
    builder: &mut GraphBuilder,
    rules: &[SameRule],
    owners: &mut impl FnMut(&GraphBuilder) -> &'o Owners,
) -> Pairs {
    let mut pairs = Pairs::default();
    let mut misses = NearMisses::default();
    for (number, rule) in (1..).zip(rules) {
        match rule {
            SameRule::Ids(ids) => said(builder, &mut misses, number, ids, &mut pairs),
            SameRule::Tables { tables, by } => {
                let mut finder = Finder { builder, number, rule, tables, classes: vec![[0; 3]; tables.len()] };
                let candidates = match by {
                    By::Name => finder.by_name(),
                    By::Mac | By::Address => {
                        let owners = owners(finder.builder);
                        finder.by_device(*by, owners)
                    }
                };
                finder.pair_up(*by, candidates, &mut pairs);
            }
        }
    }
    pairs
}

/// Records whose ids are said: those of one class are one.
fn said(builder: &mut GraphBuilder, misses: &mut NearMisses, rule: usize, ids: &[NodeId], pairs: &mut Pairs) {
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
        pairs.said.extend(alike.map(|other| Pair { ends: [first, other], rule, shared: None }));
        firsts.push(first);
    }
    for unlike in firsts.windows(2) {
        report::different_kinds(builder, rule, [unlike[0], unlike[1]]);
    }
}

struct Finder<'b, 'r> {
    builder: &'b mut GraphBuilder,
    number: usize,
    rule: &'r SameRule,
    tables: &'r [Table],
    /// For each table how many records of each class it has.
    classes: Vec<[usize; 3]>,
}

impl Finder<'_, '_> {
    fn table_of(&self, node: NodeIndex) -> Option<usize> {
        let id = &self.builder.graph[node].id;
        self.tables.iter().position(|table| table.holds(id))
    }

    /// Counts what the tables hold, and gives each record to `each`.
    fn count(&mut self, mut each: impl FnMut(&GraphBuilder, usize, NodeIndex)) {
        for node in self.builder.graph.node_indices() {
            if let Some(table) = self.table_of(node) {
                self.classes[table][Class::of(&self.builder.graph[node]) as usize] += 1;
                each(self.builder, table, node);
            }
        }
    }

    fn by_name(&mut self) -> Candidates {
        let mut candidates = Candidates::with_capacity(self.builder.graph.node_count() / 2);
        self.count(|builder, table, node| {
            if builder.has_name(node) {
                let candidate = Candidate { table, subject: node, holder: node };
                candidates.entry(Key::name(&builder.graph[node].name)).or_default().push(candidate);
            }
        });
        candidates
    }

    fn by_device(&mut self, by: By, owners: &Owners) -> Candidates {
        self.count(|_, _, _| {});
        let policy = AddressPolicy::default(); // an address that every radio has makes no two of them one
        let mut candidates = Candidates::new();
        for holder in self.builder.graph.node_indices() {
            let Some(device) = self.builder.graph[holder].device() else { continue };
            let subjects = [Some(holder), owners.of(holder)].into_iter().flatten();
            for (table, subject) in subjects.filter_map(|subject| Some((self.table_of(subject)?, subject))) {
                let candidate = Candidate { table, subject, holder };
                let mut add = |key| candidates.entry(key).or_default().push(candidate);
                if by == By::Mac {
                    Mac::in_text(&device.mac).map(Key::Mac).for_each(&mut add);
                } else {
                    let prefixes = device.claims.iter().map(|claim| claim.prefix);
                    prefixes.filter(|prefix| policy.drops(*prefix).is_none()).map(Key::Address).for_each(&mut add);
                }
            }
        }
        candidates
    }

    /// Makes pairs of what has a key in common, unless several records of one table have it.
    fn pair_up(self, by: By, candidates: Candidates, pairs: &mut Pairs) {
        let Self { builder, number, rule, tables, classes } = self;
        let can_be_one = report::tables(builder, number, rule, tables, &classes);
        let mut is_of_use = !can_be_one; // or its tables are reported already
        for (key, mut sharing) in candidates {
            sharing.sort_unstable_by_key(|candidate| (candidate.table, candidate.subject, candidate.holder));
            sharing.dedup();
            if sharing[0].table == sharing[sharing.len() - 1].table {
                continue;
            }
            is_of_use = true;
            let mut subjects: SmallVec<[Candidate; 2]> = sharing.clone();
            subjects.dedup_by_key(|candidate| candidate.subject);
            if subjects.windows(2).any(|pair| pair[0].table == pair[1].table) {
                let subjects: Vec<NodeIndex> = subjects.iter().map(|candidate| candidate.subject).collect();
                report::shared_by_several(builder, number, by, &key, &subjects);
                continue;
            }
            for (first, second) in (0..subjects.len()).flat_map(|at| (0..at).map(move |before| (before, at))) {
                let ends = [subjects[first].subject, subjects[second].subject];
                let [a, b] = ends.map(|end| Class::of(&builder.graph[end]));
                if a == b {
                    pairs.found.push(Pair { ends, rule: number, shared: Some(key.clone()) });
                } else if can_be_one {
                    report::different_kinds(builder, number, ends);
                }
            }
            pairs.devices.extend(device_pairs(&sharing, number, &key));
        }
        if !is_of_use {
            report::joins_nothing(builder, number, rule);
        }
    }
}

/// The devices through which clients share a key, where each client has one such device.
fn device_pairs(sharing: &[Candidate], rule: usize, key: &Key) -> Vec<(Pair, [NodeIndex; 2])> {
    let of_clients = || sharing.iter().filter(|candidate| candidate.subject != candidate.holder);
    let is_only = |candidate: &&Candidate| of_clients().filter(|other| other.subject == candidate.subject).count() == 1;
    let only: Vec<&Candidate> = of_clients().filter(is_only).collect();
    let pair = |pair: &[&Candidate]| {
        let ends = [pair[0].holder, pair[1].holder];
        (ends[0] != ends[1])
            .then(|| (Pair { ends, rule, shared: Some(key.clone()) }, [pair[0].subject, pair[1].subject]))
    };
    only.windows(2).filter_map(pair).collect()
}
