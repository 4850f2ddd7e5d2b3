//! Files that are missing, empty, or no files.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::harness::{Folder, as_nobody, skip};

#[test]
fn nothing_to_read() {
    if Path::new("/etc/pleach/pleach.toml").exists() {
        return skip("this host has a configuration of its own");
    }
    Folder::new().pleach(&["check"]).code(2).stdout("").stderr(
        "pleach: no network to read: there is no `pleach.toml` here and no `/etc/pleach/pleach.toml`
hint: start with `pleach init`, or name files: `--config FILE` or `--csv ShapedDevices.csv`
",
    );
    Folder::new().pleach(&["check", "--nodes", "nodes.csv"]).code(2).stderr(
        "pleach: no subscribers to read: `--nodes` and `--links` name only what they hang from
hint: name their file too: `--csv ShapedDevices.csv`
",
    );
}

#[test]
fn a_missing_file_and_who_named_it() {
    let folder = Folder::started();
    folder.pleach(&["check", "--csv", "gone.csv"]).code(1).stdout("").stderr(
        "pleach: cannot read `gone.csv`: No such file or directory (os error 2)
hint: it is named by `--csv`
",
    );
    fs::remove_file(folder.join("links.csv")).expect("removed");
    folder.pleach(&["export"]).code(1).stdout("").stderr(
        "pleach: cannot read `links.csv`: No such file or directory (os error 2)
hint: it is named by `links` under `[csv]` in `pleach.toml`
",
    );
}

#[test]
fn an_empty_file_and_a_web_page() {
    let folder = Folder::new();
    folder.write("empty.csv", "");
    folder.write("page.csv", "<!DOCTYPE html>\n<html><body>Log in</body></html>\n");
    let hint = "hint: look at what writes the file; a table without rows still has its header line\n";
    for verb in ["check", "export"] {
        let empty = format!("pleach: cannot use `empty.csv`: it is empty\n{hint}");
        folder.pleach(&[verb, "--csv", "empty.csv"]).code(1).stdout("").stderr(&empty);
        let page = format!("pleach: cannot use `page.csv`: it begins with `<`: HTML or XML, not CSV\n{hint}");
        folder.pleach(&[verb, "--csv", "page.csv"]).code(1).stdout("").stderr(&page);
    }
    assert_eq!(folder.files(""), ["empty.csv", "page.csv"]);
}

#[test]
fn a_folder_instead_of_a_file() {
    let folder = Folder::new();
    folder.write("dir/file", "");
    folder.pleach(&["check", "--csv", "dir"]).code(1).stderr(
        "pleach: cannot read `dir`: Is a directory (os error 21)
hint: it is named by `--csv`
",
    );
    folder
        .pleach(&["check", "--config", "dir"])
        .code(2)
        .stderr("pleach: cannot read the configuration `dir`: Is a directory (os error 21)\n");
}

#[test]
fn a_file_instead_of_a_folder() {
    Folder::started().pleach(&["check", "--csv", "nodes.csv/ShapedDevices.csv"]).code(1).stderr(
        "pleach: cannot read `nodes.csv/ShapedDevices.csv`: Not a directory (os error 20)
hint: it is named by `--csv`
",
    );
}

#[test]
fn an_unreadable_file() {
    let folder = Folder::started();
    let file = folder.join("nodes.csv");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).expect("set");
    let mut pleach = match as_nobody(&folder, env!("CARGO_BIN_EXE_pleach")) {
        Ok(command) => command,
        Err(why) => return skip(&why),
    };
    folder.run(pleach.arg("check")).code(1).stderr(
        "pleach: cannot read `nodes.csv`: Permission denied (os error 13)
hint: it is named by `nodes` under `[csv]` in `pleach.toml`
",
    );
}

#[test]
fn paths_with_spaces_and_no_utf8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new();
    let odd = OsStr::from_bytes(b"odd \xff\xfe.csv");
    folder.write(odd, crate::harness::circuits(1));
    let run = folder.run(folder.command(env!("CARGO_BIN_EXE_pleach")).args(["check", "--csv"]).arg(odd)).code(0);
    assert!(run.stdout.contains("read from odd \u{fffd}\u{fffd}.csv\n"), "{}", run.stdout);
    let run = folder.run(
        folder
            .command(env!("CARGO_BIN_EXE_pleach"))
            .args(["export", "--csv"])
            .arg(odd)
            .arg("--out")
            .arg(OsStr::from_bytes(b"out \xff")),
    );
    run.code(0);
    assert!(folder.join(OsStr::from_bytes(b"out \xff/default/manifest.json")).exists());
}

#[test]
fn a_configuration_in_another_folder() {
    let folder = Folder::new();
    folder.pleach(&["init", "net"]).code(0);
    folder.write("elsewhere/x", "");
    folder
        .run(folder.command(env!("CARGO_BIN_EXE_pleach")).current_dir(folder.join("elsewhere")).args([
            "export",
            "--config",
            "../net/pleach.toml",
        ]))
        .code(0)
        .stdout(
            "3 circuits read = 3 shaped + 0 quarantined + 0 left out by rule
pleach-out/main: 3 circuits, 3 nodes; wrote network.json, ShapedDevices.csv, manifest.json
",
        )
        .quiet();
    assert!(folder.join("elsewhere/pleach-out/main/network.json").exists(), "output is relative to where it runs");
}
