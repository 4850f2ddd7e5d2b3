//! Where what is there differs from what should be.

use std::fmt;

use super::diff::diff;
use super::operation::Operation;
use super::render::words;
use super::state::LinkState;

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What would put it right.
    pub missing: Operation,
    /// How many actions a filter has that is there: the kernel keeps so many, and says nothing about the rest.
    pub actions: Option<usize>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.missing.interface(), words(&self.missing))?;
        self.actions.map_or(Ok(()), |actions| write!(f, " (of its actions {actions} are there)"))
    }
}

/// Everything that is not as it should be.
pub fn compare(desired: &LinkState, found: &LinkState) -> Vec<Difference> {
    let difference = |missing: Operation| {
        let actions = match &missing {
            Operation::AddFilter { key, .. } | Operation::ReplaceFilter { key, .. } => {
                found.filters.get(key).map(|filter| filter.actions.len())
            }
            _ => None,
        };
        Difference { missing, actions }
    };
    diff(found, desired).operations.into_iter().map(difference).collect()
}
