//! A list of changes in the order they must happen, as data: what is shown is what is done.

use std::fmt;

use crate::diff::Foreign;
use crate::handle::Handle;
use crate::interface::Interface;
use crate::operation::Operation;

/// Changes in the order they must happen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// One after the other.
    pub phases: Vec<Phase>,
    /// How many classes, leaves and map entries are as they should be.
    pub unchanged: usize,
    /// What a reader should know of it.
    pub notes: Vec<Note>,
}

/// Something that a plan cannot do in the usual way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A class stands where it cannot be changed: it is emptied, deleted and made again, its packets unshaped meanwhile.
    ClassReplaced {
        /// Where.
        interface: Interface,
        /// Which class.
        class: Handle,
    },
    /// The queue of a class cannot be changed as it must: it is emptied, deleted and made again.
    LeafReplaced {
        /// Where.
        interface: Interface,
        /// Which class.
        class: Handle,
    },
    /// The root qdisc has to be another: the interface is bypassed meanwhile, and what it held is lost after a drain.
    RootReplaced {
        /// Where.
        interface: Interface,
    },
    /// Something that is not ours is removed, as was asked. It cannot be brought back.
    TakenOver(Foreign),
    /// Filters that are not ours hang in clsact: it stays.
    ClsactKept {
        /// Where.
        interface: Interface,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClassReplaced { interface, class } => write!(
                f,
                "class {class} of `{interface}` stands in another place: it is emptied and made again, unshaped meanwhile"
            ),
            Self::LeafReplaced { interface, class } => {
                write!(f, "the queue of class {class} of `{interface}` is replaced, its packets unshaped meanwhile")
            }
            Self::RootReplaced { interface } => {
                write!(f, "the root of `{interface}` is replaced, its packets unshaped meanwhile")
            }
            Self::TakenOver(foreign) => write!(f, "{foreign}: it is removed and cannot be brought back"),
            Self::ClsactKept { interface } => {
                write!(f, "clsact of `{interface}` stays: filters that are not ours hang in it")
            }
        }
    }
}

/// A stretch of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Operations, in this order.
    Operations(Vec<Operation>),
    /// Waits until nothing is queued in these classes, or a limit of time has passed. No packet is sent to them any more.
    Drain(Vec<(Interface, Handle)>),
}

impl Plan {
    /// All operations, in order.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.phases.iter().flat_map(|phase| match phase {
            Phase::Operations(operations) => operations.as_slice(),
            Phase::Drain(_) => &[],
        })
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.phases.is_empty()
    }
}
