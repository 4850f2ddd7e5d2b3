//! A plan for people and programs to read: a table, a JSON document, and a script of `tc` and `bpftool`.
//!
//! Pure: text comes out. [`Changes`] are the facts that table and document share; the script has the operations
//! themselves. Names are as they are, except that in table and script they stay on one line; a terminal's escape characters
//! are the binary's work.

mod addresses;
mod details;
mod facts;
mod gather;
mod name;
mod program;
mod script;
mod table;

pub use facts::{
    Action, Change, Changes, ClassFacts, ClassifierChanges, Counts, Group, Infrastructure, Loaded, PortChange, Xps,
};
pub(crate) use name::grouped;
pub use script::script;
pub use table::{Lines, table};

/// The JSON document: [`Changes`] as they are, with one line's end behind it.
pub fn json(changes: &Changes) -> String {
    let mut text = serde_json::to_string_pretty(changes)
        .expect("invariant: changes have no map whose keys are not text, and no number that is not finite");
    text.push('\n');
    text
}
