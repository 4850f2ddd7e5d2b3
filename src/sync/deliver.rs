//! What is done for a generation once it is the current one: files, kernel, hook. Each is remembered, so that a run that was
//! cut short is gone on with by the next.

use std::time::Duration;

use jiff::Timestamp;

use super::candidate::Candidate;
use super::delivery::{Delivery, Done};
use super::engine::Run;
use super::hook::HookCall;
use super::step::Step;
use super::write::diff_path;
use crate::config::Shaper;
use crate::exit::{Exit, Failure};
use crate::export::hex;
use crate::generations::Generation;
use crate::state::Moment;
use crate::survey::Survey;

impl Run<'_> {
    /// Does what is not done yet for the current generation. An error is that of the kernel or the files; the rest is done
    /// all the same.
    pub(super) fn deliver(
        &mut self,
        generation: &Generation,
        candidate: Option<&Candidate>,
        survey: Option<&Survey>,
    ) -> Result<Exit, Failure> {
        let number = generation.manifest.generation;
        let mut delivery = Delivery::of(self.state(), number)?;
        let before = delivery.clone();
        let published = self.publish(generation, candidate).map_err(|failure| not_published(number, failure));
        delivery.published = published.is_ok();
        // What was done is written down at once: whoever is asked while a hook runs, or after it was killed, knows.
        let mut written = vec![self.remember_delivery(&delivery, &before)];
        let applied = self.apply(generation, survey, &mut delivery);
        written.push(self.remember_delivery(&delivery, &before));
        let so_far = delivery.clone();
        self.hook(generation, &mut delivery);
        written.push(self.remember_delivery(&delivery, &so_far));
        let failures = [published, applied].into_iter().chain(written).filter_map(Result::err);
        if let Some(failure) = failures.reduce(Failure::and) {
            return Err(failure);
        }
        let hook_failed = delivery.hook.as_ref().is_some_and(|done| done.error.is_some()) && before.hook.is_none();
        Ok(if hook_failed { Exit::Failed } else { Exit::Done })
    }

    fn remember_delivery(&self, delivery: &Delivery, before: &Delivery) -> Result<(), Failure> {
        if delivery == before { Ok(()) } else { delivery.write(self.state()) }
    }

    /// Applies it for every shaper that says so and whose kernel does not hold it yet, as it is configured now.
    fn apply(
        &mut self,
        generation: &Generation,
        survey: Option<&Survey>,
        delivery: &mut Delivery,
    ) -> Result<(), Failure> {
        let boot = Moment::now().map(|now| now.boot).unwrap_or_default();
        let wanted = self.config.shaper.iter().enumerate().filter(|(_, shaper)| shaper.apply);
        let configuration = hex(&self.config.hash);
        let is_wanted = |shaper: &Shaper| !delivery.is_applied(&shaper.name, &boot, &configuration);
        let wanted: Vec<usize> = wanted.filter(|(_, shaper)| is_wanted(shaper)).map(|(at, _)| at).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        self.step(Step::Apply);
        let own;
        let survey = if let Some(survey) = survey {
            survey
        } else {
            own = generation.survey().map_err(anyhow::Error::new)?;
            &own
        };
        let mut first_failure = None;
        for at in wanted {
            let name = self.config.shaper[at].name.clone();
            let result = self.effects.apply(at, survey);
            let error = result.as_ref().err().map(|failure| format!("{:#}", failure.error));
            self.ended.report.applied.insert(name.clone(), error.is_none());
            let done = Done { at: Timestamp::now(), boot: boot.clone(), configuration: configuration.clone(), error };
            delivery.applied.insert(name.clone(), done);
            match result {
                Ok(line) => self.ended.done.push(format!("shaper `{name}`: {line}")),
                Err(failure) => {
                    first_failure.get_or_insert_with(|| not_applied(&name, generation.manifest.generation, failure));
                }
            }
        }
        first_failure.map_or(Ok(()), Err)
    }

    /// Runs the hook, once for each generation.
    fn hook(&mut self, generation: &Generation, delivery: &mut Delivery) {
        let sync = &self.config.sync;
        if sync.hook.is_empty() || delivery.hook.is_some() {
            return;
        }
        self.step(Step::Hook);
        let (diff, log) = (diff_path(generation), self.config.state.join("hook.log"));
        let timeout = Duration::try_from(self.config.sync.hook_timeout).unwrap_or_default();
        let number = generation.manifest.generation;
        let command = &self.config.sync.hook;
        let call = HookCall { command, timeout, generation: number, diff: &diff, log: &log, state: &self.config.state };
        let result = call.run();
        let error = result.as_ref().err().map(|error| format!("{:#}", anyhow::anyhow!(error.to_string())));
        self.ended.done.push(match &result {
            Ok(time) => format!("hook `{}`: done in {:.1} s", command[0], time.as_secs_f64()),
            Err(_) => format!("warning: {}; the generation stays", error.as_deref().unwrap_or_default()),
        });
        let boot = Moment::now().map(|now| now.boot).unwrap_or_default();
        delivery.hook = Some(Done { at: Timestamp::now(), boot, configuration: String::new(), error });
    }
}

fn not_published(generation: u64, failure: Failure) -> Failure {
    let stays = format!("generation {generation} stays the current one; the next sync tries to publish it again");
    let hint = failure.hint.clone().map_or_else(|| stays.clone(), |hint| format!("{hint}\nhint: {stays}"));
    failure.hint(hint)
}

fn not_applied(shaper: &str, generation: u64, failure: Failure) -> Failure {
    let Failure { exit, error, hint } = failure;
    let error = error.context(format!("generation {generation} is not applied by shaper `{shaper}`"));
    let again = "the generation stays, marked as not applied; the next sync tries again";
    let hint = Some(hint.map_or_else(|| again.to_owned(), |hint| format!("{hint}\nhint: {again}")));
    Failure { exit, error, hint }
}
