//! From the answers of the sources to a decision: nothing to do, refused, or a new generation.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use anyhow::{Context, anyhow};
use pleach_graph::overrides::{self, Overrides};
use pleach_graph::{Problem, Severity};
use pleach_source::Archive;
use sha2::{Digest, Sha256};

use super::candidate::{self, Candidate};
use super::compare::{Seen, difference};
use super::emptied;
use super::engine::{Current, Run};
use super::fetch::{self, Fetched, LastGood, NotFetched, nothing_changed};
use super::pin::Pin;
use super::refusal::Refusal;
use super::report::{Outcome, SourceRead};
use super::request::From;
use super::snapshots;
use super::step::Step;
use super::write::{self, Made};
use crate::config::{Config, Exposure, Shaper};
use crate::exit::{Exit, Failure};
use crate::export::hex;
use crate::generations::{Generation, Origin};
use crate::nets::{BoundNets, OverlayError};
use crate::shapers::RootError;
use crate::survey::Survey;

impl Run<'_> {
    /// Reads the sources and makes everything follow, or says why not.
    pub(super) fn sync(&mut self) -> Result<Exit, Failure> {
        self.ended.done.extend(self.config.exposure.as_ref().map(Exposure::warning));
        if let Some(pin) = Pin::read(self.state())?.filter(|_| !self.request.is_dry) {
            return self.pinned(pin);
        }
        let Current { generation: current, damage } = self.current()?;
        let overrides = overrides(self.config)?;
        let Answers { archive, accepted } = self.answers(current.as_ref())?;
        let bound = BoundNets::read(self.config).map_err(OverlayError::failure)?;
        let inputs = self.inputs(&archive, overrides.as_ref(), &bound);
        if let Some(current) = current.as_ref().filter(|it| it.manifest.inputs == inputs && !self.request.is_strict) {
            self.ended.report.counts = Some(current.manifest.counts);
            self.ended.report.problems = current.manifest.problems.clone();
            return self.unchanged(current, None);
        }
        let Compared { candidate, before, damage: unreadable, graph } =
            self.candidate(&archive, overrides.as_ref(), &bound, &inputs, current.as_ref())?;
        self.ended.report.counts = Some(candidate.survey.census.counts());
        self.ended.report.problems = candidate.problem_counts();
        self.ended.problems.clone_from(&candidate.problems);
        if self.request.is_strict && candidate.problems.iter().any(matters) {
            return Err(self.too_many_problems());
        }
        if let Some(current) = current.as_ref().filter(|it| it.manifest.content == candidate.content) {
            return self.unchanged(current, Some(&candidate.survey));
        }
        let damage = damage.or(unreadable);
        let seen = before.as_ref().zip(current.as_ref());
        let seen = seen.map(|(survey, current)| Seen::then(survey, &current.manifest, self.config));
        let emptied = current.as_ref().map_or_else(Vec::new, |current| emptied::lists(&current.manifest, &archive));
        let proposal = Proposal { candidate: &candidate, before: seen, damage, emptied, archive: &archive, accepted };
        let exit = match self.decide(&proposal, inputs, graph)? {
            Decided::Made(made) => self.published(&made, &candidate)?,
            Decided::Ended(exit) => exit,
        };
        // Nothing waits until so much memory is given back.
        thread::spawn(move || drop((candidate, before)));
        Ok(exit)
    }

    /// Whether the proposal becomes a generation; if it does, it is written.
    fn decide(
        &mut self,
        proposal: &Proposal<'_>,
        inputs: String,
        graph: JoinHandle<io::Result<Vec<u8>>>,
    ) -> Result<Decided, Failure> {
        let Proposal { candidate, before, damage, emptied, archive, accepted } = proposal;
        self.step(Step::Compare);
        let difference = difference(self.config, before.as_ref(), &Seen::now(&candidate.survey, self.config))?;
        self.ended.report.changes = Some(difference.in_a_line());
        if difference.is_empty() && before.is_some() {
            let words = "nothing in the network is different; the files are, in how they are written".to_owned();
            self.ended.done.push(words);
        }
        let hash = Refusal::hash_of(&candidate.content);
        if let Some(asked) = accepted.as_ref().filter(|asked| **asked != hash) {
            return Err(changed_since(asked, &hash));
        }
        let unknown = damage
            .iter()
            .map(|damage| format!("the current generation is damaged, so nobody can say what would be lost: {damage}"));
        let reasons: Vec<String> = match accepted {
            Some(_) => Vec::new(),
            None => unknown.chain(emptied.iter().cloned()).chain(difference.refusals()).collect(),
        };
        self.ended.difference = Some(difference);
        if self.request.is_dry {
            return Ok(Decided::Ended(self.dry(&reasons, &hash)));
        }
        self.step(Step::KeepSnapshot);
        // What is refused again is refused from the answers that it was refused from first.
        let known = if reasons.is_empty() { None } else { Refusal::known(self.state(), &hash) };
        let known = known.map(|refusal| refusal.snapshot).filter(|name| self.snapshots.path(name).exists());
        let snapshot = known.map_or_else(|| self.snapshots.keep(archive), Ok)?;
        if !reasons.is_empty() {
            let (current, time) = (self.ended.report.generation, self.request.now);
            return Err(self.refuse(&Refusal { hash, time, snapshot, current, reasons })?);
        }
        let origin = if accepted.is_some() { Origin::Accepted } else { Origin::Sync };
        self.write(origin, candidate, archive, Made { inputs, snapshot, graph })
            .map(|made| Decided::Made(Box::new(made)))
    }

    fn too_many_problems(&mut self) -> Failure {
        self.ended.report.outcome = Outcome::Refused;
        let error = anyhow!("`--strict` takes errors and warnings for a failure");
        Failure { exit: Exit::NotShaped, error, hint: None }
            .hint("nothing was changed; correct them, or leave `--strict` out")
    }

    /// A shaper's root is not to be found. If it was when the current generation was made, under the same name, the sources
    /// have lost it: that is nothing an operator can accept, and no fault of the configuration.
    fn without_root(&mut self, error: RootError, current: Option<&Generation>) -> Failure {
        let root = |shaper: &Shaper| shaper.root.clone();
        let configured = self.config.shaper.iter().find(|shaper| shaper.name == error.shaper).and_then(root);
        let entry = current.and_then(|it| it.manifest.shapers.iter().find(|entry| entry.name == error.shaper));
        let stood = entry.filter(|entry| entry.outlook.as_ref().is_some_and(|outlook| outlook.root == configured));
        let Some(stood) = stood.map(|entry| entry.root.clone()) else { return Failure::usage(error) };
        self.ended.report.outcome = Outcome::Refused;
        let error = anyhow!("refused: {error}; it stood at `{stood}`");
        let others = if self.config.shaper.len() > 1 {
            ", and the files of the other shapers are not renewed either"
        } else {
            ""
        };
        Failure { exit: Exit::Refused, error, hint: None }.hint(format!(
            "{}{others}; correct the source that lost it, or give the shaper another `root`",
            nothing_changed(true)
        ))
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
        for source in self.sources {
            let warnings = source.warnings().into_iter();
            self.ended.done.extend(warnings.map(|text| format!("warning: source `{}`: {text}", source.name())));
        }
        let mut accepted = None;
        let path = match &self.request.from {
            From::Sources => {
                let archive = current.and_then(|generation| generation.manifest.snapshot.as_deref());
                let has_current = self.ended.report.generation.is_some();
                let last_good = LastGood { snapshots: &self.snapshots, archive, status: &self.status, has_current };
                let fetched = fetch::fetch(self.sources, self.config, &last_good, self.request.now);
                let Fetched { archive, sources } = fetched.map_err(|NotFetched { answered, failure }| {
                    self.ended.report.sources = answered;
                    failure
                })?;
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
    fn inputs(&self, archive: &Archive, overrides: Option<&Overrides>, bound: &BoundNets) -> String {
        let mut hash = Sha256::new();
        hash.update(env!("CARGO_PKG_VERSION"));
        hash.update(self.config.hash);
        archive.snapshots.iter().for_each(|snapshot| hash.update(snapshot.hash()));
        let in_force = overrides.map(|overrides| overrides.in_force(archive.clock));
        hash.update(serde_json::to_vec(&in_force).expect("invariant: overrides are text and numbers"));
        if !bound.text.is_empty() {
            hash.update(&bound.text);
        }
        format!("sha256:{}", hex(&hash.finalize()))
    }

    /// Makes the candidate. Meanwhile the network of the current generation is read, and the new one is put as it is kept,
    /// which takes longest of all and waits for nothing but a processor.
    fn candidate(
        &mut self,
        archive: &Archive,
        overrides: Option<&Overrides>,
        bound: &BoundNets,
        inputs: &str,
        current: Option<&Generation>,
    ) -> Result<Compared, Failure> {
        let before = current.cloned().map(|current| thread::spawn(move || current.survey()));
        self.step(Step::Read);
        let survey = candidate::survey(self.config, self.sources, archive, overrides, bound, inputs)?;
        self.step(Step::Build);
        let survey = Arc::new(survey);
        let network = Arc::clone(&survey);
        let graph = thread::spawn(move || write::compressed(&network.network));
        let candidate = Candidate::build(self.config, survey).map_err(|error| self.without_root(error, current))?;
        let before = before.map(|thread| thread.join().expect("invariant: reading a generation does not panic"));
        let (before, damage) = match before.transpose() {
            Ok(before) => (before, None),
            Err(error) => (None, Some(format!("{:#}", anyhow!(error)))),
        };
        Ok(Compared { candidate, before, damage, graph })
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

    /// Keeps what is refused, to be accepted later.
    fn refuse(&mut self, refusal: &Refusal) -> Result<Failure, Failure> {
        refusal.keep(self.state())?;
        self.ended.report.outcome = Outcome::Refused;
        self.ended.report.refused = Some(refusal.hash.clone());
        let error = anyhow!("refused: {}", refusal.reasons.join("\nrefused: "));
        let hash = &refusal.hash;
        Ok(Failure { exit: Exit::Refused, error, hint: None }.hint(format!(
            "{}; if it is meant, `pleach sync --accept-changes {hash}` accepts exactly this",
            nothing_changed(refusal.current.is_some())
        )))
    }

    /// Nothing that anybody reads would be different: only what is still undone for the generation is done.
    fn unchanged(&mut self, current: &Generation, survey: Option<&Survey>) -> Result<Exit, Failure> {
        self.ended.report.outcome = Outcome::Unchanged;
        if self.request.is_dry {
            return Ok(Exit::Done);
        }
        let shaped = self.exit_of_counts();
        Ok(self.deliver(current, None, survey)?.worse(shaped))
    }

    /// A new generation has been written: it becomes the current one, and is delivered.
    fn published(&mut self, made: &Generation, candidate: &Candidate) -> Result<Exit, Failure> {
        self.make_current(made)?;
        Refusal::settle(self.state())?;
        let shaped = self.exit_of_counts();
        let delivered = self.deliver(made, Some(candidate), Some(&candidate.survey))?;
        self.retire(made)?;
        Ok(delivered.worse(shaped))
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
    let stays = "nothing was changed";
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

/// What the answers would make of the network, and what it is compared with.
struct Compared {
    candidate: Candidate,
    before: Option<Survey>,
    /// Why the current generation cannot be read.
    damage: Option<String>,
    /// The network as a generation keeps it, once it is.
    graph: JoinHandle<io::Result<Vec<u8>>>,
}

/// What would become of the network, and what decides whether it does.
struct Proposal<'a> {
    candidate: &'a Candidate,
    before: Option<Seen<'a>>,
    /// Why the current generation cannot be read.
    damage: Option<String>,
    /// Lists of sources that are empty now, and were not, a line each.
    emptied: Vec<String>,
    archive: &'a Archive,
    /// The hash that the operator accepts.
    accepted: Option<String>,
}

/// What was decided.
enum Decided {
    /// A generation was made.
    Made(Box<Generation>),
    /// The run is over.
    Ended(Exit),
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
