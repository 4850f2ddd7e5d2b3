//! A plan for people: as a table, and as a script to read and to run.

mod json;
mod script;
mod table;

use std::fmt;

use pleach_tc::Interface;

use super::operation::Operation;

pub use json::json;
pub use script::{command, script};
pub use table::table;

/// An operation in a few words, with its sign: `+ clsact`.
pub(super) fn words(operation: &Operation) -> String {
    let (sign, words) = table::line(operation);
    format!("{} {words}", sign.mark())
}

/// The name of an interface as a word of a shell.
pub(super) struct Shell<'i>(pub(super) &'i Interface);

impl fmt::Display for Shell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.as_str();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
        // A name that begins with a dash is an option to `ip` and `tc`, quoted or not; after `dev` it is not.
        if name.chars().all(is_plain) { f.write_str(name) } else { write!(f, "'{}'", name.replace('\'', "'\\''")) }
    }
}
