//! `pleach overlay`.

use std::path::Path;

use crate::harness::{Folder, as_nobody, skip};
use crate::shaping::alone;

/// A folder with a case of `testdata/overlay` in it.
fn case(name: &str) -> Folder {
    let folder = Folder::new();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/overlay").join(name);
    for file in ["input.toml", "input.lsctl"] {
        if let Ok(text) = std::fs::read(case.join(file)) {
            folder.write(file, text);
        }
    }
    folder
}

#[test]
fn the_manuals_examples_run_up_to_their_commit() {
    for (example, phys, missing) in
        [("manual-1", "A", "eth0"), ("manual-quickstart", "B", "eth0"), ("manual-3", "a", "eth0")]
    {
        let folder = case(example);
        let Some(run) = alone(&folder, &["overlay", "run", "input.lsctl", phys, "--state", "state"]) else { return };
        let run = run.code(1).stdout("");
        let line = folder.read("input.lsctl").lines().position(|line| line == "commit").expect("it commits") + 1;
        assert!(run.stderr.contains("error no-such-interface: "), "{}", run.stderr);
        assert!(run.stderr.contains(&format!("the interface `{missing}` ")), "{}", run.stderr);
        assert_eq!(
            run.stderr.lines().last(),
            Some(
                format!("pleach: `input.lsctl` line {line}: commit: the model has errors, so nothing is changed")
                    .as_str()
            ),
        );
        assert_eq!(folder.files("state"), [""; 0], "nothing is remembered of it");
    }
    // The second example leaves the commit to those who send it to a daemon.
    case("manual-2").pleach(&["overlay", "run", "input.lsctl"]).code(0).quiet().stdout("");
}

#[test]
fn a_commit_says_what_it_needs() {
    let folder = Folder::new();
    let run = folder.pleach(&["overlay", "commit"]).code(2).stdout("");
    assert_eq!(
        run.stderr,
        "pleach: no overlay is named\nhint: name its file, or set `file` under `[overlay]` in pleach.toml\n"
    );
    folder.write("pleach.toml", "[overlay]\nfile = \"net/overlay.toml\"\nphys = \"A\"\n");
    let run = folder.pleach(&["overlay", "plan"]).code(2).stdout("");
    assert!(run.stderr.starts_with("pleach: cannot read `net/overlay.toml`"), "{}", run.stderr);
    let input = case("hosts-vlan").read("input.toml");
    folder.write("net/overlay.toml", input);
    let expected = folder.pleach(&["overlay", "plan", "net/overlay.toml", "--phys", "A"]).code(0).stdout;
    folder.pleach(&["overlay", "plan"]).code(0).stdout(&expected);
    folder.write("pleach.toml", "[overlay]\nfile = \"net/overlay.toml\"\nphys = \"D\"\n");
    let run = folder.pleach(&["overlay", "commit"]).code(2).stdout("");
    assert!(run.stderr.contains("there is no phys `D`\nhint: there are `A`, `B` or `C`"), "{}", run.stderr);
    folder.write("pleach.toml", "[overlay]\nfiel = \"x\"\n");
    let run = folder.pleach(&["overlay", "commit"]).code(2).stdout("");
    assert!(run.stderr.contains("unknown field `fiel`"), "{}", run.stderr);
}

