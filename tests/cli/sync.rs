//! `pleach sync` and what looks at its generations.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::{Folder, circuits};

/// A folder with circuits, a shaper that publishes, and a state folder of its own.
fn folder(count: usize) -> Folder {
    let folder = Folder::with_circuits(count);
    configure(&folder, "");
    fs::create_dir(folder.join("out")).expect("made");
    folder
}

fn configure(folder: &Folder, more: &str) {
    let text = format!(
        "state = \"state\"\n[csv]\nshaped_devices = \"ShapedDevices.csv\"\nnodes = \"nodes.csv\"\n{more}\n\
         [[shaper]]\nname = \"main\"\nroot = \"Tower A\"\npublish = \"out\"\n"
    );
    folder.write("pleach.toml", text);
}

/// The names of the snapshots that are kept.
fn snapshots(folder: &Folder) -> Vec<String> {
    let is_archive = |name: &String| std::path::Path::new(name).extension().is_some_and(|extension| extension == "tar");
    folder.files("state/snapshots").into_iter().filter(is_archive).collect()
}

#[test]
fn the_first_run_makes_a_generation_and_the_second_touches_nothing() {
    let folder = folder(20);
    let run = folder.pleach(&["sync"]).code(0);
    assert!(run.stdout.contains("published `main`; wrote network.json, ShapedDevices.csv\n"), "{}", run.stdout);
    assert!(run.stdout.contains("20 circuits read = 20 shaped"), "{}", run.stdout);
    assert_eq!(fs::read_link(folder.join("state/current")).expect("a link").display().to_string(), "generations/1");
    assert_eq!(folder.read("out/ShapedDevices.csv"), folder.read("state/current/shapers/main/ShapedDevices.csv"));
    let before =
        (folder.fingerprint("out"), folder.fingerprint("state/generations"), folder.fingerprint("state/snapshots"));
    let lines = folder.read("state/history.jsonl").lines().count();
    let run = folder.pleach(&["sync"]).code(0);
    assert!(run.stdout.contains("unchanged: every file is as generation 1 has it"), "{}", run.stdout);
    let after =
        (folder.fingerprint("out"), folder.fingerprint("state/generations"), folder.fingerprint("state/snapshots"));
    assert_eq!(before, after);
    assert_eq!(folder.read("state/history.jsonl").lines().count(), lines + 1);
    folder.pleach(&["sync", "--quiet"]).code(0).stdout("").quiet();
}

#[test]
fn bytes_that_change_nothing_make_no_generation() {
    let folder = folder(20);
    folder.pleach(&["sync"]).code(0);
    let before = folder.fingerprint("out");
    let text = folder.read("ShapedDevices.csv");
    let (header, rows) = text.split_once('\n').expect("a header");
    let shuffled: Vec<&str> = rows.lines().rev().collect();
    folder.write("ShapedDevices.csv", format!("{header}\n{}\n", shuffled.join("\n")));
    let run = folder.pleach(&["sync"]).code(0);
    assert!(run.stdout.contains("unchanged"), "{}", run.stdout);
    assert_eq!(folder.fingerprint("out"), before);
    assert_eq!(folder.read("state/current/manifest.json").matches("\"generation\": 1").count(), 1);
}

#[test]
fn a_change_is_shown_made_and_told_apart() {
    let folder = folder(20);
    folder.pleach(&["sync"]).code(0);
    folder.write_circuits(21);
    let before = (folder.fingerprint("out"), folder.fingerprint("state/generations"));
    let run = folder.pleach(&["sync", "--dry-run"]).code(7);
    assert!(run.stdout.contains("c120"), "{}", run.stdout);
    assert_eq!((folder.fingerprint("out"), folder.fingerprint("state/generations")), before, "it was dry");
    folder.pleach(&["sync"]).code(0);
    let run = folder.pleach(&["diff"]).code(7);
    assert!(run.stdout.contains("c120"), "{}", run.stdout);
    assert!(run.stdout.contains("generation 1 -> 2"), "{}", run.stdout);
    folder.pleach(&["diff", "1", "1"]).code(0);
    let json = folder.pleach(&["diff", "1", "2", "--json"]).code(7).json();
    assert!(json.to_string().contains("csv:circuit:c120"), "{json}");
    let listed = folder.pleach(&["generations"]).code(0);
    assert_eq!(listed.stdout.lines().count(), 2, "{}", listed.stdout);
    assert!(listed.stdout.starts_with("*      2  "), "{}", listed.stdout);
}

