//! Laws of joins and overrides, on random networks of several sources.

use std::collections::{BTreeMap, BTreeSet};

use pleach_graph::overrides::Applied;
use pleach_graph::same::{self, SameRule};
use pleach_graph::{
    Census, Code, GraphBuilder, NetworkGraph, NodeId, NodeIndex, Parent, Policy, Prefix, Problems, Rate, stored,
};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::describe::{Reasons, describe, nodes};
use crate::networks::{Inputs, Kind, ParentIs, inputs};

const NOW: &str = "2026-06-01T12:00:00Z";

fn in_order(inputs: &Inputs) -> GraphBuilder {
    inputs.gather(&(0..inputs.records.len()).collect::<Vec<_>>())
}

fn put_over(inputs: &Inputs, builder: &mut GraphBuilder) -> Applied {
    inputs.overrides.apply(builder, NOW.parse().expect("a time"))
}

/// A permutation, drawn before the length is known.
fn shuffled<T: Clone>(items: &[T], keys: &[Index]) -> Vec<T> {
    let mut left = items.to_vec();
    let mut order = Vec::new();
    for key in keys.iter().cycle().take(items.len()) {
        order.push(left.remove(key.index(left.len())));
    }
    order
}

fn keys() -> impl Strategy<Value = Vec<Index>> {
    prop::collection::vec(any::<Index>(), 30)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_records_does_not_matter(inputs in inputs(), keys in keys()) {
        let made = |order: &[usize]| {
            let mut builder = inputs.gather(order);
            same::apply(&mut builder, &inputs.rules, &inputs.order);
            let applied = put_over(&inputs, &mut builder);
            let (network, problems) = builder.build();
            describe(&network, problems, &applied)
        };
        let order: Vec<usize> = (0..inputs.records.len()).collect();
        prop_assert_eq!(made(&order), made(&shuffled(&order, &keys)));
    }

    #[test]
    fn what_is_joined_reads_back(inputs in inputs()) {
        let mut builder = in_order(&inputs);
        same::apply(&mut builder, &inputs.rules, &inputs.order);
        put_over(&inputs, &mut builder);
        let (network, _) = builder.build();
        let written = |network: &NetworkGraph| {
            let mut bytes = Vec::new();
            stored::write(network, &mut bytes).expect("memory");
            bytes
        };
        let bytes = written(&network);
        let again = stored::read(bytes.as_slice()).expect("what was written");
        for (index, node) in network.nodes() {
            prop_assert_eq!(network.other_ids(index), again.other_ids(again.find(&node.id).expect("it is there")));
        }
        prop_assert_eq!(nodes(&network, Reasons::Shown), nodes(&again, Reasons::Shown));
        prop_assert_eq!(String::from_utf8(written(&again)), String::from_utf8(bytes));
    }

    #[test]
    fn the_order_of_rules_does_not_matter(inputs in inputs(), keys in keys()) {
        let made = |same: Vec<SameRule>| {
            let mut rules = inputs.rules.clone();
            rules.same = same;
            let mut builder = in_order(&inputs);
            same::apply(&mut builder, &rules, &inputs.order);
            let (network, problems) = builder.build();
            let codes: Vec<_> = problems.into_sorted().iter().map(|problem| (problem.code, problem.record.clone())).collect();
            (nodes(&network, Reasons::Hidden), codes)
        };
        let mut turned = shuffled(&inputs.rules.same, &keys);
        for rule in &mut turned {
            match rule {
                SameRule::Ids(ids) => ids.reverse(),
                SameRule::Tables { tables, .. } => tables.reverse(),
            }
        }
        prop_assert_eq!(made(inputs.rules.same.clone()), made(turned));
    }

    #[test]
    fn twice_is_once(inputs in inputs()) {
        let made = |times: usize| {
            let mut builder = in_order(&inputs);
            (0..times).for_each(|_| same::apply(&mut builder, &inputs.rules, &inputs.order));
            let applied = (0..times).map(|_| put_over(&inputs, &mut builder)).last().expect("once at least");
            let (network, problems) = builder.build();
            describe(&network, problems, &applied)
        };
        prop_assert_eq!(made(1), made(2));
    }

    #[test]
    fn nothing_is_lost(inputs in inputs()) {
        let mut builder = in_order(&inputs);
        same::apply(&mut builder, &inputs.rules, &inputs.order);
        let applied = put_over(&inputs, &mut builder);
        let (network, problems) = builder.build();
        for record in &inputs.records {
            let node = network.find(&record.id);
            let kind = node.map(|node| network.node(node).kind.as_str());
            let expected: &[&str] = match record.kind {
                Kind::Site | Kind::AccessPoint => &["site", "access point"],
                Kind::Client => &["client"],
                Kind::Device => &["device"],
            };
            prop_assert!(kind.is_some_and(|kind| expected.contains(&kind)), "{}: {:?}", record.id, kind);
        }
        assert_counts(&inputs, &network, &applied);
        assert_claims(&inputs, &network, &problems);
    }

    #[test]
    fn only_what_the_rules_say_is_one(inputs in inputs()) {
        let mut builder = in_order(&inputs);
        same::apply(&mut builder, &inputs.rules, &inputs.order);
        let (network, problems) = builder.build();
        let by_ids = closure(&inputs);
        let is_doubtful = problems.as_slice().iter().any(|problem| problem.code == Code::AmbiguousJoin);
        for a in &inputs.records {
            for b in &inputs.records {
                let is_one = network.find(&a.id) == network.find(&b.id);
                let is_said = a.id == b.id || by_ids[&a.id] == by_ids[&b.id];
                prop_assert!(is_one || !is_said || !is_alike(a.kind, b.kind), "{} and {} stay apart", a.id, b.id);
                let is_of_one_table = (a.id.source(), a.id.table()) == (b.id.source(), b.id.table());
                prop_assert!(!is_one || is_said || !is_of_one_table, "{} and {} became one", a.id, b.id);
                let is_named_alike = inputs.rules.same.iter().any(|rule| shares_a_name(rule, &a.id, &b.id, &inputs));
                prop_assert!(is_one || is_doubtful || !is_named_alike, "{} and {} share a name", a.id, b.id);
            }
        }
        if inputs.rules.same.is_empty() {
            prop_assert_eq!(network.node_count(), inputs.records.len() + 1);
        }
    }

    #[test]
    fn the_first_source_that_states_a_value_is_believed(inputs in inputs()) {
        let mut builder = in_order(&inputs);
        same::apply(&mut builder, &inputs.rules, &inputs.order);
        let (network, problems) = builder.build();
        let broken: BTreeSet<&NodeId> = problems
            .as_slice()
            .iter()
            .filter(|problem| problem.code == Code::ParentCycle)
            .filter_map(|problem| problem.record.as_ref())
            .collect();
        for (node, record) in network.nodes().skip(1) {
            let topology = believed(&inputs, &network, node, &inputs.rules.prefer.topology);
            prop_assert_eq!(&topology[0].id, &record.id, "the id is that of topology");
            if let Some(client) = record.client() {
                let rates = believed(&inputs, &network, node, &inputs.rules.prefer.rates);
                let first = |at: usize| rates.iter().find_map(|record| record.rates[at]).map(Rate::from_bit);
                let plan = client.plan;
                prop_assert_eq!([plan.down.max, plan.up.max, plan.down.min, plan.up.min], [first(0), first(1), first(2), first(3)]);
            }
            let parents: Vec<NodeIndex> = topology
                .iter()
                .filter_map(|record| match &record.parent {
                    ParentIs::Top => Some(network.top()),
                    ParentIs::Record(index) => network.find(&inputs.records[index.index(inputs.records.len())].id),
                    ParentIs::Unstated | ParentIs::Unknown => None,
                })
                .filter(|parent| *parent != node || topology.len() == 1)
                .collect();
            if let Some(parent) = parents.first().filter(|_| !broken.contains(&record.id)) {
                prop_assert_eq!(record.parent(), Parent::Node(*parent), "{}", &record.id);
            }
        }
    }
}

