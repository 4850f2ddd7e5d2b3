//! For every operation of several plans: it fails, or whoever executes dies before it.

use pleach_kernel::{ApplyError, Bypass, Fault, Faulty, Kernel, Simulated, apply, undo};
use pleach_tc::{
    Baseline, KernelState, MapWrite, Operation, Phase, Plan, Port, PortMode, TakeOver, UndoRecord, compare, diff,
};

use crate::world::{Circuit, Handles, Numbers, World, interfaces, world};

const ENOMEM: i32 = 12;
/// Small, so that the operations behind a refused one are partly done and partly not.
const BATCH: usize = 4;

struct Scenario {
    name: &'static str,
    before: KernelState,
    after: KernelState,
}

fn circuit(node: usize, mbit: u64, leaf: usize) -> Circuit {
    Circuit { node, rate: mbit * 1_000_000, leaf }
}

fn scenarios() -> Vec<Scenario> {
    let usual = || world(vec![Some(circuit(0, 10, 0)), Some(circuit(1, 20, 2)), Some(circuit(2, 5, 5)), None]);
    let changed = |change: &dyn Fn(&mut World)| {
        let mut changed = usual();
        change(&mut changed);
        changed
    };
    let scenario = |name, before: &World, after: &World| {
        let numbers = Numbers::new(Handles::Careful);
        Scenario { name, before: before.state(&numbers), after: after.state(&numbers) }
    };
    let nothing = changed(&|world| world.is_there = false);
    let mut first = scenario("first apply", &nothing, &usual());
    let mut stop = scenario("stop", &usual(), &nothing);
    let mut baseline = Baseline::default();
    baseline.learn(&first.before);
    stop.after = baseline.stopped(&stop.before);
    for state in first.after.interfaces.values_mut() {
        state.xps.clear();
    }
    vec![
        first,
        stop,
        scenario("rate change", &usual(), &changed(&|world| world.circuits[1] = Some(circuit(1, 30, 2)))),
        scenario("circuit moved", &usual(), &changed(&|world| world.circuits[1] = Some(circuit(0, 20, 2)))),
        scenario("access point moved", &usual(), &changed(&|world| world.nodes[2] = Some(1))),
        scenario("queue replaced", &usual(), &changed(&|world| world.circuits[1] = Some(circuit(1, 20, 0)))),
        scenario("circuit added", &usual(), &changed(&|world| world.circuits[3] = Some(circuit(3, 20, 2)))),
        scenario("circuit removed", &usual(), &changed(&|world| world.circuits[0] = None)),
        scenario("site added", &usual(), &changed(&|world| world.nodes.push(Some(0)))),
        scenario("site removed", &usual(), &changed(&|world| world.nodes.truncate(3))),
        scenario("upgrade", &usual(), &changed(&|world| world.version = 2)),
    ]
}

fn plan(desired: &KernelState, observed: &KernelState) -> Plan {
    diff(desired, observed, TakeOver::No).expect("nothing foreign")
}

/// A kernel with traffic queued in every class that takes some.
fn under_load(state: &KernelState) -> Simulated {
    let mut kernel = Simulated::holding(state);
    for (name, state) in &state.interfaces {
        for class in state.classes.keys() {
            if state.classes.values().all(|other| other.parent != *class) {
                kernel.enqueue(name, *class, 7);
            }
        }
    }
    kernel
}

/// What was there before, but for the program's version: a release has only one program.
fn is_as_before(kernel: &mut Simulated, before: &KernelState) -> bool {
    let found = kernel.observe(&interfaces()).expect("it answers");
    let mut before = before.clone();
    if let (Some(before), Some(found)) = (&mut before.classifier, &found.classifier) {
        before.version = found.version;
    }
    compare(&before, &found).is_empty()
}

/// Applies under a fault; what was recorded survives as text, as on a disk.
fn apply_with(scenario: &Scenario, fault: Fault) -> (Faulty<Simulated>, Option<UndoRecord>, Result<(), ApplyError>) {
    let mut kernel = Faulty::new(under_load(&scenario.before), fault, BATCH);
    let mut disk = None;
    let mut persist = |record: UndoRecord| {
        disk = Some(serde_json::to_string(&record)?);
        Ok(record)
    };
    let plan = plan(&scenario.after, &scenario.before);
    let done = apply(&mut kernel, &plan, &scenario.after, &scenario.before, &mut persist);
    let record = disk.map(|text| serde_json::from_str(&text).expect("its own text"));
    (kernel, record, done.map(drop))
}

fn for_each_step(check: impl Fn(&Scenario, usize)) {
    for scenario in scenarios() {
        let operations = plan(&scenario.after, &scenario.before).operations().count();
        assert!(operations > 0, "{}: nothing to do", scenario.name);
        for at in 0..operations {
            check(&scenario, at);
        }
    }
}

