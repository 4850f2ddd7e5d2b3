//! Overlays on this host's kernel, which has VXLAN, bridges and veth: two namespaces as hosts, two behind them as virts.

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Namespaces that go with this.
struct Hosts {
    id: String,
    folder: TempDir,
}

const HOSTS: [&str; 2] = ["a", "b"];

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Hosts {
    /// Hosts `a` and `b`, joined by their `eth0`, each with a virt behind `tap0`, which is up on `a` and down on `b`. None,
    /// with the reason printed, where there can be none.
    fn new(what: &str) -> Option<Self> {
        let hosts = Self {
            id: format!("pleach-{what}-{}", std::process::id()),
            folder: tempfile::tempdir().expect("a folder"),
        };
        let tried = Command::new("ip").args(["netns", "add", &hosts.name("a")]).output();
        match tried {
            Ok(output) if output.status.success() => {}
            Ok(output) => {
                println!("skipped: ip netns add: {}", text(&output.stderr));
                return None;
            }
            Err(error) => {
                println!("skipped: ip: {error}");
                return None;
            }
        }
        for name in ["b", "virt-a", "virt-b"] {
            hosts.sh(&format!("ip netns add {}", hosts.name(name)));
        }
        hosts.ip("a", &format!("link add eth0 type veth peer name eth0 netns {}", hosts.name("b")));
        for (host, number) in HOSTS.into_iter().zip(1..) {
            hosts.ip(host, "link set lo up");
            hosts.ip(host, "link set eth0 up");
            hosts.ip(host, &format!("address add 172.16.0.{number}/24 dev eth0"));
            hosts.ip(host, &format!("address add fd00:99::{number}/64 dev eth0 nodad"));
            let virt = format!("virt-{host}");
            hosts.ip(&virt, &format!("link add eth0 type veth peer name tap0 netns {}", hosts.name(host)));
            hosts.ip(&virt, "link set eth0 up");
            hosts.ip(&virt, &format!("address add 10.0.0.{number}/24 dev eth0"));
        }
        hosts.ip("a", "link set tap0 up");
        // What is set up for the first time gets a queue, which it keeps.
        hosts.ip("b", "link set tap0 up");
        hosts.ip("b", "link set tap0 down");
        Some(hosts)
    }

    fn name(&self, host: &str) -> String {
        format!("{}-{host}", self.id)
    }

    fn sh(&self, words: &str) -> Output {
        let mut parts = words.split_whitespace();
        let mut command = Command::new(parts.next().expect("a program"));
        command.args(parts).current_dir(self.folder.path()).output().expect(words)
    }

    #[track_caller]
    fn ip(&self, host: &str, words: &str) -> String {
        let output = self.sh(&format!("ip -n {} {words}", self.name(host)));
        assert!(output.status.success(), "{host}: ip {words}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    fn exec(&self, host: &str, words: &str) -> Output {
        self.sh(&format!("ip netns exec {} {words}", self.name(host)))
    }

    /// Runs `pleach overlay` on a host; what it printed, if it ended so.
    #[track_caller]
    fn pleach(&self, host: &str, words: &str, code: i32) -> (String, String) {
        let bin = env!("CARGO_BIN_EXE_pleach");
        let output = self.exec(host, &format!("{bin} overlay {words} --state state-{host}"));
        let (out, error) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{host}: {words}\n{out}\n{error}");
        (out, error)
    }

    /// Links, addresses, routes and qdiscs of a host.
    fn all_of(&self, host: &str) -> String {
        let links = self.ip(host, "-d link show");
        let qdiscs = text(&self.exec(host, "tc qdisc show").stdout);
        let parts = [links, self.ip(host, "-o address show"), self.ip(host, "route show table all"), qdiscs];
        // The kernel's own addresses come a second after an interface is set up, and its state when it has looked for the link.
        let all = parts.concat().replace("LOWERLAYERDOWN", "DOWN");
        all.lines().filter(|line| !line.contains("fe80:")).collect::<Vec<_>>().join("\n")
    }

    /// Writes an overlay of one net of this type, over IPv4 or IPv6.
    fn write(&self, technology: &str, underlay: &str, more: &str) {
        let mut file = format!("[overlay.settings.default]\ntype = \"{technology}\"\n{more}\n");
        file += "[overlay.net.1]\nid = 42\nattach = [\"a\", \"b\"]\n";
        for (host, number) in HOSTS.into_iter().zip(1..) {
            let _ = write!(file, "[overlay.phys.{host}]\ninterface = \"eth0\"\nip = \"{underlay}{number}\"\n");
            let _ = write!(file, "[overlay.net.1.virt.{host}]\nphys = \"{host}\"\ninterface = \"tap0\"\n");
        }
        fs::write(self.folder.path().join("overlay.toml"), file).expect("written");
    }

    #[track_caller]
    fn pings(&self) {
        let output = self.exec("virt-a", "ping -c 3 -i 0.1 -W 3 10.0.0.2");
        let said = text(&output.stdout);
        assert!(output.status.success() && !said.contains("DUP"), "{said}");
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for name in ["a", "b", "virt-a", "virt-b"] {
            let _ = Command::new("ip").args(["netns", "del", &self.name(name)]).output();
        }
    }
}

#[test]
fn a_net_is_committed_and_gone_again() {
    for (technology, underlay, more) in [
        ("vxlan/e2e", "172.16.0.", ""),
        ("vxlan/e2e", "fd00:99::", "port = 4790"),
        ("vxlan/mcast", "172.16.0.", "group = \"239.1.1.1\""),
        ("vxlan/mcast", "fd00:99::", "group = \"ff05::1\""),
    ] {
        let Some(hosts) = Hosts::new("net") else { return };
        hosts.write(technology, underlay, more);
        let before = HOSTS.map(|host| hosts.all_of(host));
        for host in HOSTS {
            let commit = format!("commit overlay.toml --phys {host}");
            let (plan, _) = hosts.pleach(host, &format!("{commit} --dry-run"), 7);
            assert!(plan.contains("+ link vxlan/42/tunnel: vxlan id 42 "), "{plan}");
            let (out, _) = hosts.pleach(host, &commit, 0);
            assert!(out.starts_with(&plan) && out.contains("committed and verified: "), "{out}");
            let again = hosts.pleach(host, &commit, 0).0;
            assert!(again.starts_with("nothing to do: "), "{again}");
            hosts.pleach(host, &format!("{commit} --dry-run"), 0);
        }
        hosts.pings();
        for (host, before) in HOSTS.into_iter().zip(before) {
            hosts.pleach(host, "cleanup --dry-run", 7);
            hosts.pleach(host, "cleanup", 0);
            assert_eq!(hosts.all_of(host), before, "{technology} {underlay} on {host}");
            let (out, _) = hosts.pleach(host, "cleanup", 0);
            assert_eq!(out, "nothing to do: nothing of an overlay is there\n");
            for file in ["baseline.json", "committed.json"] {
                assert!(!hosts.folder.path().join(format!("state-{host}/overlay/{file}")).exists(), "{file}");
            }
        }
    }
}

#[test]
fn whoever_is_killed_at_any_step_is_followed_by_one_that_finishes() {
    let Some(hosts) = Hosts::new("killed") else { return };
    if Command::new("strace").arg("-V").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "strace is missing");
        return println!("skipped: there is no strace to choose a step with");
    }
    hosts.write("vxlan/e2e", "172.16.0.", "");
    hosts.pleach("b", "commit overlay.toml --phys b", 0);
    let before = hosts.all_of("a");
    let bin = env!("CARGO_BIN_EXE_pleach");
    let mut killed = 0;
    for step in 1.. {
        let trace = format!(
            "strace -qq -o /dev/null -e trace=sendto,sendmsg -e inject=sendto,sendmsg:signal=SIGKILL:when={step}"
        );
        let ended = hosts.exec("a", &format!("{trace} {bin} overlay commit overlay.toml --phys a --state state-a"));
        if ended.status.success() {
            break; // it has fewer steps
        }
        killed += 1;
        hosts.pleach("a", "commit overlay.toml --phys a", 0);
        let again = hosts.pleach("a", "commit overlay.toml --phys a", 0).0;
        assert!(again.starts_with("nothing to do: "), "killed at step {step}: {again}");
        if step % 4 == 0 {
            hosts.pings();
        }
        hosts.pleach("a", "cleanup", 0);
        assert_eq!(hosts.all_of("a"), before, "killed at step {step}");
    }
    assert!(killed > 5, "{killed} steps");
}

