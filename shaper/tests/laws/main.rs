//! What holds for every plan, whatever the network.

#![allow(missing_docs, reason = "tests")]

mod networks;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use networks::{Setup, change, network, setup, subscriber};
use pleach_graph::Rate;
use pleach_shaper::{Hierarchy, Ledger, QueuePlan, Rebalance, Subject, plan};
use pleach_tc::{
    ClassifierState, DeviceKey, DeviceValue, Direction, Handle, InterfaceState, PortIndex, QdiscKind, Scope, Slot,
    Store, layout,
};
use proptest::prelude::*;

fn planned(hierarchy: &Hierarchy, setup: Setup, ledger: &Ledger) -> QueuePlan {
    plan(hierarchy, &setup.settings(), &setup.host(), ledger, Rebalance::Never).expect("a plan")
}

/// Whose classes are where: what must not change for anybody but the one who changes.
fn classes_by_subject(plan: &QueuePlan) -> BTreeMap<(String, String), Handle> {
    let named = plan
        .subjects
        .iter()
        .filter(|(interface, class, _)| plan.state.interfaces[*interface].classes.contains_key(class));
    named
        .map(|(interface, class, subject)| {
            // Both directions of a stick are on one interface, and their classes are told apart by the ledger only.
            let direction = if class.minor() < layout::FIRST_FREE_MINOR {
                String::new()
            } else {
                top(&plan.state.interfaces[interface], class).to_string()
            };
            ((format!("{interface} {direction}"), format!("{subject:?}")), class)
        })
        .collect()
}

/// The minor of the link class that a class is under, which differs by direction, and on a stick with queues the half.
fn top(state: &InterfaceState, class: Handle) -> u16 {
    let mut at = class;
    while state.classes[&at].parent.minor() != 0 {
        at = state.classes[&at].parent;
    }
    let half = layout::queue_of(at).expect("a queue") >= state.queues.div_ceil(2);
    at.minor() + if half { 100 } else { 0 }
}

fn check_tree(state: &InterfaceState) -> Result<(), TestCaseError> {
    let mut rates: BTreeMap<Handle, Rate> = BTreeMap::new();
    for (handle, class) in &state.classes {
        prop_assert!(class.rate <= class.ceil, "{handle}: {class}");
        prop_assert!(class.rate.bit() >= 8 && class.rate.bit() % 8 == 0 && class.ceil.bit() % 8 == 0);
        prop_assert!((1_522..=200_000).contains(&class.quantum));
        prop_assert_eq!(class.parent.major(), handle.major());
        let sum = rates.entry(class.parent).or_default();
        *sum = sum.saturating_add(class.rate);
        if class.parent.minor() == 0 {
            prop_assert!(matches!(state.qdiscs[&class.parent].kind, QdiscKind::Htb));
            continue;
        }
        let parent = state.classes.get(&class.parent);
        prop_assert!(parent.is_some(), "{handle} hangs from {}, which is not there", class.parent);
        prop_assert!(class.ceil <= parent.expect("checked").ceil, "{handle} is above its parent");
        let mut depth = 1;
        let mut at = *handle;
        while state.classes[&at].parent.minor() != 0 {
            at = state.classes[&at].parent;
            depth += 1;
        }
        prop_assert!(depth <= 8, "{handle} is at level {depth}");
    }
    for (parent, sum) in rates {
        if let Some(class) = state.classes.get(&parent) {
            prop_assert!(sum <= class.rate, "{parent} has {} and its children {sum}", class.rate);
        }
    }
    Ok(())
}

fn check_leaves(state: &InterfaceState) -> Result<(), TestCaseError> {
    let inner: BTreeSet<Handle> = state.classes.values().map(|class| class.parent).collect();
    let mut parents = BTreeSet::new();
    for (handle, qdisc) in &state.qdiscs {
        if let QdiscKind::Leaf(_) = qdisc.kind {
            prop_assert!(state.classes.contains_key(&qdisc.parent), "{handle} hangs from no class");
            prop_assert!(!inner.contains(&qdisc.parent), "{handle} hangs from a class with children");
            prop_assert!(parents.insert(qdisc.parent), "{} has two leaves", qdisc.parent);
        }
        prop_assert_eq!(handle.minor(), 0);
    }
    Ok(())
}

/// What the program finds: the packet's scope before any, unless that is a net, the longest prefix in each.
fn scan(devices: &BTreeMap<DeviceKey, (Store, DeviceValue)>, scope: Scope, address: IpAddr) -> Option<DeviceKey> {
    let holds = |key: &&DeviceKey| key.prefix.net().contains(&address);
    let longest = |scope| {
        devices.keys().filter(|key| key.scope == scope).filter(holds).max_by_key(|key| key.prefix.net().prefix_len())
    };
    let own = longest(scope);
    if scope.net_number().is_some() { own.copied() } else { own.or_else(|| longest(Scope::ANY)).copied() }
}