#[test]
fn a_snapshot_gives_the_same_bytes_again() {
    let folder = folder(20);
    folder.pleach(&["sync"]).code(0);
    let snapshots: Vec<String> = snapshots(&folder);
    let [snapshot] = snapshots.as_slice() else { panic!("{snapshots:?}") };
    folder.write_circuits(22);
    folder.pleach(&["sync"]).code(0);
    let second = folder.read("out/ShapedDevices.csv");
    fs::remove_file(folder.join("ShapedDevices.csv")).expect("removed");
    folder.pleach(&["sync", "--from-snapshot", "latest"]).code(0);
    assert_eq!(folder.read("out/ShapedDevices.csv"), second);
    folder.pleach(&["sync", "--from-snapshot", snapshot]).code(0);
    assert_eq!(folder.read("out/ShapedDevices.csv"), folder.read("state/generations/1/shapers/main/ShapedDevices.csv"));
    folder.write("no.tar", "no archive");
    let run = folder.pleach(&["sync", "--from-snapshot", "no.tar"]).code(1);
    assert!(run.stderr.contains("`no.tar` is no snapshot that can be used"), "{}", run.stderr);
}

#[test]
fn what_is_refused_is_kept_and_accepted_by_its_hash_alone() {
    let folder = folder(200);
    folder.pleach(&["sync"]).code(0);
    let before = (folder.fingerprint("out"), folder.fingerprint("state/generations"));
    folder.write_circuits(150);
    let run = folder.pleach(&["sync"]).code(4);
    let hash = run
        .stderr
        .split("--accept-changes ")
        .nth(1)
        .and_then(|rest| rest.split('`').next())
        .expect("a hash")
        .to_owned();
    assert_eq!((folder.fingerprint("out"), folder.fingerprint("state/generations")), before);
    assert!(folder.pleach(&["status"]).code(0).stdout.contains(&hash));
    let quiet = folder.pleach(&["sync", "--quiet"]).code(4);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""), "it was said before");
    folder.pleach(&["sync", "--accept-changes", "0123456789abcdef"]).code(2);
    folder.write_circuits(10); // what is accepted is what was seen, not what is there now
    folder.pleach(&["sync", "--accept-changes", &hash]).code(0);
    assert_eq!(folder.read("out/ShapedDevices.csv").lines().count(), 151);
    assert!(!folder.pleach(&["status"]).code(0).stdout.contains(&hash), "a new generation settles it");
    folder.pleach(&["sync"]).code(4);
    configure(&folder, "[default_plan]\ndown = 7\nup = 7\n[network]\nexclude = [\"csv:circuit:c100\"]");
    let status = folder.pleach(&["status", "--json"]).code(0).json();
    let hash = status["refusals"][0]["hash"].as_str().expect("a hash").to_owned();
    let run = folder.pleach(&["sync", "--accept-changes", &hash]).code(4);
    assert!(run.stderr.contains("the configuration or the overrides were changed since"), "{}", run.stderr);
}

#[test]
fn an_empty_answer_is_never_believed() {
    for count in [5, 200] {
        let folder = folder(count);
        folder.pleach(&["sync"]).code(0);
        let before = folder.fingerprint("out");
        folder.write("ShapedDevices.csv", circuits(0));
        folder.pleach(&["sync"]).code(4);
        assert_eq!(folder.fingerprint("out"), before);
    }
    let folder = folder(0);
    folder.pleach(&["sync"]).code(4);
    assert!(!folder.join("state/current").exists(), "not even at first");
}

#[test]
fn a_file_that_is_gone_changes_nothing_and_is_said_once() {
    let folder = folder(20);
    folder.pleach(&["sync"]).code(0);
    let before = (folder.fingerprint("out"), folder.fingerprint("state/generations"));
    fs::remove_file(folder.join("ShapedDevices.csv")).expect("removed");
    let run = folder.pleach(&["sync", "--quiet"]).code(1);
    assert!(run.stderr.contains("source `csv`: cannot read `ShapedDevices.csv`: No such file"), "{}", run.stderr);
    assert!(run.stderr.contains("the current generation stays"), "{}", run.stderr);
    let run = folder.pleach(&["sync", "--quiet"]).code(1);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    assert_eq!((folder.fingerprint("out"), folder.fingerprint("state/generations")), before);
    assert!(folder.pleach(&["status"]).code(0).stdout.contains("failed"));
    folder.write_circuits(20);
    folder.pleach(&["sync", "--quiet"]).code(0).stdout("").quiet();
}