#[test]
fn nothing_is_committed_where_it_cannot_be() {
    let folder = case("hosts-vlan");
    let commit = ["overlay", "commit", "input.toml", "--phys", "A", "--state", "state"];
    match as_nobody(&folder, env!("CARGO_BIN_EXE_pleach")) {
        Ok(mut command) => _ = folder.run(command.args(commit)).code(1).stdout("").stderr(
            "pleach: committing an overlay needs CAP_NET_ADMIN, and this process lacks CAP_NET_ADMIN\nhint: run it as root, or grant it\n",
        ),
        Err(why) => skip(&why),
    }
    let cleanup = ["overlay", "cleanup", "--state", "state"];
    let Some(run) = alone(&folder, &cleanup) else { return };
    run.code(0).quiet().stdout("nothing to do: nothing of an overlay is there\n");
    folder.write("state/overlay/baseline.json", "{");
    let run = alone(&folder, &cleanup).expect("it ran before").code(1).stdout("");
    assert!(
        run.stderr.starts_with("pleach: `state/overlay/baseline.json` does not say what interfaces were like"),
        "{}",
        run.stderr
    );
    folder.write("flat", "a file");
    let run = alone(&folder, &["overlay", "cleanup", "--state", "flat"]).expect("it ran before").code(1).stdout("");
    assert!(run.stderr.starts_with("pleach: cannot make the folder `flat/overlay`: "), "{}", run.stderr);
    // Another one that runs holds a lock of the network namespace, whatever its folder.
    std::fs::remove_file(folder.join("state/overlay/baseline.json")).expect("it was there");
    let lock = std::fs::File::open(folder.join("state/overlay/lock")).expect("it was taken");
    lock.lock().expect("free");
    let run = alone(&folder, &cleanup).expect("it ran before").code(4).stdout("");
    assert!(run.stderr.starts_with("pleach: another apply is running"), "{}", run.stderr);
}

#[test]
fn a_script_stops_with_its_line() {
    let folder = Folder::new();
    folder.write("a.lsctl", "settings vlan\nnet 1 {\n  virt -mac nonsense\n}\n");
    let run = folder.pleach(&["overlay", "run", "a.lsctl"]).code(1).stdout("");
    assert_eq!(
        run.stderr,
        "pleach: `a.lsctl` line 3: `-mac nonsense` is not a MAC address such as `9f:1a:c1:4c:ee:0b` or `9f1ac14cee0b`\n  inside `net` of line 2\n"
    );
    folder.write("b.lsctl", "settings vxlan/e2e\nphys -name a\nnet 1 {attach a}\nclaimLocal a\nvalidate\n");
    let run = folder.pleach(&["overlay", "run", "b.lsctl"]).code(1).stdout("");
    assert!(
        run.stderr.contains("error missing-attribute: 2\n  b.lsctl line 2, interface (overlay:phys:a): "),
        "{}",
        run.stderr
    );
    assert!(run.stderr.ends_with("pleach: `b.lsctl` line 5: validation error\n"), "{}", run.stderr);
    folder.write("c.lsctl", "cleanup\nnonsense\n");
    let Some(run) = alone(&folder, &["overlay", "run", "c.lsctl", "--state", "state"]) else { return };
    run.code(1).stdout("nothing to do: nothing of an overlay is there\n");
}

#[test]
fn problems_are_reported_all_at_once() {
    let run = case("bad-overlay-value").pleach(&["overlay", "validate", "input.toml"]).code(1).quiet();
    assert!(run.stdout.contains("error bad-overlay-value: 23\n"), "{}", run.stdout);
    let json =
        case("bad-overlay-value").pleach(&["overlay", "validate", "input.toml", "--json"]).code(1).quiet().json();
    assert_eq!(json["problems"].as_array().map(Vec::len), Some(23));
    let run = case("whole").pleach(&["overlay", "validate", "input.toml"]).code(0).quiet();
    assert_eq!(
        run.stdout,
        "net Bakery at phys A: MTU up to 1550\nnet Bookstore at phys A: MTU up to 1550\nnet Bookstore at phys B: MTU unknown, since the underlay's is not stated\n2 nets, 2 physes, 1 virt\nproblems: none\n"
    );
}

#[test]
fn every_language_reads_back() {
    let folder = case("whole");
    let toml = folder.pleach(&["overlay", "show", "input.toml"]).code(0).quiet().stdout;
    let lsctl = folder.pleach(&["overlay", "show", "input.toml", "--format", "lsctl"]).code(0).quiet().stdout;
    folder.write("again.toml", &toml);
    folder.write("again.lsctl", &lsctl);
    folder.pleach(&["overlay", "show", "again.toml"]).code(0).stdout(&toml);
    folder.pleach(&["overlay", "show", "again.lsctl"]).code(0).stdout(&toml);
    let json = folder.pleach(&["overlay", "show", "again.lsctl", "--format", "json"]).code(0).quiet().json();
    assert_eq!(json["overlay"]["net"]["Bookstore"]["virt"]["the till"]["mac"], "02:00:00:00:00:a1");
}

