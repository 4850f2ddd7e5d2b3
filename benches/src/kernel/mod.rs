//! The kernel border, measured in a network namespace of its own: how long a change takes from what is wanted and what there
//! is, both in memory, to the last acknowledgement.
//!
//! Everything here is taken in rounds within one run, and what counts is the ratio to the floor beside it: a loop that does
//! nothing but send the same messages, laid out beforehand.

mod floor;
mod namespace;
mod subject;

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use pleach_kernel::{Kernel, Linux};
use pleach_tc::{KernelState, Operation, TakeOver, diff};

use crate::measure::{Measure, Series};

pub use namespace::in_namespace;
pub use subject::plan_times;

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Circuits.
    pub circuits: usize,
    /// Transmit queues.
    pub queues: u16,
    /// How often each stage is run.
    pub runs: usize,
}

/// Measures in the namespace that this process is in, and prints medians.
pub fn run(sizes: Sizes) -> Result<()> {
    namespace::make_interfaces(sizes.queues)?;
    plan_lines(sizes)?;
    let whole = subject::whole(sizes)?;
    let desired = subject::one_direction(&whole);
    let mut kernel = Linux::open()?;
    let empty = kernel.observe(&subject::interfaces(&desired))?;
    let first = diff(&desired, &empty, TakeOver::No)?;
    let operations: Vec<Operation> = first.operations().cloned().collect();
    let floor = floor::Floor::new(&operations)?;
    let batch = floor::plain_batch(sizes)?;
    let (mut bare, mut ours, mut by_tc) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..sizes.runs {
        bare.push(floor.send()?);
        clear(&mut kernel)?;
        by_tc.push(floor::run_batch(&batch)?);
        clear(&mut kernel)?;
        ours.push(apply(&mut kernel, &desired, &empty)?);
        clear(&mut kernel)?;
    }
    let (bare, ours, by_tc) = (Series::new(bare), Series::new(ours), Series::new(by_tc));
    println!(
        "{} circuits, {} queues, one direction, {} runs, {} operations",
        sizes.circuits,
        sizes.queues,
        sizes.runs,
        operations.len()
    );
    line("first apply: bare loop, the same messages", &bare, None);
    line("first apply: `tc -batch`, handles as tc gives them", &by_tc, None);
    println!("  {:.2} times the bare loop", ratio(&by_tc, &bare));
    line("first apply: diff and execute", &ours, None);
    let (to_bare, to_tc) = (ratio(&ours, &bare), ratio(&ours, &by_tc));
    println!("  {to_bare:.2} times the bare loop, goal {MOST_OF_BARE}: {}", met(to_bare <= MOST_OF_BARE));
    println!("  {to_tc:.2} times `tc -batch`, goal below 1: {}", met(to_tc < 1.0));
    apply(&mut kernel, &desired, &empty)?;
    again(&mut kernel, "one direction", &desired, sizes.runs)?;
    rate_changes(&mut kernel, &desired, sizes)?;
    clear(&mut kernel)?;
    let empty = kernel.observe(&subject::interfaces(&whole))?;
    let series = Series::new(vec![apply(&mut kernel, &whole, &empty)?]);
    line("first apply: both directions and the classifier, once", &series, None);
    again(&mut kernel, "both directions and the classifier", &whole, sizes.runs)
}

/// How much longer than the bare loop a first apply may take.
const MOST_OF_BARE: f64 = 1.15;
/// How long an apply that changes nothing may take, one rate change, and a thousand.
const AGAIN: Duration = Duration::from_millis(100);
const ONE_CHANGE: Duration = Duration::from_millis(5);
const MANY_CHANGES: Duration = Duration::from_millis(20);
/// How long planning for so many circuits may take.
const PLANS: [(usize, Duration); 2] = [(10_000, Duration::from_millis(100)), (100_000, Duration::from_secs(1))];

fn met(is_met: bool) -> &'static str {
    if is_met { "met" } else { "MISSED" }
}

fn ratio(series: &Series, floor: &Series) -> f64 {
    series.median().as_secs_f64() / floor.median().as_secs_f64()
}

