//! What may be lost, and what may not.

use super::*;
use crate::diff::Side;
use crate::{Census, NetworkGraph, Policy, Rate, Table, Tree};

/// A circuit: its source, its number, its rate in Mbit/s; those without a site have a parent that is not there.
#[derive(Clone, Copy)]
struct Circuit {
    source: &'static str,
    number: u32,
    mbit: u64,
    is_placed: bool,
}

/// So many circuits of a source, each of 100 Mbit/s on the site.
fn circuits(source: &'static str, numbers: std::ops::Range<u32>) -> Vec<Circuit> {
    numbers.map(|number| Circuit { source, number, mbit: 100, is_placed: true }).collect()
}

fn network(circuits: &[Circuit]) -> NetworkGraph {
    let table = |source, table| Table::new(source, table).expect("two words");
    let site = table("test", "site").id("1");
    let mut net = NetworkGraph::builder();
    net.site(site.clone(), "Tower");
    for circuit in circuits {
        let raw = format!("{:04}", circuit.number);
        let client = table(circuit.source, "service").id(&raw);
        let rate = Rate::from_mbit(circuit.mbit);
        let entry = net.client(client.clone(), &format!("C{raw}")).plan(rate, rate);
        let _ = if circuit.is_placed { entry.parent(site.clone()) } else { entry.unknown_parent("Elsewhere") };
        let second = circuit.source.as_bytes()[0];
        let address = format!("10.{second}.{}.{}", circuit.number / 250, circuit.number % 250);
        net.device(table(circuit.source, "device").id(&raw), "").parent(client).addresses(&address);
    }
    net.build().0
}

/// The refusals, one a line.
fn judged(before: Option<&[Circuit]>, after: &[Circuit], limits: &Limits) -> Vec<String> {
    let networks = [network(before.unwrap_or_default()), network(after)];
    let census = networks.each_ref().map(|network| Census::take(network, &Policy::default()));
    let trees = networks.each_ref().map(|network| Tree::grow(network, network.top()));
    let [old, new] = [0, 1].map(|side| Side::new(&networks[side], &census[side], [&trees[side]]));
    let judgement = judge(before.map(|_| &old), &new, limits);
    assert_eq!(judgement.is_accepted(), judgement.refusals.is_empty());
    judgement.refusals.iter().map(ToString::to_string).collect()
}

fn judged_by_default(before: &[Circuit], after: &[Circuit]) -> Vec<String> {
    judged(Some(before), after, &Limits::default())
}

const NOTHING: [&str; 0] = [];

#[test]
fn the_first_result_is_accepted_unless_it_is_empty() {
    let limits = Limits::default();
    assert_eq!(judged(None, &circuits("big", 0..1), &limits), NOTHING);
    assert_eq!(judged(None, &[], &limits), ["there is no circuit to shape"]);
    assert_eq!(judged(Some(&[]), &[], &limits), ["there is no circuit to shape"]);
    assert_eq!(judged(Some(&[]), &circuits("big", 0..500), &limits), NOTHING);
}

#[test]
fn ten_customers_may_lose_nine_and_not_all() {
    let ten = circuits("big", 0..10);
    assert_eq!(judged_by_default(&ten, &ten[9..]), NOTHING);
    assert_eq!(
        judged_by_default(&ten, &[]),
        [
            "no circuit would be left of 10 circuits shaped now: `big:service:0000` (`C0000`), `big:service:0001` (`C0001`), `big:service:0002` (`C0002`), `big:service:0003` (`C0003`), `big:service:0004` (`C0004`) and 5 more"
        ]
    );
}

#[test]
fn both_limits_must_be_exceeded() {
    let many = circuits("big", 0..1000);
    assert_eq!(judged_by_default(&many, &many[100..]), NOTHING, "exactly a tenth");
    let refused = judged_by_default(&many, &many[101..]);
    assert_eq!(refused.len(), 1, "and not again of all together, or of all sources: {refused:?}");
    assert!(
        refused[0].starts_with(
            "source `big`: 101 of 1 000 circuits would no longer be shaped, more than 10 % and more than 10: `big:service:0000` (`C0000`), "
        ),
        "{refused:?}"
    );
    let some = circuits("big", 0..20);
    assert_eq!(judged_by_default(&some, &some[10..]), NOTHING, "half, and that is ten");
    assert_eq!(judged_by_default(&some, &some[11..]).len(), 1);
}

#[test]
fn over_half_of_a_rate_in_one_direction() {
    let before = circuits("big", 0..100);
    let slowed = |mbit, count| {
        let mut after = before.clone();
        after[..count].iter_mut().for_each(|circuit| circuit.mbit = mbit);
        judged_by_default(&before, &after)
    };
    assert_eq!(slowed(50, 100), NOTHING, "exactly half");
    assert_eq!(slowed(49, 10), NOTHING);
    let refused = slowed(49, 11);
    assert_eq!(refused.len(), 1);
    assert!(
        refused[0].starts_with("source `big`: 11 of 100 circuits would lose over half of their rate, "),
        "{refused:?}"
    );
}

