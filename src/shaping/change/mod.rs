//! Changing the kernel: one at a time, with the way back written down first.
//!
//! An apply takes the shaper's lock, settles what a former one left, writes the ledger and the undo record, starts the
//! watcher if it must be confirmed, carries out its plan, reads back and compares. Whatever fails on the way leads back
//! ([`revert`]). Each function here is called with the lock held.

mod carry_out;
mod pending;
mod revert;
mod settle;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use pleach_kernel::{Kernel, KernelError};
use pleach_tc::{Baseline, Difference, Interface, KernelState, Operation, Plan, Refused, UndoRecord, compare};

pub use carry_out::{DRAIN, Drained};
pub use pending::{Files, Pending};
pub use revert::{RevertError, revert};
pub use settle::{Confirmed, Settled, confirm, rollback, settle};

use super::watcher::WatcherError;
use crate::state::{ClockError, Deadline, Moment, Name, StateError, StateFolder};

/// What a change works with.
pub struct Session<'a> {
    /// What is changed.
    pub kernel: &'a mut dyn Kernel,
    /// What is remembered.
    pub folder: &'a StateFolder,
    /// What time it is.
    pub clock: &'a dyn Fn() -> Result<Moment, ClockError>,
}

/// A change that is decided.
#[derive(Debug)]
pub struct Change {
    /// The interfaces it is about.
    pub interfaces: Vec<Interface>,
    /// What the kernel held when it was decided.
    pub observed: KernelState,
    /// What it should hold.
    pub desired: KernelState,
    /// How to get there.
    pub plan: Plan,
    /// The ledger that belongs to it.
    pub ledger: Option<String>,
    /// What is remembered of the interfaces from before the first change; none: forgotten when this is done.
    pub baseline: Option<Baseline>,
}

/// A change that must be confirmed.
pub struct Trial<'a> {
    /// Within this many seconds.
    pub seconds: u64,
    /// Starts the process that goes back when nobody confirms.
    pub start_watcher: &'a mut dyn FnMut(&StateFolder) -> Result<(), WatcherError>,
}

