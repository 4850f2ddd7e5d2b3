//! A candidate that the guard refused: what it was, so that exactly that one can be accepted.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::exit::Failure;
use crate::state::{StateError, read_optional, remove_file, replace_file};

/// How many refusals are kept: a source that is broken in a new way at every run must not fill the disk.
const KEPT: usize = 20;

/// How many digits of its hash a candidate is known by.
const DIGITS: usize = 16;

/// A candidate that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What accepts it: the first digits of the hash of its files.
    pub hash: String,
    /// When it was refused first.
    pub time: Timestamp,
    /// The archive it was made from.
    pub snapshot: String,
    /// The generation it would have replaced.
    pub current: Option<u64>,
    /// Why it was refused, a line each.
    pub reasons: Vec<String>,
}

impl Refusal {
    /// What accepts the candidate with this content.
    pub fn hash_of(content: &str) -> String {
        content.trim_start_matches("sha256:").chars().take(DIGITS).collect()
    }

    fn folder(state: &Path) -> PathBuf {
        state.join("refused")
    }

    fn path(state: &Path, hash: &str) -> PathBuf {
        Self::folder(state).join(format!("{hash}.json"))
    }

    /// Keeps it, unless it is there.
    pub(super) fn keep(&self, state: &Path) -> Result<(), Failure> {
        let path = Self::path(state, &self.hash);
        if path.exists() {
            return Ok(());
        }
        let text = serde_json::to_vec_pretty(self).expect("invariant: a refusal is text and numbers");
        replace_file(&path, &text)?;
        let all = Self::all(state)?;
        let gone = all.len().saturating_sub(KEPT);
        all[..gone].iter().try_for_each(|old| remove_file(&Self::path(state, &old.hash)))?;
        Ok(())
    }

    /// The refusal of this hash.
    pub(super) fn find(state: &Path, hash: &str) -> Result<Self, Failure> {
        let hash = hash.trim();
        let is_hash = !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let text = if is_hash { read_optional(&Self::path(state, hash))? } else { None };
        let text = text.ok_or_else(|| {
            Failure::usage(anyhow!("nothing was refused under the hash `{hash}`")).hint(
                "`pleach status` lists what was refused, with its hash; a newer generation settles older refusals",
            )
        })?;
        let read = serde_json::from_slice(&text);
        Ok(read.with_context(|| format!("cannot understand `{}`", Self::path(state, hash).display()))?)
    }

    /// The refusal of this hash, if there is one that can be read.
    pub(super) fn known(state: &Path, hash: &str) -> Option<Self> {
        let text = fs::read(Self::path(state, hash)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// All refusals, the oldest first.
    pub fn all(state: &Path) -> Result<Vec<Self>, StateError> {
        let folder = Self::folder(state);
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|source| StateError { act: "list", path: folder.clone(), source })?,
        };
        let read = |entry: io::Result<fs::DirEntry>| {
            let text = fs::read(entry.ok()?.path()).ok()?;
            serde_json::from_slice::<Self>(&text).ok()
        };
        let mut all: Vec<Self> = entries.filter_map(read).collect();
        all.sort_by(|a, b| (a.time, &a.hash).cmp(&(b.time, &b.hash)));
        Ok(all)
    }

    /// Forgets all of them: a new generation settles what was refused before it.
    pub(super) fn settle(state: &Path) -> Result<(), StateError> {
        Self::all(state)?.iter().try_for_each(|old| remove_file(&Self::path(state, &old.hash)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_by_its_hash_and_only_so() {
        let state = tempfile::tempdir().expect("a folder");
        let state = state.path();
        let at = |second: i64, content: &str| Refusal {
            hash: Refusal::hash_of(content),
            time: Timestamp::from_second(second).expect("a moment"),
            snapshot: "a.tar".into(),
            current: Some(3),
            reasons: vec!["no circuit would be left".into()],
        };
        let first = at(5, "sha256:00112233445566778899");
        assert_eq!(first.hash, "0011223344556677");
        first.keep(state).expect("kept");
        at(9, "sha256:00112233445566778899").keep(state).expect("it is there");
        assert_eq!(Refusal::find(state, " 0011223344556677 ").expect("kept"), first);
        for wrong in ["", "../pin", "0011", "zz"] {
            assert!(Refusal::find(state, wrong).is_err(), "{wrong}");
        }
        for number in 10..40 {
            at(number, &format!("sha256:{number}11111111111111")).keep(state).expect("kept");
        }
        assert_eq!(Refusal::all(state).expect("listed").len(), KEPT);
        assert!(Refusal::find(state, &first.hash).is_err(), "the oldest go");
        Refusal::settle(state).expect("removed");
        assert_eq!(Refusal::all(state).expect("listed"), []);
    }
}