fn is_alike(a: Kind, b: Kind) -> bool {
    let class = |kind| match kind {
        Kind::AccessPoint => Kind::Site,
        kind => kind,
    };
    class(a) == class(b)
}

/// The records that a node is, the one that is believed first before the others.
fn believed<'i>(
    inputs: &'i Inputs,
    network: &NetworkGraph,
    node: NodeIndex,
    listed: &[String],
) -> Vec<&'i crate::networks::Record> {
    let mut records: Vec<_> = inputs.records.iter().filter(|record| network.find(&record.id) == Some(node)).collect();
    let order: Vec<&String> = listed.iter().chain(&inputs.order).collect();
    records.sort_by_key(|record| (order.iter().position(|source| *source == record.id.source()), record.id.clone()));
    records
}

/// For each record the smallest of those of its class that rules with ids lead to, found by going on until nothing changes.
fn closure(inputs: &Inputs) -> BTreeMap<NodeId, NodeId> {
    let kinds: BTreeMap<&NodeId, Kind> = inputs.records.iter().map(|record| (&record.id, record.kind)).collect();
    let mut first: BTreeMap<NodeId, NodeId> = kinds.keys().map(|id| ((*id).clone(), (*id).clone())).collect();
    for _ in 0..inputs.records.len() {
        for rule in &inputs.rules.same {
            let SameRule::Ids(ids) = rule else { continue };
            for (a, b) in ids.iter().flat_map(|a| ids.iter().map(move |b| (a, b))) {
                if is_alike(kinds[a], kinds[b]) {
                    let least = first[a].clone().min(first[b].clone());
                    first.insert(a.clone(), least);
                }
            }
        }
    }
    first
}