/// Why a change did not come about.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The state folder cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// A record cannot be understood.
    #[error("`{}` is no undo record", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// The time since boot cannot be told.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// The kernel cannot be asked.
    #[error(transparent)]
    Observe(#[from] KernelError),
    /// Something that is not ours is in the way.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// An apply waits for its confirmation.
    #[error("an apply waits for its confirmation, for {} more seconds", .0.as_secs())]
    Waiting(Duration),
    /// There is no apply that waits for its confirmation.
    #[error("no apply waits for its confirmation")]
    NothingToConfirm,
    /// There is nothing to go back to.
    #[error("{0}")]
    NothingToGoBackTo(&'static str),
    /// The watcher did not start, and nothing was changed.
    #[error(transparent)]
    Watcher(#[from] WatcherError),
    /// The kernel did not do what it was asked.
    #[error(transparent)]
    Failed(#[from] Failed),
    /// It failed half way, and what was changed is as it was before.
    #[error("changed and undone: {0}")]
    Undone(#[source] Failed),
    /// It could not go all the way back to what was there before a former apply.
    #[error("the undo is incomplete: {0}")]
    NotReverted(#[source] RevertError),
    /// It failed half way, and could not go all the way back.
    #[error("changed, and the undo is incomplete: {first}; then {undo}")]
    UndoIncomplete {
        /// What failed first.
        first: Box<ChangeError>,
        /// Why it could not go back.
        #[source]
        undo: RevertError,
    },
}

/// What the kernel did not do.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// It refused an operation.
    #[error("{error}")]
    Kernel {
        /// Which.
        operation: Box<Operation>,
        /// Why.
        #[source]
        error: KernelError,
    },
    /// It took only some of a list and did not say why.
    #[error("only {sent} of {of} operations were sent")]
    Unsent {
        /// How many were sent.
        sent: usize,
        /// Of how many.
        of: usize,
    },
    /// It cannot be asked any more.
    #[error(transparent)]
    Observe(KernelError),
    /// It acknowledged everything and holds something else.
    #[error("the kernel does not hold what it acknowledged:{}", .0.iter().map(|difference| format!("\n  {difference}")).collect::<String>())]
    NotAsPlanned(Vec<Difference>),
    /// What came of it could not be remembered.
    #[error(transparent)]
    State(StateError),
}

/// What came of a change.
#[derive(Debug, PartialEq, Eq)]
pub enum Applied {
    /// The kernel held everything already.
    Nothing,
    /// It was changed.
    Changed {
        /// What became of the packets of classes that went.
        drained: Drained,
        /// Until when it must be confirmed.
        deadline: Option<Deadline>,
    },
}

/// Carries out a change that was decided after [`settle`]; `cut_short` is what that found of an apply that never ended.
pub fn apply(
    session: &mut Session<'_>,
    change: &Change,
    cut_short: Option<Pending>,
    trial: Option<Trial<'_>>,
) -> Result<Applied, ChangeError> {
    let folder = session.folder;
    if change.plan.is_empty() {
        return finish_nothing(folder, change, cut_short.is_some());
    }
    let pending = write_down(session, change, cut_short, trial.as_ref().map(|trial| trial.seconds))?;
    if let Some(trial) = trial
        && let Err(error) = (trial.start_watcher)(folder)
    {
        pending.files.put_back(folder)?;
        folder.remove(Name::Undo)?;
        return Err(error.into());
    }
    match carry_out_and_verify(session, change, pending.clone()) {
        Ok(applied) => Ok(applied),
        Err(first) => Err(back(session, &pending, first)),
    }
}

/// Nothing to do in the kernel; the ledger may still be new to the folder.
fn finish_nothing(folder: &StateFolder, change: &Change, was_cut_short: bool) -> Result<Applied, ChangeError> {
    keep_files(folder, change)?;
    if was_cut_short {
        folder.keep_undo_as_previous()?; // the apply that was cut short had come to its end
    }
    Ok(Applied::Nothing)
}

/// Everything that must be on disk before the kernel is touched.
fn write_down(
    session: &Session<'_>,
    change: &Change,
    cut_short: Option<Pending>,
    seconds: Option<u64>,
) -> Result<Pending, ChangeError> {
    let folder = session.folder;
    let now = (session.clock)()?;
    let undo = UndoRecord::of(&change.plan, &change.observed);
    let mut pending = Pending::new(now.clone(), change.interfaces.clone(), undo, Files::read(folder)?);
    pending.deadline = seconds.map(|seconds| Deadline::from_now(&now, seconds));
    let pending = match cut_short {
        Some(former) => pending.behind(former),
        None => pending,
    };
    pending.write(folder)?;
    if let Some(ledger) = &change.ledger {
        folder.write(Name::Ledger, ledger)?;
    }
    if let Some(baseline) = &change.baseline {
        folder.write(Name::Baseline, &baseline_text(baseline))?;
    }
    Ok(pending)
}

fn baseline_text(baseline: &Baseline) -> String {
    serde_json::to_string(baseline).expect("invariant: a baseline's keys are names")
}

fn keep_files(folder: &StateFolder, change: &Change) -> Result<(), StateError> {
    if let Some(ledger) = &change.ledger {
        folder.write(Name::Ledger, ledger)?;
    }
    match &change.baseline {
        Some(baseline) => folder.write(Name::Baseline, &baseline_text(baseline)),
        None => folder.remove(Name::Baseline),
    }
}

fn carry_out_and_verify(session: &mut Session<'_>, change: &Change, mut pending: Pending) -> Result<Applied, Failed> {
    let drained = carry_out::carry_out(session.kernel, &change.plan)?;
    let found = session.kernel.observe(&change.interfaces).map_err(Failed::Observe)?;
    let differences = compare(&change.desired, &found);
    if !differences.is_empty() {
        return Err(Failed::NotAsPlanned(differences));
    }
    keep_files(session.folder, change).map_err(Failed::State)?;
    let Some(deadline) = pending.deadline.take() else {
        session.folder.keep_undo_as_previous().map_err(Failed::State)?;
        return Ok(Applied::Changed { drained, deadline: None });
    };
    // The operator's time begins when there is something to look at.
    let deadline = (session.clock)().map_or(deadline.clone(), |now| Deadline::from_now(&now, deadline.seconds));
    pending.deadline = Some(deadline.clone());
    match pending.write(session.folder) {
        Ok(()) => Ok(Applied::Changed { drained, deadline: Some(deadline) }),
        Err(ChangeError::State(error)) => Err(Failed::State(error)),
        Err(_) => Ok(Applied::Changed { drained, deadline: Some(deadline) }),
    }
}

/// Goes back after a failure, and says how far that came.
fn back(session: &mut Session<'_>, pending: &Pending, first: Failed) -> ChangeError {
    match revert(session.kernel, session.folder, pending) {
        Ok(()) => match session.folder.remove(Name::Undo) {
            Ok(()) => ChangeError::Undone(first),
            Err(error) => error.into(),
        },
        Err(undo) => ChangeError::UndoIncomplete { first: Box::new(first.into()), undo },
    }
}
