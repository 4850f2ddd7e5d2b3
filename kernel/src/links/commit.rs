//! Doing a decided change of an overlay: execute, verify, and take it all back when something fails.
//!
//! What was there before is the record: whoever is stopped half way is followed by a commit that finds what is there, and
//! decides anew. Only what the kernel cannot tell must be written down first.

use std::convert::Infallible;
use std::error::Error;

use pleach_overlay::links::{Decision, Difference, LinkState, Operation, compare, diff};

use super::LinkKernel;
use crate::apply::{Failure, UNDO_ATTEMPTS, VERIFY_ATTEMPTS, VERIFY_PAUSE, all_done, persevere};

/// What failed of a commit.
pub type LinkFailure = Failure<Operation, Difference, Infallible>;

/// Why a commit was not done.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// What must be remembered could not be written: nothing was done. Exit code 1.
    #[error("what interfaces were like cannot be written down; nothing was changed")]
    NotRecorded(#[source] Box<dyn Error + Send + Sync>),
    /// The first change failed already: nothing was changed. Exit code 1.
    #[error("{0}; nothing was changed")]
    Unchanged(LinkFailure),
    /// Everything was taken back. Exit code 5.
    #[error("{failure}; everything was taken back")]
    Undone {
        /// What failed first.
        failure: LinkFailure,
        /// How many operations it took to take it back.
        operations: usize,
    },
    /// It could not be taken back wholly. Exit code 6.
    #[error("{failure}; and taking it back failed: {}", .undo.failure)]
    UndoIncomplete {
        /// What failed first.
        failure: LinkFailure,
        /// What failed then, and what is left.
        undo: Box<LinksLeft>,
    },
}

/// What an undo that failed leaves.
#[derive(Debug)]
pub struct LinksLeft {
    /// What failed last.
    pub failure: LinkFailure,
    /// Where the kernel still differs from what it held before; none if it could not be asked.
    pub differences: Option<Vec<Difference>>,
}

/// Does what was decided, and says how many operations that were.
///
/// `record` is called once, before the first write; if it fails, nothing is done. It is not called for an empty plan.
pub fn commit(
    kernel: &mut dyn LinkKernel,
    decision: &Decision,
    record: &mut dyn FnMut() -> Result<(), Box<dyn Error + Send + Sync>>,
) -> Result<usize, CommitError> {
    let operations = &decision.plan.operations;
    if operations.is_empty() {
        return Ok(0);
    }
    record().map_err(CommitError::NotRecorded)?;
    match execute(kernel, operations).and_then(|done| verify(kernel, decision, &decision.desired).map(|()| done)) {
        Ok(done) => Ok(done),
        Err(failure) => Err(take_back(kernel, decision, failure)),
    }
}

fn execute(kernel: &mut dyn LinkKernel, operations: &[Operation]) -> Result<usize, LinkFailure> {
    all_done(operations, kernel.execute_links(operations)).map_err(Failure::Refused)
}

/// Waits, unless nothing was tried before.
fn pause(kernel: &mut dyn LinkKernel, before: usize) {
    if before > 0 {
        kernel.pause(VERIFY_PAUSE);
    }
}

/// Reads back and compares, a few times: what another process changes meanwhile may settle.
fn verify(kernel: &mut dyn LinkKernel, decision: &Decision, wanted: &LinkState) -> Result<(), LinkFailure> {
    persevere(VERIFY_ATTEMPTS, |before| {
        pause(kernel, before);
        let found = kernel.observe_links().map_err(Failure::Kernel)?;
        let differences = compare(wanted, &found.into_toward(wanted, &decision.removable));
        if differences.is_empty() { Ok(()) } else { Err(Failure::Different(differences)) }
    })
}

fn take_back(kernel: &mut dyn LinkKernel, decision: &Decision, failure: LinkFailure) -> CommitError {
    let undone = persevere(UNDO_ATTEMPTS, |before| {
        pause(kernel, before);
        undo(kernel, decision)
    });
    match undone {
        Ok(0) => CommitError::Unchanged(failure),
        Ok(operations) => CommitError::Undone { failure, operations },
        Err(last) => {
            let differences = kernel.observe_links().ok().map(|found| {
                let before = found.less_gone(decision.before.clone());
                compare(&before, &found.toward(&before, &decision.removable))
            });
            CommitError::UndoIncomplete { failure, undo: Box::new(LinksLeft { failure: last, differences }) }
        }
    }
}

fn undo(kernel: &mut dyn LinkKernel, decision: &Decision) -> Result<usize, LinkFailure> {
    let found = kernel.observe_links().map_err(Failure::Kernel)?;
    let before = found.less_gone(decision.before.clone());
    let plan = diff(&found.toward(&before, &decision.removable), &before);
    let done = execute(kernel, &plan.operations)?;
    verify(kernel, decision, &before)?;
    Ok(done)
}