#[test]
fn the_orphans_count_and_those_that_were_there_do_not() {
    let mut before = circuits("big", 0..100);
    before[..50].iter_mut().for_each(|circuit| circuit.is_placed = false);
    let mut after = before.clone();
    after[50..60].iter_mut().for_each(|circuit| circuit.is_placed = false);
    assert_eq!(judged_by_default(&before, &after), NOTHING);
    after[60].is_placed = false;
    let refused = judged_by_default(&before, &after);
    assert_eq!(refused.len(), 1);
    let expected = "source `big`: 11 of 100 circuits would lose their path and hang from the orphans, more than 10 % and more than 10: `big:service:0050`";
    assert!(refused[0].starts_with(expected), "{refused:?}");
    assert_eq!(judged_by_default(&after, &before), NOTHING, "they may come back");
}

#[test]
fn many_small_losses_of_different_kinds_count_together_and_each_circuit_once() {
    let before = circuits("big", 0..100);
    let mut after = before[6..].to_vec();
    after[..3].iter_mut().for_each(|circuit| circuit.mbit = 1);
    after[2..4].iter_mut().for_each(|circuit| circuit.is_placed = false);
    assert_eq!(judged_by_default(&before, &after), NOTHING, "6 gone, 3 slowed, 2 orphaned, one of them both: 10");
    after[4].is_placed = false;
    let refused = judged_by_default(&before, &after);
    assert_eq!(refused.len(), 1);
    let expected =
        "source `big`: 11 of 100 circuits would no longer be shaped, lose over half of their rate or their path, ";
    assert!(refused[0].starts_with(expected), "{refused:?}");
}

#[test]
fn a_small_source_cannot_hide_behind_a_large_one() {
    let both = |big: std::ops::Range<u32>, small: std::ops::Range<u32>| {
        [circuits("big", big), circuits("small", small)].concat()
    };
    let before = both(0..1000, 0..30);
    assert_eq!(judged_by_default(&before, &both(0..1000, 10..30)), NOTHING);
    let refused = judged_by_default(&before, &both(0..1000, 11..30));
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].starts_with("source `small`: 11 of 30 circuits would no longer be shaped, "), "{refused:?}");
    let refused = judged_by_default(&both(0..1000, 0..2), &both(0..1000, 0..0));
    assert_eq!(
        refused,
        [
            "source `small`: no circuit would be left of 2 circuits shaped now: `small:service:0000` (`C0000`), `small:service:0001` (`C0001`)"
        ]
    );
    // A tenth of each is allowed, and of all; of one the tenth is exceeded, and of all as well.
    let refused = judged_by_default(&before, &both(120..1000, 0..30));
    assert_eq!(refused.len(), 2, "{refused:?}");
    assert!(refused[0].starts_with("120 of 1 030 circuits would no longer be shaped, "), "{refused:?}");
    assert!(refused[1].starts_with("source `big`: 120 of 1 000 circuits would no longer be shaped, "), "{refused:?}");
    let unlimited = GuardLimits { percent: 100, circuits: 0 };
    let none = Limits {
        vanished: unlimited,
        slowed: unlimited,
        orphaned: unlimited,
        together: unlimited,
        ..Limits::default()
    };
    assert_eq!(judged(Some(&before), &both(999..1000, 29..30), &none), NOTHING, "as the limits say");
    assert_eq!(judged(Some(&before), &both(0..1000, 0..0), &none).len(), 1, "whatever they say");
}

#[test]
fn many_small_sources_may_not_lose_together_what_one_may_not() {
    let before = ["a", "b", "c", "d"].map(|source| circuits(source, 0..25));
    let after = before.each_ref().map(|circuits| &circuits[3..]).concat();
    let refused = judged_by_default(&before.concat(), &after);
    assert_eq!(refused.len(), 1, "three of each: {refused:?}");
    assert!(refused[0].starts_with("12 of 100 circuits would no longer be shaped, "), "{refused:?}");
}

#[test]
fn limits_are_read_one_by_one_and_no_other_key_is() {
    let limits: Limits =
        serde_json::from_str(r#"{"vanished":{"percent":25},"together":{"circuits":500}}"#).expect("limits");
    assert_eq!(limits.vanished, GuardLimits { percent: 25, circuits: 10 });
    assert_eq!(limits.together, GuardLimits { percent: 10, circuits: 500 });
    assert_eq!((limits.slowed, limits.orphaned), (GuardLimits::default(), GuardLimits::default()));
    let limits: Limits =
        serde_json::from_str(r#"{"uprooted":{"nodes":3},"unlinked":{"percent":1},"narrowed":{"percent":90}}"#)
            .expect("limits");
    assert_eq!(limits.uprooted, NodeLimits { percent: 10, nodes: 3 });
    assert_eq!(limits.unlinked, LinkLimits { percent: 1, links: 10 });
    assert_eq!(limits.narrowed, ShareLimit { percent: 90 });
    for wrong in [
        r#"{"uprooted":{"circuits":1}}"#,
        r#"{"narrowed":{"count":1}}"#,
        r#"{"vanish":{}}"#,
        r#"{"vanished":{"share":1}}"#,
        r#"{"vanished":{"percent":-1}}"#,
    ] {
        assert!(serde_json::from_str::<Limits>(wrong).is_err(), "{wrong}");
    }
}
