//! The binary against this host's kernel, in network namespaces of its own. Needs root and `ip`; says why it is skipped.

mod overlay;
mod parties;

use std::fs;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A namespace with `eth0` and `eth1` of four transmit queues each, and a folder with a small network.
struct Namespace {
    name: String,
    folder: TempDir,
}

const NODES: &str = "Site Name,Download Mbps,Upload Mbps,Parent Site Name\nTower A,900,900,\nTower B,500,400,Tower A\n";
const CIRCUITS: &str = "\
Circuit ID,Circuit Name,Device ID,Device Name,Parent Node,MAC,IPv4,IPv6,Download Min Mbps,Upload Min Mbps,Download Max Mbps,Upload Max Mbps,Comment,sqm
c100,Customer 0,d0,Router,Tower B,,100.64.0.1,,1,1,50,50,,none
c101,Customer 1,d1,Router,Tower A,,100.64.0.2,,1,1,50,50,,none
";

impl Namespace {
    /// None, with the reason printed, where there can be none.
    fn new(what: &str) -> Option<Self> {
        let name = format!("pleach-{what}-{}", std::process::id());
        let made = Command::new("ip").args(["netns", "add", &name]).output();
        match made {
            Ok(output) if output.status.success() => {}
            Ok(output) => {
                println!("skipped: ip netns add: {}", String::from_utf8_lossy(&output.stderr));
                return None;
            }
            Err(error) => {
                println!("skipped: ip: {error}");
                return None;
            }
        }
        let this = Self { name, folder: tempfile::tempdir().expect("a folder") };
        for interface in ["eth0", "eth1"] {
            let peer = format!("{interface}p");
            this.ip(&[
                "link",
                "add",
                interface,
                "numtxqueues",
                "4",
                "numrxqueues",
                "4",
                "type",
                "veth",
                "peer",
                "name",
                &peer,
            ]);
            this.ip(&["link", "set", interface, "up"]);
            this.ip(&["link", "set", &peer, "up"]);
        }
        fs::write(this.folder.path().join("nodes.csv"), NODES).expect("written");
        fs::write(this.folder.path().join("S.csv"), CIRCUITS).expect("written");
        Some(this)
    }

    fn ip(&self, arguments: &[&str]) {
        let output = Command::new("ip").args(["-n", &self.name]).args(arguments).output().expect("ip starts");
        assert!(output.status.success(), "ip {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name, program]).args(arguments).current_dir(self.folder.path());
        command.output().expect("ip starts")
    }

    /// Runs a verb on the small network; what it printed, if it ended as expected.
    #[track_caller]
    fn pleach(&self, verb: &[&str], has_network: bool, code: i32) -> String {
        let network: &[&str] = if has_network { &["--csv", "S.csv", "--nodes", "nodes.csv"] } else { &[] };
        let place = ["--toward-subscribers", "eth1", "--toward-internet", "eth0", "--state", "state"];
        let arguments: Vec<&str> = verb.iter().chain(network).chain(&place).copied().collect();
        let output = self.run(env!("CARGO_BIN_EXE_pleach"), &arguments);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, error) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{verb:?}\n{out}\n{error}");
        out
    }

    fn qdiscs(&self) -> String {
        String::from_utf8_lossy(&self.run("tc", &["qdisc", "show"]).stdout).into_owned()
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.name]).output();
    }
}

#[test]
fn apply_verify_apply_again_stop() {
    let Some(space) = Namespace::new("apply") else { return };
    let before = space.qdiscs();
    space.pleach(&["plan"], true, 7);
    assert_eq!(space.qdiscs(), before, "a plan changes nothing");
    assert!(space.pleach(&["apply"], true, 0).contains("applied and verified"));
    space.pleach(&["verify"], true, 0);
    assert!(space.pleach(&["apply"], true, 0).contains("nothing to do"));
    space.pleach(&["plan"], true, 0);
    fs::remove_file(space.folder.path().join("state/shapers/default/ledger.json")).expect("it was there");
    assert!(space.pleach(&["apply"], true, 0).contains("nothing to do"), "a lost ledger is rebuilt from the kernel");
    let trace = space.pleach(&["trace", "100.64.0.1"], true, 0);
    assert!(trace.contains("circuit `c100`") && trace.contains("node `Tower A`"), "{trace}");
    space.pleach(&["stop"], false, 0);
    assert_eq!(space.qdiscs(), before, "what was there before");
    space.pleach(&["rollback"], false, 0);
    space.pleach(&["verify"], true, 0);
}

