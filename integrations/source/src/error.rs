//! What can go wrong with a whole source. What is wrong with one of its records is a problem, not an error.

use std::io;

/// Why a source could not be asked, or did not give a whole answer.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// A file cannot be read.
    #[error("cannot read `{path}`")]
    File {
        /// Which file.
        path: String,
        /// Why.
        source: io::Error,
    },
}

impl FetchError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::File { .. } => "put the file back, or correct its name in the configuration".to_owned(),
        }
    }
}

/// Why a snapshot as a whole is not what its source answers.
#[derive(Debug, thiserror::Error)]
#[error("cannot use `{address}`: {reason}")]
pub struct ReadError {
    /// Where the part came from.
    pub address: String,
    /// What is wrong with it.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}