#[test]
fn what_is_not_ours_is_left_alone_and_named() {
    let Some(hosts) = Hosts::new("foreign") else { return };
    hosts.write("vxlan/e2e", "172.16.0.", "");
    hosts.ip("a", "link add pl-vx42-b type bridge");
    let before = hosts.all_of("a");
    let (out, error) = hosts.pleach("a", "commit overlay.toml --phys a", 4);
    assert_eq!(out, "");
    assert_eq!(
        error,
        "pleach: the link `pl-vx42-b` has a name of ours, but not our alias: it is somebody else's\nhint: nothing was changed; rename it or delete it\n"
    );
    assert_eq!(hosts.all_of("a"), before);
    hosts.pleach("a", "cleanup", 0);
    assert_eq!(hosts.all_of("a"), before, "nor does cleanup take it");
    hosts.ip("a", "link delete pl-vx42-b");

    hosts.ip("a", "link add br0 type bridge");
    hosts.ip("a", "link set tap0 master br0");
    let (_, error) = hosts.pleach("a", "commit overlay.toml --phys a", 4);
    assert!(error.starts_with("pleach: `tap0` is in `br0`, which is not ours\n"), "{error}");
    hosts.ip("a", "link delete br0");

    // Somebody else's VXLAN of that number and port: the kernel would refuse.
    hosts.ip("a", "link add other type vxlan id 42 dstport 4789 dev eth0");
    let before = hosts.all_of("a");
    let (_, error) = hosts.pleach("a", "commit overlay.toml --phys a", 4);
    assert!(
        error.starts_with("pleach: `other`, which is not ours, excludes `pl-vx42`: VXLAN 42 on UDP port 4789\n"),
        "{error}"
    );
    assert_eq!(hosts.all_of("a"), before);
    hosts.ip("a", "link delete other");

    // One that shares no socket with others: nobody foresees that, the kernel refuses, and everything is as before.
    hosts.ip("a", "link add other up type vxlan id 43 dstport 4789 gbp dev eth0");
    let before = hosts.all_of("a");
    let (_, error) = hosts.pleach("a", "commit overlay.toml --phys a", 5);
    assert!(
        error.contains("ip link set dev pl-vx42 up: Address already in use")
            && error.contains("; everything was taken back"),
        "{error}"
    );
    assert_eq!(hosts.all_of("a"), before);
    hosts.ip("a", "link delete other");

    // A virt that is gone is left out, and the rest is committed.
    let gone = hosts.ip("a", "-o link show dev tap0");
    assert!(gone.contains("tap0"));
    hosts.ip("virt-a", "link delete eth0");
    let (_, error) = hosts.pleach("a", "commit overlay.toml --phys a", 0);
    assert!(error.contains("warning absent-virt: 1\n") && error.contains("so the virt is left out"), "{error}");
    let (said, _) = hosts.pleach("a", "status overlay.toml --phys a", 7);
    assert!(said.contains(" on tap0 MISSING\n"), "{said}");
}

