//! Why a text is no `network.json`.

use struson::reader::{JsonSyntaxError, ReaderError};

/// Why a text is no `network.json`. Lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Not JSON.
    #[error("line {line}, column {column}: not JSON: {reason}")]
    Syntax {
        /// The line.
        line: u64,
        /// The column, in characters.
        column: u64,
        /// What the parser found.
        reason: String,
    },
    /// JSON, but not an object of nodes.
    #[error("line {line}, column {column}: {found} stands where an object of nodes is expected, such as `{{}}`")]
    NotAnObject {
        /// The line.
        line: u64,
        /// The column, in characters.
        column: u64,
        /// What stands there.
        found: String,
    },
}

impl JsonError {
    /// Line and column, from 1.
    pub fn place(&self) -> (u64, u64) {
        match self {
            Self::Syntax { line, column, .. } | Self::NotAnObject { line, column, .. } => (*line, *column),
        }
    }
}

impl From<ReaderError> for JsonError {
    fn from(error: ReaderError) -> Self {
        let (location, reason) = match error {
            ReaderError::SyntaxError(JsonSyntaxError { kind, location }) => (Some(location), words(&kind.to_string())),
            ReaderError::IoError { location, error } => (Some(location), error.to_string()),
            other => (None, other.to_string()), // not asked for: types are looked at first, limits are off
        };
        let place = location.and_then(|location| location.line_pos);
        let (line, column) = place.map_or((0, 0), |place| (place.line + 1, place.column + 1));
        Self::Syntax { line, column, reason }
    }
}

/// `MissingColon` as `missing colon`.
pub(super) fn words(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}
