//! A commit on the first of forty hosts beside the bare requests that it is made of, in a network namespace of its own.
//!
//! The clock of a commit runs from what is wanted, in memory, until the kernel has been read again and holds it: locks, what
//! is remembered, observing, deciding, doing, verifying. That of the bare requests runs from their first byte, laid out
//! beforehand, to their last acknowledgement.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use pleach::overlay::{Mode, Physes, change};
use pleach::state::StateFolder;
use pleach_graph::Problems;
use pleach_kernel::{LinkKernel, Linux};
use pleach_overlay::links::{Baseline, LinkState, decide, diff, wanted};
use pleach_overlay::{Host, Origins, check, read};
use pleach_tc::{Interface, MarkField};

use super::bare::Bare;
use super::median;
use crate::measure::{Measure, Series};

const PHYSES: u8 = 40;
const IN_MEMORY: &str = "/dev/shm";
/// How much longer than the bare requests a commit may take.
const GOAL: f64 = 1.5;

/// Measures in the namespace that this process is in, and prints medians.
pub fn run(rounds: usize) -> Result<()> {
    ensure!(rounds > 0, "nothing to measure in no rounds");
    let there = interfaces()?;
    println!("{PHYSES} hosts, one net, a virt on each; {rounds} rounds A B B A");
    for technology in ["vxlan/e2e", "vxlan/static"] {
        let wanted = forty_hosts(technology)?;
        match measure(&wanted, &there, rounds) {
            Ok(text) => print!("{technology}: {text}"),
            Err(error) if lacks_flower(&error) => {
                println!("{technology}: this kernel has no flower; tests/vm has one that does");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn lacks_flower(error: &anyhow::Error) -> bool {
    let text = format!("{error:#}");
    ["classifier not found", "Unknown device type", "Operation not supported"].iter().any(|said| text.contains(said))
}

fn sh(words: &str) -> Result<()> {
    let mut parts = words.split_whitespace();
    let program = parts.next().context("invariant: a command has a program")?;
    let output = Command::new(program).args(parts).output().with_context(|| format!("cannot run `{program}`"))?;
    ensure!(output.status.success(), "`{words}`: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn interface(name: &str) -> Result<Interface> {
    name.parse().map_err(|_| anyhow!("invariant: `{name}` is a good name"))
}

fn number(name: &str) -> Result<u32> {
    let text = fs::read_to_string(format!("/sys/class/net/{name}/ifindex")).context("there is no such interface")?;
    Ok(text.trim().parse()?)
}

/// The underlay's interface and the virt's, with their numbers.
fn interfaces() -> Result<BTreeMap<Interface, u32>> {
    let mut numbers = BTreeMap::new();
    for device in ["eth0", "tap0"] {
        sh(&format!("ip link add {device} type veth peer name {device}p"))?;
        sh(&format!("ip link set {device}p up"))?;
        sh(&format!("ip link set {device} up"))?;
        numbers.insert(interface(device)?, number(device)?);
    }
    sh("ip address add 10.0.0.1/24 dev eth0")?;
    Ok(numbers)
}

/// What the first of forty hosts needs for one net with a virt on each.
fn forty_hosts(technology: &str) -> Result<LinkState> {
    let mut text = format!("[overlay.settings.default]\ntype = \"{technology}\"\n[overlay.net.1]\nid = 1\nattach = [");
    (1..=PHYSES).for_each(|at| _ = write!(text, "\"h{at}\", "));
    text.push_str("]\n");
    for at in 1..=PHYSES {
        let _ = write!(
            text,
            "[overlay.phys.h{at}]\nip = \"10.0.0.{at}\"\ninterface = \"eth0\"\n[overlay.net.1.virt.v{at}]\nphys = \"h{at}\"\ninterface = \"tap0\"\nmac = \"02:00:00:00:00:{at:02x}\"\n"
        );
    }
    let reading = read(&text, "forty.toml")?;
    let (checked, problems) = check(&reading.model, &Origins::default(), Host::unknown(), Problems::default());
    let checked = checked.with_context(|| format!("{problems:?}"))?;
    let host = "h1".parse().map_err(|_| anyhow!("invariant: a good name"))?;
    Ok(wanted(checked, &host, MarkField::default())?)
}

/// The times of one way to do it.
#[derive(Default)]
struct Times {
    bare: Vec<Measure>,
    commit: Vec<Measure>,
    observe: Vec<Measure>,
    decide: Vec<Measure>,
    execute: Vec<Measure>,
    verify: Vec<Measure>,
}

fn measure(wanted: &LinkState, there: &BTreeMap<Interface, u32>, rounds: usize) -> Result<String> {
    // On a disk, how busy that is would be measured.
    let folder = if Path::new(IN_MEMORY).is_dir() { tempfile::tempdir_in(IN_MEMORY) } else { tempfile::tempdir() }?;
    let folder = StateFolder::of_overlays(folder.path());
    let mut kernel = Linux::open()?;
    let (mut times, mut ratios) = (Times::default(), Vec::new());
    let mut requests = 0;
    for _ in 0..rounds {
        let mut round = [Duration::ZERO; 2];
        for is_commit in [true, false, false, true] {
            let measure = if is_commit {
                let mut outcome = None;
                let measure =
                    Measure::of(|| outcome = Some(change(&mut kernel, &folder, (wanted, &Physes::new()), Mode::Do)));
                outcome.context("invariant: it ran")??;
                times.commit.push(measure);
                measure
            } else {
                let bare = bare(wanted, there)?;
                requests = bare.requests;
                let measure = bare.send()?;
                times.bare.push(measure);
                measure
            };
            round[usize::from(is_commit)] += measure.time;
            ensure!(is_made(&mut kernel, wanted)?, "not everything was made");
            clear(wanted)?;
        }
        steps(&mut kernel, wanted, &mut times)?;
        clear(wanted)?;
        ratios.push(round[1].as_secs_f64() / round[0].as_secs_f64());
    }
    let ratio = median(&mut ratios);
    let verdict = if ratio < GOAL { "met" } else { "MISSED" };
    let Times { bare, commit, observe, decide, execute, verify } = times;
    let [bare, commit, observe, decide, execute, verify] =
        [bare, commit, observe, decide, execute, verify].map(|runs| Series::new(runs).median().as_secs_f64() * 1e3);
    let (least, most) = (ratios[0], ratios[ratios.len() - 1]);
    Ok(format!(
        "commit {commit:.2} ms, its {requests} requests bare {bare:.2} ms: {ratio:.2} ({least:.2} – {most:.2})  goal {GOAL}: {verdict}\n  steps by themselves: observe {observe:.2}, decide {decide:.2}, execute {execute:.2}, verify {verify:.2} ms\n"
    ))
}

/// The requests, with the numbers that the kernel will give: one after the other, from the last one on.
fn bare(wanted: &LinkState, there: &BTreeMap<Interface, u32>) -> Result<Bare> {
    sh("ip link add probe type bridge")?;
    let mut next = number("probe")?;
    sh("ip link delete probe")?;
    let plan = diff(&LinkState::default(), wanted);
    let mut numbers = there.clone();
    for operation in &plan.operations {
        if let pleach_overlay::links::Operation::AddLink { name, .. } = operation {
            next += 1;
            numbers.insert(name.clone(), next);
        }
    }
    Bare::new(&plan.operations, &numbers)
}

fn is_made(kernel: &mut Linux, wanted: &LinkState) -> Result<bool> {
    let found = kernel.observe_links()?;
    let decision = decide(&found, wanted, &Baseline::default());
    Ok(decision.plan.is_empty())
}

/// The steps of a commit one by one.
fn steps(kernel: &mut Linux, wanted: &LinkState, times: &mut Times) -> Result<()> {
    let mut found = None;
    times.observe.push(Measure::of(|| found = Some(kernel.observe_links())));
    let found = found.context("invariant: it ran")??;
    let mut decision = None;
    times.decide.push(Measure::of(|| {
        let mut baseline = Baseline::default();
        baseline.learn(&found, wanted);
        decision = Some(decide(&found, wanted, &baseline));
    }));
    let decision = decision.context("invariant: it ran")?;
    let mut executed = None;
    times.execute.push(Measure::of(|| executed = Some(kernel.execute_links(&decision.plan.operations))));
    let executed = executed.context("invariant: it ran")?;
    ensure!(executed.is_complete(decision.plan.operations.len()), "it was refused");
    let mut is_done = Ok(false);
    times.verify.push(Measure::of(|| is_done = is_made(kernel, wanted)));
    ensure!(is_done?, "not everything was made");
    Ok(())
}

/// The kernel frees filters and links behind the back of who deletes them: that is nobody's time.
const SETTLES: Duration = Duration::from_millis(50);

/// Back to nothing, by other means.
fn clear(wanted: &LinkState) -> Result<()> {
    for name in wanted.links.keys() {
        sh(&format!("ip link delete {name}"))?;
    }
    for name in wanted.clsact.iter().filter(|name| !wanted.links.contains_key(*name)) {
        sh(&format!("tc qdisc delete dev {name} clsact"))?;
    }
    std::thread::sleep(SETTLES);
    Ok(())
}
