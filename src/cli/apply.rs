//! `pleach apply`: makes the kernel shape the network.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use clap::Args;
use pleach_graph::guard::GuardLimits;
use pleach_kernel::Left;
use pleach_shaper::Rebalance;
use pleach_shaper::render::{Changes, Counts};
use pleach_tc::TakeOver;

use super::change::{failure, lock, open_kernel, session, settled};
use super::inputs::{MayWrite, Strictness};
use super::shaping::{Shaped, Wanted};
use crate::exit::{Exit, Failure, HELP};
use crate::progress::Progress;
use crate::report;
use crate::shaping::change::{Applied, Change, Settled, Trial, apply};
use crate::shaping::decide::{Allowed, Decided, interfaces};
use crate::shaping::guard;
use crate::shaping::trace::described;
use crate::shaping::watcher;
use crate::terminal;

/// Make the kernel shape the network: only what differs is changed, and a failure is undone
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Apply {
    #[command(flatten)]
    shaped: Shaped,
    #[command(flatten)]
    allow: Allow,
    #[command(flatten)]
    strictness: Strictness,
    /// Undo everything unless `pleach confirm` is said within this many seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=LONGEST_TRIAL))]
    confirm: Option<u64>,
}

/// A day: who has not looked by then has forgotten.
const LONGEST_TRIAL: u64 = 24 * 60 * 60;

/// What may be done beyond the usual.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct Allow {
    /// Deal circuits out to the queues afresh; those that move are emptied on their old queue first
    #[arg(long)]
    rebalance: bool,
    /// Remove qdiscs that somebody else made where ours must be
    #[arg(long)]
    take_over: bool,
    /// Go on even if no circuit or far fewer circuits would be shaped than are shaped now
    #[arg(long)]
    accept_changes: bool,
}

impl Allow {
    /// Refuses what would take the shaping away from many, unless that is meant.
    pub(super) fn guard(self, decided: &Decided) -> Result<(), Failure> {
        if self.accept_changes {
            return Ok(());
        }
        let Change { desired, observed, .. } = &decided.change;
        guard::check(desired, observed, &decided.planned.subjects, GuardLimits::default()).map_err(|error| {
            Failure { exit: Exit::Refused, error: error.into(), hint: None }
                .hint("nothing was changed; if that is meant, `--accept-changes` does it")
        })
    }

    pub(super) fn allowed(self) -> Allowed {
        Allowed {
            rebalance: if self.rebalance { Rebalance::Afresh } else { Rebalance::Never },
            take_over: if self.take_over { TakeOver::Yes } else { TakeOver::No },
        }
    }
}

impl Apply {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let began = Instant::now();
        let progress = Progress::start();
        let wanted = self.shaped.load(&progress)?;
        drop(progress); // from here on nothing is written to a terminal: one that hangs must not hold the lock
        let CarriedOut { decided, applied, exit, said } =
            carry_out(&wanted, self.allow, self.strictness, self.confirm)?;
        for line in said {
            terminal::say(format!("{line}\n").as_bytes());
        }
        wanted.say_problems(&decided)?;
        match applied {
            Some(applied) => say(out, &decided, &applied?, began.elapsed())?,
            None => terminal::say(b"nothing was changed: with `--strict` no error or warning may be left\n"),
        }
        Ok(exit)
    }
}

/// Applies what a sync has decided, and says what that did. Nobody has to confirm it: nobody watches.
pub(super) fn apply_once(wanted: &Wanted, allow: Allow) -> Result<String, Failure> {
    let began = Instant::now();
    let CarriedOut { decided, applied, mut said, .. } = carry_out(wanted, allow, Strictness::default(), None)?;
    let mut text = Vec::new();
    if let Some(applied) = applied {
        say(&mut text, &decided, &applied?, began.elapsed())?;
    }
    said.extend(String::from_utf8_lossy(&text).lines().map(str::to_owned));
    Ok(said.join("; "))
}

