//! A list of changes in the order they must happen, as data: what is shown is what is done.

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
