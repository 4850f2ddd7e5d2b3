//! Commits of overlays on a real kernel, against the bare requests that they are made of.

use std::fmt::Write;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use pleach_graph::Problems;
use pleach_kernel::{LinkKernel, Linux, commit};
use pleach_overlay::links::{Baseline, LinkState, decide, diff, wanted};
use pleach_overlay::{Host, Origins, check, read};
use pleach_tc::MarkField;

use crate::harness::{in_namespace, run, skip_for_want_of};

const PHYSES: u8 = 40;
/// Of each way, in the order A B B A.
const RUNS: usize = 8;
/// How long a commit may take, in hundredths of the bare requests.
const GOAL_PERCENT: u128 = 150;

/// What the first of forty hosts needs for one net with a virt on each.
fn forty_hosts(technology: &str) -> LinkState {
    let mut text = format!("[overlay.settings.default]\ntype = \"{technology}\"\n[overlay.net.1]\nid = 1\nattach = [");
    (1..=PHYSES).for_each(|at| _ = write!(text, "\"h{at}\", "));
    text.push_str("]\n");
    for at in 1..=PHYSES {
        let _ = write!(
            text,
            "[overlay.phys.h{at}]\nip = \"10.0.0.{at}\"\ninterface = \"eth0\"\n[overlay.net.1.virt.v{at}]\nphys = \"h{at}\"\ninterface = \"tap0\"\nmac = \"02:00:00:00:00:{at:02x}\"\n"
        );
    }
    let reading = read(&text, "forty.toml").expect("it is TOML");
    let (checked, problems) = check(&reading.model, &Origins::default(), &Host::default(), Problems::default());
    wanted(checked.unwrap_or_else(|| panic!("{problems:#?}")), &"h1".parse().expect("a name"), MarkField::NONE)
        .expect("it can be")
}

/// How long something takes in a namespace with `eth0` and `tap0`; none where the kernel lacks what it needs.
fn timed(what: fn(&mut Linux, &LinkState) -> Result<(), String>, technology: &'static str) -> Option<Duration> {
    let (send, receive) = mpsc::channel();
    in_namespace(move || {
        for device in ["eth0", "tap0"] {
            run(&format!("ip link add {device} type veth peer name {device}p"));
            run(&format!("ip link set {device} up"));
        }
        run("ip address add 10.0.0.1/24 dev eth0");
        let wanted = forty_hosts(technology);
        let mut linux = Linux::open().expect("a routing socket");
        let began = Instant::now();
        let done = what(&mut linux, &wanted);
        let time = began.elapsed();
        match done {
            Ok(()) => send.send(time).expect("somebody waits"),
            Err(why) if why.contains("not found") || why.contains("not supported") => {}
            Err(why) => panic!("{why}"),
        }
    });
    receive.try_recv().ok()
}

fn bare(linux: &mut Linux, wanted: &LinkState) -> Result<(), String> {
    let plan = diff(&LinkState::default(), wanted);
    let executed = linux.execute_links(&plan.operations);
    if executed.is_complete(plan.operations.len()) {
        Ok(())
    } else {
        Err(format!("{:?}", executed.refused[0].1.to_string()))
    }
}

fn whole(linux: &mut Linux, wanted: &LinkState) -> Result<(), String> {
    let found = linux.observe_links().expect("it answers");
    let mut baseline = Baseline::default();
    baseline.learn(&found, wanted);
    let decision = decide(&found, wanted, &baseline);
    commit(linux, &decision, &mut || Ok(())).map(drop).map_err(|error| error.to_string())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[test]
fn a_commit_is_not_much_slower_than_its_requests() {
    for technology in ["vxlan/e2e", "vxlan/static"] {
        let (mut commits, mut requests) = (Vec::new(), Vec::new());
        for at in 0..RUNS {
            let commit_first = at % 4 == 0 || at % 4 == 3;
            for is_commit in [commit_first, !commit_first] {
                let time = timed(if is_commit { whole } else { bare }, technology);
                if is_commit { &mut commits } else { &mut requests }.extend(time);
            }
        }
        if commits.is_empty() {
            return skip_for_want_of("flower");
        }
        let (commit, requests) = (median(commits), median(requests));
        let percent = commit.as_micros() * 100 / requests.as_micros().max(1);
        println!("measured: {technology}: a commit of forty hosts {commit:?}, its requests {requests:?}: {percent} %");
        // A busy machine measures itself: only what is far beyond the goal is an error.
        assert!(percent < 3 * GOAL_PERCENT, "{technology}: {percent} %");
    }
}
