//! A run that is killed before each of its steps, as a power cut would: no destructor runs, nothing is flushed.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio, abort};

use pleach::exit::Exit;
use pleach::sync::{History, Outcome, Step};

use crate::effects::Watched;
use crate::lab::Lab;

/// The folder that the child works in, and the position of the step that it dies before.
const FOLDER: &str = "PLEACH_TEST_FOLDER";
const STEP: &str = "PLEACH_TEST_STEP";

/// The process that is killed: this test program again, with nothing but this test.
#[test]
#[ignore = "run by the other tests here, as a process to kill"]
fn child() {
    let (Ok(folder), Ok(step)) = (env::var(FOLDER), env::var(STEP)) else { return };
    let deadly: usize = step.parse().expect("a number");
    let mut effects = Watched::new();
    let mut count = 0;
    effects.at_step = Box::new(move |_| {
        if count == deadly {
            abort();
        }
        count += 1;
    });
    let ended = Lab::at(Path::new(&folder)).sync(&mut effects).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(ended.exit, Exit::Done);
}

/// Whether a run lived that was to be killed before its step at this position.
fn lives(lab: &Lab, step: usize) -> bool {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.args(["--exact", "killed::child", "--ignored"]).env(FOLDER, lab.path("")).env(STEP, step.to_string());
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("it starts").success()
}

#[test]
fn the_next_run_starts_from_a_whole_generation() {
    for (name, before) in [("the first run", None), ("a later one", Some(20))] {
        let mut killed = 0;
        for step in 0.. {
            let lab = Lab::new(before.unwrap_or(25));
            if before.is_some() {
                lab.synced(Exit::Done);
            }
            let old = lab.read("out/ShapedDevices.csv");
            lab.circuits(25);
            if lives(&lab, step) {
                break;
            }
            killed += 1;
            let current = lab.assert_whole();
            assert!(current.is_some() || before.is_none(), "{name}, step {step}: there was one before");
            let standing = lab.read("out/ShapedDevices.csv");
            let ended = lab.synced(Exit::Done);
            let new = lab.read("out/ShapedDevices.csv");
            assert!(standing == old || standing == new, "{name}, step {step}: half of a file");
            assert_eq!(new.lines().count(), 26, "{name}, step {step}");
            assert_eq!(lab.assert_whole(), ended.report.generation, "{name}, step {step}");
            let delivery =
                pleach::sync::Delivery::of(&lab.path("state"), ended.report.generation.expect("one")).expect("read");
            assert!(delivery.published && delivery.hook.is_some(), "{name}, step {step}: {delivery:?}");
            let outcomes: Vec<Outcome> =
                History::at(&lab.path("state")).last(9).expect("read").iter().map(|run| run.outcome).collect();
            let expected = [vec![Outcome::Published; before.iter().len()], vec![Outcome::Killed]].concat();
            assert_eq!(outcomes[..outcomes.len() - 1], expected, "{name}, step {step}: no run is passed over");
            lab.synced(Exit::Done);
        }
        assert!(killed >= Step::ALL.len() - 2, "{name} was killed {killed} times"); // all but `Apply` and a hook that ran
    }
}

#[test]
fn nothing_is_left_of_a_killed_run() {
    let lab = Lab::new(20);
    for step in 0..20 {
        let _ = lives(&lab, step);
    }
    lab.synced(Exit::Done);
    let leftover = |folder: &str| {
        let entries = std::fs::read_dir(lab.path(folder)).expect("listed");
        let names = entries.map(|entry| entry.expect("listed").file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with('.')).collect::<Vec<_>>()
    };
    for folder in ["state", "state/generations", "out"] {
        assert_eq!(leftover(folder), Vec::<String>::new(), "{folder}");
    }
}