/// Whether a rule by name holds of two records: each is the only one of its table with that name.
fn shares_a_name(rule: &SameRule, a: &NodeId, b: &NodeId, inputs: &Inputs) -> bool {
    let SameRule::Tables { tables, by: same::By::Name } = rule else { return false };
    let key = |name: &str| name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let record = |id: &NodeId| inputs.records.iter().find(|record| record.id == *id).expect("a record");
    let name = key(record(a).name);
    let table = |id: &NodeId| tables.iter().position(|table| table.holds(id));
    let is_only = |id: &NodeId| {
        let namesakes =
            inputs.records.iter().filter(|record| table(&record.id) == table(id) && key(record.name) == name);
        namesakes.count() == 1
    };
    !name.is_empty()
        && name == key(record(b).name)
        && table(a).is_some()
        && table(b).is_some()
        && table(a) != table(b)
        && is_only(a)
        && is_only(b)
        && is_alike(record(a).kind, record(b).kind)
}

/// What is one counts once, and the census adds up.
fn assert_counts(inputs: &Inputs, network: &NetworkGraph, applied: &Applied) {
    let clients = inputs.records.iter().filter(|record| record.kind == Kind::Client);
    let circuits: BTreeSet<NodeIndex> = clients.filter_map(|record| network.find(&record.id)).collect();
    let excluded = applied.excluded.iter().map(|id| network.find(id).expect("an id of the network")).collect();
    let counts = Census::take(network, &Policy { excluded, ..Policy::default() }).counts();
    assert_eq!(counts.read, circuits.len(), "{counts:?}");
    assert_eq!(counts.read, counts.shaped + counts.quarantined + counts.left_out, "{counts:?}");
}

/// Every prefix that a source states is held by somebody, inside one that is, or named by a problem.
fn assert_claims(inputs: &Inputs, network: &NetworkGraph, problems: &Problems) {
    let devices = || network.nodes().filter_map(|(_, node)| node.device());
    let held: BTreeSet<Prefix> = devices().flat_map(|device| &device.claims).map(|claim| claim.prefix).collect();
    let named: BTreeSet<&str> = problems.as_slice().iter().filter_map(|problem| problem.value.as_deref()).collect();
    for record in inputs.records.iter().filter(|record| record.kind == Kind::Device) {
        for (prefix, _) in &record.prefixes {
            let is_held = held.iter().any(|held| held.contains(*prefix));
            assert!(is_held || named.contains(prefix.to_string().as_str()), "{prefix} of {} is lost", record.id);
        }
    }
}
