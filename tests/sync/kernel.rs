//! Shapers with `apply = true`, and a kernel that plays along or does not.

use pleach::exit::Exit;
use pleach::sync::{Delivery, Outcome};

use crate::effects::{KernelMood, Watched};
use crate::lab::Lab;

fn lab() -> Lab {
    let lab = Lab::new(20);
    lab.configure("apply = true\n[shaper.interfaces]\ntoward_subscribers = \"a\"\ntoward_internet = \"b\"");
    lab
}

fn delivery(lab: &Lab) -> Delivery {
    let current = lab.store().current().expect("a link").expect("one");
    Delivery::of(&lab.path("state"), current).expect("read")
}

#[test]
fn each_generation_is_applied_once() {
    let lab = lab();
    let mut effects = Watched::new();
    let ended = lab.sync(&mut effects).expect("it runs");
    assert_eq!((ended.exit, effects.applied.as_slice()), (Exit::Done, [0].as_slice()));
    assert!(ended.done.contains(&"shaper `main`: applied 20 circuits".to_owned()), "{:?}", ended.done);
    let ended = lab.sync(&mut effects).expect("it runs");
    assert_eq!((ended.report.outcome, effects.applied.len()), (Outcome::Unchanged, 1));
    lab.circuits(21);
    lab.sync(&mut effects).expect("it runs");
    assert_eq!(effects.applied.len(), 2);
}

/// A leaf is in no generation: that it was changed must reach the kernel all the same.
#[test]
fn another_configuration_is_applied_though_nothing_else_is_new() {
    let lab = lab();
    let mut effects = Watched::new();
    lab.sync(&mut effects).expect("it runs");
    lab.configure(
        "apply = true\nleaf = { kind = \"pfifo\" }\n[shaper.interfaces]\ntoward_subscribers = \"a\"\ntoward_internet = \"b\"",
    );
    for run in ["the first", "the next"] {
        let ended = lab.sync(&mut effects).expect("it runs");
        assert_eq!((ended.report.outcome, effects.applied.len()), (Outcome::Unchanged, 2), "{run}");
    }
}

#[test]
fn an_apply_that_failed_is_told_and_tried_again() {
    let lab = lab();
    let mut effects = Watched::new();
    effects.kernel = KernelMood::Undone;
    let ended = lab.sync(&mut effects).expect("it runs");
    assert_eq!((ended.exit, ended.report.generation), (Exit::Undone, Some(1)));
    let text = ended.failure.expect("a failure").to_string();
    assert!(text.contains("generation 1 is not applied by shaper `main`: the kernel said no"), "{text}");
    assert_eq!(delivery(&lab).applied["main"].error.as_deref(), Some("the kernel said no"));
    assert!(delivery(&lab).published, "the files are there all the same");
    let ended = lab.sync(&mut effects).expect("it runs");
    assert_eq!((ended.exit, effects.applied.len()), (Exit::Undone, 2), "again, though nothing is new");
    effects.kernel = KernelMood::Good;
    let ended = lab.sync(&mut effects).expect("it runs");
    assert_eq!((ended.exit, ended.report.outcome), (Exit::Done, Outcome::Unchanged));
    assert_eq!(delivery(&lab).applied["main"].error, None);
}
