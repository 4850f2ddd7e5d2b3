//! What can go wrong with a change, and how far the way back was gone.

use std::path::PathBuf;
use std::time::Duration;

use pleach_kernel::{Failure, UndoFailure};
use pleach_tc::{Handle, Interface};

use super::super::watcher::WatcherError;
use crate::state::{ClockError, StateError};

/// Why a change did not come about.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The state folder cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// A record cannot be understood.
    #[error("`{}` is no undo record that this version understands", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// The time since boot cannot be told.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// An apply waits for its confirmation.
    #[error("an apply waits for its confirmation, for {} more seconds", .0.as_secs())]
    Waiting(Duration),
    /// There is no apply that waits for its confirmation.
    #[error("no apply waits for its confirmation")]
    NothingToConfirm,
    /// The apply that waits for its confirmation never came to its end.
    #[error("the apply that waits for its confirmation was cut short: only a part of it is in the kernel")]
    HalfDone,
    /// There is nothing to go back to.
    #[error("{0}")]
    NothingToGoBackTo(&'static str),
    /// The watcher did not start, and nothing was changed.
    #[error(transparent)]
    Watcher(#[from] WatcherError),
    /// The kernel refused the first change already.
    #[error("{0}")]
    Unchanged(Failure),
    /// It failed half way, and what was changed is as it was before.
    #[error("{first}")]
    Undone {
        /// What failed.
        first: First,
        /// What a take-over had removed: it cannot be brought back.
        lost: Vec<(Interface, String, Handle)>,
    },
    /// It could not go all the way back to what was there before a former apply.
    #[error("the undo is incomplete")]
    NotReverted(#[source] RevertError),
    /// It failed half way, and could not go all the way back.
    #[error("{first}; and the undo is incomplete")]
    UndoIncomplete {
        /// What failed first.
        first: First,
        /// Why it could not go back.
        #[source]
        undo: RevertError,
    },
}

impl ChangeError {
    /// How the way back failed, where it did.
    pub fn not_reverted(&self) -> Option<&RevertError> {
        match self {
            Self::NotReverted(undo) | Self::UndoIncomplete { undo, .. } => Some(undo),
            _ => None,
        }
    }
}

/// What failed first.
#[derive(Debug)]
pub enum First {
    /// The kernel did not do as planned.
    Kernel(Failure),
    /// What came of it could not be remembered.
    State(StateError),
}

impl std::fmt::Display for First {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Kernel(failure) => failure.fmt(f),
            Self::State(error) => write!(f, "{error}: {}", error.source),
        }
    }
}

/// Gone back, but not all the way.
#[derive(Debug, thiserror::Error)]
pub enum RevertError {
    /// The kernel does not hold what it held before.
    #[error("{}", .0.failure)]
    Kernel(Box<UndoFailure>),
    /// It does, but the state folder does not.
    #[error(transparent)]
    Files(#[from] StateError),
}
