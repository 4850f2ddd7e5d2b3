//! What interfaces were like, remembered between commits.

use std::io;

use pleach_kernel::network_namespace;
use pleach_overlay::links::Baseline;
use serde::{Deserialize, Serialize};

use crate::state::{ClockError, Moment, Name, StateError, StateFolder};

/// The version of the file.
const VERSION: u32 = 2;

/// What is remembered: it is of one boot and one network namespace, as interfaces are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    version: u32,
    boot: String,
    namespace: u64,
    /// What interfaces were like, and which links are being made.
    pub baseline: Baseline,
}

/// What is remembered cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// The file cannot be read or written.
    #[error(transparent)]
    State(#[from] StateError),
    /// The file cannot be understood.
    #[error("`{path}` does not say {what}")]
    Unreadable {
        /// Which file.
        path: String,
        /// What it is for.
        what: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// It cannot be told which boot this is.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// It cannot be told which network namespace this is.
    #[error("the kernel does not say which network namespace this is")]
    Namespace(#[source] io::Error),
}

/// This boot and this network namespace.
pub(super) fn here() -> Result<(String, u64), MemoryError> {
    let boot = Moment::now()?.boot;
    Ok((boot, network_namespace().map_err(MemoryError::Namespace)?))
}

impl Memory {
    /// What is remembered of this boot and this network namespace: nothing if the file is of another.
    pub fn read(folder: &StateFolder) -> Result<Self, MemoryError> {
        let (boot, namespace) = here()?;
        let nothing = Self { version: VERSION, boot, namespace, baseline: Baseline::default() };
        // Empty is what a loss of power may leave: that was another boot.
        let Some(text) = folder.read(Name::Baseline)?.filter(|text| !text.is_empty()) else { return Ok(nothing) };
        let unreadable = |source| {
            let path = folder.file(Name::Baseline).display().to_string();
            let what = "what interfaces were like before the overlay";
            MemoryError::Unreadable { path, what, source }
        };
        let read: Self = serde_json::from_str(&text).map_err(unreadable)?;
        let is_of_now = (read.version, &read.boot, read.namespace) == (VERSION, &nothing.boot, nothing.namespace);
        Ok(if is_of_now { read } else { nothing })
    }

    /// Writes it, or removes the file where there is nothing to remember. It survives this process when this returns; it need
    /// not survive the kernel.
    pub fn write(&self, folder: &StateFolder) -> Result<(), MemoryError> {
        if self.baseline == Baseline::default() {
            return Ok(folder.remove(Name::Baseline)?);
        }
        let text = serde_json::to_string(self).expect("invariant: a baseline's keys are names");
        Ok(folder.write_until_boot(Name::Baseline, &text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_of_one_boot_and_one_namespace() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = StateFolder::of_overlays(root.path());
        folder.prepare().expect("made");
        let mut memory = Memory::read(&folder).expect("nothing yet");
        memory.baseline.making.insert("pl-vx1".parse().expect("a name"));
        memory.write(&folder).expect("written");
        assert_eq!(Memory::read(&folder).expect("read"), memory);
        for other in
            [Memory { boot: "another".to_owned(), ..memory.clone() }, Memory { namespace: u64::MAX, ..memory.clone() }]
        {
            other.write(&folder).expect("written");
            assert_eq!(Memory::read(&folder).expect("read").baseline, Baseline::default());
        }
        Memory { baseline: Baseline::default(), ..memory }.write(&folder).expect("removed");
        assert!(!folder.file(Name::Baseline).exists());
        folder.write(Name::Baseline, "").expect("written");
        assert_eq!(Memory::read(&folder).expect("power was lost").baseline, Baseline::default());
        folder.write(Name::Baseline, "{").expect("written");
        let error = Memory::read(&folder).expect_err("it is spoilt").to_string();
        assert!(error.ends_with("/overlay/baseline.json` does not say what interfaces were like before the overlay"));
    }
}
