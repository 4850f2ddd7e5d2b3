//! A plan of changes as people and programs read it: a table, JSON, or a script of `tc` and `bpftool` commands.

mod json;
mod options;
mod rows;
mod script;
mod table;
#[cfg(test)]
mod tests;

use pleach_tc::{KernelState, Plan};

use crate::subjects::Subjects;

pub use json::json;
pub use rows::{Counts, Row, Sign};
pub use script::script;
pub use table::table;

/// A plan with what is needed to say what it means.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The changes.
    pub plan: &'a Plan,
    /// What they lead to.
    pub desired: &'a KernelState,
    /// What they start from.
    pub observed: &'a KernelState,
    /// Whose classes are whose.
    pub subjects: &'a Subjects,
}
