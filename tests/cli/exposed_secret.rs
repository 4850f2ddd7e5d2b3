//! A configuration with a secret in its text that others can read: told, and gone on with.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::Folder;

/// A folder whose configuration holds a token of a UISP that nobody answers for.
fn folder() -> Folder {
    let folder = Folder::with_circuits(5);
    let uisp = "[uisp]\nurl = \"http://127.0.0.1:1\"\ntoken = \"sesame\"\n";
    let text = folder.read("pleach.toml");
    folder.write("pleach.toml", format!("state = \"state\"\n{text}{uisp}"));
    fs::set_permissions(folder.join("."), fs::Permissions::from_mode(0o755)).expect("set");
    folder
}

fn set_mode(folder: &Folder, mode: u32) {
    fs::set_permissions(folder.join("pleach.toml"), fs::Permissions::from_mode(mode)).expect("set");
}

const TOLD: &str = "warning: `pleach.toml` holds `uisp.token`, and others can read it (mode 0640)
hint: run `chmod 600 pleach.toml`, then replace the secret; `{ file = \"…\" }` or `{ env = \"…\" }` in its place keeps it elsewhere
";

#[test]
fn check_says_so_and_goes_on() {
    let folder = folder();
    set_mode(&folder, 0o640);
    let run = folder.pleach(&["check"]).code(0);
    assert!(run.stderr.starts_with(TOLD), "{}", run.stderr);
    assert!(run.stdout.contains("5 shaped"), "{}", run.stdout);
    set_mode(&folder, 0o600);
    assert!(!folder.pleach(&["check"]).code(0).stderr.contains("others can read it"));
}

#[test]
fn nobody_is_told_who_lets_nobody_into_the_folder() {
    let folder = folder();
    set_mode(&folder, 0o644);
    fs::set_permissions(folder.join("."), fs::Permissions::from_mode(0o700)).expect("set");
    assert!(!folder.pleach(&["check"]).code(0).stderr.contains("others can read it"));
}

#[test]
fn the_service_of_another_user_can_read_it_afterwards() {
    let folder = folder();
    set_mode(&folder, 0o644);
    fs::create_dir(folder.join("state")).expect("made");
    if let Err(error) = std::os::unix::fs::chown(folder.join("state"), Some(996), Some(996)) {
        eprintln!("skipped: nothing can be given to another user: {error}");
        return;
    }
    let run = folder.pleach(&["check"]);
    assert!(run.stderr.contains("run `chgrp 996 pleach.toml && chmod 640 pleach.toml`"), "{}", run.stderr);
}

#[test]
fn sync_says_so_and_a_quiet_one_once() {
    let folder = folder();
    set_mode(&folder, 0o640);
    let told = |args: &[&str]| folder.pleach(args).code(1);
    assert!(told(&["sync"]).stdout.contains(&TOLD.replace("\nhint", "")));
    let text = folder.read("pleach.toml");
    folder.write("pleach.toml", text.replace("[uisp]", "[uisp]\nname = \"second\""));
    set_mode(&folder, 0o644);
    let first = told(&["sync", "--quiet"]);
    assert!(first.stderr.contains("(mode 0644)"), "{}", first.stderr);
    assert_eq!((told(&["sync", "--quiet"]).stderr.as_str(), first.stdout.as_str()), ("", ""));
    assert!(!first.stderr.contains("sesame"));
}

#[test]
fn who_makes_it_run_unattended_is_told() {
    let folder = folder();
    set_mode(&folder, 0o604);
    let run = folder.pleach(&["init", "--cron", "cron", "--config", "pleach.toml"]).code(0);
    assert!(run.stderr.contains("pleach.toml` holds `uisp.token`"), "{}", run.stderr);
    let run = folder.pleach(&["config", "test"]);
    assert!(run.stderr.contains("holds `uisp.token`"), "{}", run.stderr);
}
