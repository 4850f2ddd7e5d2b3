//! Ledgers of more than one pair of interfaces.

use pleach_shaper::{Ledger, QueuePlan};
use pleach_tc::{KernelState, LeafKind, Sfq};

use crate::network::{EAST, WEST, flat, host, leaves, planned, settings};

/// What a kernel with both pairs of interfaces shows of them.
fn together(one: &QueuePlan, other: &QueuePlan) -> KernelState {
    let mut observed = one.state.clone();
    observed.interfaces.extend(other.state.interfaces.clone());
    let (all, more) = (observed.classifier.as_mut(), other.state.classifier.as_ref());
    all.expect("a classifier").identities.extend(more.expect("a classifier").identities.clone());
    observed
}

#[test]
fn interfaces_that_are_not_in_a_plan_keep_their_numbers() {
    let (east, west) = (settings(EAST, LeafKind::FqCodel), settings(WEST, LeafKind::FqCodel));
    let start = planned(&flat(None, &[10; 6]), &east, &host(2), &Ledger::default());
    let mut fewer = flat(None, &[10; 6]);
    fewer.circuits.drain(1..3);
    let here = planned(&fewer, &east, &host(2), &start.ledger); // numbers that no sort order gives
    let there = planned(&flat(None, &[10; 9]), &west, &host(2), &here.ledger);
    let back = planned(&fewer, &east, &host(2), &there.ledger);
    assert_eq!(back.state.interfaces, here.state.interfaces);
    let devices = |made: &QueuePlan| made.state.classifier.as_ref().expect("a classifier").devices.clone();
    assert_eq!(devices(&back), devices(&here), "counters too");
    let again = planned(&flat(None, &[10; 9]), &west, &host(2), &back.ledger);
    assert_eq!(again.state.interfaces, there.state.interfaces);
    assert_eq!(devices(&again), devices(&there));
}

#[test]
fn many_pairs_of_interfaces_leave_counters_for_all() {
    let mut ledger = Ledger::default();
    for pair in [EAST, WEST] {
        for circuits in [1_500, 3_000] {
            let made = planned(&flat(None, &vec![10; circuits]), &settings(pair, LeafKind::None), &host(1), &ledger);
            let devices = &made.state.classifier.as_ref().expect("a classifier").devices;
            let slots: std::collections::BTreeSet<_> = devices.values().map(|(_, value)| value.slot).collect();
            assert_eq!(slots.len(), circuits);
            assert!(!slots.contains(&pleach_tc::Slot::NONE));
            ledger = made.ledger;
        }
    }
}

#[test]
fn an_interface_that_the_ledger_lost_is_rebuilt_beside_those_it_has() {
    let (east, west) = (settings(EAST, LeafKind::FqCodel), settings(WEST, LeafKind::FqCodel));
    let mut gap = flat(None, &[10; 8]);
    let lost = planned(&gap, &west, &host(2), &Ledger::default());
    gap.circuits.remove(2);
    let lost = planned(&gap, &west, &host(2), &lost.ledger);
    let kept = planned(&flat(None, &[10; 3]), &east, &host(2), &Ledger::default());
    let observed = together(&kept, &lost);

    let completed = kept.ledger.clone().completed_from(&observed);
    let back = planned(&gap, &west, &host(2), &completed);
    assert_eq!(back.state.interfaces, lost.state.interfaces);
    let back = planned(&flat(None, &[10; 3]), &east, &host(2), &completed);
    assert_eq!(back.state.interfaces, kept.state.interfaces);
    assert_eq!(completed.clone().completed_from(&observed), completed, "what it has stays");
    assert_eq!(kept.ledger.clone().completed_from(&KernelState::default()), kept.ledger);
}

#[test]
fn an_sfq_is_its_options_in_the_ledger_and_in_the_kernel() {
    let mut sfq = settings(EAST, LeafKind::Sfq);
    let first = planned(&flat(None, &[10; 3]), &sfq, &host(2), &Ledger::default());
    assert_eq!(leaves(&first, "eth1").into_iter().collect::<Vec<_>>(), [("sfq", 3)]);
    let read = Ledger::from_json(&first.ledger.to_json()).expect("a ledger");
    assert_eq!(read, first.ledger);
    assert_eq!(planned(&flat(None, &[10; 3]), &sfq, &host(2), &Ledger::rebuild(&first.state)).state, first.state);

    sfq.leaf.sfq = Sfq { perturb_seconds: 3, ..sfq.leaf.sfq };
    let second = planned(&flat(None, &[10; 3]), &sfq, &host(2), &first.ledger);
    let circuits = |made| crate::network::circuits(made, "eth1");
    assert!(circuits(&second).values().all(|(handle, _)| circuits(&first).values().all(|(old, _)| old != handle)));
    assert_eq!(planned(&flat(None, &[10; 3]), &sfq, &host(2), &second.ledger).state, second.state);
}
