//! How much kernel memory the queues take.

use std::collections::BTreeMap;

use pleach_tc::{
    ClassifierState, ClassifierVersion, Handle, Interface, InterfaceState, KernelState, MapSizes, QdiscKind, Root,
    Store,
};

use crate::shape::LeafShape;

/// What a CAKE takes, whatever its options: measured on 6.12.
pub const CAKE_BYTES: u64 = 1_066 << 10;
/// What an `fq_codel` of 1 024 flows takes: measured on 6.12.
pub const FQ_CODEL_BYTES: u64 = 77 << 10;
/// What an `sfq` takes: measured on 6.12.
pub const SFQ_BYTES: u64 = 19 << 10;
/// What a class takes with the queue that HTB gives it: measured on 6.18.
pub const CLASS_BYTES: u64 = 3_686;
/// What a `pfifo` takes: it has no memory besides the qdisc itself, as the queue that HTB makes.
pub const PFIFO_BYTES: u64 = 1 << 10;

/// An entry of a hash besides its key and value: `struct htab_elem` (`kernel/bpf/hashtab.c`). Hashes have all their entries
/// from the beginning.
const HASH_ENTRY_BYTES: u64 = 48;
/// What a hash has for each entry, rounded up to a power of two: `struct bucket` (`kernel/bpf/hashtab.c`).
const HASH_BUCKET_BYTES: u64 = 16;
/// Key and value of the hashes of the device map (IPv4, IPv6) and of identities, each in whole words.
const EXACT4_BYTES: u64 = 8 + 16;
const EXACT6_BYTES: u64 = 24 + 16;
const IDENTITY_BYTES: u64 = 8 + 24;
/// A node of a trie with its key and value, as `kmalloc` rounds it: `struct lpm_trie_node` (`kernel/bpf/lpm_trie.c`) and 36
/// bytes. A trie has a node for each entry and for most places where two part, and none in advance.
const TRIE_ENTRY_BYTES: u64 = 2 * 96;
/// A counter of packets and bytes; each slot has one for each CPU and direction.
const COUNTER_BYTES: u64 = 16;
/// Unknown addresses that are recorded at most (`MOST_UNKNOWN` of the kernel border), with a counter for each CPU.
const UNKNOWN_ADDRESSES: u64 = 16_384;

/// How much kernel memory the queues of a plan and the classifier's maps take, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct MemoryEstimate {
    /// What those that the kernel has take, before anything is done.
    pub before: u64,
    /// What those of the plan take, when all is done.
    pub after: u64,
    /// The most that is taken meanwhile: what moves is there twice, what goes away goes last, and a program with larger maps
    /// has them all before the former one is gone.
    pub peak: u64,
    /// The most that may be taken.
    pub limit: u64,
}

/// The queues would take more memory than they may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the queues would take {} MiB at the peak ({} MiB now, {} MiB when done), and may take {} MiB",
    .0.peak >> 20, .0.before >> 20, .0.after >> 20, .0.limit >> 20
)]
pub struct MemoryRefused(pub MemoryEstimate);

impl MemoryEstimate {
    /// Refuses, with the numbers, where the peak is above the limit.
    pub fn check(self) -> Result<(), MemoryRefused> {
        if self.peak <= self.limit { Ok(()) } else { Err(MemoryRefused(self)) }
    }
}

/// What the kernel holds of a shaper already, as far as its memory is concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldMemory {
    interfaces: BTreeMap<Interface, Tree>,
    classifier: Option<(ClassifierVersion, MapSizes, u64)>,
}

/// The classes of an interface, and its leaves with what they take; both by handle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Tree {
    classes: Vec<Handle>,
    leaves: Vec<(Handle, u64)>,
}

impl HeldMemory {
    /// What `observed` takes; what is not ours does not count, since what there is available is less by it already.
    pub fn of(observed: &KernelState) -> Self {
        let ours = observed.interfaces.iter().filter(|(_, state)| state.root == Root::Ours);
        Self {
            interfaces: ours.map(|(interface, state)| (interface.clone(), Tree::of(state))).collect(),
            classifier: observed.classifier.as_ref().map(|it| (it.version, it.sizes, tries(it))),
        }
    }
}

impl Tree {
    fn of(state: &InterfaceState) -> Self {
        let leaf = |(handle, qdisc): (&Handle, &pleach_tc::Qdisc)| match &qdisc.kind {
            QdiscKind::Leaf(leaf) => Some((*handle, leaf_bytes(LeafShape::of(leaf)))),
            _ => None,
        };
        Self {
            classes: state.classes.keys().copied().collect(),
            leaves: state.qdiscs.iter().filter_map(leaf).collect(),
        }
    }

