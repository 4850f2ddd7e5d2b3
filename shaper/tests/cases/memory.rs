//! What the kernel has is what counts, not what the ledger says of it.

use pleach_shaper::{CAKE_BYTES, CLASS_BYTES, HeldMemory, Host, Ledger};
use pleach_tc::{ClassifierVersion, KernelState, LeafKind};

use crate::network::{EAST, flat, host, planned, settings};

const GIB: u64 = 1 << 30;

#[test]
fn after_a_reboot_the_ledger_is_no_memory() {
    let cake = settings(EAST, LeafKind::Cake);
    let host = Host { memory_available: 20 * GIB, ..host(1) };
    let (most, all) = (flat(None, &vec![10; 9_000]), flat(None, &vec![10; 12_000]));
    let ledger = planned(&most, &cake, &host, &Ledger::default()).ledger;
    let fresh = planned(&all, &cake, &host, &Ledger::default()).memory;
    assert!(fresh.check().is_err(), "{fresh:?}");
    let booted = planned(&all, &cake, &host, &ledger).memory;
    assert_eq!(booted.before, 0, "an empty kernel has nothing to give");
    assert!(booted.check().is_err(), "{booted:?}");

    let there = planned(&most, &cake, &host, &Ledger::default());
    let host = Host { held: HeldMemory::of(&there.state), ..host };
    let grown = planned(&all, &cake, &host, &ledger).memory;
    assert_eq!(grown.before, there.memory.after);
    assert!(grown.check().is_ok(), "{grown:?}");
}

#[test]
fn what_is_there_twice_is_counted_twice() {
    let (cake, codel) = (settings(EAST, LeafKind::Cake), settings(EAST, LeafKind::FqCodel));
    let network = flat(None, &[10; 100]);
    let there = planned(&network, &cake, &host(1), &Ledger::default());
    let held = Host { held: HeldMemory::of(&there.state), ..host(1) };
    let same = planned(&network, &cake, &held, &there.ledger).memory;
    assert_eq!((same.before, same.peak), (same.after, same.after));

    let moved = planned(&network, &codel, &held, &there.ledger).memory;
    assert_eq!(moved.peak, moved.after + 200 * (CAKE_BYTES + CLASS_BYTES));
    // The ledger of an apply that was cut short knows nothing of what it was about to delete.
    let forgotten = planned(&network, &codel, &host(1), &there.ledger).ledger;
    assert_eq!(planned(&network, &codel, &held, &forgotten).memory.peak, moved.peak);

    let upgraded = Host { classifier: ClassifierVersion([1; 8]), ..held };
    let upgraded = planned(&network, &cake, &upgraded, &there.ledger).memory;
    assert!(upgraded.peak > upgraded.after + 4_096 * 2 * 2 * 16, "the maps of both programs");
}

#[test]
fn maps_count_by_cpu_and_foreign_queues_do_not() {
    let network = flat(None, &[10; 100]);
    let none = settings(EAST, LeafKind::None);
    let with = |possible_cpus| planned(&network, &none, &Host { possible_cpus, ..host(1) }, &Ledger::default()).memory;
    assert!(with(64).after - with(1).after >= 63 * 4_096 * 2 * 16);
    assert_eq!(with(0), with(1));

    let mut foreign = planned(&network, &none, &host(1), &Ledger::default()).state;
    foreign.classifier = None;
    for state in foreign.interfaces.values_mut() {
        state.root = pleach_tc::Root::KernelDefault;
    }
    assert_eq!(HeldMemory::of(&foreign), HeldMemory::of(&KernelState::default()));
}