#[test]
fn without_faults_all_is_done_and_nothing_lost() {
    for scenario in scenarios() {
        let never = Fault::Die { at: usize::MAX };
        let (kernel, _, done) = apply_with(&scenario, never);
        done.unwrap_or_else(|error| panic!("{}: {error}", scenario.name));
        let mut kernel = kernel.into_inner();
        let found = kernel.observe(&interfaces()).expect("it answers");
        assert_eq!(compare(&scenario.after, &found), [], "{}", scenario.name);
        assert!(plan(&scenario.after, &found).is_empty(), "{}: the second time does nothing", scenario.name);
        assert_eq!(kernel.lost(), 0, "{}", scenario.name);
    }
}

#[test]
fn one_refusal_leaves_what_was_there() {
    for_each_step(|scenario, at| {
        let (kernel, _, done) = apply_with(scenario, Fault::Refuse { at, errno: ENOMEM });
        let error = done.expect_err("one operation failed");
        assert!(
            matches!(error, ApplyError::Unchanged(_) | ApplyError::Undone { .. }),
            "{} at {at}: {error}",
            scenario.name
        );
        let mut kernel = kernel.into_inner();
        assert!(is_as_before(&mut kernel, &scenario.before), "{} at {at}", scenario.name);
        assert_eq!(kernel.lost(), 0, "{} at {at}", scenario.name);
        assert_eq!(kernel.dangling(), [], "{} at {at}", scenario.name);
    });
}

#[test]
fn refusals_without_end_are_reported_exactly() {
    for_each_step(|scenario, at| {
        let (kernel, record, done) = apply_with(scenario, Fault::RefuseFrom { at, errno: ENOMEM });
        let record = record.expect("it was written before the first write");
        let mut kernel = kernel.into_inner();
        let found = kernel.observe(&interfaces()).expect("it answers");
        match done.expect_err("operations failed") {
            ApplyError::UndoIncomplete { undo, .. } => {
                let left = undo.left.as_ref().expect("the kernel answers");
                assert!(!left.is_empty(), "{} at {at}: {undo}", scenario.name);
                assert_eq!(*left, compare(&record.target(&found), &found), "{} at {at}", scenario.name);
                let mut ports = found.classifier.iter().flat_map(|classifier| classifier.ports.values());
                let is_bypassed = ports.all(|port| port.mode == PortMode::Bypass);
                assert!(is_bypassed || matches!(undo.bypass, Bypass::Failed(_)), "{} at {at}", scenario.name);
            }
            ApplyError::Unchanged(_) => {
                assert!(is_as_before(&mut kernel, &scenario.before), "{} at {at}", scenario.name);
            }
            error => panic!("{} at {at}: {error}", scenario.name),
        }
    });
}

#[test]
fn death_at_any_step_and_another_run_reaches_the_goal() {
    for_each_step(|scenario, at| {
        let (kernel, ..) = apply_with(scenario, Fault::Die { at });
        assert!(kernel.is_dead());
        let mut kernel = kernel.into_inner();
        let observed = kernel.observe(&interfaces()).expect("it answers");
        let plan = plan(&scenario.after, &observed);
        apply(&mut kernel, &plan, &scenario.after, &observed, &mut Ok)
            .unwrap_or_else(|error| panic!("{} at {at}: {error}", scenario.name));
        let found = kernel.observe(&interfaces()).expect("it answers");
        assert_eq!(compare(&scenario.after, &found), [], "{} at {at}", scenario.name);
        assert_eq!(kernel.lost(), 0, "{} at {at}", scenario.name);
    });
}

#[test]
fn death_at_any_step_can_be_taken_back() {
    for_each_step(|scenario, at| {
        let (kernel, record, _) = apply_with(scenario, Fault::Die { at });
        let record = record.expect("it was written before the first write");
        let mut kernel = kernel.into_inner();
        for _ in 0..2 {
            undo(&mut kernel, &record, &interfaces())
                .unwrap_or_else(|error| panic!("{} at {at}: {error}", scenario.name));
            assert!(is_as_before(&mut kernel, &scenario.before), "{} at {at}", scenario.name);
        }
        assert_eq!(kernel.lost(), 0, "{} at {at}", scenario.name);
    });
}

/// The undo of an undo that died.
#[test]
fn death_while_taking_back_can_be_taken_back() {
    for scenario in scenarios() {
        let operations = plan(&scenario.after, &scenario.before).operations().count();
        for (first, second) in (0..operations).flat_map(|first| [(first, 1), (first, 3), (first, first / 2)]) {
            let (kernel, record, _) = apply_with(&scenario, Fault::Die { at: first });
            let record = record.expect("it was written before the first write");
            let mut kernel = Faulty::new(kernel.into_inner(), Fault::Die { at: second }, BATCH);
            let _ = undo(&mut kernel, &record, &interfaces());
            let mut kernel = kernel.into_inner();
            undo(&mut kernel, &record, &interfaces())
                .unwrap_or_else(|error| panic!("{} at {first}, {second}: {error}", scenario.name));
            assert!(is_as_before(&mut kernel, &scenario.before), "{} at {first}, {second}", scenario.name);
        }
    }
}

