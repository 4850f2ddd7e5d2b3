//! The native language: `[overlay]` tables in TOML, and the same facts as JSON.
//!
//! What [`to_toml`] writes, [`read`] reads back as the same model.

mod document;
mod fields;
mod limits;
mod lines;
mod read;
mod rules;
mod values;

use pleach_graph::Problems;

use crate::model::Model;
use crate::origin::Origins;

pub use document::{to_json, to_toml};
pub use read::read;

/// A model as it was read.
#[derive(Debug, Default)]
pub struct Reading {
    /// What could be used.
    pub model: Model,
    /// Where it stands.
    pub origins: Origins,
    /// What could not be used.
    pub problems: Problems,
}

/// A text that is no TOML: nothing of it was read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{document}` line {line}: {message}")]
pub struct SyntaxError {
    /// The file.
    pub document: String,
    /// The line, from 1.
    pub line: u32,
    /// What TOML's parser says.
    pub message: String,
}