#[test]
fn directives_commit_and_clean_up_and_the_configuration_names_the_file() {
    let Some(hosts) = Hosts::new("run") else { return };
    let script = "settings vxlan/e2e\nphys -name a -if eth0 -ip 172.16.0.1\nphys -name b -if eth0 -ip 172.16.0.2\n\
                  net 42 {\n  attach a b\n  virt -phys a -if tap0 -name a\n  virt -phys b -if tap0 -name b\n}\n\
                  claimLocal [lindex $argv 0]\ncommit\ncommit\n";
    fs::write(hosts.folder.path().join("overlay.lsctl"), script).expect("written");
    fs::write(hosts.folder.path().join("down.lsctl"), "cleanup\ncleanup\n").expect("written");
    let before = hosts.all_of("a");
    for host in HOSTS {
        let (out, _) = hosts.pleach(host, &format!("run overlay.lsctl {host}"), 0);
        assert!(out.contains("committed and verified: ") && out.contains("\nnothing to do: "), "{out}");
    }
    hosts.pings();
    // The same model in the other language is the same net.
    hosts.write("vxlan/e2e", "172.16.0.", "");
    let config = "[overlay]\nfile = \"overlay.toml\"\nphys = \"a\"\n";
    fs::write(hosts.folder.path().join("pleach.toml"), config).expect("written");
    let (out, _) = hosts.pleach("a", "commit", 0);
    assert!(out.starts_with("nothing to do: "), "{out}");
    let (out, _) = hosts.pleach("a", "run down.lsctl", 0);
    assert!(out.ends_with("nothing to do: nothing of an overlay is there\n"), "{out}");
    assert_eq!(hosts.all_of("a"), before);
    // A commit that is refused stops the script with its line and its exit code.
    hosts.ip("a", "link add pl-vx42 type bridge");
    let (_, error) = hosts.pleach("a", "run overlay.lsctl a", 4);
    assert!(
        error.starts_with("pleach: `overlay.lsctl` line 10: commit: the link `pl-vx42` has a name of ours"),
        "{error}"
    );
}

