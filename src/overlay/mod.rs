//! Committing overlays on this host: lock, observe, decide, remember, change.
//!
//! Nothing but what interfaces were like before, and who this host is, is remembered between commits: what is ours the kernel
//! says itself. So a commit that was stopped, whatever it had done, is followed by one that finds what is there and goes on.

mod committed;
mod guard;
mod memory;
mod reading;
pub mod wire;

use std::collections::BTreeSet;

use pleach_kernel::{CommitError, KernelError, LinkKernel, commit};
use pleach_overlay::links::{Decision, Found, InTheWay, LinkState, decide, in_the_way};
use pleach_tc::Interface;

use crate::state::{
    InterfaceLockError, InterfaceLocks, Lock, LockError, OverlayLock, OverlayLockError, StateError, StateFolder,
};

pub use committed::committed;
pub use guard::{Acceptance, Alarm, Physes, guard, physes_here};
pub use memory::{Memory, MemoryError};
pub use reading::{NoSuchPhys, ReadingError, claim, holds_directives, reading};

/// Whether a change is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is.
    Do,
    /// It is only decided.
    DryRun,
}

/// What came of a change.
#[derive(Debug)]
pub struct Changed {
    /// What was decided.
    pub decision: Decision,
    /// How many operations were done.
    pub operations: usize,
    /// Why what is not needed any more could not be forgotten: no harm, but worth a word.
    pub not_forgotten: Option<MemoryError>,
}

/// Why a change did not come about.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The state folder cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// What is remembered cannot be used.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// Somebody else changes the state folder.
    #[error(transparent)]
    Folder(#[from] LockError),
    /// Somebody else changes an interface.
    #[error(transparent)]
    Interface(#[from] InterfaceLockError),
    /// Somebody else changes the overlay.
    #[error(transparent)]
    Overlay(#[from] OverlayLockError),
    /// The kernel cannot be asked.
    #[error(transparent)]
    Observe(#[from] KernelError),
    /// Things that are not ours are in the way.
    #[error("{}", words(.0))]
    InTheWay(Vec<InTheWay>),
    /// It failed.
    #[error(transparent)]
    Commit(#[from] Box<CommitError>),
}

fn words(all: &[InTheWay]) -> String {
    let words: Vec<String> = all.iter().map(ToString::to_string).collect();
    words.join("; ")
}

/// Makes this host have what is wanted of all overlays, and nothing else of them. `physes` are those that it is wanted for.
pub fn change(
    kernel: &mut dyn LinkKernel,
    folder: &StateFolder,
    (wanted, physes): (&LinkState, &Physes),
    mode: Mode,
) -> Result<Changed, ChangeError> {
    let (mut memory, _locks) = match mode {
        Mode::Do => {
            let (memory, locks) = lock(folder, wanted)?;
            (memory, Some(locks))
        }
        Mode::DryRun => (Memory::read(folder)?, None),
    };
    let mut found = kernel.observe_links()?;
    found.adopt(&memory.baseline.making);
    let before = memory.clone();
    let decision = decided(&found, wanted, &mut memory)?;
    let mut changed = Changed { decision, operations: 0, not_forgotten: None };
    if mode == Mode::Do {
        let mut record = || memory.write(folder).map_err(Into::into);
        match commit(kernel, &changed.decision, &mut record) {
            Ok(operations) => changed.operations = operations,
            Err(error) => {
                // Everything is as it was, so what was remembered is true. If it cannot be written, more is remembered than
                // needs be.
                if matches!(error, CommitError::Unchanged(_) | CommitError::Undone { .. }) {
                    let _ = before.write(folder);
                }
                return Err(Box::new(error).into());
            }
        }
        memory.baseline.forget(wanted);
        changed.not_forgotten = memory.write(folder).and_then(|()| committed::remember(folder, physes)).err();
    }
    Ok(changed)
}

fn decided(found: &Found, wanted: &LinkState, memory: &mut Memory) -> Result<Decision, ChangeError> {
    let obstacles = in_the_way(found, wanted);
    if !obstacles.is_empty() {
        return Err(ChangeError::InTheWay(obstacles));
    }
    memory.baseline.learn(found, wanted);
    Ok(decide(found, wanted, &memory.baseline))
}

/// What is held while something is changed.
type Locks = (OverlayLock, Lock, InterfaceLocks);

/// Locks the overlays of this namespace, the state folder, and the interfaces that are not ours and may be changed: those of
/// the virts, and those that were virts before. What is remembered is read under the locks.
fn lock(folder: &StateFolder, wanted: &LinkState) -> Result<(Memory, Locks), ChangeError> {
    folder.make()?;
    let (overlay, state) = (OverlayLock::take()?, folder.lock()?);
    let memory = Memory::read(folder)?;
    let virts = wanted.members.keys().filter(|name| !wanted.links.contains_key(*name));
    let interfaces: BTreeSet<&Interface> = virts.chain(memory.baseline.interfaces.keys()).collect();
    let interfaces: Vec<Interface> = interfaces.into_iter().cloned().collect();
    Ok((memory, (overlay, state, InterfaceLocks::take(&interfaces)?)))
}
