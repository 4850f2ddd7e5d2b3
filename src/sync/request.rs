//! What is asked of a run.

use std::path::PathBuf;

use jiff::Timestamp;

/// What is asked of a run.
#[derive(Clone, Debug)]
pub struct Request {
    /// Now: what everything that depends on the time goes by, where the sources are asked.
    pub now: Timestamp,
    /// Where the sources' answers come from.
    pub from: From,
    /// Whether the difference is only shown.
    pub is_dry: bool,
    /// Whether an error or a warning keeps everything as it is.
    pub is_strict: bool,
    /// How the run is known in the history: `sync`.
    pub verb: &'static str,
}

/// Where the answers of the sources come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// The sources.
    Sources,
    /// An archive.
    Archive(PathBuf),
    /// The last archive that was kept.
    LatestArchive,
    /// The archive of the candidate that was refused under this hash, which is accepted with that.
    Refused(String),
}
