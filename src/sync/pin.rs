//! A network that is pinned: after a rollback no sync replaces it until the operator says so.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::exit::Failure;
use crate::state::{StateError, read_optional, remove_file, replace_file};

/// That the network is pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The generation that stays.
    pub generation: u64,
    /// The one it holds the content of.
    pub of: u64,
    /// Since when.
    pub since: Timestamp,
}

impl Pin {
    fn path(state: &Path) -> PathBuf {
        state.join("pin.json")
    }

    /// The pin, if there is one. One that cannot be understood is an error: it is there for a reason.
    pub fn read(state: &Path) -> Result<Option<Self>, Failure> {
        let path = Self::path(state);
        let Some(text) = read_optional(&path)? else { return Ok(None) };
        let pin = serde_json::from_slice(&text).map_err(|error| {
            Failure::from(anyhow::Error::new(error).context(format!("cannot understand `{}`", path.display())))
                .hint("`pleach rollback --resume` removes it, and the next sync follows the sources again")
        })?;
        Ok(Some(pin))
    }

    pub(super) fn set(self, state: &Path) -> Result<(), StateError> {
        let text = serde_json::to_vec_pretty(&self).expect("invariant: a pin is numbers");
        replace_file(&Self::path(state), &text)
    }

    /// Removes it; whether there was one.
    pub fn remove(state: &Path) -> Result<bool, StateError> {
        let path = Self::path(state);
        let was_there = path.exists();
        remove_file(&path)?;
        Ok(was_there)
    }
}
