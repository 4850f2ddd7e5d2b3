//! The order of writes to the device map, so that no look-up misses or finds a shorter prefix meanwhile.
//!
//! A look-up tries the packet's own scope before any, and in a scope the exact map before the trie; each finds the longest
//! prefix. Then these orders give every packet either its old or its new value after every write:
//!
//! 1. What leaves the exact map for the trie, because a longer prefix will lie inside it, gets its old value in the trie,
//!    and is then removed from the exact map.
//! 2. New and changed entries, the first that a look-up would find first: with a shorter one written before a longer, the
//!    addresses of the longer would have the shorter's value for a while.
//! 3. Removals, the other way around.
//! 4. What enters the exact map, because no longer prefix lies inside it any more: put there, then removed from the trie.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::classifier::{DeviceKey, DeviceValue, Scope, Store};
use crate::operation::{MapWrite, Operation};

/// Writes in order, and how many entries need none.
pub(super) struct Changes {
    pub(super) operations: Vec<Operation>,
    pub(super) unchanged: usize,
}

/// The writes from `have`, of which `detoured` have other values by now, to `want`.
pub(super) fn diff(
    want: &BTreeMap<DeviceKey, (Store, DeviceValue)>,
    have: &BTreeMap<DeviceKey, (Store, DeviceValue)>,
    detoured: &BTreeMap<DeviceKey, DeviceValue>,
) -> Changes {
    let mut to_trie = Vec::new();
    let mut puts = Vec::new();
    let mut removals = Vec::new();
    let mut to_exact = Vec::new();
    let mut unchanged = 0;
    for (&key, &(store, value)) in want {
        let Some(&(old_store, old_value)) = have.get(&key) else {
            puts.push((key, put(store, key, value)));
            continue;
        };
        let old_value = detoured.get(&key).copied().unwrap_or(old_value);
        let is_changed = value != old_value;
        match (old_store, store) {
            (Store::Exact, Store::Trie) => to_trie.extend(crossing(old_store, store, key, old_value)),
            (Store::Trie, Store::Exact) => to_exact.extend(crossing(old_store, store, key, value)),
            _ => unchanged += usize::from(!is_changed),
        }
        if is_changed {
            let store = if (old_store, store) == (Store::Trie, Store::Exact) { Store::Trie } else { store };
            puts.push((key, put(store, key, value)));
        }
    }
    for (&key, &(store, _)) in have.iter().filter(|(key, _)| !want.contains_key(key)) {
        removals.push((key, remove(store, key)));
    }
    puts.sort_by_key(|&(key, _)| Reverse(rank(key)));
    removals.sort_by_key(|&(key, _)| rank(key));
    let ordered = puts.into_iter().chain(removals).map(|(_, operation)| operation);
    Changes { operations: to_trie.into_iter().chain(ordered).chain(to_exact).collect(), unchanged }
}

/// How early a look-up finds an entry, highest first.
fn rank(key: DeviceKey) -> (bool, u8) {
    (key.scope != Scope::ANY, key.prefix.net().prefix_len())
}

fn crossing(from: Store, to: Store, key: DeviceKey, value: DeviceValue) -> [Operation; 2] {
    [put(to, key, value), remove(from, key)]
}

pub(super) fn put(store: Store, key: DeviceKey, value: DeviceValue) -> Operation {
    Operation::Map(MapWrite::PutDevice { store, key, value })
}

fn remove(store: Store, key: DeviceKey) -> Operation {
    Operation::Map(MapWrite::RemoveDevice { store, key })
}
