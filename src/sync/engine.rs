//! One run, from the lock to the line in the history.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use pleach_graph::{Code, Problem};
use pleach_source::Source;

use super::compare::Difference;
use super::later;
use super::lock_path;
use super::metrics;
use super::report::{Outcome, Report};
use super::request::Request;
use super::running::Note;
use super::snapshots::Snapshots;
use super::status::{SourceStatus, Status};
use super::step::Step;
use super::stopwatch::Stopwatch;
use super::{History, news};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::generations::{Generation, Store};
use crate::state::{Lock, LockError, act_as_owner, make_folder};
use crate::survey::Survey;

/// What a run does to the world beside the state folder, and who watches it.
pub trait Effects {
    /// A step is about to begin.
    fn step(&mut self, step: Step);

    /// Makes this host's kernel hold what a shaper, by its position in the configuration, needs; what that did, in a line.
    fn apply(&mut self, shaper: usize, survey: &Survey) -> Result<String, Failure>;
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// What is written down of it.
    pub report: Report,
    /// Its exit code.
    pub exit: Exit,
    /// What is different, where that was looked at.
    pub difference: Option<Difference>,
    /// All problems, where the network was read.
    pub problems: Vec<Problem>,
    /// What the last run did not say: problems, and the failure.
    pub news: news::News,
    /// What was done for the generation, a line each.
    pub done: Vec<String>,
    /// What went wrong.
    pub failure: Option<Failure>,
}

/// A run in progress.
pub(super) struct Run<'a> {
    pub(super) request: &'a Request,
    pub(super) config: &'a Config,
    pub(super) sources: &'a [Box<dyn Source>],
    pub(super) effects: &'a mut dyn Effects,
    pub(super) store: Store,
    pub(super) snapshots: Snapshots,
    pub(super) status: Status,
    pub(super) watch: Stopwatch,
    /// Says that it runs; a dry run leaves no trace.
    note: Option<Note>,
    pub(super) ended: Ended,
}

/// Runs a sync. An error is one that nothing could be written down of: the state folder cannot be used, or another run has
/// it.
pub fn run(
    request: &Request,
    config: &Config,
    sources: &[Box<dyn Source>],
    effects: &mut dyn Effects,
) -> Result<Ended, Failure> {
    under_lock(request, config, sources, effects, Run::sync)
}

/// Takes the lock, does the work, and writes down what came of it.
pub(super) fn under_lock<'a>(
    request: &'a Request,
    config: &'a Config,
    sources: &'a [Box<dyn Source>],
    effects: &'a mut dyn Effects,
    work: impl FnOnce(&mut Run<'a>) -> Result<Exit, Failure>,
) -> Result<Ended, Failure> {
    let state = &config.state;
    let unusable =
        |failure: Failure| failure.hint("set `state` in the configuration to a folder that this user may write to");
    // A dry run leaves no trace where there is none: not even a folder, which might belong to somebody else than later runs.
    let is_untouched = request.is_dry && !state.exists();
    let store = Store::at(state);
    let (mut lock, mut note) = (None, None);
    if !is_untouched {
        act_as_owner(state).and_then(|()| make_folder(state)).map_err(|error| unusable(error.into()))?;
        lock = Some(Lock::take(&lock_path(state)).map_err(|error| locked(error, state))?);
        store.prepare().map_err(|error| unusable(error.into()))?;
        if !request.is_dry {
            note = Some(Note::begin(state, request, store.current()?).map_err(unusable)?);
        }
    }
    let mut run = Run {
        request,
        config,
        sources,
        effects,
        store,
        snapshots: Snapshots::at(state),
        status: Status::read(state)?,
        watch: Stopwatch::start(),
        note,
        ended: Ended::begun(request),
    };
    let result = work(&mut run);
    if result.is_err() && !request.is_dry {
        // It may have kept answers that led to nothing; a disk that is full would never have room again.
        let _ = run.retire_archives(); // the failure that there is says more
    }
    let ended = run.record(result);
    drop(lock);
    Ok(ended)
}

fn locked(error: LockError, state: &Path) -> Failure {
    let LockError::Held { holder } = error else {
        let hint = format!(
            "nothing was changed; `{}` belongs to whoever ran the first sync: run this one as that user, or give the folder to \
             this one (`chown -R`)",
            state.display()
        );
        return Failure::from(error).hint(hint);
    };
    let who = holder.map_or_else(String::new, |holder| {
        let since = jiff::Timestamp::now().as_second().saturating_sub(i64::try_from(holder.since).unwrap_or(0));
        format!(" (pid {}, for {since} s)", holder.pid)
    });
    let failure = Failure { exit: Exit::Refused, error: anyhow!("another sync is running{who}"), hint: None };
    failure.hint("nothing was changed; wait until it is over: its lock goes with its process")
}

/// The current generation.
#[derive(Debug, Default)]
pub(super) struct Current {
    /// It, if there is one that can be read.
    pub(super) generation: Option<Generation>,
    /// Why it cannot be.
    pub(super) damage: Option<String>,
}

