//! The records of a rule's tables, by what they may have in common.

use std::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;
use petgraph::graph::NodeIndex;

use crate::address_policy::AddressPolicy;
use crate::builder::GraphBuilder;
use crate::id::Table;
use crate::node::Device;
use crate::owners::Owners;
use crate::prefix::Prefix;
use crate::same::keys::{Mac, normalise};
use crate::same::matching::Class;

/// A record of one of a rule's tables, and one thing that it may share. They are sorted by the key, then by table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate<K> {
    pub(super) key: K,
    /// Which of the rule's tables.
    pub(super) table: u32,
    /// The record: a device, or the client of one.
    pub(super) subject: NodeIndex,
    /// The device that has the key; the record itself where it is asked for.
    pub(super) holder: NodeIndex,
}

/// The hash of a name, and a number that tells apart names with one hash.
type NameKey = (u64, u32);

fn table_of(builder: &GraphBuilder, tables: &[Table], node: NodeIndex) -> Option<u32> {
    let id = &builder.graph[node].id;
    (0..).zip(tables).find(|(_, table)| table.holds(id)).map(|(at, _)| at)
}

/// For each table how many records of each class it has.
pub(super) fn classes(builder: &GraphBuilder, tables: &[Table]) -> Vec<[usize; 3]> {
    let mut classes = vec![[0; 3]; tables.len()];
    for node in builder.graph.node_indices() {
        if let Some(table) = table_of(builder, tables, node) {
            classes[table as usize][Class::of(&builder.graph[node]) as usize] += 1;
        }
    }
    classes
}

/// By name, of records that have one.
pub(super) fn by_name(builder: &GraphBuilder, tables: &[Table]) -> Vec<Candidate<NameKey>> {
    let hasher = DefaultHashBuilder::default();
    let mut normal = String::new();
    let named = builder.graph.node_indices().filter_map(|node| {
        let table = table_of(builder, tables, node).filter(|_| builder.has_name(node))?;
        normalise(&builder.graph[node].name, &mut normal);
        Some(Candidate { key: (hasher.hash_one(normal.as_str()), 0), table, subject: node, holder: node })
    });
    let mut candidates: Vec<_> = named.collect();
    candidates.sort_unstable();
    for alike in candidates.chunk_by_mut(|a, b| a.key == b.key) {
        tell_apart(builder, alike);
    }
    candidates
}

/// Numbers names that only have their hash in common, which hardly ever happens.
fn tell_apart(builder: &GraphBuilder, alike: &mut [Candidate<NameKey>]) {
    let name = |candidate: &Candidate<NameKey>| {
        let mut normal = String::new();
        normalise(&builder.graph[candidate.subject].name, &mut normal);
        normal
    };
    let raw_name = |candidate: &Candidate<NameKey>| &builder.graph[candidate.subject].name;
    let first = raw_name(&alike[0]);
    if alike.iter().all(|candidate| raw_name(candidate) == first) {
        return;
    }
    alike.sort_by_cached_key(|candidate| (name(candidate), *candidate));
    let mut number = 0;
    for at in 1..alike.len() {
        number += u32::from(name(&alike[at - 1]) != name(&alike[at]));
        alike[at].key.1 = number;
    }
}

/// By the MAC addresses of devices, and of the devices of clients.
pub(super) fn by_mac(builder: &GraphBuilder, tables: &[Table], owners: &Owners) -> Vec<Candidate<Mac>> {
    by_device(builder, tables, owners, |device| Mac::in_text(&device.mac))
}

/// By the addresses of devices, and of the devices of clients. One that every radio has makes no two of them one.
pub(super) fn by_address(builder: &GraphBuilder, tables: &[Table], owners: &Owners) -> Vec<Candidate<Prefix>> {
    let policy = AddressPolicy::default();
    by_device(builder, tables, owners, |device| {
        let prefixes = device.claims.iter().map(|claim| claim.prefix);
        prefixes.filter(|prefix| policy.drops(*prefix).is_none())
    })
}

fn by_device<'g, K: Ord, Keys: Iterator<Item = K>>(
    builder: &'g GraphBuilder,
    tables: &[Table],
    owners: &Owners,
    keys: impl Fn(&'g Device) -> Keys,
) -> Vec<Candidate<K>> {
    let mut candidates = Vec::new();
    for holder in builder.graph.node_indices() {
        let Some(device) = builder.graph[holder].device() else { continue };
        for subject in [Some(holder), owners.of(holder)].into_iter().flatten() {
            if let Some(table) = table_of(builder, tables, subject) {
                candidates.extend(keys(device).map(|key| Candidate { key, table, subject, holder }));
            }
        }
    }
    candidates.sort_unstable();
    candidates.dedup();
    candidates
}
