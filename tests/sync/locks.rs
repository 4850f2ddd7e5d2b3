//! One at a time.

use std::fs;

use pleach::exit::Exit;
use pleach::sync::Step;

use crate::effects::Watched;
use crate::lab::Lab;

#[test]
fn a_second_run_ends_at_once_and_says_who_runs() {
    let lab = Lab::new(20);
    let mut refused = Vec::new();
    let mut effects = Watched::new();
    effects.at_step = Box::new(|step| {
        if step == Step::Build {
            let failure = lab.sync(&mut Watched::new()).expect_err("another one runs");
            refused.push((failure.exit, failure.to_string()));
        }
    });
    let ended = lab.sync(&mut effects).expect("it goes on");
    drop(effects);
    assert_eq!(ended.exit, Exit::Done);
    let [(exit, text)] = refused.as_slice() else { panic!("{refused:?}") };
    assert_eq!(*exit, Exit::Refused);
    let pid = std::process::id();
    assert!(text.starts_with(&format!("pleach: another sync is running (pid {pid}, for ")), "{text}");
    assert_eq!(lab.read("state/history.jsonl").lines().count(), 1, "it wrote nothing");
}

#[test]
fn a_dead_holder_holds_nothing() {
    let lab = Lab::new(20);
    fs::create_dir(lab.path("state")).expect("made");
    lab.write("state/sync.lock", r#"{"pid":1,"since":0,"began":0}"#);
    lab.synced(Exit::Done);
}
