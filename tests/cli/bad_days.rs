//! Syncs on days when more than one thing is wrong: nothing hides anything else, and nothing piles up.

use std::fs;

use serde_json::Value;

use crate::harness::{Folder, circuits};

/// A folder with circuits that has been synced once; `sync` stands below `[sync]`.
fn synced(count: usize, sync: &str) -> Folder {
    let folder = Folder::with_circuits(count);
    fs::create_dir(folder.join("out")).expect("made");
    configure(&folder, sync);
    folder.pleach(&["sync"]).code(0);
    folder
}

fn configure(folder: &Folder, sync: &str) {
    let text = format!(
        "state = \"state\"\n[csv]\nshaped_devices = \"ShapedDevices.csv\"\nnodes = \"nodes.csv\"\n[sync]\n{sync}\n\
         [[shaper]]\nname = \"main\"\nroot = \"Tower A\"\npublish = \"out\"\n"
    );
    folder.write("pleach.toml", text);
}

fn archives(folder: &Folder) -> usize {
    folder.files("state/snapshots").len()
}

fn last_line(folder: &Folder) -> Value {
    let text = folder.read("state/history.jsonl");
    serde_json::from_str(text.lines().last().expect("a line")).expect("JSON")
}

#[test]
fn what_is_refused_again_and_again_keeps_one_archive() {
    let folder = synced(100, "");
    folder.write_circuits(20);
    folder.pleach(&["sync"]).code(4);
    let kept = archives(&folder);
    for _ in 0..3 {
        folder.pleach(&["sync"]).code(4);
        assert_eq!(archives(&folder), kept);
    }
    // A run that fails after it kept its answers leaves none of them.
    folder.write_circuits(99);
    fs::create_dir(folder.join("state/generations/.new-2")).expect("made");
    fs::remove_dir_all(folder.join("out")).expect("removed");
    folder.pleach(&["sync"]).code(1);
    assert!(archives(&folder) <= kept + 1);
}

#[test]
fn metrics_that_cannot_be_written_do_not_hide_the_run() {
    let folder = synced(10, "");
    configure(&folder, "metrics = \"/proc/nope/pleach.prom\"");
    folder.write_circuits(11);
    let run = folder.pleach(&["sync"]).code(1);
    assert!(run.stdout.contains("generation 2 is the current one"), "{}", run.stdout);
    assert!(run.stderr.contains("pleach.prom") && run.stderr.contains("hint: "), "{}", run.stderr);
    // A source that is gone as well is said, too; and when the metrics work again, it is not kept back.
    fs::remove_file(folder.join("ShapedDevices.csv")).expect("removed");
    let run = folder.pleach(&["sync", "--quiet"]).code(1);
    assert!(run.stderr.contains("cannot read `") && run.stderr.contains("pleach.prom"), "{}", run.stderr);
}

#[test]
fn a_generation_that_never_was_current_is_none_to_go_back_to() {
    let folder = synced(10, "");
    folder.write_circuits(11);
    folder.pleach(&["sync"]).code(0);
    folder.sh("cp -r state/generations/2 state/generations/3");
    folder.write_circuits(12);
    let run = folder.pleach(&["sync"]).code(0);
    assert!(run.stdout.contains("generation 3 is the current one, before it 2"), "{}", run.stdout);
    folder.pleach(&["rollback"]).code(0);
    assert_eq!(folder.read("out/ShapedDevices.csv").lines().count(), 1 + 11);
}

#[test]
fn a_current_generation_that_is_damaged_is_replaced_once_somebody_says_so() {
    for file in ["graph.jsonl.zst", "manifest.json"] {
        let folder = synced(10, "");
        let path = folder.join("state/generations/1").join(file);
        let bytes = fs::read(&path).expect("there");
        fs::write(&path, &bytes[..bytes.len() / 2]).expect("written");
        folder.write_circuits(11);
        let run = folder.pleach(&["sync"]).code(4);
        assert!(run.stderr.contains("refused: the current generation is damaged"), "{file}: {}", run.stderr);
        let hash =
            run.stderr.split("--accept-changes ").nth(1).and_then(|rest| rest.split('`').next()).expect("a hash");
        folder.pleach(&["sync", "--accept-changes", hash]).code(0);
        assert_eq!(folder.read("out/ShapedDevices.csv").lines().count(), 1 + 11, "{file}");
        folder.write_circuits(12);
        folder.pleach(&["sync"]).code(0);
    }
}

