//! What a run came to: the line of the history, and what `status` and the metrics show.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use pleach_graph::Counts;
use pleach_source::Snapshot;
use serde::{Deserialize, Serialize};

use super::request::Request;
use super::step::Step;

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// When it began.
    pub time: Timestamp,
    /// What it was: `sync`, `rollback`.
    pub verb: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Its exit code.
    pub exit: u8,
    /// The current generation when it was over.
    pub generation: Option<u64>,
    /// The generation before, where it made a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<u64>,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// How long each step took, in seconds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub steps: BTreeMap<Step, f64>,
    /// The sources that answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceRead>,
    /// Circuits, counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
    /// How many problems of each code there are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub problems: BTreeMap<String, usize>,
    /// What is different from the generation before, in one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<String>,
    /// The hash that accepts what was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// The shapers that were applied to this host's kernel, and whether that went well.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub applied: BTreeMap<String, bool>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A new generation is the current one.
    Published,
    /// Every file is as it was.
    Unchanged,
    /// There is a difference, and it was only shown.
    Differences,
    /// The guard refused, or `--strict` did.
    Refused,
    /// The network is pinned.
    Pinned,
    /// The network is as its sources say, and that is not in all the places where it should be: files, a kernel.
    Undelivered,
    /// It failed.
    Failed,
    /// It did not come to its end: its process was killed, or the host went down.
    Killed,
}

impl Outcome {
    /// In a word: `published`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Unchanged => "unchanged",
            Self::Differences => "differences",
            Self::Refused => "refused",
            Self::Pinned => "pinned",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
            Self::Killed => "killed",
        }
    }

    /// Whether the network is as its sources say, everywhere.
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Published | Self::Unchanged)
    }
}

/// A source that answered, or that its last good answers stand in for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceRead {
    /// Its name.
    pub name: String,
    /// When it was asked.
    pub taken: Timestamp,
    /// How many bytes it answered.
    pub bytes: u64,
    /// How many seconds that took.
    pub seconds: f64,
    /// Why its last good answers are used instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fell_back: Option<String>,
}

impl Report {
    pub(super) fn begun(request: &Request) -> Self {
        Self { verb: request.verb.to_owned(), ..Self::begun_at(request.now) }
    }

    /// One of which nothing is known but when it began.
    pub(super) fn begun_at(time: Timestamp) -> Self {
        Self {
            time,
            verb: String::new(),
            outcome: Outcome::Failed,
            exit: 0,
            generation: None,
            previous: None,
            seconds: 0.0,
            steps: BTreeMap::new(),
            sources: Vec::new(),
            counts: None,
            problems: BTreeMap::new(),
            changes: None,
            refused: None,
            applied: BTreeMap::new(),
            error: None,
        }
    }
}

impl SourceRead {
    /// One that an archive answers for. What was old there already stays so.
    pub(super) fn replayed(snapshot: &Snapshot, clock: Timestamp) -> Self {
        let fell_back = (snapshot.taken < clock).then(|| "its answers were older than the snapshot".to_owned());
        Self::of(snapshot, Duration::ZERO, fell_back)
    }

    pub(super) fn of(snapshot: &Snapshot, time: Duration, fell_back: Option<String>) -> Self {
        Self {
            name: snapshot.source.clone(),
            taken: snapshot.taken,
            bytes: snapshot.parts.iter().map(|part| part.body.len()).sum(),
            seconds: rounded(time),
            fell_back,
        }
    }
}

/// A time in seconds, to the millisecond.
pub(super) fn rounded(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000.0).round() / 1_000.0
}
