//! A plan for people and programs to read: a table, a JSON document, and a script of `tc` and `bpftool`.
//!
//! Pure: text comes out. Names are as they are, except that they stay on one line; a terminal's escape characters are the
//! binary's work.

mod name;
mod options;
mod script;

pub use script::script;