#[test]
fn status_says_what_is_missing_and_what_passed() {
    let Some(hosts) = Hosts::new("status") else { return };
    hosts.write("vxlan/e2e", "172.16.0.", "");
    let (out, _) = hosts.pleach("a", "status overlay.toml --phys a", 7);
    assert!(
        out.starts_with(
            "phys a on eth0 up, MTU 1500, 172.16.0.1\n\
             net 1 (vxlan/e2e 42) at a: NOT COMMITTED, 6 operations\n  link pl-vx42 MISSING\n"
        ),
        "{out}"
    );
    assert!(out.ends_with("NOT COMMITTED: 6 operations; `pleach overlay commit --dry-run` lists them\n"), "{out}");
    let (out, _) = hosts.pleach("a", "commit overlay.toml --phys a --dry-run --format json", 7);
    let planned: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((&planned["outcome"], &planned["counts"]["add"]), (&"planned".into(), &6.into()), "{out}");
    for (host, outcome) in [("a", "committed"), ("a", "nothing"), ("b", "committed")] {
        let (out, _) = hosts.pleach(host, &format!("commit overlay.toml --phys {host} --format json"), 0);
        let done: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(done["outcome"], outcome, "{out}");
    }
    hosts.pings();
    let status = || -> serde_json::Value {
        let (out, _) = hosts.pleach("a", "status overlay.toml --phys a --json", 0);
        serde_json::from_str(&out).expect("JSON")
    };
    let counted = status();
    let net = &counted["nets"][0];
    let passed = |direction: &str| net["virts"][0][direction]["passed"]["packets"].as_u64().expect("a count");
    assert!(passed("in") >= 3 && passed("out") >= 3, "{counted}");
    assert_eq!((&net["links"][0]["link"], &net["links"][0]["unsent"]), (&"pl-vx42".into(), &0.into()), "{counted}");

    hosts.ip("a", "link set pl-vx42 down");
    let (out, _) = hosts.pleach("a", "status overlay.toml --phys a", 7);
    assert!(
        out.contains("\n  link pl-vx42 DOWN, received ") && out.contains("at a: NOT COMMITTED, 1 operation\n"),
        "{out}"
    );
    // What keeps a commit from being decided is said too.
    hosts.ip("a", "link set tap0 nomaster");
    hosts.ip("a", "link add br0 type bridge");
    hosts.ip("a", "link set tap0 master br0");
    let (out, _) = hosts.pleach("a", "status overlay.toml --phys a", 7);
    assert!(out.ends_with("\nNOT COMMITTED: `tap0` is in `br0`, which is not ours\n"), "{out}");
}

