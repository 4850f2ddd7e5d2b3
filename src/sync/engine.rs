//! One run, from the lock to the line in the history.

use std::path::PathBuf;
use std::thread;

use anyhow::{Context, anyhow};
use pleach_graph::overrides::{self, Overrides};
use pleach_graph::{Code, Problem, Severity};
use pleach_source::{Archive, Source};
use sha2::{Digest, Sha256};

use super::candidate::{self, Candidate};
use super::compare::{Difference, difference};
use super::fetch::{self, Fetched, LastGood};
use super::metrics;
use super::pin::Pin;
use super::refusal::Refusal;
use super::report::{Outcome, Report, SourceRead};
use super::request::{From, Request};
use super::snapshots::{self, Snapshots};
use super::status::{SourceStatus, Status};
use super::step::Step;
use super::stopwatch::Stopwatch;
use super::{History, news};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::export::hex;
use crate::generations::{Generation, Origin, Store};
use crate::state::{Lock, LockError, make_folder};
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
    make_folder(state).map_err(|error| unusable(error.into()))?;
    let lock = Lock::take(&state.join("sync.lock")).map_err(locked)?;
    let store = Store::at(state);
    store.prepare().map_err(|error| unusable(error.into()))?;
    let mut run = Run {
        request,
        config,
        sources,
        effects,
        store,
        snapshots: Snapshots::at(state),
        status: Status::read(state)?,
        watch: Stopwatch::start(),
        ended: Ended::begun(request),
    };
    let result = work(&mut run);
    let ended = run.record(result);
    drop(lock);
    ended
}