/// What the program does: the exact store at its few lengths, then the trie, in the packet's scope and then in any.
fn look_up(devices: &BTreeMap<DeviceKey, (Store, DeviceValue)>, scope: Scope, address: IpAddr) -> Option<DeviceKey> {
    let scopes = if scope.net_number().is_some() { vec![scope] } else { vec![scope, Scope::ANY] };
    scopes.into_iter().find_map(|scope| {
        let inside = |key: &&DeviceKey| key.scope == scope && key.prefix.net().contains(&address);
        let of =
            |store| devices.iter().filter(move |(_, (stands, _))| *stands == store).map(|(key, _)| key).filter(inside);
        let (v4, v6) = Store::EXACT_LENGTHS;
        let lengths = if address.is_ipv4() { vec![v4] } else { v6.to_vec() };
        let exact =
            lengths.into_iter().find_map(|length| of(Store::Exact).find(|key| key.prefix.net().prefix_len() == length));
        exact.or_else(|| of(Store::Trie).max_by_key(|key| key.prefix.net().prefix_len())).copied()
    })
}

fn check_devices(classifier: &ClassifierState) -> Result<(), TestCaseError> {
    let addresses = (0..=255).step_by(3).flat_map(|last| {
        [format!("10.0.0.{last}"), format!("2001:db8:0:{last:x}::1"), format!("2001:db8:0:{last:x}::")]
    });
    for address in addresses {
        let address: IpAddr = address.parse().expect("an address");
        for scope in [Scope::ANY, Scope::vlan(100, 0), Scope::vlan(5, 0), Scope::net(100), Scope::net(5)] {
            prop_assert_eq!(scan(&classifier.devices, scope, address), look_up(&classifier.devices, scope, address));
        }
    }
    Ok(())
}

fn check_slots(classifier: &ClassifierState) -> Result<(), TestCaseError> {
    let mut slots = BTreeMap::new();
    for (key, record) in &classifier.identities {
        if record.slot != Slot::NONE {
            prop_assert!(record.slot.0 < classifier.sizes.slots);
            slots.entry(record.slot).or_insert_with(Vec::new).push(key);
        }
    }
    prop_assert!(slots.values().all(|holders| holders.len() <= 2), "counters are one circuit's: {slots:?}");
    Ok(())
}

fn check(plan: &QueuePlan) -> Result<(), TestCaseError> {
    let classifier = plan.state.classifier.as_ref().expect("a classifier");
    for (interface, state) in &plan.state.interfaces {
        check_tree(state)?;
        check_leaves(state)?;
        for handle in state.classes.keys() {
            let known = plan.subjects.get(interface, *handle);
            prop_assert!(known.is_some(), "nobody knows whose {handle} is");
            let key = pleach_tc::IdentityKey { interface: interface.clone(), class: *handle };
            let has_identity = classifier.identities.contains_key(&key);
            prop_assert_eq!(has_identity, handle.minor() >= layout::FIRST_FREE_MINOR);
        }
    }
    for (key, (_, value)) in &classifier.devices {
        for (direction, port) in [(pleach_tc::Direction::Download, 0), (pleach_tc::Direction::Upload, 1)] {
            let interfaces: Vec<_> = plan.state.interfaces.iter().collect();
            // Uploads leave by eth0, downloads by eth1; a stick is eth0 for both.
            let state = if interfaces.len() == 1 { interfaces[0].1 } else { interfaces[1 - port].1 };
            let class = value.class[direction];
            prop_assert_eq!(layout::queue_of(class), Some(value.queue[direction]));
            prop_assert!(value.passes(direction) || state.classes.contains_key(&class), "{:?} leads nowhere", key);
        }
    }
    check_ports(plan, classifier)?;
    check_slots(classifier)
}

