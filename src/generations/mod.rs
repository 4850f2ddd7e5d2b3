//! Generations: what a sync decided, each in a numbered folder that does not change any more.
//!
//! ```text
//! /var/lib/pleach/current -> generations/42
//! /var/lib/pleach/generations/42/manifest.json      what it was made from, what it holds, every file with its hash
//!                                graph.jsonl.zst    the network, with the reasons for it
//!                                policy.json        what decides who is shaped
//!                                problems.jsonl     what was found wrong
//!                                diff.json          what is different from the generation before
//!                                shapers/main/      network.json, ShapedDevices.csv, manifest.json
//! ```

mod draft;
mod generation;
mod manifest;
mod outlook;
mod retention;
mod store;

pub use draft::Draft;
pub(crate) use generation::shaper_path;
pub use generation::{Generation, GenerationError};
pub use manifest::{FileEntry, Manifest, Origin, PartEntry, ShaperEntry, SourceEntry};
pub use outlook::Outlook;
pub use retention::superfluous;
pub use store::{Store, StoreError};

/// The names of the files of a generation, beside those of its shapers.
pub mod names {
    /// What it was made from and what it holds.
    pub const MANIFEST: &str = "manifest.json";
    /// The network: JSON lines, compressed.
    pub const GRAPH: &str = "graph.jsonl.zst";
    /// What decides who is shaped.
    pub const POLICY: &str = "policy.json";
    /// What was found wrong: JSON lines.
    pub const PROBLEMS: &str = "problems.jsonl";
    /// What is different from the generation before: JSON.
    pub const DIFF: &str = "diff.json";
    /// The folder with a folder for each shaper.
    pub const SHAPERS: &str = "shapers";
}
