//! Back to a former generation: what it holds becomes a new generation, which is published, applied and told as any other,
//! and stays until the operator says that syncs may go on.

use anyhow::anyhow;

use super::compare::{Seen, difference};
use super::engine::{Effects, Ended, Run, under_lock};
use super::pin::Pin;
use super::refusal::Refusal;
use super::request::Request;
use super::step::Step;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::generations::{Generation, Manifest, Origin, names};

/// Goes back to a generation: the one before the current one, if none is named.
pub fn rollback(
    request: &Request,
    config: &Config,
    to: Option<u64>,
    effects: &mut dyn Effects,
) -> Result<Ended, Failure> {
    under_lock(request, config, &[], effects, |run| run.roll_back(to))
}

impl Run<'_> {
    fn roll_back(&mut self, to: Option<u64>) -> Result<Exit, Failure> {
        let current = self.store.current()?;
        self.ended.report.generation = current;
        let of = self.target(current, to)?;
        let source = self
            .store
            .open(of)
            .map_err(|error| Failure::usage(anyhow!(error)).hint("`pleach generations` lists those that there are"))?;
        source.check().map_err(|error| {
            Failure::from(anyhow!(error)).hint(format!("generation {of} cannot be used; nothing was changed"))
        })?;
        let survey = source.survey().map_err(|error| anyhow!(error))?;
        self.ended.report.counts = Some(source.manifest.counts);
        self.ended.report.problems = source.manifest.problems.clone();
        self.step(Step::Compare);
        // A current generation that cannot be read must not keep anybody from leaving it.
        let before = current.and_then(|number| {
            let generation = self.store.open(number).ok()?;
            Some((generation.survey().ok()?, generation.manifest))
        });
        let before = before.as_ref().map(|(survey, manifest)| Seen::then(survey, manifest, self.config));
        let after = Seen::then(&survey, &source.manifest, self.config);
        let difference = difference(self.config, before.as_ref(), &after)?;
        self.ended.report.changes = Some(difference.in_a_line());
        self.ended.difference = Some(difference);
        let made = self.copy(&source)?;
        let number = made.manifest.generation;
        Pin { generation: number, of, since: self.request.now }.set(self.state())?;
        self.make_current(&made)?;
        Refusal::settle(self.state())?;
        let shaped = self.exit_of_counts();
        let delivered = self.deliver(&made, None, Some(&survey))?;
        self.retire(&made)?;
        Ok(delivered.worse(shaped))
    }

    /// The generation to go back to: what is named, else the newest that is older than what the current one holds.
    fn target(&self, current: Option<u64>, to: Option<u64>) -> Result<u64, Failure> {
        if let Some(number) = to {
            if self.store.numbers()?.contains(&number) {
                return Ok(number);
            }
            let failure = Failure::usage(anyhow!("there is no generation {number}"));
            return Err(failure.hint("`pleach generations` lists those that there are"));
        }
        let current = current.ok_or_else(|| Failure::usage(anyhow!("there is no generation to go back from")))?;
        let holds = self.store.open(current).ok().map_or(current, |it| match it.manifest.origin {
            Origin::RollbackTo(of) => of,
            Origin::Sync | Origin::Accepted => current,
        });
        let older = self.store.numbers()?.into_iter().filter(|&number| number < holds);
        let older = older.filter(|&number| self.store.open(number).is_ok()).max();
        older.ok_or_else(|| {
            Failure::usage(anyhow!("there is no generation before {holds}"))
                .hint("`pleach generations` lists those that there are")
        })
    }

    /// A new generation with the files of a former one.
    fn copy(&mut self, source: &Generation) -> Result<Generation, Failure> {
        self.step(Step::Write);
        let mut draft = self.store.draft()?;
        for entry in source.manifest.files.iter().filter(|entry| entry.path != names::DIFF) {
            draft.add_from(source.folder(), entry)?;
        }
        if let Some(difference) = &self.ended.difference {
            draft.add(names::DIFF, &difference.json()?)?;
        }
        self.step(Step::Finish);
        let of = source.manifest.generation;
        let manifest =
            Manifest { created: self.request.now, origin: Origin::RollbackTo(of), ..source.manifest.clone() };
        let number = draft.finish(manifest)?.generation;
        Ok(self.store.open(number).map_err(|error| anyhow!(error))?)
    }
}
