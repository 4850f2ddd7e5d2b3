//! A ledger from what the kernel holds, where the file is lost.

use std::collections::{BTreeMap, HashMap};

use pleach_tc::{Handle, IdentityRecord, Interface, InterfaceState, KernelState, QdiscKind, Slot, layout};

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
        let mut ledger = Self::default();
        let Some(classifier) = &observed.classifier else { return ledger };
        ledger.sizes = classifier.sizes;
        let slots = classifier.identities.values().map(|record| record.slot).filter(|slot| *slot != Slot::NONE);
        ledger.slots = Numbers::rebuilt(slots.map(|slot| slot.0).collect());
        let mut records: BTreeMap<&Interface, Vec<(Handle, IdentityRecord)>> = BTreeMap::new();
        for (key, record) in &classifier.identities {
            records.entry(&key.interface).or_default().push((key.class, *record));
        }
        for (interface, state) in &observed.interfaces {
            let records = records.remove(interface).unwrap_or_default();
            ledger.interfaces.insert(interface.clone(), rebuild_interface(state, &records));
        }
        ledger
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
