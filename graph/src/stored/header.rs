//! The first line: what the file is, and how much it holds.

use serde::{Deserialize, Serialize};

use super::error::StoredError;
use super::texts::Str;

/// The newest format that is read, and the one that is written.
pub(super) const FORMAT: u64 = 1;

/// The first line. A count that is missing is not checked.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Header<'a> {
    #[serde(borrow)]
    pub(super) pleach: Option<Str<'a>>,
    pub(super) format: Option<u64>,
    #[serde(flatten)]
    pub(super) counts: Counts,
}

/// How many there are of each kind of line.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Counts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nodes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) links: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) set_aside: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bypass: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reasons: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nets: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) problems: Option<u64>,
}

impl Header<'_> {
    pub(super) fn new(file: &'static str, counts: Counts) -> Self {
        Self { pleach: Some(Str::of(file)), format: Some(FORMAT), counts }
    }

    /// The counts of a file of this kind, whose first line this is.
    pub(super) fn read(line: &[u8], file: &'static str) -> Result<Counts, StoredError> {
        let not_ours = StoredError::NoHeader { expected: file };
        let Ok(header) = serde_json::from_slice::<Header<'_>>(line) else { return Err(not_ours) };
        match (header.pleach, header.format) {
            (Some(Str(kind)), Some(FORMAT)) if kind == file => Ok(header.counts),
            (Some(Str(kind)), Some(found)) if kind == file => Err(StoredError::Format { found, newest: FORMAT }),
            _ => Err(not_ours),
        }
    }
}

impl Counts {
    /// Compares what the first line says with what is there.
    pub(super) fn check(self, there: Self) -> Result<(), StoredError> {
        let pairs = [
            ("nodes", self.nodes, there.nodes),
            ("links", self.links, there.links),
            ("circuits set aside", self.set_aside, there.set_aside),
            ("bypass prefixes", self.bypass, there.bypass),
            ("reasons", self.reasons, there.reasons),
            ("nets", self.nets, there.nets),
            ("problems", self.problems, there.problems),
        ];
        for (what, stated, found) in pairs {
            if let (Some(stated), found) = (stated, found.unwrap_or(0))
                && stated != found
            {
                return Err(StoredError::Incomplete { what, stated, found });
            }
        }
        Ok(())
    }
}