#[test]
fn a_plan_is_for_one_host() {
    let folder = case("hosts-geneve");
    let none = folder.pleach(&["overlay", "plan", "input.toml"]).code(2).stdout("");
    assert!(
        none.stderr.contains("no phys is claimed local") && none.stderr.contains("`A`, `B` or `C`"),
        "{}",
        none.stderr
    );
    folder.pleach(&["overlay", "plan", "input.toml", "--phys", "D"]).code(2).stdout("");
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/overlay/hosts-geneve/expected/plan-B.sh");
    let expected = std::fs::read_to_string(expected).expect("a script");
    folder.pleach(&["overlay", "plan", "input.toml", "--phys", "B", "--format", "script"]).code(0).stdout(&expected);
    let broken = case("bad-network-id").pleach(&["overlay", "plan", "input.toml", "--phys", "A"]).code(1).stdout("");
    assert!(broken.stderr.ends_with("pleach: the model has errors, so nothing is planned\n"), "{}", broken.stderr);
}

#[test]
fn files_that_are_none() {
    let folder = Folder::new();
    let missing = folder.pleach(&["overlay", "validate", "missing.toml"]).code(2).stdout("");
    assert!(missing.stderr.starts_with("pleach: cannot read `missing.toml`"), "{}", missing.stderr);
    folder.write("a.toml", "[overlay\n");
    let broken = folder.pleach(&["overlay", "show", "a.toml"]).code(2).stdout("");
    assert!(broken.stderr.starts_with("pleach: `a.toml` line 1: "), "{}", broken.stderr);
    folder.write("b.toml", [0xff, 0xfe]);
    folder.pleach(&["overlay", "show", "b.toml"]).code(2).stdout("");
    folder.pleach(&["overlay", "show", "a.toml", "A"]).code(2).stdout("");
}

/// A `pleach overlay serve` that goes with this.
struct Server(std::process::Child);

