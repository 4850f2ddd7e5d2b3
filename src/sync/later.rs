//! Problems of the last run where it changed no file, and so made no generation that would hold them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;
use pleach_graph::{Problem, stored};

use crate::exit::Failure;
use crate::state::{remove_file, replace_file};

fn path(state: &Path) -> PathBuf {
    state.join("problems.jsonl")
}

/// The problems of the last run, where they are not those of the current generation.
pub fn later_problems(state: &Path) -> Option<Vec<Problem>> {
    let bytes = fs::read(path(state)).ok()?;
    stored::read_problems(bytes.as_slice()).ok()
}

/// Keeps them; what stands there already is not touched.
pub(super) fn keep(state: &Path, problems: &[Problem]) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    stored::write_problems(problems, &mut bytes).context("cannot write the problems")?;
    if fs::read(path(state)).is_ok_and(|written| written == bytes) {
        return Ok(());
    }
    Ok(replace_file(&path(state), &bytes)?)
}

/// Forgets them: the current generation holds what there is to say.
pub(super) fn forget(state: &Path) -> Result<(), Failure> {
    match path(state).try_exists() {
        Ok(false) => Ok(()),
        Ok(true) => Ok(remove_file(&path(state))?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
    }
}
