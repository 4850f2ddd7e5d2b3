//! The diff of two generations: nothing where nothing differs, the same both ways, and nothing lost.

use std::collections::{BTreeMap, BTreeSet};

use pleach::config::{Config, Shaper};
use pleach::survey::Survey;
use pleach_graph::diff::{Change, CircuitChanges, Exchange, FromTo, Named, NetworkDiff, Side};
use pleach_graph::guard::{Limits, judge};
use pleach_graph::{NetworkGraph, NodeId, Problems, stored};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::determinism::without_conflicts;
use crate::operator::{self, Files, shuffled};
use crate::{records, run};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_differs_from_itself_read_back(made in records::records()) {
        let built = made.build();
        let mut bytes = Vec::new();
        stored::write(&built.0, &mut bytes).expect("memory can be written");
        let again = (stored::read(&bytes[..]).expect("what is written can be read"), built.1.clone());
        let diff = between(&config(), built, again);
        prop_assert!(diff.is_empty(), "{diff:#?}");
    }

    #[test]
    fn order_is_no_difference(
        files in operator::files().prop_map(without_conflicts),
        keys in prop::collection::vec(any::<Index>(), 1..20),
    ) {
        let turned = Files { rows: shuffled(&files.rows, &keys), links: shuffled(&files.links, &keys), ..files.clone() };
        let diff = between(&config(), files.read(), turned.read());
        prop_assert!(diff.is_empty(), "{diff:#?}");
    }

    #[test]
    fn the_other_way_is_the_mirror(before in operator::files(), after in operator::files()) {
        let there = between(&config(), before.read(), after.read());
        let back = between(&config(), after.read(), before.read());
        prop_assert_eq!(mirrored(there), back);
    }

    #[test]
    fn the_other_way_is_the_mirror_of_records(before in records::records(), after in records::records()) {
        let there = between(&config(), before.build(), after.build());
        let back = between(&config(), after.build(), before.build());
        prop_assert_eq!(mirrored(there), back);
    }

    #[test]
    fn counts_add_up(before in records::records(), after in records::records()) {
        assert_counts(before.build(), after.build());
    }

    #[test]
    fn counts_of_files_add_up(before in operator::files(), after in operator::files()) {
        assert_counts(before.read(), after.read());
    }

    /// Where the files of a shaper differ the diff says something.
    #[test]
    fn nothing_that_shows_is_passed_over(files in operator::files(), other in operator::files(), at in any::<Index>()) {
        let changed = with_one_of(&files, &other, at);
        let config = config();
        let surveys = [files.read(), changed.read()].map(|built| run::survey(built, &config));
        let [before, after] = surveys.each_ref().map(|survey| run::files(survey, &config));
        let diff = diff(&config, &surveys[0], &surveys[1]);
        prop_assert!(before == after || !diff.is_empty());
    }
}

/// One shaper, at the top, that leaves out some addresses.
fn config() -> Config {
    let mut config = Config { shaper: vec![Shaper::named("default", None)], ..Config::default() };
    config.addresses.ignore = vec!["10.9.0.0/16".parse().map(pleach_graph::Prefix::network).expect("a prefix")];
    config
}

fn between(config: &Config, before: (NetworkGraph, Problems), after: (NetworkGraph, Problems)) -> NetworkDiff {
    let [before, after] = [before, after].map(|built| run::survey(built, config));
    diff(config, &before, &after)
}

fn diff(config: &Config, before: &Survey, after: &Survey) -> NetworkDiff {
    let rooted = [before, after].map(|survey| survey.shapers(&config.shaper).expect("the top is in each").0);
    let [old, new] = [(before, &rooted[0]), (after, &rooted[1])]
        .map(|(survey, rooted)| Side::new(&survey.network, &survey.census, rooted.iter().map(|rooted| &rooted.tree)));
    let diff = NetworkDiff::between(&old, &new);
    // The guard looks at the same: with nobody shaped it refuses, with no difference it accepts.
    let judgement = judge(Some(&old), &new, &Limits::default());
    let is_empty = after.census.circuits().is_empty();
    assert!(if is_empty { !judgement.is_accepted() } else { judgement.is_accepted() || !diff.is_empty() });
    diff
}

/// The same files with one row, place or link taken from others.
fn with_one_of(files: &Files, other: &Files, at: Index) -> Files {
    fn exchange<T: Clone>(list: &mut [T], from: &[T], at: Index) {
        if let (false, Some(item)) = (list.is_empty(), from.first()) {
            list[at.index(list.len())] = item.clone();
        }
    }
    let mut changed = files.clone();
    match at.index(3) {
        0 => exchange(&mut changed.rows, &other.rows, at),
        1 => exchange(&mut changed.places, &other.places, at),
        _ => exchange(&mut changed.links, &other.links, at),
    }
    changed
}