/// What the classifier takes for the classes beside the tree are those of that direction, on one queue too.
fn check_ports(plan: &QueuePlan, classifier: &ClassifierState) -> Result<(), TestCaseError> {
    for (interface, state) in &plan.state.interfaces {
        let index = state.attached.expect("a program on every interface");
        let port = &classifier.ports[&index];
        let directions: &[Direction] = match index {
            PortIndex::Download => &[Direction::Download],
            PortIndex::Upload => &[Direction::Upload],
            PortIndex::Stick => &Direction::BOTH,
        };
        for &direction in directions {
            let subject = |class: Handle| plan.subjects.get(interface, class);
            prop_assert_eq!(subject(port.control_class()[direction]), Some(&Subject::Control { direction }));
            prop_assert_eq!(subject(port.default_class[direction]), Some(&Subject::Unknown { direction }));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Guarantees below their parents', eight levels, no number twice, every lookup the longest prefix.
    #[test]
    fn a_plan_is_sound(network in network(), setup in setup()) {
        let made = planned(&network.hierarchy(), setup, &Ledger::default());
        check(&made)?;
        check_devices(made.state.classifier.as_ref().expect("a classifier"))?;
    }

    /// The same input in another order gives the same bytes.
    #[test]
    fn order_plays_no_part(network in network(), setup in setup(), seed: u64) {
        let hierarchy = network.hierarchy();
        let mut other = hierarchy.clone();
        let turn = usize::try_from(seed % 1_000).expect("small") % other.circuits.len().max(1);
        other.circuits.rotate_left(turn);
        if seed % 2 == 0 { other.circuits.reverse(); }
        let (one, two) = (planned(&hierarchy, setup, &Ledger::default()), planned(&other, setup, &Ledger::default()));
        prop_assert_eq!(&one.state, &two.state);
        prop_assert_eq!(one.ledger.to_json(), two.ledger.to_json());
        prop_assert_eq!(one.problems.into_sorted(), two.problems.into_sorted());
    }

    /// Over any history of changes: planning again changes nothing; nor does it after the ledger is lost; what was free
    /// stays sound.
    #[test]
    fn nothing_changes_without_a_change(
        network in network(), setup in setup(), changes in proptest::collection::vec(change(), 0..8)
    ) {
        let mut network = network;
        let mut ledger = Ledger::default();
        for change in std::iter::once(None).chain(changes.into_iter().map(Some)) {
            if let Some(change) = change { network.apply(change); }
            let hierarchy = network.hierarchy();
            let made = planned(&hierarchy, setup, &ledger);
            check(&made)?;
            let again = planned(&hierarchy, setup, &made.ledger);
            prop_assert_eq!(&again.state, &made.state);
            let rebuilt = planned(&hierarchy, setup, &Ledger::rebuild(&made.state));
            prop_assert_eq!(&rebuilt.state, &made.state);
            let there = setup.host_with(&made.state);
            let there = plan(&hierarchy, &setup.settings(), &there, &made.ledger, Rebalance::Never).expect("a plan");
            prop_assert_eq!((there.memory.before, there.memory.peak), (made.memory.after, made.memory.after));
            let read = Ledger::from_json(&made.ledger.to_json()).expect("a ledger");
            prop_assert_eq!(&read, &made.ledger);
            ledger = read;
        }
    }

    /// A new subscriber changes nobody's class, but where the root's ceiling begins to bind and that is said.
    #[test]
    fn adding_a_circuit_moves_nobody(network in network(), setup in setup(), new in subscriber(5_000_u32..5_001)) {
        let before = planned(&network.hierarchy(), setup, &Ledger::default());
        let mut network = network;
        network.circuits.push(new);
        let after = planned(&network.hierarchy(), setup, &before.ledger);
        let moved = |problem: &pleach_graph::Problem| problem.code == pleach_graph::Code::LayoutChanged;
        if after.problems.clone().into_sorted().iter().any(moved) {
            prop_assert!(network.root.is_some() && setup.queues > 1 && !setup.shares);
            return Ok(());
        }
        let now = classes_by_subject(&after);
        for (subject, class) in classes_by_subject(&before) {
            prop_assert_eq!(now.get(&subject), Some(&class), "{:?}", subject);
        }
    }

    /// A circuit that moves has both its old and its new class for a while: they differ, and the old number rests.
    #[test]
    fn whoever_moves_gets_a_new_class(network in network(), setup in setup(), which: prop::sample::Index, to: prop::sample::Index) {
        prop_assume!(!network.circuits.is_empty());
        let before = planned(&network.hierarchy(), setup, &Ledger::default());
        let mut moved = network.clone();
        moved.apply(networks::Change::Move(which, to));
        let after = planned(&moved.hierarchy(), setup, &before.ledger);
        for (interface, state) in &after.state.interfaces {
            let was = &before.state.interfaces[interface];
            for (handle, class) in &state.classes {
                if let Some(old) = was.classes.get(handle) {
                    prop_assert_eq!(old.parent, class.parent, "a parent cannot be changed in place");
                    let (old, new) = (before.subjects.get(interface, *handle), after.subjects.get(interface, *handle));
                    let is_circuit = matches!(old, Some(Subject::Circuit { .. }));
                    prop_assert!(is_circuit || old == new, "a number was given to another at once");
                }
            }
        }
    }
}
