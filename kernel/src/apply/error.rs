//! What can go wrong with a plan, and what is left then.

use std::fmt::{self, Display, Formatter};

use compact_str::CompactString;
use pleach_tc::{Difference, Foreign, Handle, Interface, Operation};

use crate::KernelError;
use crate::apply::Applied;

/// Why a plan was not done.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The record for taking it back could not be kept: nothing was done. Exit code 1.
    #[error("the undo record cannot be written; nothing was changed")]
    NotRecorded(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The first change failed already: nothing was changed. Exit code 1.
    #[error("{0}; nothing was changed")]
    Unchanged(Failure),
    /// Everything was taken back. Exit code 5.
    #[error("{failure}; everything was taken back")]
    Undone {
        /// What failed first.
        failure: Failure,
        /// What taking it back did.
        applied: Box<Applied>,
        /// What a take-over had removed: it cannot be brought back.
        lost: Vec<(Interface, CompactString, Handle)>,
    },
    /// It could not be taken back wholly. Exit code 6.
    #[error("{failure}; and taking it back failed: {undo}")]
    UndoIncomplete {
        /// What failed first.
        failure: Failure,
        /// What failed then, and what is left.
        undo: Box<UndoFailure>,
    },
}

/// What failed: of operations `O`, by differences `D`, with what is foreign as `F`.
#[derive(Debug)]
pub enum Failure<O = Operation, D = Difference, F = Foreign> {
    /// The kernel refused operations, the first of them first.
    Refused(Vec<RefusedOperation<O>>),
    /// The kernel could not be asked.
    Kernel(KernelError),
    /// It says that it did everything, and what is read back is something else.
    Different(Vec<D>),
    /// Somebody else's root or ingress qdisc came in the way meanwhile.
    Foreign(Vec<F>),
}

/// An operation that the kernel refused.
#[derive(Debug)]
pub struct RefusedOperation<O = Operation> {
    /// Which.
    pub operation: O,
    /// Why.
    pub error: KernelError,
}

/// An undo that failed, after all attempts.
#[derive(Debug)]
pub struct UndoFailure {
    /// What failed last.
    pub failure: Failure,
    /// Where the kernel still differs from what it held before; none if it could not be asked.
    pub left: Option<Vec<Difference>>,
    /// Whether traffic passes unshaped now.
    pub bypass: Bypass,
}

/// Whether traffic was led around the shaper.
#[derive(Debug)]
pub enum Bypass {
    /// It passes unshaped.
    Done,
    /// That failed too.
    Failed(KernelError),
}

impl<O, D: Display, F: Display> Display for Failure<O, D, F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refused) => {
                match refused.first() {
                    Some(first) => whole(&first.error, f)?,
                    None => f.write_str("the kernel did not take all requests")?,
                }
                more(f, refused.len())
            }
            Self::Kernel(error) => whole(error, f),
            Self::Different(differences) => {
                f.write_str("what is read back differs: ")?;
                differences.first().map_or(Ok(()), |difference| difference.fmt(f))?;
                more(f, differences.len())
            }
            Self::Foreign(foreign) => foreign.first().map_or(Ok(()), |foreign| foreign.fmt(f)),
        }
    }
}

impl Display for UndoFailure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}; ", self.failure)?;
        match &self.left {
            Some(left) => write!(f, "{} differences from before are left; ", left.len())?,
            None => f.write_str("what is left is not known; ")?,
        }
        match &self.bypass {
            Bypass::Done => f.write_str("all traffic passes unshaped"),
            Bypass::Failed(error) => write!(f, "and the shaper could not be bypassed: {error}"),
        }
    }
}

/// An error with its causes: who shows a failure has no chain to follow.
fn whole(error: &KernelError, f: &mut Formatter<'_>) -> fmt::Result {
    error.fmt(f)?;
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.into_iter().try_for_each(|cause| write!(f, ": {cause}"))
}

fn more(f: &mut Formatter<'_>, count: usize) -> fmt::Result {
    if count > 1 { write!(f, " (and {} more)", count - 1) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_is_said_once() {
        let io = |text: &str| KernelError::Io {
            operation: "tc qdisc show".to_owned(),
            source: std::io::Error::other(text.to_owned()),
        };
        assert_eq!(<Failure>::Kernel(io("no buffers")).to_string(), "tc qdisc show: no buffers");
        let refused = KernelError::Refused { operation: "tc qdisc add".to_owned(), errno: 12, message: None };
        let undo = UndoFailure { failure: Failure::Kernel(io("no buffers")), left: None, bypass: Bypass::Done };
        let operation = Operation::AddClsact { interface: "eth1".parse().expect("a name") };
        let refused = Failure::Refused(vec![RefusedOperation { operation, error: refused }]);
        let error = ApplyError::UndoIncomplete { failure: refused, undo: Box::new(undo) };
        let text = error.to_string();
        assert!(std::error::Error::source(&error).is_none(), "all is in the text");
        for once in ["tc qdisc add", "Cannot allocate memory", "tc qdisc show", "no buffers"] {
            assert_eq!(text.matches(once).count(), 1, "{text}");
        }
    }
}
