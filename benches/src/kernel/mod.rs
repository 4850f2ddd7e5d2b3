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
    let desired = subject::one_direction(sizes)?;
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
    line("first apply: `tc -batch`, handles as tc gives them", &by_tc, Some((&bare, None)));
    line("first apply: diff and execute", &ours, Some((&bare, Some(1.15))));
    apply(&mut kernel, &desired, &empty)?;
    again(&mut kernel, &desired, sizes.runs)?;
    rate_changes(&mut kernel, &desired, sizes)
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
fn again(kernel: &mut Linux, desired: &KernelState, runs: usize) -> Result<()> {
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
    line("apply again: dump, adopt, diff; zero writes", &Series::new(measures), None);
    Ok(())
}

/// One rate change, and a thousand.
fn rate_changes(kernel: &mut Linux, desired: &KernelState, sizes: Sizes) -> Result<()> {
    for count in [1, 1_000.min(sizes.circuits)] {
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
        line(&format!("{count} rate changes: diff and execute"), &Series::new(measures), None);
        let restored = change(kernel, desired, &current)?;
        ensure!(restored > 0, "nothing was changed back");
    }
    Ok(())
}

fn line(what: &str, series: &Series, floor: Option<(&Series, Option<f64>)>) {
    let millis = |time: std::time::Duration| time.as_secs_f64() * 1e3;
    let (median, min, max) = (millis(series.median()), millis(series.min()), millis(series.max()));
    print!("{what:<55} {median:>9.2} ms  ({min:.2} to {max:.2})");
    if let Some((floor, goal)) = floor {
        let ratio = series.median().as_secs_f64() / floor.median().as_secs_f64();
        print!("  {ratio:.2} times the bare loop");
        if let Some(goal) = goal {
            print!(", goal {goal}: {}", if ratio <= goal { "met" } else { "missed" });
        }
    }
    println!();
}

/// Whether network namespaces can be made here.
pub fn can_make_namespaces() -> bool {
    rustix::process::geteuid().is_root() && fs::metadata("/proc/self/ns/net").is_ok()
}
