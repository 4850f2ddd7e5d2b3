//! `pleach apply`: makes the kernel shape the network.

use std::io::Write;

use clap::Args;
use pleach_shaper::Rebalance;
use pleach_tc::TakeOver;

use super::change::{failure, lock, open_kernel, session, settled};
use super::shaping::Shaped;
use crate::exit::{Exit, Failure, HELP};
use crate::progress::Progress;
use crate::report;
use crate::shaping::change::{Applied, Settled, Trial, apply};
use crate::shaping::decide::{Allowed, Decided};
use crate::shaping::watcher;

/// Make the kernel shape the network: only what differs is changed, and a failure is undone
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Apply {
    #[command(flatten)]
    shaped: Shaped,
    #[command(flatten)]
    allow: Allow,
    /// Undo everything unless `pleach confirm` is said within this many seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=LONGEST_TRIAL))]
    confirm: Option<u64>,
}

/// A day: who has not looked by then has forgotten.
const LONGEST_TRIAL: u64 = 24 * 60 * 60;

/// What may be done beyond the usual.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Allow {
    /// Deal circuits out to the queues afresh; those that move are emptied on their old queue first
    #[arg(long)]
    rebalance: bool,
    /// Remove qdiscs that somebody else made where ours must be
    #[arg(long)]
    take_over: bool,
}

impl Allow {
    pub(super) fn allowed(self) -> Allowed {
        Allowed {
            rebalance: if self.rebalance { Rebalance::Afresh } else { Rebalance::Never },
            take_over: if self.take_over { TakeOver::Yes } else { TakeOver::No },
        }
    }
}

impl Apply {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let progress = Progress::start();
        let wanted = self.shaped.load(&progress)?;
        drop(progress); // from here on nothing is written to a terminal: one that hangs must not hold the lock
        let folder = &wanted.chosen.folder;
        let mut kernel = open_kernel()?;
        let lock = lock(folder)?;
        let mut said = Vec::new();
        let cut_short = match settled(&mut session(&mut kernel, folder), &mut said)? {
            Settled::CutShort(pending) => Some(*pending),
            _ => None,
        };
        let decided = wanted.decide(&mut kernel, self.allow.allowed())?;
        let mut start_watcher = |folder: &_| watcher::start(folder);
        let trial = self.confirm.map(|seconds| Trial { seconds, start_watcher: &mut start_watcher });
        let applied = apply(&mut session(&mut kernel, folder), &decided.change, cut_short, trial).map_err(failure);
        drop(lock);
        for line in said {
            writeln!(out, "{line}")?;
        }
        let mut problems = wanted.problems;
        problems.extend(decided.problems());
        report::write_problems(out, &problems)?;
        say(out, &decided, &applied?)?;
        Ok(Exit::Done)
    }
}

fn say(out: &mut dyn Write, decided: &Decided, applied: &Applied) -> std::io::Result<()> {
    let plan = &decided.change.plan;
    for note in &plan.notes {
        writeln!(out, "note: {note}")?;
    }
    let Applied::Changed { drained, deadline } = applied else {
        return writeln!(out, "nothing to do: {} as they should be", report::number(plan.unchanged));
    };
    let operations = report::count(plan.operations().count(), "operation");
    writeln!(out, "applied and verified: {operations}, {} unchanged", report::number(plan.unchanged))?;
    if drained.dropped_packets > 0 {
        let (dropped, classes) = (drained.dropped_packets, report::count(drained.classes, "class"));
        writeln!(out, "{dropped} packets were still waiting after a second in {classes} that went, and were dropped")?;
    }
    match deadline {
        Some(deadline) => {
            writeln!(out, "to be undone in {} s: say `pleach confirm` to keep it", deadline.seconds)
        }
        None => Ok(()),
    }
}
