//! Exit codes, the same for every verb.

use std::fmt;
use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do; warnings too.
    Done = 0,
    /// Failed; nothing was changed, unless the message says what was.
    Failed = 1,
    /// The command line or the configuration cannot be used.
    Usage = 2,
    /// Done, but a subscriber is not shaped; with `--strict` any error or warning, and nothing is written.
    NotShaped = 3,
    /// Refused by a guard; nothing was changed.
    Refused = 4,
    /// Failed half way; what was changed is as it was before.
    Undone = 5,
    /// Failed half way, and not all of it could be put back; the message says what.
    UndoIncomplete = 6,
    /// `plan`, `verify`, `trace`, `diff` or a dry `sync` found differences.
    Differences = 7,
}

impl Exit {
    /// The one of two that somebody has to look at first; their numbers say nothing of that.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        if other.weight() > self.weight() { other } else { self }
    }

    fn weight(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Differences => 1,
            Self::NotShaped => 2,
            Self::Usage => 3,
            Self::Failed => 4,
            Self::Refused => 5,
            Self::Undone => 6,
            Self::UndoIncomplete => 7,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The text of every `--help`.
pub const HELP: &str = "\
Exit codes:
  0  done, or nothing to do (warnings too)
  1  failed; nothing was changed, unless the message says what was
  2  the command line or the configuration cannot be used
  3  done, but a subscriber is not shaped (--strict: any error or warning, and nothing is written)
  4  refused by a guard, nothing was changed
  5  changed and undone
  6  changed, and the undo is incomplete
  7  plan, verify, trace, diff or a dry sync found differences";

/// An error with the exit code it leads to.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What happened.
    pub error: anyhow::Error,
    /// What to do about it, if that can be said.
    pub hint: Option<String>,
}

impl Failure {
    /// The command line or the configuration is at fault.
    pub fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Usage, error: error.into(), hint: None }
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Failure {
    /// Two failures as one: neither hides the other.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let hint = match (self.hint, other.hint) {
            (Some(first), Some(second)) if first != second => Some(format!("{first}\nhint: {second}")),
            (first, second) => first.or(second),
        };
        let exit = self.exit.worse(other.exit);
        Self { exit, error: anyhow::anyhow!("{:#}\n{:#}", self.error, other.error), hint }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    /// Anything else failed, and changed nothing.
    fn from(error: E) -> Self {
        Self { exit: Exit::Failed, error: error.into(), hint: None }
    }
}

impl fmt::Display for Failure {
    /// The message with its causes, then the hint on a line of its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pleach: {:#}", self.error)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "\nhint: {hint}"))
    }
}
