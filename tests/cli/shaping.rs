//! The verbs that shape, where they cannot: what is said, and with which exit code. What they do where they can is in
//! `tests/namespaces`.

use std::fs;

use crate::harness::{Folder, Run, as_nobody, skip};

const PLACE: [&str; 6] = ["--toward-subscribers", "eth1", "--toward-internet", "eth0", "--state", "state"];

/// Runs a verb in a network namespace without interfaces besides loopback; none, with the reason printed, without root.
pub(crate) fn alone(folder: &Folder, arguments: &[&str]) -> Option<Run> {
    let run = |program: &str, arguments: &[&str]| {
        folder.run(folder.command("unshare").args(["--net", program]).args(arguments))
    };
    let tried = run("true", &[]);
    if tried.code != Some(0) {
        skip(&format!("no network namespace: {}", tried.stderr));
        return None;
    }
    Some(run(env!("CARGO_BIN_EXE_pleach"), arguments))
}

fn with_place<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    arguments.iter().copied().chain(PLACE).collect()
}

const NO_INTERFACES: &str = "\
pleach: no shaper has interfaces, so all of them only write files
hint: set `[shaper.interfaces]`, or say `--toward-subscribers IF --toward-internet IF`
";

#[test]
fn no_interfaces() {
    for verb in ["plan", "apply", "verify", "show"] {
        Folder::with_circuits(1).pleach(&[verb]).code(2).stdout("").stderr(NO_INTERFACES);
    }
    Folder::with_circuits(1).pleach(&["trace", "100.64.0.1"]).code(2).stdout("").stderr(NO_INTERFACES);
    Folder::with_circuits(1).pleach(&["stop"]).code(2).stdout("").stderr(NO_INTERFACES);
    let run = Folder::with_circuits(1).pleach(&["apply", "--toward-subscribers", "eth1"]).code(2);
    assert!(run.stderr.contains("--toward-internet <IF>"), "{}", run.stderr);
}

#[test]
fn which_shaper() {
    let folder = Folder::with_circuits(1);
    let config = folder.read("pleach.toml");
    folder.write("pleach.toml", format!("{config}[[shaper]]\nname = \"a\"\n[[shaper]]\nname = \"b\"\n"));
    folder.pleach(&with_place(&["plan"])).code(2).stdout("").stderr(
        "pleach: several shapers could be meant: `a`, `b`
hint: say `--shaper NAME`
",
    );
    let unknown = "pleach: there is no shaper `c`; there are: `a`, `b`\n";
    folder.pleach(&with_place(&["plan", "--shaper", "c"])).code(2).stdout("").stderr(unknown);
}

const NO_INTERFACE: &str = "pleach: there is no interface `eth1`\n";

#[test]
fn an_interface_that_is_not_there() {
    let folder = Folder::with_circuits(1);
    for verb in ["plan", "apply", "verify", "show"] {
        let Some(run) = alone(&folder, &with_place(&[verb])) else { return };
        run.code(1).stdout("").stderr(NO_INTERFACE);
    }
    assert_eq!(
        folder.files("state"),
        ["state/shapers/", "state/shapers/default/", "state/shapers/default/lock"],
        "nothing is remembered of it"
    );
}

#[test]
fn without_a_configuration_and_from_an_export() {
    let folder = Folder::with_circuits(2);
    folder.pleach(&["export"]).code(0);
    fs::remove_file(folder.join("pleach.toml")).expect("it was there");
    let Some(run) = alone(&folder, &with_place(&["plan", "--csv", "ShapedDevices.csv", "--nodes", "nodes.csv"])) else {
        return;
    };
    run.code(1).stderr(NO_INTERFACE); // it came as far as the kernel
    let exported = with_place(&["plan", "--folder", "pleach-out/default"]);
    alone(&folder, &exported).expect("it ran before").code(1).stderr(NO_INTERFACE);
    let run = alone(&folder, &with_place(&["plan", "--folder", "gone"])).expect("it ran before").code(1);
    assert!(run.stderr.contains("gone/ShapedDevices.csv"), "{}", run.stderr);
}

#[test]
fn without_capabilities() {
    let folder = Folder::with_circuits(1);
    let mut command = match as_nobody(&folder, env!("CARGO_BIN_EXE_pleach")) {
        Ok(command) => command,
        Err(why) => return skip(&why),
    };
    folder.run(command.args(with_place(&["apply"]))).code(1).stdout("").stderr(
        "pleach: shaping needs CAP_NET_ADMIN and CAP_SYS_ADMIN, and this process lacks CAP_NET_ADMIN and CAP_SYS_ADMIN
hint: run it as root, or grant both (queues; the classifier and finding its maps): in a service, by what `pleach init --systemd` writes
",
    );
}

#[test]
fn a_lock_that_is_held() {
    let folder = Folder::with_circuits(1);
    folder.write("state/shapers/default/lock", r#"{"pid":1,"since":0}"#);
    let lock = fs::File::open(folder.join("state/shapers/default/lock")).expect("opened");
    lock.lock().expect("free");
    for verb in ["apply", "rollback", "confirm", "recover", "stop"] {
        let arguments: Vec<&str> = with_place(&[verb]);
        let Some(run) = alone(&folder, &arguments) else { return };
        let run = run.code(4).stdout("");
        assert!(run.stderr.starts_with("pleach: another apply is running (pid 1, for "), "{verb}: {}", run.stderr);
    }
    for verb in ["plan", "verify", "show"] {
        let run = alone(&folder, &with_place(&[verb])).expect("it ran before");
        run.code(1).stderr(NO_INTERFACE); // these take no lock
    }
}

#[test]
fn a_state_folder_that_cannot_be_written() {
    let folder = Folder::with_circuits(1);
    folder.write("state", "a file");
    let Some(run) = alone(&folder, &with_place(&["apply"])) else { return };
    run.code(1).stdout("").stderr(
        "pleach: cannot make the folder `state/shapers/default`: Not a directory (os error 20)
hint: nothing was changed; set `state` in the configuration, or say `--state DIR`
",
    );
}

#[test]
fn a_record_that_is_spoilt_is_not_passed_over() {
    let folder = Folder::with_circuits(1);
    folder.write("state/shapers/default/undo.json", "{");
    for verb in ["apply", "recover", "rollback"] {
        let Some(run) = alone(&folder, &with_place(&[verb])) else { return };
        let run = run.code(1).stdout("");
        let begin = "pleach: `state/shapers/default/undo.json` is no undo record that this version understands: EOF";
        assert!(run.stderr.starts_with(begin), "{}", run.stderr);
        assert!(run.stderr.ends_with("hint: move it away to go on; what it would have undone stays as it is\n"));
    }
}
