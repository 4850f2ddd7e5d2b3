//! What a generation says of itself.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pleach_graph::Counts;
use serde::{Deserialize, Serialize};

use super::outlook::Outlook;

/// What a generation was made from and what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// How this file is to be understood.
    pub format: u32,
    /// Its number.
    pub generation: u64,
    /// When it was made.
    pub created: Timestamp,
    /// The version of Pleach that made it.
    pub pleach: String,
    /// How it came about.
    pub origin: Origin,
    /// The moment that decided which overrides had expired: when its sources were asked.
    pub clock: Timestamp,
    /// A hash of everything it was made from.
    pub inputs: String,
    /// A hash of every shaper's two files and of its outlook: equal for two hosts that hold the same.
    pub content: String,
    /// The archive of what its sources answered.
    pub snapshot: Option<String>,
    /// What its sources answered.
    pub sources: Vec<SourceEntry>,
    /// Circuits, counted.
    pub counts: Counts,
    /// How many problems of each code were found.
    pub problems: BTreeMap<String, usize>,
    /// The shapers it has files for.
    pub shapers: Vec<ShaperEntry>,
    /// Every file but this one.
    pub files: Vec<FileEntry>,
}

impl Manifest {
    /// How manifests are written now.
    pub const FORMAT: u32 = 1;
}

/// How a generation came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A sync.
    Sync,
    /// A sync that the guard refused at first.
    Accepted,
    /// A rollback to this generation.
    RollbackTo(u64),
}

/// A source of a generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceEntry {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// When it was asked.
    pub taken: Timestamp,
    /// Whether it could not be read, and these are its last good answers.
    pub is_fallback: bool,
    /// Its answers.
    pub parts: Vec<PartEntry>,
}

/// An answer of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartEntry {
    /// Its name.
    pub name: String,
    /// Where it came from.
    pub address: String,
    /// The HTTP status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How many records it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<u64>,
    /// How many bytes it has.
    pub bytes: u64,
    /// The SHA-256 of its bytes.
    pub sha256: String,
}

/// A shaper of a generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShaperEntry {
    /// Its name.
    pub name: String,
    /// The node it stands at.
    pub root: String,
    /// How many circuits it holds.
    pub circuits: usize,
    /// How many nodes its files show.
    pub nodes: usize,
    /// How it was configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlook: Option<Outlook>,
}

/// A file of a generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its path in the generation's folder.
    pub path: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Their SHA-256.
    pub sha256: String,
}
