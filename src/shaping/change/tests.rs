//! The change machine on the simulated kernel, with each party killed at every step.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use pleach_kernel::{Fault, Faulty, Kernel, Simulated};
use pleach_tc::{
    Baseline, Class, ClassifierState, ClassifierVersion, Handle, Interface, InterfaceState, KernelState, MapSizes,
    PerDirection, Port, PortIndex, PortMode, Qdisc, QdiscKind, Root, TakeOver, Ticks, compare, diff, layout,
};
use tempfile::TempDir;

use super::*;
use crate::state::Lock;

const BATCH: usize = 4;
const ENOMEM: i32 = 12;
const SECONDS: u64 = 60;

/// A folder, and a clock that a test sets.
struct World {
    _dir: TempDir,
    folder: StateFolder,
    now: RefCell<Moment>,
    number: Cell<u32>,
}

fn world() -> World {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = StateFolder::of(dir.path(), "main");
    folder.prepare().expect("made");
    folder.write(Name::Ledger, "before").expect("written");
    World {
        _dir: dir,
        folder,
        now: RefCell::new(Moment { boot: "one".into(), milliseconds: 1_000 }),
        number: Cell::new(2),
    }
}

impl World {
    fn with<T>(&self, kernel: &mut dyn Kernel, run: impl FnOnce(&mut Session<'_>) -> T) -> T {
        let clock = || Ok(self.now.borrow().clone());
        run(&mut Session { kernel, folder: &self.folder, clock: &clock, number: &|_| Some(self.number.get()) })
    }

    fn pass(&self, seconds: u64) {
        let later = self.now.borrow().after(Duration::from_secs(seconds));
        *self.now.borrow_mut() = later;
    }

    fn reboot(&self) {
        *self.now.borrow_mut() = Moment { boot: "two".into(), milliseconds: 5_000 };
    }

    fn ledger(&self) -> Option<String> {
        self.folder.read(Name::Ledger).expect("it can be read")
    }

    /// Applies, with a watcher that is only its lock.
    fn apply(&self, kernel: &mut dyn Kernel, to: &KernelState, trial: Watch<'_>) -> Result<Applied, ChangeError> {
        let observed = kernel.observe(&[interface()]).expect("it answers");
        let cut_short = match self.with(kernel, settle)? {
            Settled::CutShort(pending) => Some(*pending),
            _ => None,
        };
        let observed = if cut_short.is_some() { kernel.observe(&[interface()]).expect("it answers") } else { observed };
        let change = Change {
            interfaces: vec![interface()],
            plan: diff(to, &observed, TakeOver::No).expect("nothing is foreign"),
            desired: to.clone(),
            observed,
            ledger: Some("after".to_owned()),
            is_ledger_rebuilt: false,
            baseline: Some(Baseline::default()),
        };
        let mut lock = None;
        let mut start_watcher = |folder: &StateFolder| {
            lock = Some(folder.lock_as_watcher().expect("nobody watches"));
            Ok(())
        };
        let is_watched = matches!(trial, Watch::By(_));
        let trial_of = is_watched.then_some(Trial { seconds: SECONDS, start_watcher: &mut start_watcher });
        let applied = self.with(kernel, |session| apply(session, &change, cut_short.as_ref(), trial_of));
        if let Watch::By(alive) = trial {
            *alive = lock;
        }
        applied
    }
}

/// Who watches an apply.
enum Watch<'a> {
    Nobody,
    By(&'a mut Option<Lock>),
}

fn interface() -> Interface {
    "eth0".parse().expect("a name")
}

fn nothing() -> KernelState {
    let empty = InterfaceState { queues: 1, ..InterfaceState::default() };
    KernelState { interfaces: [(interface(), empty)].into(), classifier: None }
}

/// A tree of a link class and this many classes below it, of this many Mbit/s each.
fn shaped(classes: u16, mbit: u64) -> KernelState {
    let htb = layout::htb(0).expect("an HTB");
    let link = Handle::new(htb.major(), layout::LINK_MINOR);
    let class = |parent, mbit| {
        let (rate, burst) = (pleach_graph::Rate::from_mbit(mbit), Ticks(20_000));
        Class { parent, rate, ceil: rate, burst, cburst: burst, quantum: 1_522, priority: 3, overhead: 0, mpu: 0 }
    };
    let mut state = nothing();
    let here = state.interfaces.get_mut(&interface()).expect("it is there");
    here.root = Root::Ours;
    here.qdiscs.insert(htb, Qdisc { parent: Handle::ROOT, kind: QdiscKind::Htb });
    here.classes.insert(link, class(htb, 1_000));
    for number in 0..classes {
        here.classes.insert(Handle::new(htb.major(), layout::FIRST_FREE_MINOR + number), class(link, mbit));
    }
    here.has_clsact = true;
    here.attached = Some(PortIndex::Download);
    let port = Port {
        mode: PortMode::Shape,
        default_class: PerDirection::from_fn(|_| link),
        default_queue: PerDirection::default(),
        vlan: PerDirection::default(),
        mark: pleach_tc::MarkField::NONE,
    };
    state.classifier = Some(ClassifierState {
        version: ClassifierVersion([1; 8]),
        sizes: MapSizes { devices: 64, identities: 64, slots: 64 },
        ports: [(PortIndex::Download, port)].into(),
        ..ClassifierState::default()
    });
    state
}

fn holds(kernel: &mut dyn Kernel, state: &KernelState) -> bool {
    compare(state, &kernel.observe(&[interface()]).expect("it answers")).is_empty()
}

/// From and to, and how many operations lie between: a first apply, and a change.
fn ways() -> Vec<(KernelState, KernelState, usize)> {
    let ways = [(nothing(), shaped(3, 10)), (shaped(3, 10), shaped(5, 20))];
    let count = |from: &KernelState, to: &KernelState| diff(to, from, TakeOver::No).expect("ours").operations().count();
    ways.map(|(from, to)| (from.clone(), to.clone(), count(&from, &to))).into()
}

fn for_each_step(mut check: impl FnMut(&KernelState, &KernelState, usize)) {
    for (from, to, operations) in ways() {
        assert!(operations > 4, "there are steps");
        (0..operations).for_each(|at| check(&from, &to, at));
    }
}

/// An apply with `--confirm` whose process dies at a step; the watcher's life is given.
fn died(world: &World, from: &KernelState, to: &KernelState, at: usize) -> (Simulated, Option<Lock>) {
    let mut watcher = None;
    let mut kernel = Faulty::new(Simulated::holding(from), Fault::Die { at }, BATCH);
    world.apply(&mut kernel, to, Watch::By(&mut watcher)).expect_err("it died");
    assert!(kernel.is_dead());
    (kernel.into_inner(), watcher)
}

#[test]
fn the_applier_dies_and_the_watcher_goes_back() {
    for_each_step(|from, to, at| {
        let world = world();
        let (mut kernel, _alive) = died(&world, from, to, at);
        assert!(!world.with(&mut kernel, overdue).expect("it looks"), "there is time yet");
        assert!(matches!(world.with(&mut kernel, settle), Err(ChangeError::Waiting(_))));
        let confirmed = world.with(&mut kernel, confirm);
        assert!(matches!(confirmed, Err(ChangeError::HalfDone)), "at {at}: {confirmed:?}");
        world.pass(SECONDS);
        assert!(world.with(&mut kernel, overdue).expect("it goes back"), "at {at}");
        assert!(holds(&mut kernel, from), "at {at}");
        assert_eq!(world.ledger().as_deref(), Some("before"));
        assert!(!world.with(&mut kernel, overdue).expect("it looks"), "once is enough");
    });
}

#[test]
fn both_die_and_the_next_verb_goes_back_first() {
    for_each_step(|from, to, at| {
        let world = world();
        let (mut kernel, alive) = died(&world, from, to, at);
        drop(alive);
        assert_eq!(world.with(&mut kernel, settle).expect("it goes back"), Settled::Reverted);
        assert!(holds(&mut kernel, from), "at {at}");
        assert_eq!(world.with(&mut kernel, settle).expect("it looks"), Settled::Clean);
    });
}

#[test]
fn whoever_goes_back_dies_too() {
    for_each_step(|from, to, at| {
        for second in 0..=at {
            let world = world();
            let (kernel, alive) = died(&world, from, to, at);
            drop(alive);
            let mut kernel = Faulty::new(kernel, Fault::Die { at: second }, BATCH);
            let _ = world.with(&mut kernel, settle);
            let mut kernel = kernel.into_inner();
            let settled = world.with(&mut kernel, settle).expect("it goes back");
            assert!(matches!(settled, Settled::Reverted | Settled::Clean), "at {at}, {second}");
            assert!(holds(&mut kernel, from), "at {at}, {second}");
        }
    });
}

#[test]
fn a_reboot_leaves_only_files_to_put_back() {
    for_each_step(|from, to, at| {
        let world = world();
        died(&world, from, to, at);
        world.reboot();
        let mut kernel = Simulated::holding(&nothing());
        assert_eq!(world.with(&mut kernel, settle).expect("it looks"), Settled::BeforeReboot);
        assert!(holds(&mut kernel, &nothing()));
        assert_eq!(world.ledger().as_deref(), Some("before"), "of an apply that nobody confirmed");
        assert_eq!(world.with(&mut kernel, settle).expect("it looks"), Settled::Clean);
    });
}

#[test]
fn only_the_watcher_dies() {
    for (from, to, _) in ways() {
        let world = world();
        let mut kernel = Simulated::holding(&from);
        let mut watcher = None;
        world.apply(&mut kernel, &to, Watch::By(&mut watcher)).expect("it goes through");
        assert!(watcher.take().is_some());
        assert_eq!(
            world.with(&mut kernel, settle).expect("it goes back"),
            Settled::Reverted,
            "before its time is over"
        );
        assert!(holds(&mut kernel, &from));

        world.apply(&mut kernel, &to, Watch::By(&mut watcher)).expect("it goes through");
        drop(watcher.take());
        assert_eq!(
            world.with(&mut kernel, confirm).expect("in time"),
            Confirmed::Stays,
            "an operator who says so is heard"
        );
        assert!(holds(&mut kernel, &to));
    }
}

#[test]
fn confirmed_in_time_or_too_late() {
    for (from, to, _) in ways() {
        let world = world();
        let mut kernel = Simulated::holding(&from);
        let mut watcher = None;
        world.apply(&mut kernel, &to, Watch::By(&mut watcher)).expect("it goes through");
        world.pass(SECONDS - 1);
        assert_eq!(world.with(&mut kernel, confirm).expect("in time"), Confirmed::Stays);
        world.pass(SECONDS);
        assert!(!world.with(&mut kernel, overdue).expect("it looks"));
        assert!(holds(&mut kernel, &to));
        assert!(matches!(world.with(&mut kernel, confirm), Err(ChangeError::NothingToConfirm)));
        world.with(&mut kernel, rollback).expect("until the next apply");
        assert!(holds(&mut kernel, &from));

        drop(watcher.take());
        world.apply(&mut kernel, &to, Watch::By(&mut watcher)).expect("it goes through");
        world.pass(SECONDS);
        assert_eq!(world.with(&mut kernel, confirm).expect("it goes back"), Confirmed::TooLate);
        assert!(holds(&mut kernel, &from));
    }
}

#[test]
fn applies_that_are_cut_short_one_after_the_other_lead_back_to_before_the_first() {
    for_each_step(|from, to, at| {
        for second in [Some(0), Some(at / 2), None] {
            let world = world();
            let mut kernel = Faulty::new(Simulated::holding(from), Fault::Die { at }, BATCH);
            world.apply(&mut kernel, to, Watch::Nobody).expect_err("it died");
            let fault = Fault::Die { at: second.unwrap_or(usize::MAX) };
            let mut kernel = Faulty::new(kernel.into_inner(), fault, BATCH);
            let third = shaped(4, 15);
            assert_eq!(world.apply(&mut kernel, &third, Watch::Nobody).is_err(), kernel.is_dead());
            let mut kernel = kernel.into_inner();
            world.with(&mut kernel, rollback).expect("there is a record");
            assert!(holds(&mut kernel, from), "at {at}, {second:?}");
            assert_eq!(world.ledger().as_deref(), Some("before"), "at {at}, {second:?}");
        }
    });
}

#[test]
fn a_refusal_is_taken_back_or_reported_exactly() {
    for_each_step(|from, to, at| {
        let world = world();
        let mut kernel = Faulty::new(Simulated::holding(from), Fault::Refuse { at, errno: ENOMEM }, BATCH);
        let error = world.apply(&mut kernel, to, Watch::Nobody).expect_err("one was refused");
        assert!(matches!(error, ChangeError::Undone { .. } | ChangeError::Unchanged(_)), "at {at}: {error}");
        assert!(holds(&mut kernel, from), "at {at}");
        assert_eq!((world.ledger().as_deref(), world.folder.read(Name::Undo).expect("read")), (Some("before"), None));

        let mut kernel = Faulty::new(Simulated::holding(from), Fault::RefuseFrom { at, errno: ENOMEM }, BATCH);
        let error = world.apply(&mut kernel, to, Watch::Nobody).expect_err("all were refused");
        let mut kernel = kernel.into_inner();
        let Some(RevertError::Kernel(undo)) = error.not_reverted() else {
            assert!(matches!(error, ChangeError::Unchanged(_)) && holds(&mut kernel, from), "at {at}: {error}");
            return;
        };
        let pending = Pending::read(&world.folder, Name::Undo).expect("read").expect("it stays until it is done");
        let found = kernel.observe(&[interface()]).expect("it answers");
        assert_eq!(undo.left, Some(compare(&pending.undo.target(&found), &found)), "at {at}");
        world.with(&mut kernel, rollback).expect("the kernel is well again");
        assert!(holds(&mut kernel, from), "at {at}");
    });
}

#[test]
fn a_watcher_that_does_not_start_stops_everything() {
    let world = world();
    let mut kernel = Simulated::holding(&nothing());
    let (to, observed) = (shaped(3, 10), nothing());
    let change = Change {
        interfaces: vec![interface()],
        plan: diff(&to, &observed, TakeOver::No).expect("nothing is foreign"),
        desired: to,
        observed,
        ledger: Some("after".to_owned()),
        is_ledger_rebuilt: false,
        baseline: None,
    };
    let mut start_watcher = |_: &StateFolder| Err(WatcherError::Ended("log".to_owned()));
    let trial = Trial { seconds: SECONDS, start_watcher: &mut start_watcher };
    let error = world.with(&mut kernel, |session| apply(session, &change, None, Some(trial))).expect_err("no watcher");
    assert!(matches!(error, ChangeError::Watcher(_)), "{error}");
    assert_eq!(kernel.steps(), 0);
    assert_eq!((world.ledger().as_deref(), world.folder.read(Name::Undo).expect("read")), (Some("before"), None));
}

#[test]
fn a_foreign_root_that_was_taken_over_is_named_when_it_cannot_come_back() {
    let mut from = nothing();
    let kind = "pfifo".into();
    from.interfaces.get_mut(&interface()).expect("it is there").root = Root::Foreign { kind, handle: Handle::qdisc(7) };
    let (to, mut named) = (shaped(3, 10), 0);
    let plan = diff(&to, &from, TakeOver::Yes).expect("it may go");
    for at in 0..plan.operations().count() {
        let world = world();
        let mut kernel = Faulty::new(Simulated::holding(&from), Fault::Refuse { at, errno: ENOMEM }, BATCH);
        let change = Change {
            interfaces: vec![interface()],
            plan: plan.clone(),
            desired: to.clone(),
            observed: from.clone(),
            ledger: Some("after".to_owned()),
            is_ledger_rebuilt: false,
            baseline: None,
        };
        let error = world.with(&mut kernel, |session| apply(session, &change, None, None)).expect_err("refused");
        let now = kernel.into_inner().observe(&[interface()]).expect("it answers");
        let is_lost = now.interfaces[&interface()].root != from.interfaces[&interface()].root;
        match error {
            ChangeError::Undone { lost, .. } => assert_eq!(!lost.is_empty(), is_lost, "at {at}"),
            error => assert!(matches!(error, ChangeError::Unchanged(_)) && !is_lost, "at {at}: {error}"),
        }
        named += usize::from(is_lost);
    }
    assert!(named > 0, "it goes at some step");
}

#[test]
fn a_rollback_says_that_an_interface_was_made_anew() {
    let world = world();
    let mut kernel = Simulated::holding(&nothing());
    world.apply(&mut kernel, &shaped(3, 10), Watch::Nobody).expect("it goes through");
    assert!(world.with(&mut kernel, rollback).expect("there is a record").is_empty());
    world.apply(&mut kernel, &shaped(3, 10), Watch::Nobody).expect("it goes through");
    world.number.set(3);
    let left = world.with(&mut Simulated::holding(&nothing()), rollback).expect("there is a record");
    assert_eq!(left, NotAsBefore { anew: vec![interface()], ..NotAsBefore::default() });
}