impl Ended {
    fn begun(request: &Request) -> Self {
        let report = Report::begun(request);
        Self {
            report,
            exit: Exit::Done,
            difference: None,
            problems: Vec::new(),
            news: news::News::default(),
            done: Vec::new(),
            failure: None,
        }
    }
}

impl Run<'_> {
    pub(super) fn state(&self) -> &PathBuf {
        &self.config.state
    }

    /// Begins a step.
    pub(super) fn step(&mut self, step: Step) {
        self.watch.step(step);
        if let Some(note) = &mut self.note {
            note.step(step);
        }
        self.effects.step(step);
    }

    /// The current generation, as far as it can be read.
    pub(super) fn current(&mut self) -> Result<Current, Failure> {
        let Some(number) = self.store.current()? else { return Ok(Current::default()) };
        self.ended.report.generation = Some(number);
        Ok(match self.store.open(number) {
            Ok(generation) => Current { generation: Some(generation), damage: None },
            Err(error) => Current { generation: None, damage: Some(format!("{:#}", anyhow!(error))) },
        })
    }

    /// Makes a generation the current one.
    pub(super) fn make_current(&mut self, made: &Generation) -> Result<(), Failure> {
        self.step(Step::SetCurrent);
        let number = made.manifest.generation;
        self.store.set_current(number)?;
        self.ended.report.previous = self.ended.report.generation.replace(number);
        self.ended.report.outcome = Outcome::Published;
        Ok(())
    }

    /// Whether a subscriber is not shaped.
    pub(super) fn exit_of_counts(&self) -> Exit {
        let quarantined = self.ended.report.counts.is_some_and(|counts| counts.quarantined > 0);
        let unshaped = self.ended.report.problems.contains_key(Code::ClassLimit.as_str());
        if quarantined || unshaped { Exit::NotShaped } else { Exit::Done }
    }

    /// Writes down what came of the run: whatever happens here must not hide what happened before.
    fn record(mut self, result: Result<Exit, Failure>) -> Ended {
        self.step(Step::Record);
        let (exit, failure) = match result {
            Ok(exit) => (exit, None),
            Err(failure) => (failure.exit, Some(failure)),
        };
        let report = &mut self.ended.report;
        report.exit = exit as u8;
        report.error = failure.as_ref().map(|failure| format!("{:#}", failure.error));
        if failure.is_some() && report.outcome.is_success() {
            report.outcome = Outcome::Undelivered;
        }
        (report.seconds, report.steps) = self.watch.stop();
        self.ended.exit = exit;
        self.ended.failure = failure;
        self.ended.news = news::News::since(&self.status.said, &self.ended);
        if !self.request.is_dry
            && let Some(not_remembered) = self.remember()
        {
            self.ended.exit = self.ended.exit.worse(not_remembered.exit);
            self.ended.report.exit = self.ended.exit as u8;
            self.ended.news.is_new_failure = true; // nothing remembers that it was said
            self.ended.failure = Some(match self.ended.failure.take() {
                Some(failure) => failure.and(not_remembered),
                None => not_remembered,
            });
        }
        if let Some(note) = self.note {
            note.end();
        }
        self.ended
    }

    /// Writes down what came of the run, each as far as it goes; why not all of it could be.
    fn remember(&mut self) -> Option<Failure> {
        let state = self.config.state.clone();
        let report = &self.ended.report;
        let mut written = vec![History::at(&state).add(report)];
        written.push(match (report.outcome, self.ended.problems.is_empty()) {
            (Outcome::Unchanged, false) => later::keep(&state, &self.ended.problems),
            (Outcome::Unchanged | Outcome::Published, _) => later::forget(&state),
            _ => Ok(()),
        });
        let read = report.sources.iter().filter(|source| source.fell_back.is_none());
        for source in read {
            let known = SourceStatus { last_success: source.taken, confirmed: None };
            let entry = self.status.sources.entry(source.name.clone()).or_insert_with(|| known.clone());
            entry.last_success = entry.last_success.max(known.last_success);
            if report.outcome.is_success() {
                entry.confirmed = entry.confirmed.max(Some(source.taken));
            }
        }
        if report.outcome.is_success() {
            self.status.last_success = Some(report.time);
        }
        if report.counts.is_some() {
            self.status.counts = report.counts;
            self.status.problems.clone_from(&report.problems);
        }
        self.status.said.clone_from(self.ended.news.said());
        self.status.last_run = Some(report.clone());
        written.push(self.status.write(&state));
        written.push(metrics::write(self.config, &self.status));
        let failure = written.into_iter().filter_map(Result::err).reduce(Failure::and)?;
        let not_written = "what came of this run is not written down";
        Some(match failure.hint {
            Some(_) => failure,
            None => failure.hint(format!("{not_written}; let the user that Pleach runs as write there")),
        })
    }
}