impl Server {
    fn start(folder: &Folder) -> Self {
        let mut command = folder.command(env!("CARGO_BIN_EXE_pleach"));
        let log = std::fs::File::create(folder.join("log")).expect("a file");
        command.args(["overlay", "serve", "socket", "A"]).stderr(log);
        let server = Self(command.spawn().expect("it starts"));
        let began = std::time::Instant::now();
        while std::os::unix::net::UnixStream::connect(folder.join("socket")).is_err() {
            assert!(began.elapsed() < std::time::Duration::from_secs(10), "it listens");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_is_sent_is_run_and_stays() {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let send = |script: &str| {
        folder.write("sent", script);
        folder.pleach(&["overlay", "send", "socket", "sent"])
    };
    let nobody = send("show\n").code(1).stdout("");
    assert!(nobody.stderr.starts_with("pleach: cannot reach `socket`: "), "{}", nobody.stderr);
    let server = Server::start(&folder);
    let mode = std::fs::metadata(folder.join("socket")).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    send("settings vlan\nphys -name A -if eth0\nset name 42\n").code(0).quiet().stdout("");
    let shown = send("net $name {attach [lindex $argv 0]}\nshow\n").code(0).quiet().stdout;
    assert!(shown.contains("net -vid 42 -settings default 42 {\n    attach -phys A\n"), "{shown}");
    // What went wrong is said to who sent it, with its exit code, and what was done before stays.
    let wrong = send("net 43\nnonsense\n").code(1).stdout("");
    assert!(wrong.stderr.starts_with("pleach: `sent` line 2: `nonsense` is no directive"), "{}", wrong.stderr);
    assert!(send("show\n").code(0).stdout.contains("net -vid 43 "));
    let second = folder.pleach(&["overlay", "serve", "socket"]).code(4).stdout("");
    assert_eq!(second.stderr, "pleach: somebody listens on `socket` already\n");
    // Whoever sends nonsense or half a frame loses nobody else's time.
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[1, 0, 0, 0, 9, b'x'], &[1, 0xff, 0xff, 0xff, 0xff]] {
        let mut stream = std::os::unix::net::UnixStream::connect(folder.join("socket")).expect("it listens");
        stream.write_all(bytes).expect("written");
    }
    send("show\n").code(0).quiet();
    drop(server);
    // The socket of one that has ended is replaced, and nothing else is.
    let _server = Server::start(&folder);
    send("show\n").code(0).stdout("namespace import lsdn::*\n");
    folder.write("file", "");
    folder.pleach(&["overlay", "serve", "file"]).code(2).stderr("pleach: `file` is there, and is no socket\n");
}

/// A frame of the kind, as `send` sends it.
fn frame(kind: u8, text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).expect("short").to_be_bytes();
    [&[kind], &length[..], text.as_bytes()].concat()
}

/// What a server answers: what it says, and its exit code.
fn answer(stream: &mut std::os::unix::net::UnixStream) -> (String, Option<u8>) {
    use std::io::Read;
    let (mut said, mut head) = (String::new(), [0; 5]);
    while stream.read_exact(&mut head).is_ok() {
        let mut bytes = vec![0; u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize];
        stream.read_exact(&mut bytes).expect("a whole frame");
        match head[0] {
            5 => return (said, bytes.first().copied()),
            _ => said.push_str(&String::from_utf8(bytes).expect("text")),
        }
    }
    (said, None)
}

fn connect(folder: &Folder) -> std::os::unix::net::UnixStream {
    std::os::unix::net::UnixStream::connect(folder.join("socket")).expect("it listens")
}

#[test]
fn who_sends_no_script_is_told_why() {
    use std::io::Write;
    let folder = Folder::new();
    let _server = Server::start(&folder);
    for (bytes, expected, exit) in [
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), "a frame of kind 71, which there is not", 2),
        (vec![1, 0xff, 0xff, 0xff, 0xff], "a frame of 4294967295 bytes, and 16777216 is the most", 2),
        (frame(2, "show\n"), "a frame of kind 2, where the name of the script was to come", 2),
        ([frame(1, "a"), frame(1, "b")].concat(), "a frame of kind 1, where the script was to come", 2),
        ([frame(1, "a"), vec![2, 0, 0, 0, 1, 0xff]].concat(), "the script is no UTF-8", 2),
        (frame(1, "a"), "the script did not come whole, so it was not run", 1),
        (vec![1, 0, 0, 0, 9, b'x'], "the script did not come whole, so it was not run", 1),
    ] {
        let mut stream = connect(&folder);
        stream.write_all(&bytes).expect("written");
        stream.shutdown(std::net::Shutdown::Write).expect("ended");
        let (said, code) = answer(&mut stream);
        assert!(said.starts_with("pleach: ") && said.contains(expected), "{bytes:?}: {said}");
        assert_eq!(code, Some(exit), "{bytes:?}");
    }
}