#[test]
fn a_source_may_fall_back_to_what_it_said_last() {
    let folder = folder(20);
    configure(&folder, "[sync]\nfallback = { csv = \"1h\" }");
    fs::rename(folder.join("ShapedDevices.csv"), folder.join("away.csv")).expect("renamed");
    let run = folder.pleach(&["sync"]).code(1);
    assert!(run.stderr.contains("it has no good answers to fall back to"), "{}", run.stderr);
    fs::rename(folder.join("away.csv"), folder.join("ShapedDevices.csv")).expect("renamed");
    folder.pleach(&["sync"]).code(0);
    fs::remove_file(folder.join("ShapedDevices.csv")).expect("removed");
    let quiet = folder.pleach(&["sync", "--quiet"]).code(0);
    assert!(quiet.stderr.contains("warning: source `csv` could not be read"), "{}", quiet.stderr);
    folder.pleach(&["sync", "--quiet"]).code(0).stdout("").quiet();
    let run = folder.pleach(&["sync"]).code(0);
    assert!(run.stdout.contains("source `csv` could not be read"), "{}", run.stdout);
    configure(&folder, "[sync]\nfallback = { csv = \"1ms\" }");
    let run = folder.pleach(&["sync"]).code(1);
    assert!(run.stderr.contains("its last good answers are"), "{}", run.stderr);
}

#[test]
fn a_rollback_is_published_and_stays() {
    let folder = folder(20);
    let hook = "#!/bin/sh\necho $PLEACH_GENERATION $(grep -c . $PLEACH_DIFF) >> hooked\n";
    folder.write("hook", hook);
    fs::set_permissions(folder.join("hook"), fs::Permissions::from_mode(0o755)).expect("set");
    configure(&folder, "[sync]\nhook = [\"./hook\"]");
    folder.pleach(&["sync"]).code(0);
    let first = folder.read("out/ShapedDevices.csv");
    folder.write_circuits(25);
    folder.pleach(&["sync"]).code(0);
    let second = folder.read("out/ShapedDevices.csv");
    let run = folder.pleach(&["rollback"]).code(0);
    assert!(run.stdout.contains("generation 3 is the current one"), "{}", run.stdout);
    assert_eq!(folder.read("out/ShapedDevices.csv"), first);
    let hooked = folder.read("hooked");
    let numbers: Vec<&str> = hooked.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(numbers, ["1", "2", "3"], "the hook is told of each");
    let run = folder.pleach(&["sync"]).code(4);
    assert!(run.stderr.contains("pinned to generation 3, which holds what 1 held"), "{}", run.stderr);
    assert_eq!(folder.read("out/ShapedDevices.csv"), first);
    folder.pleach(&["rollback", "--resume"]).code(0);
    folder.pleach(&["sync"]).code(0);
    assert_eq!(folder.read("out/ShapedDevices.csv"), second);
    folder.pleach(&["rollback", "99"]).code(2);
    folder.pleach(&["rollback", "3"]).code(0);
    assert_eq!(folder.read("out/ShapedDevices.csv"), first);
}

#[test]
fn a_hook_that_fails_is_told_and_the_generation_stays() {
    let folder = folder(20);
    configure(&folder, "[sync]\nhook = [\"sh\", \"-c\", \"echo no; exit 9\"]");
    let run = folder.pleach(&["sync"]).code(1);
    assert!(run.stdout.contains("the hook `sh` ended with exit status: 9"), "{}", run.stdout);
    assert_eq!(folder.read("state/hook.log"), "no\n");
    assert!(folder.join("state/current").exists());
    assert!(folder.pleach(&["status"]).code(0).stdout.contains("hook          FAILED"));
    folder.pleach(&["sync"]).code(0);
}