fn assert_counts(before: (NetworkGraph, Problems), after: (NetworkGraph, Problems)) {
    let config = config();
    let [before, after] = [before, after].map(|built| run::survey(built, &config));
    let diff = diff(&config, &before, &after);
    let circuits = &diff.circuits;
    let both = circuits.changed + circuits.unchanged;
    let FromTo { from, to } = circuits.nameless;
    assert_eq!(before.census.counts().read, circuits.removed.len() + both + from);
    assert_eq!(after.census.counts().read, circuits.added.len() + both + to);
    assert_eq!(in_lists(circuits).len(), circuits.changed, "{circuits:#?}");
    for (survey, gone) in [(&before, diff.nodes.removed.len()), (&after, diff.nodes.added.len())] {
        let network = &survey.network;
        let is_of_no_circuit = |index| network.node(index).client().is_none() && network.owner(index).is_none();
        let nodes = network.nodes().filter(|(index, _)| is_of_no_circuit(*index)).count();
        assert_eq!(nodes, gone + diff.nodes.changed + diff.nodes.unchanged);
    }
    let mut text = Vec::new();
    diff.write(3, &mut text).expect("memory can be written");
    let text = String::from_utf8(text).expect("UTF-8");
    assert!(text.lines().count() < 28 * 5, "at most three lines of a group, its heading and its end: {text}");
}

/// The ids of circuits in one of the lists of what is on both sides; each list is in order.
fn in_lists(circuits: &CircuitChanges) -> BTreeSet<NodeId> {
    let lists: [Vec<&Named>; 8] = [
        circuits.fate.iter().map(|change| &change.of).collect(),
        circuits.reach.iter().map(|change| &change.of).collect(),
        circuits.moved.iter().map(|change| &change.of).collect(),
        circuits.rates.iter().map(|change| &change.of).collect(),
        circuits.addresses.iter().map(|change| &change.of).collect(),
        circuits.queue.iter().map(|change| &change.of).collect(),
        circuits.renamed.iter().map(|change| &change.of).collect(),
        circuits.devices.iter().map(|change| &change.of).collect(),
    ];
    for list in &lists {
        assert!(list.is_sorted_by(|a, b| a.id < b.id), "each once, in order of typed id");
    }
    assert!(circuits.added.is_sorted_by(|a, b| a.of.id < b.of.id));
    assert!(circuits.removed.is_sorted_by(|a, b| a.of.id < b.of.id));
    lists.into_iter().flatten().map(|named| named.id.clone()).collect()
}

/// From and to the other way round. What is on both sides goes by its newer name, which is the other one then.
fn mirrored(diff: NetworkDiff) -> NetworkDiff {
    let NetworkDiff { mut circuits, mut nodes, mut links, mut bypass, mut nets } = diff;
    std::mem::swap(&mut circuits.added, &mut circuits.removed);
    std::mem::swap(&mut nodes.added, &mut nodes.removed);
    std::mem::swap(&mut links.added, &mut links.removed);
    std::mem::swap(&mut bypass.added, &mut bypass.removed);
    std::mem::swap(&mut nets.added, &mut nets.removed);
    circuits.nameless = FromTo { from: circuits.nameless.to, to: circuits.nameless.from };
    let renamed = circuits.renamed.iter().chain(&nodes.renamed);
    let older: BTreeMap<NodeId, _> = renamed.map(|change| (change.of.id.clone(), change.from.clone())).collect();
    let rename = |of: &mut Named| of.name = older.get(&of.id).unwrap_or(&of.name).clone();
    macro_rules! turn {
        ($($list:expr),*) => { $($list.iter_mut().for_each(|change| turn(change, &rename));)* };
    }
    turn!(circuits.fate, circuits.reach, circuits.moved, circuits.rates, circuits.queue, circuits.renamed);
    turn!(nodes.moved, nodes.capacity, nodes.kind, nodes.renamed, nodes.position);
    turn!(links.moved, links.capacity, links.cost);
    circuits.addresses.iter_mut().for_each(|exchange| turn_exchange(exchange, rename));
    circuits.devices.iter_mut().for_each(|exchange| turn_exchange(exchange, rename));
    NetworkDiff { circuits, nodes, links, bypass, nets }
}

fn turn<T>(change: &mut Change<T>, rename: impl Fn(&mut Named)) {
    std::mem::swap(&mut change.from, &mut change.to);
    rename(&mut change.of);
}

fn turn_exchange<T>(exchange: &mut Exchange<T>, rename: impl Fn(&mut Named)) {
    std::mem::swap(&mut exchange.removed, &mut exchange.added);
    rename(&mut exchange.of);
}