/// What came of an apply.
struct CarriedOut {
    decided: Decided,
    /// None where `--strict` kept everything as it is.
    applied: Option<Result<Applied, Failure>>,
    exit: Exit,
    /// What was found on the way.
    said: Vec<String>,
}

/// Settles what a former apply left, decides, and changes the kernel, all under the shaper's lock.
fn carry_out(
    wanted: &Wanted,
    allow: Allow,
    strictness: Strictness,
    confirm: Option<u64>,
) -> Result<CarriedOut, Failure> {
    let folder = &wanted.chosen.folder;
    let mut kernel = open_kernel()?;
    let _lock = lock(folder, &interfaces(&wanted.chosen.settings.ports))?;
    let mut said = Vec::new();
    let cut_short = match settled(&mut session(&mut kernel, folder), &mut said)? {
        Settled::CutShort(pending) => Some(*pending),
        _ => None,
    };
    let decided = wanted.decide(&mut kernel, allow.allowed())?;
    allow.guard(&decided)?;
    let problems: Vec<_> = wanted.problems.iter().cloned().chain(decided.problems()).collect();
    let (exit, may_write) = strictness.judge(wanted.quarantined, &problems);
    let applied = match may_write {
        MayWrite::Yes => {
            let mut start_watcher = |folder: &_| watcher::start(folder);
            let trial = confirm.map(|seconds| Trial { seconds, start_watcher: &mut start_watcher });
            let applied = apply(&mut session(&mut kernel, folder), &decided.change, cut_short.as_ref(), trial);
            Some(applied.map_err(|error| failure(folder, error)))
        }
        MayWrite::No => None,
    };
    Ok(CarriedOut { decided, applied, exit, said })
}

fn say(out: &mut dyn Write, decided: &Decided, applied: &Applied, time: Duration) -> io::Result<()> {
    let Change { plan, observed, .. } = &decided.change;
    for note in &plan.notes {
        terminal::say(format!("note: {note}\n").as_bytes());
    }
    let Applied::Changed { done, deadline } = applied else {
        return writeln!(out, "nothing to do: {} as they should be", report::number(plan.unchanged));
    };
    let Counts { change, r#move, add, remove, unchanged } =
        Changes::new(plan, observed, &decided.planned.subjects).counts;
    let counts =
        [(change, "changed"), (r#move, "moved"), (add, "added"), (remove, "removed"), (unchanged, "unchanged")];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", report::number(*count)))
        .collect();
    let counts = counts.join(", ");
    let operations = report::count(done.operations, "operation");
    writeln!(out, "applied and verified in {:.1} s: {counts} ({operations})", time.as_secs_f64())?;
    write_dropped(out, decided, done)?;
    match deadline {
        Some(deadline) => {
            writeln!(out, "to be undone in {} s: say `pleach confirm` to keep it", deadline.seconds)
        }
        None => Ok(()),
    }
}

/// How many circuits whose packets were dropped are named.
const DROPPED_SHOWN: usize = 20;

/// What drains left, by whose it was.
fn write_dropped(out: &mut dyn Write, decided: &Decided, done: &pleach_kernel::Applied) -> io::Result<()> {
    if done.drained > Duration::ZERO {
        writeln!(out, "waited {:.2} s for the queues of classes that went", done.drained.as_secs_f64())?;
    }
    for Left { interface, class, backlog } in done.left.iter().take(DROPPED_SHOWN) {
        let whose = decided.planned.subjects.get(interface, *class).map_or_else(String::new, described);
        let packets = report::count(usize::try_from(backlog.packets).unwrap_or(usize::MAX), "packet");
        writeln!(
            out,
            "dropped {packets}, {} bytes, that were still waiting: {whose}, {interface} class {class}",
            backlog.bytes
        )?;
    }
    if done.left.len() > DROPPED_SHOWN {
        let more = &done.left[DROPPED_SHOWN..];
        let packets: u64 = more.iter().map(|left| left.backlog.packets).sum();
        writeln!(out, "dropped {packets} packets more, in {}", report::count(more.len(), "class"))?;
    }
    Ok(())
}