#[test]
fn who_is_silent_holds_up_nobody() {
    use std::io::Write;
    let folder = Folder::new();
    let _server = Server::start(&folder);
    folder.write("sent", "show\n");
    let mut silent: Vec<_> = (0..5).map(|_| connect(&folder)).collect();
    silent[0].write_all(&frame(1, "a")[..3]).expect("written");
    let began = std::time::Instant::now();
    folder.pleach(&["overlay", "send", "socket", "sent"]).code(0).quiet();
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
    // Nor who does not listen to what it asked for, megabytes that fit into no socket.
    let script = format!("phys -name {}\nfor {{set i 0}} {{$i < 500}} {{incr i}} {{show}}\n", "x".repeat(200));
    silent[1].write_all(&[frame(1, "a"), frame(2, &script)].concat()).expect("written");
    let began = std::time::Instant::now();
    folder.pleach(&["overlay", "send", "socket", "sent"]).code(0).quiet();
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn a_server_that_is_to_end_finishes_what_it_runs() {
    use std::io::{Read, Write};
    for signal in ["-TERM", "-INT"] {
        let folder = Folder::new();
        let mut server = Server::start(&folder);
        let mut running = connect(&folder);
        let script = "show\nfor {set i 0} {$i < 80000} {incr i} {}\nphys -name last\nshow\n";
        running.write_all(&[frame(1, "a"), frame(2, script)].concat()).expect("written");
        let mut first = [0];
        running.read_exact(&mut first).expect("it runs");
        let mut waiting = connect(&folder);
        waiting.write_all(&[frame(1, "b"), frame(2, "show\n")].concat()).expect("written");
        std::thread::sleep(std::time::Duration::from_millis(20));
        let id = server.0.id().to_string();
        let killed = std::process::Command::new("kill").args([signal, &id]).status().expect("kill runs");
        assert!(killed.success());
        let mut rest = Vec::new();
        running.read_to_end(&mut rest).expect("until it ends");
        assert!(
            String::from_utf8_lossy(&rest).contains("phys -name last"),
            "it was run to its end: {}",
            String::from_utf8_lossy(&rest)
        );
        assert!(rest.ends_with(&[5, 0, 0, 0, 1, 0]), "and its client was told so");
        assert_eq!(answer(&mut waiting), ("pleach: the server ends, so the script was not run\n".to_owned(), Some(4)));
        assert_eq!(server.0.wait().expect("it ends").code(), Some(0));
        assert!(!folder.join("socket").exists(), "nothing is left");
    }
}

/// A script that says something and then takes seconds.
const LONG: &str = "show\nfor {set i 0} {$i < 80000} {incr i} {}\nphys -name last\nshow\n";

#[test]
fn the_script_of_who_has_left_is_not_run() {
    use std::io::{Read, Write};
    let folder = Folder::new();
    let _server = Server::start(&folder);
    let mut running = connect(&folder);
    running.write_all(&[frame(1, "a"), frame(2, LONG)].concat()).expect("written");
    running.read_exact(&mut [0]).expect("it runs");
    let mut leaves = connect(&folder);
    leaves.write_all(&[frame(1, "left"), frame(2, "phys -name ghost\n")].concat()).expect("written");
    drop(leaves);
    // Who has only nothing more to say is there.
    let mut stays = connect(&folder);
    stays.write_all(&[frame(1, "b"), frame(2, "show\n")].concat()).expect("written");
    stays.shutdown(std::net::Shutdown::Write).expect("ended");
    let (said, code) = answer(&mut stays);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("phys -name last") && !said.contains("ghost"), "{said}");
    let log = folder.read("log");
    assert!(log.contains("`left` was not run: whoever sent it is gone\n"), "{log}");
}

#[test]
fn a_second_signal_ends_a_server_at_once() {
    use std::io::{Read, Write};
    for signals in [["-TERM", "-TERM"], ["-INT", "-TERM"]] {
        let folder = Folder::new();
        let mut server = Server::start(&folder);
        let mut running = connect(&folder);
        running.write_all(&[frame(1, "a"), frame(2, LONG)].concat()).expect("written");
        running.read_exact(&mut [0]).expect("it runs");
        let id = server.0.id().to_string();
        // Two of a kind that come at once are one, so it is asked until it is gone: long before its script would have ended.
        for signal in signals.into_iter().cycle() {
            if server.0.try_wait().expect("it is our child").is_some() {
                break;
            }
            let killed = std::process::Command::new("kill").args([signal, &id]).status().expect("kill runs");
            assert!(killed.success());
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert_eq!(server.0.wait().expect("it ends").code(), Some(6));
        assert!(!folder.join("socket").exists(), "nothing is left");
        let log = folder.read("log");
        assert!(log.contains("it is not known what the script that ran did"), "{log}");
        let mut rest = Vec::new();
        let _ = running.read_to_end(&mut rest); // cut off
        assert!(!rest.ends_with(&[5, 0, 0, 0, 1, 0]), "it was not run to its end");
    }
}