fn locked(error: LockError) -> Failure {
    let LockError::Held { holder } = error else { return error.into() };
    let who = holder.map_or_else(String::new, |holder| {
        let since = jiff::Timestamp::now().as_second().saturating_sub(i64::try_from(holder.since).unwrap_or(0));
        format!(" (pid {}, for {since} s)", holder.pid)
    });
    let failure = Failure { exit: Exit::Refused, error: anyhow!("another sync is running{who}"), hint: None };
    failure.hint("nothing was changed; wait until it is over: its lock goes with its process")
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
        self.effects.step(step);
    }

    fn sync(&mut self) -> Result<Exit, Failure> {
        if let Some(pin) = Pin::read(self.state())?.filter(|_| !self.request.is_dry) {
            return self.pinned(pin);
        }
        let current = self.current()?;
        self.ended.report.generation = current.as_ref().map(|generation| generation.manifest.generation);
        let overrides = overrides(self.config)?;
        let Answers { archive, accepted } = self.answers(current.as_ref())?;
        let inputs = self.inputs(&archive, overrides.as_ref());
        if let Some(current) = current.as_ref().filter(|it| it.manifest.inputs == inputs && !self.request.is_strict) {
            self.ended.report.counts = Some(current.manifest.counts);
            self.ended.report.problems = current.manifest.problems.clone();
            return self.unchanged(current, None);
        }
        let (candidate, before) = self.candidate(&archive, overrides.as_ref(), &inputs, current.as_ref())?;
        self.ended.report.counts = Some(candidate.survey.census.counts());
        self.ended.report.problems = candidate.problem_counts();
        self.ended.problems.clone_from(&candidate.problems);
        if let Some(current) = current.as_ref().filter(|it| it.manifest.content == candidate.content) {
            return self.unchanged(current, Some(&candidate.survey));
        }
        self.step(Step::Compare);
        let difference = difference(self.config, before.as_ref(), &candidate.survey)?;
        self.ended.report.changes = Some(difference.in_a_line());
        let hash = Refusal::hash_of(&candidate.content);
        if self.request.is_strict && candidate.problems.iter().any(matters) {
            self.ended.report.outcome = Outcome::Refused;
            return Err(Failure {
                exit: Exit::NotShaped,
                error: anyhow!("`--strict` takes errors and warnings for a failure"),
                hint: None,
            }
            .hint("nothing was changed; correct them, or leave `--strict` out"));
        }
        if let Some(asked) = accepted.as_ref().filter(|asked| **asked != hash) {
            return Err(changed_since(asked, &hash));
        }
        let reasons = if accepted.is_some() { Vec::new() } else { difference.refusals() };
        self.ended.difference = Some(difference);
        if self.request.is_dry {
            return Ok(self.dry(&reasons, &hash));
        }
        self.step(Step::KeepSnapshot);
        let snapshot = self.snapshots.keep(&archive)?;
        if !reasons.is_empty() {
            let current = self.ended.report.generation;
            let time = self.request.now;
            return self.refuse(&Refusal { hash, time, snapshot, current, reasons });
        }
        let origin = if accepted.is_some() { Origin::Accepted } else { Origin::Sync };
        let made = self.write(origin, &candidate, &archive, inputs, snapshot)?;
        self.published(&made, &candidate.survey)
    }

    /// The current generation.
    pub(super) fn current(&self) -> Result<Option<Generation>, Failure> {
        let Some(number) = self.store.current()? else { return Ok(None) };
        let generation = self.store.open(number).map_err(|error| {
            Failure::from(anyhow!(error)).hint(format!(
                "the current generation is damaged; `pleach rollback` goes back to the one before, or remove the link `{}` to \
                 begin anew",
                self.config.state.join("current").display()
            ))
        })?;
        Ok(Some(generation))
    }

    fn pinned(&mut self, pin: Pin) -> Result<Exit, Failure> {
        let Pin { generation, of, since } = pin;
        self.ended.report.generation = Some(generation);
        self.ended.report.outcome = Outcome::Pinned;
        let error =
            anyhow!("the network is pinned to generation {generation}, which holds what {of} held, since {since}");
        Err(Failure { exit: Exit::Refused, error, hint: None }.hint(
            "nothing was read and nothing changed; `pleach rollback --resume` lets syncs follow the sources again",
        ))
    }

    /// Asks the sources, or takes their answers from an archive.
    fn answers(&mut self, current: Option<&Generation>) -> Result<Answers, Failure> {
        self.step(Step::Fetch);
        let mut accepted = None;
        let path = match &self.request.from {
            From::Sources => {
                let archive = current.and_then(|generation| generation.manifest.snapshot.as_deref());
                let last_good = LastGood { snapshots: &self.snapshots, archive, status: &self.status };
                let Fetched { archive, sources } =
                    fetch::fetch(self.sources, self.config, &last_good, self.request.now)?;
                self.ended.report.sources = sources;
                return Ok(Answers { archive, accepted });
            }
            From::Archive(path) => path.clone(),
            From::LatestArchive => {
                let none = || anyhow!("no snapshot has been kept yet");
                self.snapshots.latest()?.ok_or_else(none).map_err(Failure::usage)?
            }
            From::Refused(hash) => {
                let refusal = Refusal::find(&self.config.state, hash)?;
                accepted = Some(refusal.hash);
                self.snapshots.path(&refusal.snapshot)
            }
        };
        let archive = snapshots::read(&path)?;
        let read = archive.snapshots.iter().map(|snapshot| SourceRead::replayed(snapshot, archive.clock));
        self.ended.report.sources = read.collect();
        Ok(Answers { archive, accepted })
    }

    /// A hash of everything that decides what comes out: the answers, the configuration, the overrides, the time where it
    /// matters, and the program.
    fn inputs(&self, archive: &Archive, overrides: Option<&Overrides>) -> String {
        let mut hash = Sha256::new();
        hash.update(env!("CARGO_PKG_VERSION"));
        hash.update(self.config.hash);
        archive.snapshots.iter().for_each(|snapshot| hash.update(snapshot.hash()));
        let in_force = overrides.map(|overrides| overrides.in_force(archive.clock));
        hash.update(serde_json::to_vec(&in_force).expect("invariant: overrides are text and numbers"));
        format!("sha256:{}", hex(&hash.finalize()))
    }

    /// Makes the candidate, and reads the network of the current generation meanwhile.
    fn candidate(
        &mut self,
        archive: &Archive,
        overrides: Option<&Overrides>,
        inputs: &str,
        current: Option<&Generation>,
    ) -> Result<(Candidate, Option<Survey>), Failure> {
        thread::scope(|scope| {
            let before = current.map(|current| scope.spawn(|| current.survey()));
            self.step(Step::Read);
            let survey = candidate::survey(self.config, self.sources, archive, overrides, inputs)?;
            self.step(Step::Build);
            let candidate = Candidate::build(self.config, survey)?;
            let before = before.map(|thread| thread.join().expect("invariant: reading a generation does not panic"));
            Ok((candidate, before.transpose().map_err(|error| anyhow!(error))?))
        })
    }

    fn dry(&mut self, reasons: &[String], hash: &str) -> Exit {
        self.ended.report.outcome = Outcome::Differences;
        let would = reasons.iter().map(|reason| format!("would be refused: {reason}"));
        self.ended.done.extend(would);
        if !reasons.is_empty() {
            self.ended.done.push(format!("`pleach sync` would keep it as `{hash}`, to be accepted under that"));
        }
        Exit::Differences
    }

    fn refuse(&mut self, refusal: &Refusal) -> Result<Exit, Failure> {
        refusal.keep(self.state())?;
        self.ended.report.outcome = Outcome::Refused;
        self.ended.report.refused = Some(refusal.hash.clone());
        let error = anyhow!("refused: {}", refusal.reasons.join("\nrefused: "));
        let hash = &refusal.hash;
        Err(Failure { exit: Exit::Refused, error, hint: None }.hint(format!(
            "nothing was changed: the current generation stays; if it is meant, `pleach sync --accept-changes {hash}` \
             accepts exactly this"
        )))
    }

    /// Nothing that anybody reads would be different: only what is still undone for the generation is done.
    fn unchanged(&mut self, current: &Generation, survey: Option<&Survey>) -> Result<Exit, Failure> {
        self.ended.report.outcome = Outcome::Unchanged;
        if self.request.is_dry {
            return Ok(Exit::Done);
        }
        let shaped = self.exit_of_counts();
        Ok(self.deliver(current, survey)?.max(shaped))
    }

    /// A new generation has been written: it becomes the current one, and is delivered.
    fn published(&mut self, made: &Generation, survey: &Survey) -> Result<Exit, Failure> {
        self.make_current(made)?;
        Refusal::settle(self.state())?;
        let shaped = self.exit_of_counts();
        let delivered = self.deliver(made, Some(survey))?;
        self.retire(made)?;
        Ok(delivered.max(shaped))
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
    fn exit_of_counts(&self) -> Exit {
        let quarantined = self.ended.report.counts.is_some_and(|counts| counts.quarantined > 0);
        let unshaped = self.ended.report.problems.contains_key(Code::ClassLimit.as_str());
        if quarantined || unshaped { Exit::NotShaped } else { Exit::Done }
    }

    /// Writes down what came of the run: whatever happens here must not hide what happened before.
    fn record(mut self, result: Result<Exit, Failure>) -> Result<Ended, Failure> {
        self.step(Step::Record);
        let (exit, failure) = match result {
            Ok(exit) => (exit, None),
            Err(failure) => (failure.exit, Some(failure)),
        };
        let report = &mut self.ended.report;
        report.exit = exit as u8;
        report.error = failure.as_ref().map(|failure| format!("{:#}", failure.error));
        if failure.is_some() && report.outcome.is_success() && report.previous.is_none() {
            report.outcome = Outcome::Failed;
        }
        (report.seconds, report.steps) = self.watch.stop();
        self.ended.exit = exit;
        self.ended.failure = failure;
        self.ended.news = news::News::since(&self.status.said, &self.ended);
        if !self.request.is_dry {
            self.remember()?;
        }
        Ok(self.ended)
    }

    fn remember(&mut self) -> Result<(), Failure> {
        let state = self.config.state.clone();
        let report = &self.ended.report;
        History::at(&state).add(report)?;
        let read = report.sources.iter().filter(|source| source.fell_back.is_none());
        for source in read {
            let known = SourceStatus { last_success: source.taken };
            let entry = self.status.sources.entry(source.name.clone()).or_insert_with(|| known.clone());
            entry.last_success = entry.last_success.max(known.last_success);
        }
        if report.outcome.is_success() {
            self.status.last_success = Some(report.time);
        }
        self.status.said.clone_from(self.ended.news.said());
        self.status.last_run = Some(report.clone());
        self.status.write(&state)?;
        metrics::write(self.config, &self.status)
    }
}

/// The answers of the sources, and the hash under which they were refused before.
struct Answers {
    archive: Archive,
    accepted: Option<String>,
}

/// The overrides that are configured, if any are.
fn overrides(config: &Config) -> Result<Option<Overrides>, Failure> {
    let Some(path) = &config.sync.overrides else { return Ok(None) };
    let name = path.display().to_string();
    let stays = "nothing was changed: the current generation stays";
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the overrides `{name}`"))
        .map_err(|error| Failure::usage(error).hint(stays))?;
    let parsed = overrides::parse(&text, &name).map_err(|error| {
        let hint = error.hint.clone();
        let failure = Failure::usage(error);
        failure.hint(if hint.is_empty() { stays.to_owned() } else { format!("{hint}\nhint: {stays}") })
    })?;
    Ok(Some(parsed))
}

fn matters(problem: &Problem) -> bool {
    problem.code.severity() != Severity::Note
}

fn changed_since(asked: &str, now: &str) -> Failure {
    let error = anyhow!(
        "what was refused as `{asked}` has become `{now}`: the configuration or the overrides were changed since"
    );
    Failure { exit: Exit::Refused, error, hint: None }
        .hint("nothing was changed; look at it again with `pleach sync --dry-run`")
}
