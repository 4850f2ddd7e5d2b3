//! Applies whose parties are killed, stopped or left alone, on this host's kernel.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Namespace;

const CALLS: &str = "sendto,sendmsg,bpf";

fn has_strace() -> bool {
    let found = Command::new("strace").arg("-V").output().is_ok();
    if !found {
        assert!(std::env::var_os("CI").is_none(), "strace is missing");
        println!("skipped: there is no strace to choose a step with");
    }
    found
}

impl Namespace {
    /// An apply that gets a signal as it enters its `step`-th call that may write to the kernel.
    fn struck(&self, signal: &str, step: u32, arguments: &str) -> Command {
        let mut command = Command::new("ip");
        let inject = format!("inject={CALLS}:signal={signal}:when={step}");
        command.args(["netns", "exec", &self.name, "strace", "-qq", "-o", "/dev/null"]);
        command.args(["-e", &format!("trace={CALLS}"), "-e", &inject, env!("CARGO_BIN_EXE_pleach"), "apply"]);
        command.args(arguments.split_whitespace()).args(["--csv", "S.csv", "--nodes", "nodes.csv"]);
        command.args(["--toward-subscribers", "eth1", "--toward-internet", "eth0", "--state", "state"]);
        command.current_dir(self.folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn state(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join("state/shapers/default").join(name)
    }

    #[track_caller]
    fn becomes(&self, qdiscs: &str, limit: Duration) {
        let began = Instant::now();
        while self.qdiscs() != qdiscs {
            assert!(began.elapsed() < limit, "{}\n{}", self.qdiscs(), self.log());
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// The watcher says what it did after it did it.
    #[track_caller]
    fn logs(&self, text: &str) {
        let began = Instant::now();
        while !self.log().contains(text) {
            assert!(began.elapsed() < Duration::from_secs(10), "{}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.state("watcher.log")).unwrap_or_default()
    }

    /// Who signed this lock last.
    fn holder(&self, lock: &str) -> String {
        let text = fs::read_to_string(self.state(lock)).expect("it was taken");
        text.split(|c: char| !c.is_ascii_digit()).find(|part| !part.is_empty()).expect("a process").to_owned()
    }

    /// Kills whoever signed this lock.
    fn kill_holder(&self, lock: &str) {
        let pid = self.holder(lock);
        assert!(Command::new("kill").args(["-9", &pid]).status().expect("it starts").success());
        let lock = fs::File::open(self.state(lock)).expect("it is there");
        lock.lock().expect("it goes with its process");
    }
}

/// The first step at which something hangs in the interfaces, found by looking. All is as before then.
fn half_way(space: &Namespace, before: &str) -> u32 {
    for step in (2..400).step_by(2) {
        let status = space.struck("SIGKILL", step, "").status().expect("it starts");
        let is_half_way = space.qdiscs() != before;
        if space.state("undo.json").exists() {
            space.pleach(&["rollback"], false, 0);
            assert_eq!(space.qdiscs(), before);
        }
        if is_half_way {
            assert!(!status.success(), "step {step} is behind the last");
            return step;
        }
    }
    panic!("no step changes anything");
}

/// An apply that must be confirmed, killed half way.
fn killed_half_way(space: &Namespace, before: &str, confirm: &str) {
    let step = half_way(space, before);
    println!("killed at call {step}");
    assert!(!space.struck("SIGKILL", step, confirm).status().expect("it starts").success());
    assert_ne!(space.qdiscs(), before);
}

#[test]
fn the_applier_is_killed_and_the_watcher_goes_back() {
    if !has_strace() {
        return;
    }
    let Some(space) = Namespace::new("applier") else { return };
    let before = space.qdiscs();
    killed_half_way(&space, &before, "--confirm 2");
    space.becomes(&before, Duration::from_secs(20));
    space.logs("not confirmed in time, and undone");
    space.pleach(&["apply"], true, 0);
    space.pleach(&["verify"], true, 0);
}

#[test]
fn both_are_killed_and_recover_goes_back_first() {
    if !has_strace() {
        return;
    }
    let Some(space) = Namespace::new("both") else { return };
    let before = space.qdiscs();
    killed_half_way(&space, &before, "--confirm 600");
    space.kill_holder("watcher");
    let said = space.pleach(&["recover"], false, 0);
    assert_eq!(said, "the last apply was not confirmed and has been undone\n");
    assert_eq!(space.qdiscs(), before);
    assert_eq!(space.pleach(&["recover"], false, 0), "nothing to undo\n");
}

#[test]
fn the_watcher_tries_again_until_what_is_in_its_way_is_gone() {
    let Some(space) = Namespace::new("again") else { return };
    let before = space.qdiscs();
    space.pleach(&["apply", "--confirm", "1"], true, 0);
    fs::remove_file(space.state("ledger.json")).expect("it was there");
    fs::create_dir(space.state("ledger.json")).expect("made"); // what cannot be removed as a file cannot be put back
    space.logs("trying again in 2 s");
    fs::remove_dir(space.state("ledger.json")).expect("it is empty");
    space.logs("not confirmed in time, and undone");
    assert!(!space.state("undo.json").exists());
    assert_eq!(space.qdiscs(), before);
}

#[test]
fn what_is_half_done_cannot_be_confirmed() {
    if !has_strace() {
        return;
    }
    let Some(space) = Namespace::new("half") else { return };
    let before = space.qdiscs();
    killed_half_way(&space, &before, "--confirm 600");
    space.pleach(&["confirm"], false, 4);
    space.pleach(&["rollback"], false, 0);
    assert_eq!(space.qdiscs(), before);
    space.pleach(&["confirm"], false, 1);
}

#[test]
fn the_watcher_is_killed_and_the_next_apply_goes_back_first() {
    let Some(space) = Namespace::new("watcher") else { return };
    space.pleach(&["apply", "--confirm", "600"], true, 0);
    space.kill_holder("watcher");
    assert!(space.pleach(&["apply"], true, 0).contains("applied and verified"), "all of it, from nothing");
    space.pleach(&["verify"], true, 0);
}

#[test]
fn an_applier_that_is_stopped_does_not_keep_the_undo_waiting() {
    if !has_strace() {
        return;
    }
    let Some(space) = Namespace::new("stopped") else { return };
    let before = space.qdiscs();
    let step = half_way(&space, &before);
    let mut stopped = space.struck("SIGSTOP", step, "--confirm 1").spawn().expect("it starts");
    let began = Instant::now();
    while space.qdiscs() == before {
        assert!(began.elapsed() < Duration::from_secs(20), "it never came so far");
        thread::sleep(Duration::from_millis(50));
    }
    space.pleach(&["rollback"], false, 4);
    space.becomes(&before, Duration::from_mins(1)); // a second to confirm, and thirty of patience
    space.logs("held the lock for 30 s more, and was killed");
    assert!(!stopped.wait().expect("it ended").success());
}

#[test]
fn another_state_folder_does_not_change_the_same_interfaces_at_once() {
    if !has_strace() {
        return;
    }
    let Some(space) = Namespace::new("locks") else { return };
    let before = space.qdiscs();
    let step = half_way(&space, &before);
    let mut stopped = space.struck("SIGSTOP", step, "").spawn().expect("it starts");
    let began = Instant::now();
    while space.qdiscs() == before {
        assert!(began.elapsed() < Duration::from_secs(20), "it never came so far");
        thread::sleep(Duration::from_millis(50));
    }
    let network = ["--csv", "S.csv", "--nodes", "nodes.csv"];
    let other = |verb: &[&str], place: [&str; 2]| {
        let [subscribers, internet] = place;
        let place = ["--toward-subscribers", subscribers, "--toward-internet", internet, "--state", "other"];
        let arguments: Vec<&str> = verb.iter().chain(&place).copied().collect();
        let output = space.run(env!("CARGO_BIN_EXE_pleach"), &arguments);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let apply: Vec<&str> = ["apply"].into_iter().chain(network).collect();
    for verb in [apply.as_slice(), &["stop"]] {
        for place in [["eth1", "eth0"], ["eth1", "eth1p"], ["eth1p", "eth1"]] {
            let (code, error) = other(verb, place);
            assert!(code == Some(4) && error.contains("another apply is changing `eth"), "{verb:?} {code:?} {error}");
        }
    }
    space.kill_holder("lock");
    assert!(!stopped.wait().expect("it ended").success());
    space.pleach(&["rollback"], false, 0);
    assert_eq!(space.qdiscs(), before);
    assert_eq!(other(&apply, ["eth1", "eth0"]).0, Some(0), "the lock went with its process");
}

#[test]
fn whoever_looks_is_told_that_an_apply_waits() {
    let Some(space) = Namespace::new("waits") else { return };
    let look = |verb: &str| {
        let place = ["--toward-subscribers", "eth1", "--toward-internet", "eth0", "--state", "state"];
        let network = ["--csv", "S.csv", "--nodes", "nodes.csv"];
        let arguments: Vec<&str> = [verb].iter().chain(&network).chain(&place).copied().collect();
        String::from_utf8_lossy(&space.run(env!("CARGO_BIN_EXE_pleach"), &arguments).stderr).into_owned()
    };
    let waits = "note: an apply waits for its confirmation, for 59";
    space.pleach(&["apply", "--confirm", "600"], true, 0);
    for verb in ["plan", "verify", "show"] {
        let said = look(verb);
        assert!(said.contains(waits) && said.contains("`pleach confirm` keeps it"), "{verb}: {said}");
    }
    space.kill_holder("watcher");
    for verb in ["plan", "verify", "show"] {
        let said = look(verb);
        assert!(said.contains(waits) && said.contains("nobody watches over it any more"), "{verb}: {said}");
    }
    space.pleach(&["confirm"], false, 0);
    assert!(!look("plan").contains("waits"), "it is confirmed");
}

#[test]
fn a_terminal_that_goes_takes_nothing_along() {
    let Some(space) = Namespace::new("terminal") else { return };
    let before = space.qdiscs();
    let place = "--csv S.csv --nodes nodes.csv --toward-subscribers eth1 --toward-internet eth0 --state state";
    let apply = format!("{} apply --confirm 2 {place}; kill -HUP 0", env!("CARGO_BIN_EXE_pleach"));
    // A session with a terminal of its own, hung up as soon as the apply is done.
    space.run("script", &["-qec", &apply, "/dev/null"]);
    assert_ne!(space.qdiscs(), before, "it was applied");
    space.becomes(&before, Duration::from_secs(20));
    space.logs("not confirmed in time, and undone");
}

#[test]
fn whoever_is_not_shaped_shows_in_the_exit_code() {
    let Some(space) = Namespace::new("unshaped") else { return };
    let path = space.folder.path().join("S.csv");
    let text = fs::read_to_string(&path).expect("read") + "c102,Customer 2,d2,Router,Tower A,,,,1,1,50,50,,none\n";
    fs::write(&path, text).expect("written");
    let before = space.qdiscs();
    space.pleach(&["apply", "--strict"], true, 3);
    assert_eq!(space.qdiscs(), before, "with --strict nothing is written");
    space.pleach(&["plan"], true, 7);
    space.pleach(&["apply"], true, 3);
    space.pleach(&["plan"], true, 3);
    space.pleach(&["verify"], true, 0);
}

#[test]
fn a_foreign_root_and_a_spoilt_ledger() {
    let Some(space) = Namespace::new("foreign") else { return };
    assert!(space.run("tc", &["qdisc", "add", "dev", "eth1", "root", "handle", "7:", "pfifo"]).status.success());
    let before = space.qdiscs();
    space.pleach(&["plan"], true, 4);
    space.pleach(&["apply"], true, 4);
    assert_eq!(space.qdiscs(), before);
    space.pleach(&["apply", "--take-over"], true, 0);
    fs::write(space.state("ledger.json"), "{spoilt").expect("written");
    assert!(space.pleach(&["apply"], true, 0).contains("nothing to do"), "rebuilt from the kernel");
    assert_eq!(fs::read_to_string(space.state("ledger.json.unreadable")).expect("kept"), "{spoilt");
}

#[test]
fn too_much_memory_is_refused_with_the_numbers() {
    let Some(space) = Namespace::new("memory") else { return };
    let before = space.qdiscs();
    let config =
        "[csv]\nshaped_devices = \"S.csv\"\nnodes = \"nodes.csv\"\n[[shaper]]\nname = \"a\"\nmemory_limit = \"1K\"\n";
    fs::write(space.folder.path().join("pleach.toml"), config).expect("written");
    for verb in ["plan", "apply"] {
        let arguments = [verb, "--toward-subscribers", "eth1", "--toward-internet", "eth0", "--state", "state"];
        let run = space.run(env!("CARGO_BIN_EXE_pleach"), &arguments);
        let error = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(run.status.code(), Some(4), "{error}");
        assert!(error.contains("the queues would take ") && error.contains("may take 0 MiB"), "{error}");
    }
    assert_eq!(space.qdiscs(), before);
}