#[test]
fn nobody_confirms() {
    let Some(space) = Namespace::new("watch") else { return };
    let before = space.qdiscs();
    assert!(space.pleach(&["apply", "--confirm", "2"], true, 0).contains("to be undone in 2 s"));
    assert_ne!(space.qdiscs(), before);
    space.pleach(&["apply"], true, 4);
    let began = Instant::now();
    while space.qdiscs() != before {
        assert!(began.elapsed() < Duration::from_secs(20), "nobody undid it");
        thread::sleep(Duration::from_millis(100));
    }
    // Who undid it may hold the lock for a moment still.
    while space.folder.path().join("state/shapers/default/undo.json").exists() {
        assert!(began.elapsed() < Duration::from_secs(20), "nobody ends");
        thread::sleep(Duration::from_millis(100));
    }
    thread::sleep(Duration::from_millis(300));
    space.pleach(&["confirm"], false, 1);
}

#[test]
fn somebody_confirms() {
    let Some(space) = Namespace::new("confirm") else { return };
    let before = space.qdiscs();
    space.pleach(&["apply", "--confirm", "3"], true, 0);
    space.pleach(&["confirm"], false, 0);
    thread::sleep(Duration::from_secs(4));
    space.pleach(&["verify"], true, 0);
    space.pleach(&["rollback"], false, 0);
    assert_eq!(space.qdiscs(), before);
}

#[test]
fn an_empty_file_takes_nobodys_shaping_away() {
    let Some(space) = Namespace::new("guard") else { return };
    space.pleach(&["apply"], true, 0);
    let header = CIRCUITS.lines().next().expect("a header");
    fs::write(space.folder.path().join("S.csv"), "").expect("written");
    space.pleach(&["apply"], true, 1);
    fs::write(space.folder.path().join("S.csv"), header).expect("written");
    let plan = space.pleach(&["plan"], true, 7);
    assert!(plan.contains("c100"), "{plan}");
    space.pleach(&["apply"], true, 4);
    fs::write(space.folder.path().join("S.csv"), CIRCUITS).expect("written");
    assert!(space.pleach(&["apply"], true, 0).contains("nothing to do"));
    fs::write(space.folder.path().join("S.csv"), header).expect("written");
    space.pleach(&["apply", "--accept-changes"], true, 0);
}

#[test]
fn a_flat_network_is_shown_by_circuit() {
    let Some(space) = Namespace::new("flat") else { return };
    let flat = CIRCUITS.replace("Tower B", "").replace("Tower A", "");
    fs::write(space.folder.path().join("S.csv"), flat).expect("written");
    fs::write(space.folder.path().join("nodes.csv"), NODES.lines().next().expect("a header")).expect("written");
    space.pleach(&["apply"], true, 0);
    let shown = space.pleach(&["show"], true, 0);
    assert!(shown.contains("\nCustomer 0 ") && shown.contains("\nCustomer 1 "), "{shown}");
}

/// Counts the identities in the maps of what is attached to `eth0`.
const COUNT_IDENTITIES: &str = r#"
program=$(tc filter show dev eth0 egress | sed -n 's/.* direct-action .* id \([0-9]*\) .*/\1/p')
for map in $(bpftool prog show id "$program" | sed -n 's/.* map_ids \([0-9,]*\).*/\1/p' | tr , ' '); do
    bpftool map show id "$map" | grep -q ' name identities ' && bpftool map dump id "$map" | grep -c '"identity"\|^key'
done
true"#;

#[test]
fn an_interface_that_was_made_anew_is_shaped_again() {
    let Some(space) = Namespace::new("anew") else { return };
    let count = || String::from_utf8_lossy(&space.run("bash", &["-c", COUNT_IDENTITIES]).stdout).into_owned();
    space.pleach(&["apply"], true, 0);
    let before = count();
    assert!(before.trim().parse::<u32>().is_ok_and(|count| count > 10), "{before}");
    space.ip(&["link", "del", "eth1"]);
    space.ip(&["link", "add", "eth1", "numtxqueues", "4", "numrxqueues", "4", "type", "veth", "peer", "name", "eth1p"]);
    space.ip(&["link", "set", "eth1", "up"]);
    let left = space.pleach(&["rollback"], false, 6);
    assert!(left.contains("`eth1` was made anew since"), "{left}");
    space.pleach(&["apply"], true, 0);
    space.pleach(&["verify"], true, 0);
    assert_eq!(count(), before, "identities of the interface that is gone went with it");
}
