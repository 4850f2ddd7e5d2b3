//! The run that is in progress: a small file that says so while there is one, and is left over if the run is killed.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::history::History;
use super::report::{Outcome, Report, rounded};
use super::request::Request;
use super::step::Step;
use crate::exit::{Exit, Failure};
use crate::state::{Lock, StateError, read_optional, remove_file};

/// A run that was begun and has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// When it began.
    pub since: Timestamp,
    /// What it is: `sync`, `rollback`.
    pub verb: String,
    /// Its process.
    pub pid: u32,
    /// What it is at.
    pub step: Option<Step>,
    /// Since when.
    pub step_since: Timestamp,
    /// The generation that was the current one when it began.
    pub generation: Option<u64>,
}

/// What the file is padded to: it is written over with one call, so that nobody reads half of it.
const BYTES: usize = 512;

const FILE_MODE: u32 = 0o640;

impl Running {
    fn path(state: &Path) -> PathBuf {
        state.join("running.json")
    }

    /// What the file says, whether its run lives or not.
    fn read(state: &Path) -> Result<Option<Self>, StateError> {
        let text = read_optional(&Self::path(state))?;
        Ok(text.and_then(|text| serde_json::from_slice(&text).ok()))
    }

    /// The run that is in progress, and the one that was killed: one of them at most.
    pub fn or_killed(state: &Path) -> Result<(Option<Self>, Option<Self>), StateError> {
        let Some(noted) = Self::read(state)? else { return Ok((None, None)) };
        let holder = Lock::holder(&super::lock_path(state));
        let lives = holder.is_some_and(|holder| holder.pid == noted.pid);
        // It may have ended since the file was read.
        let is_there = Self::read(state)?.as_ref().is_some_and(|again| again.pid == noted.pid);
        Ok(match (lives, is_there) {
            (true, _) => (Some(noted), None),
            (false, true) => (None, Some(noted)),
            (false, false) => (None, None),
        })
    }

    /// What the history says of it if it was killed. `current` is the generation that is the current one now.
    fn report(&self, current: Option<u64>) -> Report {
        let step = self.step.map_or("before it began", Step::as_str);
        let time = self.step_since.duration_since(self.since).unsigned_abs();
        Report {
            time: self.since,
            verb: self.verb.clone(),
            outcome: Outcome::Killed,
            exit: Exit::Failed as u8,
            generation: current,
            previous: self.generation.filter(|_| current != self.generation),
            seconds: rounded(time),
            error: Some(format!("process {} was killed, or the host went down; it was last at: {step}", self.pid)),
            ..Report::begun_at(self.since)
        }
    }
}

/// Keeps the file up to date while a run goes on, and removes it at its end.
#[derive(Debug)]
pub(super) struct Note {
    state: PathBuf,
    file: File,
    running: Running,
}

impl Note {
    /// Begins, under the lock. If a run before was killed it gets its line in the history first.
    pub(super) fn begin(state: &Path, request: &Request, current: Option<u64>) -> Result<Self, Failure> {
        bury(state, current)?;
        let running = Running {
            since: request.now,
            verb: request.verb.to_owned(),
            pid: std::process::id(),
            step: None,
            step_since: request.now,
            generation: current,
        };
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(false).mode(FILE_MODE);
        let path = Running::path(state);
        let failed = |source| StateError { act: "write", path: path.clone(), source };
        let file = options.open(&path).map_err(failed)?;
        let note = Self { state: state.to_owned(), file, running };
        note.write().and_then(|()| note.file.sync_data()).map_err(failed)?;
        Ok(note)
    }

    /// A step begins. That it cannot be written must not end a run.
    pub(super) fn step(&mut self, step: Step) {
        self.running.step = Some(step);
        self.running.step_since = Timestamp::now();
        let _ = self.write();
    }

    /// The run is over, and what came of it is written down.
    pub(super) fn end(self) {
        let _ = remove_file(&Running::path(&self.state)); // the next run finds the line in the history
    }

    fn write(&self) -> std::io::Result<()> {
        let mut text = serde_json::to_vec(&self.running)?;
        text.resize(text.len().max(BYTES), b' ');
        self.file.write_all_at(&text, 0)
    }
}

/// Writes the line of a run that was killed, unless it came to write it itself.
fn bury(state: &Path, current: Option<u64>) -> Result<(), Failure> {
    let Some(killed) = Running::read(state)? else { return Ok(()) };
    let history = History::at(state);
    let is_it = |report: &Report| report.time == killed.since && report.verb == killed.verb;
    if !history.last(1)?.iter().any(is_it) {
        history.add(&killed.report(current))?;
    }
    Ok(remove_file(&Running::path(state))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::From;

    fn request(second: i64) -> Request {
        let now = Timestamp::from_second(second).expect("a moment");
        Request { now, from: From::Sources, is_dry: false, is_strict: false, verb: "sync" }
    }

    #[test]
    fn a_run_lives_while_it_holds_the_lock() {
        let state = tempfile::tempdir().expect("a folder");
        let state = state.path();
        assert_eq!(Running::or_killed(state).expect("read"), (None, None));
        let lock = Lock::take(&super::super::lock_path(state)).expect("free");
        let mut note = Note::begin(state, &request(5), Some(3)).expect("written");
        note.step(Step::Fetch);
        let (running, killed) = Running::or_killed(state).expect("read");
        let running = running.expect("it runs");
        assert_eq!((running.step, running.pid, killed), (Some(Step::Fetch), std::process::id(), None));
        drop(lock);
        assert_eq!(Running::or_killed(state).expect("read"), (None, Some(running)));
        note.end();
        assert_eq!(Running::or_killed(state).expect("read"), (None, None));
    }

    #[test]
    fn a_killed_run_gets_one_line_and_no_second_one() {
        let state = tempfile::tempdir().expect("a folder");
        let state = state.path();
        let mut note = Note::begin(state, &request(5), Some(3)).expect("written");
        note.step(Step::Apply);
        drop(note); // as if it were killed
        let note = Note::begin(state, &request(9), Some(4)).expect("written");
        let lines = History::at(state).last(9).expect("read");
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!((line.outcome, line.generation, line.previous), (Outcome::Killed, Some(4), Some(3)));
        let error = line.error.as_deref().unwrap_or_default();
        assert!(error.ends_with("it was last at: applying it to the kernel"), "{error}");
        let own = Report { outcome: Outcome::Unchanged, ..Report::begun(&request(9)) };
        History::at(state).add(&own).expect("written");
        drop(note); // it was killed after it had written its line
        Note::begin(state, &request(12), None).expect("written").end();
        assert_eq!(History::at(state).last(9).expect("read").len(), 2);
    }

    #[test]
    fn half_a_file_is_none() {
        let state = tempfile::tempdir().expect("a folder");
        std::fs::write(Running::path(state.path()), "{\"since\":").expect("written");
        assert_eq!(Running::or_killed(state.path()).expect("read"), (None, None));
        Note::begin(state.path(), &request(5), None).expect("goes on").end();
        assert_eq!(History::at(state.path()).last(9).expect("read"), []);
    }
}
