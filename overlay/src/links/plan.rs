//! A list of changes in the order they must happen, as data: what is shown is what is done.

use super::operation::Operation;

/// Changes in the order they must happen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkPlan {
    /// One after the other.
    pub operations: Vec<Operation>,
    /// How many links, memberships, entries and filters are as they should be.
    pub unchanged: usize,
}

impl LinkPlan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }
}
