//! A ledger from what the kernel holds, where the file is lost.

use std::collections::{BTreeMap, HashMap};

use pleach_tc::{Handle, IdentityRecord, Interface, InterfaceState, KernelState, MapSizes, QdiscKind, layout};

use crate::layout::from_identity;
use crate::ledger::{Holder, Holding, InterfaceLedger, LeafHolding, Ledger};
use crate::majors::Majors;
use crate::numbers::Numbers;
use crate::register::minor_number;
use crate::shape::LeafShape;

impl Ledger {
    /// The ledger that a plan must have left which made `observed`: planning with it again gives the same state.
    ///
    /// Lost are only the names of classes that are deleted next, and in which order free numbers were given back.
    pub fn rebuild(observed: &KernelState) -> Self {
        Self::default().completed_from(observed)
    }

    /// Rebuilds the interfaces of `observed` that the ledger has nothing of; what it has stays as it is.
    #[must_use]
    pub fn completed_from(mut self, observed: &KernelState) -> Self {
        let Some(classifier) = &observed.classifier else { return self };
        let missing: BTreeMap<&Interface, &InterfaceState> =
            observed.interfaces.iter().filter(|(interface, _)| !self.interfaces.contains_key(*interface)).collect();
        if missing.is_empty() {
            return self;
        }
        let mut records: BTreeMap<&Interface, Vec<(Handle, IdentityRecord)>> = BTreeMap::new();
        for (key, record) in &classifier.identities {
            if missing.contains_key(&key.interface) {
                records.entry(&key.interface).or_default().push((key.class, *record));
            }
        }
        let slots = records.values().flatten().map(|(_, record)| record.slot.0);
        self.slots.repair(&slots.filter(|&slot| slot < classifier.sizes.slots).collect::<Vec<_>>());
        self.sizes = larger(self.sizes, classifier.sizes);
        for (interface, state) in missing {
            let records = records.remove(interface).unwrap_or_default();
            self.interfaces.insert(interface.clone(), rebuild_interface(state, &records));
        }
        self
    }
}

/// Maps never shrink.
fn larger(one: MapSizes, other: MapSizes) -> MapSizes {
    MapSizes {
        devices: one.devices.max(other.devices),
        identities: one.identities.max(other.identities),
        slots: one.slots.max(other.slots),
    }
}

fn rebuild_interface(state: &InterfaceState, records: &[(Handle, IdentityRecord)]) -> InterfaceLedger {
    let majors = Majors::new(state.queues);
    let leaves: HashMap<Handle, LeafHolding> = state
        .qdiscs
        .iter()
        .filter_map(|(handle, qdisc)| match &qdisc.kind {
            QdiscKind::Leaf(leaf) => {
                Some((qdisc.parent, LeafHolding { major: handle.major(), shape: LeafShape::of(leaf) }))
            }
            _ => None,
        })
        .collect();
    let mut ledger = InterfaceLedger::default();
    for (class, record) in records {
        if *class == Handle::NONE {
            let [download, upload] = from_identity(record.identity).unwrap_or_default();
            ledger.layout = pleach_tc::PerDirection { download, upload };
        } else if let Some(there) = state.classes.get(class) {
            ledger.holdings.push(Holding {
                identity: record.identity,
                class: *class,
                parent: there.parent,
                leaf: leaves.get(class).copied(),
                slot: record.slot,
                holder: Holder::Unknown,
            });
        }
    }
    ledger.holdings.sort_unstable_by_key(|holding| holding.identity);
    // Whatever has a number has it, with or without an identity.
    let mut minors: BTreeMap<u16, Vec<u32>> = BTreeMap::new();
    for class in state.classes.keys().filter(|class| class.minor() >= layout::FIRST_FREE_MINOR) {
        if let Some(queue) = layout::queue_of(*class) {
            minors.entry(queue).or_default().push(minor_number(*class));
        }
    }
    ledger.minors = minors.into_iter().map(|(queue, used)| (queue, Numbers::rebuilt(used))).collect();
    ledger.majors = Numbers::rebuilt(state.qdiscs.keys().filter_map(|handle| majors.number(handle.major())).collect());
    ledger
}