fn plan_lines(sizes: Sizes) -> Result<()> {
    for (circuits, goal) in PLANS {
        let (first, next) = plan_times(circuits, sizes.queues, sizes.runs)?;
        line(&format!("plan for {circuits} circuits, no ledger"), &first, Some(goal));
        line(&format!("plan for {circuits} circuits, with its ledger"), &next, Some(goal));
    }
    Ok(())
}

/// Applies what is wanted onto what there is.
fn apply(kernel: &mut Linux, desired: &KernelState, observed: &KernelState) -> Result<Measure> {
    let mut outcome = Ok(0);
    let measure = Measure::of(|| outcome = change(kernel, desired, observed));
    outcome.map(|_| measure)
}

/// The difference, done; how many operations it took.
fn change(kernel: &mut Linux, desired: &KernelState, observed: &KernelState) -> Result<usize> {
    let plan = diff(desired, observed, TakeOver::No)?;
    let mut count = 0;
    for phase in &plan.phases {
        let pleach_tc::Phase::Operations(operations) = phase else { bail!("nothing should have to be drained") };
        let executed = kernel.execute(operations);
        if let Some((_, error)) = executed.refused.into_iter().next() {
            return Err(error.into());
        }
        count += operations.len();
    }
    Ok(count)
}

fn clear(kernel: &mut Linux) -> Result<()> {
    let deleted = Command::new("tc").args(["qdisc", "del", "dev", namespace::INTERFACE, "root"]).status();
    ensure!(deleted.context("cannot run `tc`")?.success(), "`tc` could not delete the root qdisc");
    let interface = namespace::INTERFACE.parse().context("invariant: a good name")?;
    let left = kernel.observe(&[interface])?;
    ensure!(left.interfaces.values().all(|interface| interface.classes.is_empty()), "classes are left");
    Ok(())
}

/// Applying again: dump, adopt, diff; nothing to write.
fn again(kernel: &mut Linux, what: &str, desired: &KernelState, runs: usize) -> Result<()> {
    let interfaces = subject::interfaces(desired);
    let mut measures = Vec::new();
    for _ in 0..runs {
        let mut plan = None;
        measures.push(Measure::of(|| {
            plan = Some(kernel.observe(&interfaces).map(|observed| diff(desired, &observed, TakeOver::No)));
        }));
        let plan = plan.context("invariant: it ran")???;
        ensure!(plan.is_empty(), "a second apply would write {} times", plan.operations().count());
    }
    line(&format!("apply again, {what}: zero writes"), &Series::new(measures), Some(AGAIN));
    Ok(())
}

/// One rate change, and a thousand.
fn rate_changes(kernel: &mut Linux, desired: &KernelState, sizes: Sizes) -> Result<()> {
    for (count, goal) in [(1, ONE_CHANGE), (1_000.min(sizes.circuits), MANY_CHANGES)] {
        let mut measures = Vec::new();
        let mut current = desired.clone();
        for run in 0..sizes.runs {
            let next = subject::with_ceilings_changed(desired, count, run)?;
            let mut outcome = Ok(0);
            measures.push(Measure::of(|| outcome = change(kernel, &next, &current)));
            let operations = outcome?;
            ensure!(operations <= count, "{count} rate changes took {operations} operations");
            current = next;
        }
        line(&format!("{count} rate changes: diff and execute"), &Series::new(measures), Some(goal));
        let restored = change(kernel, desired, &current)?;
        ensure!(restored > 0, "nothing was changed back");
    }
    Ok(())
}

fn line(what: &str, series: &Series, goal: Option<Duration>) {
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    let (median, min, max) = (millis(series.median()), millis(series.min()), millis(series.max()));
    print!("{what:<62} {median:>9.2} ms  ({min:.2} to {max:.2})");
    if let Some(goal) = goal {
        print!("  goal {} ms: {}", millis(goal), met(series.median() < goal));
    }
    println!();
}

/// Whether network namespaces can be made here.
pub fn can_make_namespaces() -> bool {
    rustix::process::geteuid().is_root() && fs::metadata("/proc/self/ns/net").is_ok()
}
