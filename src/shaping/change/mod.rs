//! Changing the kernel: one at a time, with the way back written down first.
//!
//! An apply takes the shaper's lock, settles what a former one left, writes the ledger and the undo record, starts the
//! watcher if it must be confirmed, and lets [`pleach_kernel::apply`] carry out its plan. Whatever fails on the way leads
//! back. Each function here is called with the lock held.

mod begin;
mod error;
mod pending;
mod revert;
mod settle;
#[cfg(test)]
mod tests;

use pleach_kernel::{ApplyError, Kernel};
use pleach_tc::{Baseline, Interface, KernelState, Plan, UndoRecord};

use begin::{Forget, begin, keep_files};
pub use error::{ChangeError, First, RevertError};
pub use pending::{Files, Pending};
pub use revert::{NotAsBefore, revert};
pub use settle::{Confirmed, Settled, confirm, overdue, rollback, settle};

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
    /// The number of an interface; none if it is not there.
    pub number: &'a dyn Fn(&Interface) -> Option<u32>,
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
    /// Whether the ledger of the folder could not be understood: it is kept under another name.
    pub is_ledger_rebuilt: bool,
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

/// What came of a change.
#[derive(Debug, PartialEq, Eq)]
pub enum Applied {
    /// The kernel held everything already.
    Nothing,
    /// It was changed.
    Changed {
        /// What was done, and what became of the packets of classes that went.
        done: pleach_kernel::Applied,
        /// Until when it must be confirmed.
        deadline: Option<Deadline>,
    },
}

/// Carries out a change that was decided after [`settle`]; `cut_short` is what that found of an apply that never ended.
pub fn apply(
    session: &mut Session<'_>,
    change: &Change,
    cut_short: Option<&Pending>,
    mut trial: Option<Trial<'_>>,
) -> Result<Applied, ChangeError> {
    let (folder, clock, number) = (session.folder, session.clock, session.number);
    if change.plan.is_empty() {
        return finish_nothing(folder, change, cut_short.is_some());
    }
    let mut begun = None;
    let mut refused = None;
    let mut persist =
        |own: UndoRecord| match begin(folder, clock, number, change, own, cut_short.cloned(), trial.as_mut()) {
            Ok(pending) => Ok(begun.insert(pending).undo.clone()),
            Err(error) => {
                let text = error.to_string();
                refused = Some(error);
                Err(text.into())
            }
        };
    let Change { plan, desired, observed, .. } = change;
    let applied = pleach_kernel::apply(session.kernel, plan, desired, observed, &mut persist);
    if let Some(refused) = refused {
        return Err(refused);
    }
    let pending = begun.expect("invariant: a plan that is not empty is written down first");
    let done = applied.map_err(|error| after(folder, &pending, error))?;
    match finish(session, change, &pending) {
        Ok(deadline) => Ok(Applied::Changed { done, deadline }),
        Err(error) => Err(back(session, &pending, First::State(error))),
    }
}

/// Nothing to do in the kernel; the ledger may still be new to the folder.
fn finish_nothing(folder: &StateFolder, change: &Change, was_cut_short: bool) -> Result<Applied, ChangeError> {
    keep_files(folder, change, Forget::Yes)?;
    if was_cut_short {
        folder.keep_undo_as_previous()?; // the apply that was cut short had come to its end
    }
    Ok(Applied::Nothing)
}

/// The kernel holds what it should: so says the folder from here on. Gives until when that must be confirmed.
fn finish(session: &Session<'_>, change: &Change, pending: &Pending) -> Result<Option<Deadline>, StateError> {
    keep_files(session.folder, change, Forget::Yes)?;
    let Some(deadline) = &pending.deadline else {
        session.folder.keep_undo_as_previous()?;
        return Ok(None);
    };
    // The operator's time begins when there is something to look at.
    let deadline = (session.clock)().map_or(deadline.clone(), |now| Deadline::from_now(&now, deadline.seconds));
    let mut pending = pending.clone();
    pending.deadline = Some(deadline.clone());
    pending.is_complete = true;
    pending.write(session.folder)?;
    Ok(Some(deadline))
}

/// After the kernel's part failed and was taken back, or not: what that leaves to do in the folder.
fn after(folder: &StateFolder, pending: &Pending, error: ApplyError) -> ChangeError {
    let (first, lost) = match error {
        ApplyError::NotRecorded(_) => unreachable!("invariant: that is said before anything else"),
        ApplyError::UndoIncomplete { failure, undo } => {
            return ChangeError::UndoIncomplete { first: First::Kernel(failure), undo: RevertError::Kernel(undo) };
        }
        ApplyError::Unchanged(failure) => (Err(failure), Vec::new()),
        ApplyError::Undone { failure, lost, .. } => (Ok(failure), lost),
    };
    let forgotten = pending.files.put_back(folder).and_then(|()| folder.remove(Name::Undo));
    match (forgotten, first) {
        (Ok(()), Err(failure)) => ChangeError::Unchanged(failure),
        (Ok(()), Ok(failure)) => {
            let lost = lost.into_iter().map(|(interface, kind, handle)| (interface, kind.to_string(), handle));
            ChangeError::Undone { first: First::Kernel(failure), lost: lost.collect() }
        }
        (Err(error), Err(failure) | Ok(failure)) => {
            ChangeError::UndoIncomplete { first: First::Kernel(failure), undo: error.into() }
        }
    }
}

/// Goes back after all was done but could not be remembered.
fn back(session: &mut Session<'_>, pending: &Pending, first: First) -> ChangeError {
    let reverted = revert(session, pending);
    match reverted
        .and_then(|not_as_before| session.folder.remove(Name::Undo).map(|()| not_as_before).map_err(Into::into))
    {
        Ok(NotAsBefore { lost, .. }) => ChangeError::Undone { first, lost },
        Err(undo) => ChangeError::UndoIncomplete { first, undo },
    }
}
