//! The steps of a run, in order.

use serde::{Deserialize, Serialize};

/// What a run is at. Each is said before it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Asking every source.
    Fetch,
    /// Records become a network, with joins and overrides.
    Read,
    /// Trees, and every shaper's files in memory.
    Build,
    /// The difference to the current generation, and whether it may replace it.
    Compare,
    /// What the sources answered is written.
    KeepSnapshot,
    /// The new generation is written.
    Write,
    /// It gets its number.
    Finish,
    /// It becomes the current one.
    SetCurrent,
    /// Its files go to the folders of their readers.
    Publish,
    /// It goes to the kernel.
    Apply,
    /// Whoever waits for it is told.
    Hook,
    /// Old generations go.
    Retire,
    /// What happened is written down.
    Record,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 13] = [
        Self::Fetch,
        Self::Read,
        Self::Build,
        Self::Compare,
        Self::KeepSnapshot,
        Self::Write,
        Self::Finish,
        Self::SetCurrent,
        Self::Publish,
        Self::Apply,
        Self::Hook,
        Self::Retire,
        Self::Record,
    ];

    /// In words: `asking the sources`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fetch => "asking the sources",
            Self::Read => "joining the network",
            Self::Build => "making the files of every shaper",
            Self::Compare => "comparing with the current generation",
            Self::KeepSnapshot => "keeping what the sources answered",
            Self::Write => "writing the new generation",
            Self::Finish => "bringing it to disk",
            Self::SetCurrent => "making it the current one",
            Self::Publish => "publishing its files",
            Self::Apply => "applying it to the kernel",
            Self::Hook => "running the hook",
            Self::Retire => "removing old generations",
            Self::Record => "writing down what happened",
        }
    }
}
