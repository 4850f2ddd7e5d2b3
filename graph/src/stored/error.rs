//! Why a stored file cannot be read.

use crate::id::{IdError, NodeId};

/// Why a file cannot be read as what a generation holds.
#[derive(Debug, thiserror::Error)]
pub enum StoredError {
    /// The file cannot be read, or not be unpacked.
    #[error("line {line}: cannot be read")]
    Io {
        /// The line that was being read, from 1.
        line: u64,
        /// Why.
        source: std::io::Error,
    },
    /// The first line is not the one that Pleach writes.
    #[error("the first line does not say that this is a `{expected}` file of Pleach")]
    NoHeader {
        /// What kind of file was to be read.
        expected: &'static str,
    },
    /// A later Pleach wrote it, and means something else by it.
    #[error("the file has format {found}, and this Pleach reads up to {newest}; read it with the Pleach that wrote it")]
    Format {
        /// The file's.
        found: u64,
        /// The newest that is read.
        newest: u64,
    },
    /// A line is damaged.
    #[error("line {line}: {damage}")]
    Damaged {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        damage: Damage,
    },
    /// It does not hold as much as its first line says.
    #[error("{what}: the first line says {stated}, and {found} are there; the file was cut off or changed")]
    Incomplete {
        /// Of what.
        what: &'static str,
        /// How many there should be.
        stated: u64,
        /// How many there are.
        found: u64,
    },
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// Not UTF-8.
    #[error("it is not UTF-8")]
    NotUtf8(#[from] std::str::Utf8Error),
    /// Not JSON, or a value of the wrong type.
    #[error("column {column}: {reason}")]
    Json {
        /// The column, from 1, in bytes.
        column: usize,
        /// What the parser found.
        reason: String,
    },
    /// What should be an id is none.
    #[error(transparent)]
    Id(#[from] IdError),
    /// Longer than any line that is written.
    #[error("it is longer than {} MiB", most >> 20)]
    TooLong {
        /// The most bytes that are read of one.
        most: u64,
    },
    /// It says of two kinds that it is one.
    #[error("it is a `{first}` and a `{second}` at once")]
    TwoKinds {
        /// One of them.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// The first node is another than the top.
    #[error("the first node is `{0}`, not the top of the network")]
    NotTheTop(NodeId),
    /// The top has a parent.
    #[error("the top of the network has the parent `{0}`")]
    TopWithParent(String),
    /// A line before this one has the same id.
    #[error("`{0}` is there for the second time")]
    Duplicate(NodeId),
    /// It names a node that stands in no line before it.
    #[error("it names `{0}`, which no line before it holds")]
    UnknownNode(NodeId),
    /// It has a parent that the file does not hold.
    #[error("it has the parent `{0}`, which the file does not hold")]
    UnknownParent(NodeId),
    /// Parents lead back to where they started.
    #[error("the parents of `{0}` lead back to it")]
    ParentCycle(NodeId),
    /// A link from a node to itself.
    #[error("link `{0}` leads from a node to itself")]
    Loop(NodeId),
    /// A link without one of its ends.
    #[error("link `{0}` has no `from` or no `to`")]
    LooseLink(NodeId),
    /// A reason that does not say of which node it is, or what it is about.
    #[error("the reason has no `of` or no `about`")]
    LooseReason,
}

impl From<serde_json::Error> for Damage {
    /// The parser sees one line only, so that its own is always the first.
    fn from(error: serde_json::Error) -> Self {
        let (column, text) = (error.column(), error.to_string());
        let reason = text.strip_suffix(&format!(" at line {} column {column}", error.line())).unwrap_or(&text);
        Self::Json { column, reason: reason.to_owned() }
    }
}
