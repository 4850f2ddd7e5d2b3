//! What can be wrong with a configuration.

use std::path::PathBuf;

use super::shaper::SettingsError;
use super::sync::SyncError;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("cannot read the configuration `{}`", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not TOML, or has a key that is not known or a value that does not fit.
    #[error("`{}` cannot be used\n{message}", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Where and why, with the line shown.
        message: String,
    },
    /// Two shapers publish to one folder, where the second would replace the files of the first.
    #[error("`{}`: shapers `{first}` and `{second}` publish to one folder", path.display())]
    SharedPublish {
        /// Which file.
        path: PathBuf,
        /// The shaper that comes first.
        first: String,
        /// The other one.
        second: String,
    },
    /// Two sources have one name.
    #[error("`{}`: two sources are called `{name}`; give one of them another `name`", path.display())]
    SourceTwice {
        /// Which file.
        path: PathBuf,
        /// The name.
        name: String,
    },
    /// A source cannot be as it is configured.
    #[error("`{}`: {why}", path.display())]
    Source {
        /// Which file.
        path: PathBuf,
        /// Which source, and why.
        why: String,
    },
    /// How a sync is to go does not hold together.
    #[error("`{}`: `[sync]`", path.display())]
    Sync {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        source: SyncError,
    },
    /// A shaper's name cannot be a folder, or two shapers share one.
    #[error("`{}`: shaper name `{name}` {why}", path.display())]
    ShaperName {
        /// Which file.
        path: PathBuf,
        /// The name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// How a shaper is to shape does not hold together.
    #[error("`{}`: shaper `{name}`", path.display())]
    Shaping {
        /// Which file.
        path: PathBuf,
        /// Which shaper.
        name: String,
        /// What is wrong.
        source: Box<SettingsError>,
    },
}
