//! A sync: what the sources say becomes a new generation, every shaper's files, and what this host's kernel holds.
//!
//! ```text
//! sources ─► snapshots ─► network ─► candidate ─► guard ─► generation ─► files ─► kernel ─► hook
//!               │                        │          │
//!               └─ kept with it          └─ the same files: nothing is touched
//!                                                   └─ refused: kept until it is accepted or gone
//! ```
//!
//! Until the link `current` is replaced, nothing has happened that anybody else sees. From then on the generation is the
//! one that counts, and what was not done for it yet (files, kernel, hook) the next run does.

mod candidate;
mod compare;
mod decide;
mod deliver;
mod delivery;
mod emptied;
mod engine;
mod fetch;
mod history;
mod hook;
mod later;
mod log;
mod metrics;
mod news;
mod pin;
mod publish;
mod refusal;
mod report;
mod request;
mod retire;
mod rollback;
mod running;
mod snapshots;
mod status;
mod step;
mod stopwatch;
mod write;

pub use candidate::{Candidate, ShaperOutput};
pub use compare::{Difference, Seen, ShaperChange, difference};
pub use delivery::{Delivery, Done};
pub use engine::{Effects, Ended, run};
pub use fetch::words as in_words;
pub use history::History;
pub use later::later_problems;
pub use log::{Level, Log, LogFormat};
pub use news::News;
pub use pin::Pin;
pub use refusal::Refusal;
pub use report::{Outcome, Report, SourceRead};
pub use request::{From, Request};
pub use rollback::rollback;
pub use running::Running;
pub use status::{SourceStatus, Status};
pub use step::Step;

use std::path::{Path, PathBuf};

/// The lock that a run holds.
fn lock_path(state: &Path) -> PathBuf {
    state.join("sync.lock")
}
