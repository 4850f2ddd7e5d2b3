//! A sync while it runs, and one that is killed.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::Folder;

/// How long a run may take to come to its hook.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder whose syncs wait in their hook, beside a file that says so.
fn folder() -> Folder {
    let folder = Folder::with_circuits(5);
    let hook = "[sync]\nhook = [\"sh\", \"-c\", \"touch hooked; while [ -e hooked ]; do sleep 0.02; done\"]\nhook_timeout = \"10m\"\n";
    let text = format!(
        "state = \"state\"\n{}{hook}[[shaper]]\nname = \"main\"\npublish = \"out\"\n",
        folder.read("pleach.toml")
    );
    folder.write("pleach.toml", text);
    fs::create_dir(folder.join("out")).expect("made");
    folder
}

#[test]
fn status_shows_what_runs_and_what_was_killed_and_the_next_run_writes_it_down() {
    let folder = folder();
    assert_eq!(folder.pleach(&["status", "--json"]).code(0).json()["running"], Value::Null);
    let mut sync = folder.command(env!("CARGO_BIN_EXE_pleach")).args(["sync", "--quiet"]).spawn().expect("started");
    let begun = Instant::now();
    while !folder.join("hooked").exists() {
        assert!(begun.elapsed() < PATIENCE, "the hook was not run");
        sleep(Duration::from_millis(20));
    }
    let json = folder.pleach(&["status", "--json"]).code(0).json();
    assert_eq!((&json["running"]["verb"], &json["running"]["pid"]), (&"sync".into(), &sync.id().into()));
    assert_eq!((&json["running"]["step"], &json["killed"]), (&"hook".into(), &Value::Null));
    let text = folder.pleach(&["status"]).code(0).stdout;
    let pid = sync.id();
    assert!(text.contains(&format!("running       sync, process {pid}, begun ")), "{text}");
    assert!(text.contains("              running the hook, for "), "{text}");
    sync.kill().expect("killed");
    sync.wait().expect("it ended");
    fs::remove_file(folder.join("hooked")).expect("its hook ends, too");
    assert!(!folder.join("state/history.jsonl").exists(), "it did not come to that");
    let text = folder.pleach(&["status"]).code(0).stdout;
    assert!(text.contains(&format!("killed        sync, process {pid}, begun ")), "{text}");
    assert!(text.contains(", while running the hook\n") && !text.contains("running       "), "{text}");
    folder.pleach(&["sync", "--dry-run"]).code(0);
    assert_eq!(folder.pleach(&["status", "--json"]).code(0).json()["killed"]["pid"], pid, "a dry run writes nothing");
    folder.write("pleach.toml", folder.read("pleach.toml").replace("touch hooked;", ""));
    folder.pleach(&["sync"]).code(0);
    let lines: Vec<Value> =
        folder.read("state/history.jsonl").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let outcomes: Vec<&Value> = lines.iter().map(|line| &line["outcome"]).collect();
    assert_eq!(outcomes, ["killed", "unchanged"]);
    assert_eq!((&lines[0]["generation"], &lines[0]["verb"]), (&1.into(), &"sync".into()));
    let status = folder.pleach(&["status", "--json"]).code(0).json();
    assert_eq!((&status["running"], &status["killed"]), (&Value::Null, &Value::Null));
    assert!(!folder.join("state/running.json").exists());
}
