//! How a sync goes: what it keeps, what it falls back to, whom it tells.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::time;

/// How a sync goes. Times are texts such as `5m`, `12h` or `90s`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sync {
    /// The operator's corrections: a TOML file that Pleach reads and never writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overrides: Option<PathBuf>,
    /// How often a sync is run: what was not read for twice as long is stale.
    #[serde(with = "time")]
    pub interval: SignedDuration,
    /// Sources that may go on with their last good answers where they cannot be read, and how old those may be.
    #[serde(with = "time::by_name")]
    pub fallback: BTreeMap<String, SignedDuration>,
    /// What is kept of former generations.
    pub keep: Keep,
    /// What is run after a new generation: a command and its arguments.
    pub hook: Vec<String>,
    /// How long it may take.
    #[serde(with = "time")]
    pub hook_timeout: SignedDuration,
    /// A file for Prometheus's textfile collector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<PathBuf>,
}

impl Default for Sync {
    fn default() -> Self {
        Self {
            overrides: None,
            interval: SignedDuration::from_mins(5),
            fallback: BTreeMap::new(),
            keep: Keep::default(),
            hook: Vec::new(),
            hook_timeout: SignedDuration::from_secs(60),
            metrics: None,
        }
    }
}

/// What is kept of former generations: those that are among the last so many, and no older than so many days. The current
/// one, the one before it and one that is pinned always stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keep {
    /// How many.
    pub generations: usize,
    /// How many days.
    pub days: u32,
}

impl Default for Keep {
    fn default() -> Self {
        Self { generations: 100, days: 90 }
    }
}

/// What is wrong with how a sync is to go.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyncError {
    /// A time that is nothing or less.
    #[error("`{0}` is not longer than nothing")]
    NoTime(&'static str),
    /// A source falls back that is not configured.
    #[error("`fallback` names `{name}`, and no source is called so; there are: {known}")]
    UnknownSource {
        /// What it names.
        name: String,
        /// The configured ones.
        known: String,
    },
}

impl Sync {
    /// Checks what its types cannot say; `sources` are the names of the configured sources.
    pub fn check(&self, sources: &[String]) -> Result<(), SyncError> {
        for (key, time) in [("interval", self.interval), ("hook_timeout", self.hook_timeout)] {
            if time <= SignedDuration::ZERO {
                return Err(SyncError::NoTime(key));
            }
        }
        match self.fallback.keys().find(|name| !sources.contains(name)) {
            Some(name) => Err(SyncError::UnknownSource { name: name.clone(), known: sources.join(", ") }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_texts() {
        let sync: Sync =
            toml::from_str("interval = \"90s\"\nfallback = { uisp = \"12h\" }\nkeep = { days = 7 }").expect("a table");
        assert_eq!(sync.interval, SignedDuration::from_secs(90));
        assert_eq!(sync.fallback["uisp"], SignedDuration::from_hours(12));
        assert_eq!(sync.keep, Keep { generations: 100, days: 7 });
        assert_eq!(sync.check(&["uisp".to_owned()]), Ok(()));
        let error = sync.check(&["csv".to_owned()]).expect_err("there is no such source").to_string();
        assert_eq!(error, "`fallback` names `uisp`, and no source is called so; there are: csv");
        let none = Sync { interval: SignedDuration::ZERO, ..Sync::default() };
        assert_eq!(none.check(&[]).expect_err("no time").to_string(), "`interval` is not longer than nothing");
    }
}