#[test]
fn every_verb_reads_the_current_generation_or_the_one_it_is_told() {
    let folder = folder(20);
    folder.pleach(&["sync"]).code(0);
    folder.write_circuits(22);
    let run = folder.pleach(&["check"]).code(0);
    assert!(run.stdout.contains("20 circuits read"), "{}", run.stdout);
    assert!(run.stderr.starts_with("note: this is generation 1, made "), "{}", run.stderr);
    assert!(run.stderr.contains("note: changed since: `ShapedDevices.csv`"), "{}", run.stderr);
    folder.pleach(&["sync"]).code(0);
    assert!(folder.pleach(&["check"]).code(0).stdout.contains("22 circuits read"));
    assert!(folder.pleach(&["check", "--generation", "1"]).code(0).stdout.contains("20 circuits read"));
    folder.pleach(&["explain", "c121"]).code(0);
    folder.pleach(&["explain", "c121", "--generation", "1"]).code(2);
    folder.pleach(&["lookup", "100.64.0.22"]).code(0);
    assert!(folder.pleach(&["graph", "--generation", "1"]).code(0).stdout.contains("<svg"));
    folder.pleach(&["export", "--generation", "1"]).code(0);
    assert_eq!(
        folder.read("pleach-out/main/ShapedDevices.csv"),
        folder.read("state/generations/1/shapers/main/ShapedDevices.csv")
    );
    folder.pleach(&["check", "--generation", "9"]).code(2);
}

#[test]
fn what_somebody_overwrote_is_put_back() {
    let folder = folder(20);
    folder.pleach(&["sync"]).code(0);
    let good = folder.read("out/ShapedDevices.csv");
    folder.write("out/ShapedDevices.csv", "oops");
    let run = folder.pleach(&["sync"]).code(0);
    assert!(run.stdout.contains("wrote ShapedDevices.csv"), "{}", run.stdout);
    assert_eq!(folder.read("out/ShapedDevices.csv"), good);
}

#[test]
fn old_generations_go() {
    let folder = folder(20);
    configure(&folder, "[sync]\nkeep = { generations = 3 }");
    for count in 20..28 {
        folder.write_circuits(count);
        folder.pleach(&["sync"]).code(0);
    }
    let kept: Vec<String> = fs::read_dir(folder.join("state/generations"))
        .expect("listed")
        .map(|entry| entry.expect("listed").file_name().into_string().expect("a name"))
        .collect();
    assert_eq!(kept.len(), 3, "{kept:?}");
    assert_eq!(snapshots(&folder).len(), 3);
}

#[test]
fn metrics_and_json_say_the_same() {
    let folder = folder(20);
    configure(&folder, "[sync]\nmetrics = \"pleach.prom\"");
    let json = folder.pleach(&["sync", "--json"]).code(0).json();
    assert_eq!(
        (&json["outcome"], &json["generation"], &json["counts"]["shaped"]),
        (&"published".into(), &1.into(), &20.into())
    );
    let text = folder.read("pleach.prom");
    assert!(text.contains("pleach_circuits{fate=\"shaped\"} 20"), "{text}");
    assert!(text.contains("pleach_last_success_timestamp_seconds "), "{text}");
    fs::remove_file(folder.join("nodes.csv")).expect("removed");
    folder.pleach(&["sync"]).code(1);
    let text = folder.read("pleach.prom");
    assert!(text.contains("pleach_circuits{fate=\"shaped\"} 20"), "what was known holds on: {text}");
    assert!(text.contains("pleach_last_run_exit_code 1"), "{text}");
    let history: serde_json::Value =
        serde_json::from_str(folder.read("state/history.jsonl").lines().next().expect("a line")).expect("JSON");
    assert_eq!(history["outcome"], "published");
    let run = folder.pleach(&["sync", "--log", "json", "--from-snapshot", "gone.tar"]).code(1);
    let line: serde_json::Value = serde_json::from_str(run.stderr.lines().last().expect("a line")).expect("JSON");
    assert_eq!(line["level"], "error");
}

#[test]
fn a_sync_with_nothing_to_read_says_so() {
    let folder = Folder::new();
    folder.write("pleach.toml", "state = \"state\"\n");
    folder.pleach(&["sync"]).code(2).stderr(
        "pleach: the configuration names no source to read
hint: set `shaped_devices` under `[csv]`, or another source
",
    );
    assert!(!folder.join("state").exists());
}
