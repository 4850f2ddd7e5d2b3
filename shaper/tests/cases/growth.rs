//! A network that grows past its uplink.

use pleach_graph::Rate;
use pleach_shaper::{Ledger, RootSpread, Settings};
use pleach_tc::LeafKind;

use crate::network::{EAST, circuits, flat, host, planned, said, settings};

fn codel() -> Settings {
    settings(EAST, LeafKind::FqCodel)
}

fn has_whole_plans(made: &pleach_shaper::QueuePlan, mbit: u64) -> bool {
    circuits(made, "eth1").values().all(|(_, class)| class.ceil == Rate::from_mbit(mbit))
}

#[test]
fn plans_and_the_uplink_hold_when_the_uplink_begins_to_bind() {
    let first = planned(&flat(Some(1_000), &[100; 4]), &codel(), &host(16), &Ledger::default());
    let majors = |made| {
        circuits(made, "eth1").values().map(|(handle, _)| handle.major()).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(majors(&first).len(), 4, "on queues of their own");

    let grown = flat(Some(1_000), &[100; 60]);
    let second = planned(&grown, &codel(), &host(16), &first.ledger);
    assert!(has_whole_plans(&second, 100), "{:?}", circuits(&second, "eth1"));
    assert_eq!(majors(&second).len(), 1, "one HTB holds the uplink");
    let moved = said(&second, "layout-changed");
    assert_eq!(moved.len(), 2, "{moved:?}");
    assert!(moved[0].contains("6.2 Gbit/s") && moved[0].contains("1 Gbit/s"), "{moved:?}");
    assert_eq!(said(&second, "borrowing-lost"), Vec::<String>::new());

    let again = planned(&grown, &codel(), &host(16), &second.ledger);
    assert_eq!(again.state, second.state);
    assert_eq!(said(&again, "layout-changed"), Vec::<String>::new());
    let shrunk = planned(&flat(Some(1_000), &[100; 2]), &codel(), &host(16), &second.ledger);
    assert_eq!(majors(&shrunk).len(), 1, "nobody moves back");
}

#[test]
fn without_room_to_grow_all_begin_under_one_htb_and_keep_their_classes() {
    let first = planned(&flat(Some(1_000), &[100; 7]), &codel(), &host(16), &Ledger::default());
    let second = planned(&flat(Some(1_000), &[100; 60]), &codel(), &host(16), &first.ledger);
    assert!(has_whole_plans(&second, 100));
    for (circuit, (handle, _)) in circuits(&first, "eth1") {
        assert_eq!(circuits(&second, "eth1")[&circuit].0, handle);
    }
    assert_eq!(said(&second, "layout-changed"), Vec::<String>::new());
}

#[test]
fn an_absurd_plan_takes_no_more_than_the_uplink_from_the_others() {
    let shares = Settings { root_spread: RootSpread::Shares, ..codel() };
    let made = planned(&flat(Some(200), &[999_999_999, 10]), &shares, &host(2), &Ledger::default());
    let made_circuits = circuits(&made, "eth1");
    assert_eq!(made_circuits["1"].1.ceil, Rate::from_mbit(10));
    assert_eq!(made_circuits["0"].1.ceil, Rate::from_mbit(190));
    let lost = said(&made, "borrowing-lost");
    assert!(lost[0].ends_with("cannot borrow; 1 circuit (`0`) gets less than the plan"), "{lost:?}");
}

#[test]
fn a_share_is_at_least_the_largest_plan_on_it() {
    let shares = Settings { root_spread: RootSpread::Shares, ..codel() };
    let plans: Vec<u64> = [400, 400].into_iter().chain([20; 40]).collect();
    let made = planned(&flat(Some(1_000), &plans), &shares, &host(4), &Ledger::default());
    for (circuit, (_, class)) in circuits(&made, "eth1") {
        let plan = plans[circuit.parse::<usize>().expect("a position")];
        assert_eq!(class.ceil, Rate::from_mbit(plan), "{circuit}");
    }
    let lost = said(&made, "borrowing-lost");
    assert!(lost[0].ends_with("cannot borrow"), "{lost:?}");
}

#[test]
fn an_uplink_that_nobody_states_carries_a_terabit() {
    let made = planned(&flat(None, &[400_000]), &codel(), &host(2), &Ledger::default());
    assert!(has_whole_plans(&made, 400_000));
}