#[test]
fn a_hook_that_fails_is_worse_than_a_row_that_is_wrong() {
    let folder = synced(10, "hook = [\"true\"]");
    configure(&folder, "hook = [\"false\"]");
    folder.write("ShapedDevices.csv", circuits(11) + "c900,Nobody,d900,Router,Tower B,,,,5,5,50,50,\n");
    folder.pleach(&["sync"]).code(1);
    folder.pleach(&["sync"]).code(3);
}

#[test]
fn files_that_are_not_where_they_belong_are_no_success() {
    let folder = synced(10, "");
    fs::remove_dir_all(folder.join("out")).expect("removed");
    folder.write_circuits(11);
    let run = folder.pleach(&["sync"]).code(1);
    assert!(
        run.stderr.contains("generation 2 stays the current one; the next sync tries to publish it again"),
        "{}",
        run.stderr
    );
    assert_eq!(last_line(&folder)["outcome"], "undelivered");
    let status: Value = serde_json::from_str(&folder.read("state/status.json")).expect("JSON");
    assert_ne!(status["last_success"], status["last_run"]["time"]);
    fs::create_dir(folder.join("out")).expect("made");
    folder.pleach(&["sync"]).code(0);
    assert_eq!(folder.read("out/ShapedDevices.csv").lines().count(), 1 + 11);
}

#[test]
fn a_dry_run_leaves_no_trace() {
    let folder = Folder::with_circuits(5);
    fs::create_dir(folder.join("out")).expect("made");
    configure(&folder, "");
    folder.pleach(&["sync", "--dry-run"]).code(7);
    assert!(!folder.join("state").exists());
}

#[test]
fn what_is_not_there_is_said_so() {
    let folder = synced(5, "");
    let run = folder.pleach(&["rollback", "99"]).code(2);
    assert!(run.stderr.contains("there is no generation 99"), "{}", run.stderr);
}

#[test]
fn who_is_not_shaped_is_known_though_no_file_changed() {
    let folder = synced(10, "");
    folder.write("ShapedDevices.csv", circuits(10) + "900,Nobody,d900,Router,Tower B,,100.64.0.300,,5,5,50,50,\n");
    folder.pleach(&["sync"]).code(3);
    let run = folder.pleach(&["check"]).code(3);
    assert!(run.stdout.contains("`100.64.0.300` is not an IPv4"), "{}", run.stdout);
    let run = folder.pleach(&["explain", "900"]).code(0);
    assert!(run.stdout.contains("100.64.0.300"), "{}", run.stdout);
    folder.write_circuits(10);
    folder.pleach(&["sync"]).code(0);
    let run = folder.pleach(&["check"]).code(0);
    assert!(run.stdout.contains("problems: none"), "{}", run.stdout);
}

#[test]
fn what_the_configuration_changes_is_a_difference_too() {
    let folder = synced(10, "");
    let text = folder.read("pleach.toml").replace("root = \"Tower A\"", "root = \"Tower B\"\nprojection = \"flat\"");
    folder.write("pleach.toml", text);
    let run = folder.pleach(&["sync", "--dry-run"]).code(7);
    assert!(run.stdout.contains("shaper `main`: projection full -> flat\n"), "{}", run.stdout);
    assert!(run.stdout.contains("shaper `main`: root Tower A -> Tower B\n"), "{}", run.stdout);
    folder.pleach(&["sync"]).code(0);
    let run = folder.pleach(&["diff"]).code(7);
    assert!(run.stdout.contains("projection full -> flat") && run.stdout.contains("shapers changed: main"));
    let run = folder.pleach(&["diff", "--json"]).code(7);
    let json: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(json["shapers"][0]["before"], "full");
}

#[test]
fn of_the_first_generation_what_is_new_is_counted_and_not_listed() {
    let folder = synced(20, "");
    let first: Value = serde_json::from_str(&folder.read("state/generations/1/diff.json")).expect("JSON");
    assert_eq!(first, serde_json::json!({ "first": { "circuits": 20, "nodes": 3, "links": 0 } }));
    folder.write_circuits(21);
    folder.pleach(&["sync"]).code(0);
    let second: Value = serde_json::from_str(&folder.read("state/generations/2/diff.json")).expect("JSON");
    assert_eq!(second["circuits"]["added"].as_array().map(Vec::len), Some(1), "{second}");
}