    fn bytes(&self) -> u64 {
        self.classes.len() as u64 * CLASS_BYTES + self.leaves.iter().map(|(_, bytes)| bytes).sum::<u64>()
    }

    /// What those of its classes and leaves take that `other` does not have.
    fn bytes_without(&self, other: &Self) -> u64 {
        let classes = self.classes.iter().filter(|class| other.classes.binary_search(class).is_err());
        let leaves = self.leaves.iter().filter(|leaf| other.leaves.binary_search(leaf).is_err());
        classes.count() as u64 * CLASS_BYTES + leaves.map(|(_, bytes)| bytes).sum::<u64>()
    }
}

impl MemoryEstimate {
    /// Of a change from what is held to `desired`. `available` is what the host has besides, `limit` what is configured.
    pub(crate) fn new(held: &HeldMemory, desired: &KernelState, cpus: u32, available: u64, limit: Option<u64>) -> Self {
        let wanted = HeldMemory::of(desired);
        let none = Tree::default();
        let gone = held.interfaces.iter().map(|(interface, tree)| {
            let kept = wanted.interfaces.get(interface).unwrap_or(&none);
            tree.bytes_without(kept)
        });
        let gone: u64 = gone.sum();
        let queues = |held: &HeldMemory| held.interfaces.values().map(Tree::bytes).sum::<u64>();
        let maps = |held: &HeldMemory| held.classifier.map_or(0, |(_, sizes, tries)| map_bytes(sizes, cpus) + tries);
        let program = |held: &HeldMemory| held.classifier.map(|(version, sizes, _)| (version, sizes));
        let before = queues(held) + maps(held);
        let after = queues(&wanted) + maps(&wanted);
        let former = if program(held) == program(&wanted) { 0 } else { maps(held) };
        let limit = limit.unwrap_or(before.saturating_add(available));
        Self { before, after, peak: after + gone + former, limit }
    }
}

/// What the classifier's maps take when they are made; `cpus` is how many the kernel keeps counters for.
fn map_bytes(sizes: MapSizes, cpus: u32) -> u64 {
    let cpus = u64::from(cpus.max(1));
    let hash = |entries: u64, bytes: u64| {
        entries * (HASH_ENTRY_BYTES + bytes) + entries.next_power_of_two() * HASH_BUCKET_BYTES
    };
    let counters = 2 * cpus * COUNTER_BYTES; // of both directions
    hash(sizes.devices.into(), EXACT4_BYTES)
        + hash(sizes.devices.into(), EXACT6_BYTES)
        + hash(sizes.identities.into(), IDENTITY_BYTES)
        + u64::from(sizes.slots) * counters
        + hash(UNKNOWN_ADDRESSES, 16 + cpus * COUNTER_BYTES)
}

/// What the entries of the tries take.
fn tries(classifier: &ClassifierState) -> u64 {
    let in_trie = classifier.devices.values().filter(|(store, _)| *store == Store::Trie).count();
    (in_trie + classifier.doubled.len() + classifier.watched.len()) as u64 * TRIE_ENTRY_BYTES
}

/// What a leaf takes.
const fn leaf_bytes(leaf: LeafShape) -> u64 {
    match leaf {
        LeafShape::Cake { .. } => CAKE_BYTES,
        LeafShape::FqCodel { .. } => FQ_CODEL_BYTES,
        LeafShape::Sfq { .. } => SFQ_BYTES,
        LeafShape::Pfifo => PFIFO_BYTES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_take_what_the_kernel_makes_them_with() {
        let none = map_bytes(MapSizes::default(), 1);
        let sizes = MapSizes { devices: 0, identities: 0, slots: 131_072 };
        let counters = |cpus| map_bytes(sizes, cpus) - map_bytes(MapSizes::default(), cpus);
        assert_eq!(counters(64), 256 << 20, "two counters of 16 bytes for each circuit and CPU");
        assert_eq!(counters(0), counters(1), "a host has a CPU");
        let sizes = MapSizes { devices: 4_096, ..MapSizes::default() };
        let buckets = 2 * 4_096 * 16 - 2 * 16; // an empty hash has a bucket too
        assert_eq!(map_bytes(sizes, 1) - none, 4_096 * (72 + 88) + buckets);
    }
}