#[test]
fn a_drain_that_does_not_end_is_counted() {
    let scenario = scenarios().into_iter().find(|scenario| scenario.name == "circuit moved").expect("it is there");
    let mut kernel = under_load(&scenario.before);
    let plan = plan(&scenario.after, &scenario.before);
    let drained = plan.phases.iter().find_map(|phase| match phase {
        Phase::Drain(classes) => Some(classes.clone()),
        Phase::Operations(_) => None,
    });
    let drained = drained.expect("the old class is drained");
    let (interface, class) = drained[0].clone();
    kernel.block(&interface, class);
    let done = apply(&mut kernel, &plan, &scenario.after, &scenario.before, &mut Ok).expect("it goes on");
    assert_eq!(done.drained, pleach_kernel::DRAIN_LIMIT);
    let left: Vec<_> = done.left.iter().map(|left| (&left.interface, left.class, left.backlog.packets)).collect();
    assert_eq!(left, [(&interface, class, 7)]);
    assert_eq!(kernel.lost(), 7);
}

#[test]
fn a_record_that_cannot_be_kept_stops_everything() {
    let scenario = &scenarios()[0];
    let mut kernel = under_load(&scenario.before);
    let plan = plan(&scenario.after, &scenario.before);
    let full = || Err(std::io::Error::from_raw_os_error(28).into());
    let done = apply(&mut kernel, &plan, &scenario.after, &scenario.before, &mut |_| full());
    assert!(matches!(done, Err(ApplyError::NotRecorded(_))));
    assert_eq!(kernel.steps(), 0);
}

/// An undo that failed left the shaper bypassed; the next one that succeeds ends that too.
#[test]
fn an_undo_that_failed_can_be_tried_again() {
    for_each_step(|scenario, at| {
        let (kernel, record, done) = apply_with(scenario, Fault::RefuseFrom { at, errno: ENOMEM });
        done.expect_err("operations failed");
        let mut kernel = kernel.into_inner();
        let ports: Vec<_> = kernel.observe(&interfaces()).expect("it answers").classifier.into_iter().collect();
        let ports = ports.iter().flat_map(|classifier| &classifier.ports);
        let bypass = ports.map(|(&index, &port)| {
            Operation::Map(MapWrite::SetPort { index, port: Port { mode: PortMode::Bypass, ..port } })
        });
        kernel.execute(&bypass.collect::<Vec<_>>());
        undo(&mut kernel, &record.expect("it was written"), &interfaces())
            .unwrap_or_else(|error| panic!("{} at {at}: {error}", scenario.name));
        assert!(is_as_before(&mut kernel, &scenario.before), "{} at {at}", scenario.name);
    });
}

/// A plan dies, another one with another goal goes on from there and dies too or does not: its record behind the first
/// one's leads back to before the first.
#[test]
fn records_behind_each_other_lead_back_to_before_the_first() {
    let goal = world(vec![Some(circuit(1, 40, 0)), None, Some(circuit(2, 6, 2)), Some(circuit(3, 7, 6))]);
    for_each_step(|scenario, at| {
        let numbers = Numbers::new(Handles::Careful);
        let goal = goal.state(&numbers);
        for second in [0, 3, at, usize::MAX] {
            let (kernel, first, _) = apply_with(scenario, Fault::Die { at });
            let first = first.expect("it was written before the first write");
            let mut kernel = Faulty::new(kernel.into_inner(), Fault::Die { at: second }, BATCH);
            let observed = kernel.observe(&interfaces()).expect("it answers");
            let Ok(plan) = diff(&goal, &observed, TakeOver::No) else { panic!("nothing is foreign") };
            let mut both = None;
            let mut own = None;
            let mut persist = |record: UndoRecord| {
                own = Some(record.clone());
                Ok(both.insert(record.behind(first.clone())).clone())
            };
            let _ = apply(&mut kernel, &plan, &goal, &observed, &mut persist);
            let mut kernel = kernel.into_inner();
            let both = both.expect("there was something to do");
            let now = kernel.observe(&interfaces()).expect("it answers");
            let own = own.expect("there was something to do");
            assert_eq!(both.target(&now), first.target(&own.target(&now)), "{} at {at}, {second}", scenario.name);
            undo(&mut kernel, &both, &interfaces())
                .unwrap_or_else(|error| panic!("{} at {at}, {second}: {error}", scenario.name));
            assert!(is_as_before(&mut kernel, &scenario.before), "{} at {at}, {second}", scenario.name);
        }
    });
}

/// An interface that is gone cannot be asked and holds nothing; the other one is taken back all the same.
#[test]
fn an_interface_that_is_gone_is_left_out() {
    let scenario = &scenarios()[0];
    let (kernel, record, done) = apply_with(scenario, Fault::Die { at: usize::MAX });
    done.expect("it goes through");
    let mut kernel = kernel.into_inner();
    let mut state = kernel.observe(&interfaces()).expect("it answers");
    let gone = interfaces().pop().expect("there are two");
    state.interfaces.remove(&gone);
    let mut kernel = Simulated::holding(&state);
    undo(&mut kernel, &record.expect("it was written"), &interfaces()).unwrap_or_else(|error| panic!("{error}"));
    let mut before = scenario.before.clone();
    before.interfaces.remove(&gone);
    let left: Vec<_> = before.interfaces.keys().cloned().collect();
    assert_eq!(compare(&before, &kernel.observe(&left).expect("it answers")), []);
}