#[test]
fn the_part_of_another_host_is_refused() {
    let Some(hosts) = Hosts::new("guard") else { return };
    hosts.write("vxlan/e2e", "172.16.0.", "");
    let file = hosts.folder.path().join("overlay.toml");
    let text = fs::read_to_string(&file).expect("written");
    // The address is another host's.
    let (_, error) = hosts.pleach("a", "commit overlay.toml --phys b", 1);
    assert!(error.contains("no interface of this host has the address `172.16.0.2` of phys `b`"), "{error}");
    hosts.pleach("a", "commit overlay.toml --phys a", 0);
    let links = || -> Vec<String> {
        let numbered = |line: &str| line.split(": ").take(2).collect::<Vec<_>>().join(" ");
        hosts.ip("a", "-o link show").lines().map(numbered).collect()
    };
    let before = links();

    // Another net at another phys of the same file, which has no address that could tell.
    let more = "[overlay.settings.flat]\ntype = \"vxlan/mcast\"\ngroup = \"239.0.0.7\"\n[overlay.phys.c]\ninterface = \"eth0\"\n\
                [overlay.net.2]\nsettings = \"flat\"\nid = 7\nattach = [\"c\"]\n";
    fs::write(&file, text + more).expect("written");
    let (out, error) = hosts.pleach("a", "commit overlay.toml --phys c --dry-run", 7);
    let alarm = "this host was committed as phys `a`, and now it would be phys `c`\n";
    assert!(out.contains("- link\n") && error.contains(&format!("`commit` would refuse this: {alarm}")), "{error}");
    let hint = "hint: nothing was changed; if it is meant, `--accept-changes` does it\n";
    let (out, error) = hosts.pleach("a", "commit overlay.toml --phys c", 4);
    assert_eq!((out, error), (String::new(), format!("pleach: {alarm}{hint}")));
    assert_eq!(links(), before);
    // Where it is not remembered who this host is, by what is there.
    let memory = hosts.folder.path().join("state-a/overlay/committed.json");
    let remembered = fs::read(&memory).expect("it is remembered");
    fs::remove_file(&memory).expect("forgotten");
    let (_, error) = hosts.pleach("a", "commit overlay.toml --phys c", 4);
    assert_eq!(
        error,
        "pleach: 2 links would be removed: nothing of the overlay that is here would remain\n\
         hint: nothing was changed; what is here is that of phys `a` or `b`; if it is meant, `--accept-changes` does it\n"
    );
    assert_eq!(links(), before);
    fs::write(&memory, remembered).expect("written");
    hosts.pleach("a", "commit overlay.toml --phys c --accept-changes", 0);
    hosts.pleach("a", "commit overlay.toml --phys a", 4);
    // After a cleanup it is nobody.
    hosts.pleach("a", "cleanup", 0);
    hosts.pleach("a", "commit overlay.toml --phys a", 0);
    // The only net gets another number.
    hosts.write("vxlan/e2e", "172.16.0.", "");
    let text = fs::read_to_string(&file).expect("written").replace("id = 42", "id = 43");
    fs::write(&file, text).expect("written");
    hosts.pleach("a", "commit overlay.toml --phys a", 0);
    assert!(hosts.ip("a", "-o link show").contains(" pl-vx43-b:"));
}
