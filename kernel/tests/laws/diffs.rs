//! What holds of a difference at every one of its steps.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use pleach_kernel::{Kernel, Routed, Simulated};
use pleach_tc::{
    Direction, Handle, Interface, KernelState, Operation, Phase, Plan, PortMode, Root, Scope, TakeOver, compare, diff,
};
use proptest::prelude::*;

use crate::world::{Handles, Numbers, any_world, interface, interfaces};

const ADDRESSES: [&str; 10] = [
    "10.0.0.1",
    "10.0.0.2",
    "10.0.0.3",
    "10.0.0.9",
    "10.0.0.200",
    "8.8.8.8",
    "2001:db8::1",
    "2001:db8::2",
    "2001:db8:0:1::1",
    "2001:db8:0:f0::1",
];

type Probe = (Direction, Scope, IpAddr);

fn probes() -> Vec<Probe> {
    let scopes = [Scope::ANY, Scope::vlan(5, 0), Scope::vlan(6, 0)];
    let mut probes = Vec::new();
    for direction in Direction::BOTH {
        for scope in scopes {
            probes.extend(ADDRESSES.map(|text| (direction, scope, text.parse().expect("an address"))));
        }
    }
    probes
}

fn routes(kernel: &Simulated, probes: &[Probe]) -> Vec<Routed> {
    probes
        .iter()
        .map(|&(direction, scope, address)| kernel.route(&interface(direction), direction, scope, address))
        .collect()
}

/// Does a plan step by step under traffic, and looks at every step.
fn walk(kernel: &mut Simulated, plan: &Plan, mut look: impl FnMut(&Simulated, &Operation)) {
    let probes = probes();
    for phase in &plan.phases {
        match phase {
            Phase::Operations(operations) => {
                for operation in operations {
                    for (&(direction, ..), route) in probes.iter().zip(routes(kernel, &probes)) {
                        if let Routed::Class(class) | Routed::Unknown(class) = route {
                            kernel.enqueue(&interface(direction), class, 1);
                        }
                    }
                    kernel.step(operation).unwrap_or_else(|error| panic!("{operation:?}: {error}"));
                    look(kernel, operation);
                }
            }
            Phase::Drain(_) => kernel.wait(Duration::from_secs(1)),
        }
    }
}

fn plan(desired: &KernelState, observed: &KernelState) -> Plan {
    diff(desired, observed, TakeOver::No).expect("nothing foreign")
}

fn shapes(state: &KernelState) -> bool {
    let ports = state.classifier.iter().flat_map(|classifier| classifier.ports.values());
    state.classifier.is_some() && ports.clone().all(|port| port.mode == PortMode::Shape)
}

fn is_ours(state: &KernelState) -> bool {
    state.interfaces.values().all(|state| state.root == Root::Ours)
}

/// Whether every class guarantees what its children are guaranteed, as the diff promises while it is under way.
fn check_sums(now: &KernelState, old: &KernelState, new: &KernelState) {
    for (name, state) in &now.interfaces {
        let (old, new) = (&old.interfaces[name].classes, &new.interfaces[name].classes);
        for (handle, class) in &state.classes {
            let mut sum = 0;
            for (child, one) in state.classes.iter().filter(|(_, one)| one.parent == *handle) {
                let is_node = new.values().any(|class| class.parent == *child);
                sum += match new.get(child) {
                    None => 0, // on its way out
                    Some(wanted) if is_node => one.rate.bit().min(wanted.rate.bit()),
                    Some(_) => one.rate.bit(),
                };
            }
            let is_staying = old.contains_key(handle) && new.contains_key(handle) || new.contains_key(handle);
            assert!(!is_staying || sum <= class.rate.bit(), "{name} {handle}: {sum} under {:?}", class.rate);
        }
    }
}

fn touched(operation: &Operation) -> Option<(&Interface, Handle)> {
    match operation {
        Operation::AddClass { interface, handle, .. }
        | Operation::ChangeClass { interface, handle, .. }
        | Operation::DeleteClass { interface, handle } => Some((interface, *handle)),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    /// Handles given away as the planner does: no packet is lost or goes astray, at any step.
    #[test]
    fn make_before_break(a in any_world(2..3), b in any_world(2..3)) {
        let numbers = Numbers::new(Handles::Careful);
        let (old, new) = (a.state(&numbers), b.state(&numbers));
        prop_assert!(plan(&old, &old).is_empty(), "{:?}", plan(&old, &old));
        let plan = plan(&new, &old);
        let mut kernel = Simulated::holding(&old);
        let probes = probes();
        let before = routes(&kernel, &probes);
        let after = routes(&Simulated::holding(&new), &probes);
        let both_shape = shapes(&old) && shapes(&new);
        walk(&mut kernel, &plan, |kernel, operation| {
            assert_eq!(kernel.dangling(), [], "after {operation:?}");
            for (probe, ((now, before), after)) in
                probes.iter().zip(routes(kernel, &probes).into_iter().zip(&before).zip(&after))
            {
                assert!(!matches!(now, Routed::Nowhere(_)), "{probe:?} {now:?} after {operation:?}");
                assert!(!both_shape || now == *before || now == *after,
                    "{probe:?} goes {now:?}, neither {before:?} nor {after:?}, after {operation:?}");
            }
            if is_ours(&old) && is_ours(&new) {
                check_sums(&kernel.clone().observe(&interfaces()).expect("it answers"), &old, &new);
            }
        });
        let found = kernel.observe(&interfaces()).expect("it answers");
        prop_assert_eq!(compare(&new, &found), []);
        prop_assert_eq!(&found, &new);
        prop_assert_eq!(kernel.lost(), 0);
        let same: BTreeSet<(Interface, Handle)> = unchanged(&old, &new);
        for operation in plan.operations().filter(|_| is_ours(&old) && is_ours(&new)) {
            prop_assert!(!touched(operation).is_some_and(|(name, class)| same.contains(&(name.clone(), class))));
        }
    }

    /// Handles by name alone, another number of queues: the end is right, and nothing is lost but what a root takes along.
    #[test]
    fn last_resorts(a in any_world(1..4), b in any_world(1..4)) {
        let numbers = Numbers::new(Handles::Careless);
        let (old, mut new) = (a.state(&numbers), b.state(&numbers));
        let mut kernel = Simulated::holding(&old);
        for (name, state) in &mut new.interfaces {
            state.queues = old.interfaces[name].queues.max(state.queues);
        }
        let mut start = old.clone();
        for (name, state) in &mut start.interfaces {
            state.queues = new.interfaces[name].queues;
        }
        let mut kernel_with_queues = Simulated::holding(&start);
        std::mem::swap(&mut kernel, &mut kernel_with_queues);
        walk(&mut kernel, &plan(&new, &start), |kernel, operation| {
            assert_eq!(kernel.dangling(), [], "after {operation:?}");
        });
        let found = kernel.observe(&interfaces()).expect("it answers");
        prop_assert_eq!(compare(&new, &found), []);
        prop_assert_eq!(found, new);
        prop_assert_eq!(kernel.lost(), 0);
    }
}

fn unchanged(old: &KernelState, new: &KernelState) -> BTreeSet<(Interface, Handle)> {
    let mut same = BTreeSet::new();
    for (name, state) in &old.interfaces {
        let classes =
            state.classes.iter().filter(|(handle, class)| new.interfaces[name].classes.get(handle) == Some(class));
        same.extend(classes.map(|(&handle, _)| (name.clone(), handle)));
    }
    same
}
