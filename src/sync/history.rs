//! The history: one line of JSON a run.

use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::report::Report;
use crate::exit::Failure;

const FILE_MODE: u32 = 0o640;

/// From this size on the history goes on in a new file; the one before is kept. A year of runs every five minutes.
const LARGEST: u64 = 64 << 20;

/// The file with a line for each run.
#[derive(Clone, Debug)]
pub struct History {
    path: PathBuf,
}

impl History {
    /// The history below a state folder.
    pub fn at(state: &Path) -> Self {
        Self { path: state.join("history.jsonl") }
    }

    /// Adds a run.
    pub(super) fn add(&self, report: &Report) -> Result<(), Failure> {
        self.append(report).with_context(|| format!("cannot write to `{}`", self.path.display()))?;
        Ok(())
    }

    fn append(&self, report: &Report) -> io::Result<()> {
        if fs::metadata(&self.path).is_ok_and(|data| data.len() >= LARGEST) {
            fs::rename(&self.path, self.path.with_extension("jsonl.1"))?;
        }
        let mut line = serde_json::to_vec(report)?;
        line.push(b'\n');
        let mut file = OpenOptions::new().append(true).create(true).mode(FILE_MODE).open(&self.path)?;
        file.write_all(&line)?; // one call, so that a killed run leaves a line or none
        file.sync_data()
    }

    /// The last so many runs, the oldest first. A line that cannot be understood is passed over.
    pub fn last(&self, count: usize) -> Result<Vec<Report>, Failure> {
        let file = match fs::File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            file => file.with_context(|| format!("cannot read `{}`", self.path.display()))?,
        };
        let mut runs = std::collections::VecDeque::new();
        for line in BufReader::new(file).lines().map_while(Result::ok) {
            let Ok(report) = serde_json::from_str(&line) else { continue };
            runs.push_back(report);
            if runs.len() > count {
                runs.pop_front();
            }
        }
        Ok(runs.into())
    }
}
