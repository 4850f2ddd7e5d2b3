//! Asking every source, all at once.

use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use pleach_source::{Archive, FetchError, Snapshot, Source};

use super::report::SourceRead;
use super::snapshots::Snapshots;
use super::status::Status;
use crate::config::Config;
use crate::exit::{Exit, Failure};

/// What the sources answered.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) archive: Archive,
    pub(super) sources: Vec<SourceRead>,
}

/// What a source may fall back to.
pub(super) struct LastGood<'a> {
    pub(super) snapshots: &'a Snapshots,
    /// The archive of the current generation.
    pub(super) archive: Option<&'a str>,
    pub(super) status: &'a Status,
    /// Whether there is a current generation.
    pub(super) has_current: bool,
}

/// Asks every source. One that cannot be read is an error, unless it may fall back to its last good answers.
pub(super) fn fetch(
    sources: &[Box<dyn Source>],
    config: &Config,
    last_good: &LastGood<'_>,
    now: Timestamp,
) -> Result<Fetched, NotFetched> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("cannot start what asks the sources");
    let runtime = runtime.map_err(|error| NotFetched { answered: Vec::new(), failure: error.into() })?;
    let asked = sources.iter().map(|source| async {
        let began = Instant::now();
        let answer = source.fetch().await;
        (answer, began.elapsed())
    });
    let answers = runtime.block_on(join_all(asked));
    let mut fetched = Fetched { archive: Archive { clock: now, snapshots: Vec::new() }, sources: Vec::new() };
    let mut failed: Vec<(&str, FetchError, Option<String>)> = Vec::new();
    for (source, (answer, time)) in sources.iter().zip(answers) {
        match answer {
            Ok(snapshot) => fetched.add(snapshot, time, None),
            Err(error) => match fall_back(source.name(), config, last_good, now) {
                Ok(snapshot) => fetched.add(snapshot, time, Some(format!("{:#}", anyhow!(error)))),
                Err(why_not) => failed.push((source.name(), error, why_not)),
            },
        }
    }
    if failed.is_empty() {
        return Ok(fetched);
    }
    let has_current = last_good.has_current;
    Err(NotFetched { answered: fetched.sources, failure: unreadable(failed, has_current) })
}

/// Not every source could be read.
pub(super) struct NotFetched {
    /// Those that answered.
    pub(super) answered: Vec<SourceRead>,
    pub(super) failure: Failure,
}

impl Fetched {
    fn add(&mut self, snapshot: Snapshot, time: Duration, fell_back: Option<String>) {
        self.sources.push(SourceRead::of(&snapshot, time, fell_back));
        self.archive.snapshots.push(snapshot);
    }
}

/// The last good answers of a source, if it may use them and they are not too old; else why not, where it may.
fn fall_back(
    name: &str,
    config: &Config,
    last_good: &LastGood<'_>,
    now: Timestamp,
) -> Result<Snapshot, Option<String>> {
    let Some(&longest) = config.sync.fallback.get(name) else { return Err(None) };
    let Some(archive) = last_good.archive else {
        return Err(Some("it has no good answers to fall back to".to_owned()));
    };
    let unusable = |failure: Failure| Some(format!("its last good answers cannot be used: {:#}", failure.error));
    let archive = last_good.snapshots.open(archive).map_err(unusable)?;
    let none = || Some("it has no good answers to fall back to".to_owned());
    let snapshot = archive.snapshots.into_iter().find(|it| it.source == name).ok_or_else(none)?;
    // An answer that changed nothing confirms the ones that are kept; one that was refused does not.
    let confirmed = last_good.status.sources.get(name).and_then(|status| status.confirmed);
    let age = now.duration_since(confirmed.unwrap_or(snapshot.taken).max(snapshot.taken));
    if age > longest {
        return Err(Some(format!("its last good answers are {} old, and may be {}", words(age), words(longest))));
    }
    Ok(snapshot)
}

/// A time in words: `3h 12m`.
pub fn words(time: SignedDuration) -> String {
    let seconds = time.as_secs().unsigned_abs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m"),
        (0, _, _) => format!("{hours}h {minutes}m"),
        _ => format!("{days}d {hours}h"),
    }
}

fn unreadable(failed: Vec<(&str, FetchError, Option<String>)>, has_current: bool) -> Failure {
    let mut texts = Vec::new();
    let mut hints = Vec::new();
    for (name, error, why_not) in failed {
        let hint = error.hint();
        let why_not = why_not.map_or_else(String::new, |why| format!("; {why}"));
        texts.push(format!("source `{name}`: {:#}{why_not}", anyhow!(error)));
        if !hint.is_empty() {
            hints.push(hint);
        }
    }
    hints.push(nothing_changed(has_current).to_owned());
    Failure { exit: Exit::Failed, error: anyhow!(texts.join("\n")), hint: Some(hints.join("\nhint: ")) }
}

/// What is true of a run that came to nothing.
pub(super) fn nothing_changed(has_current: bool) -> &'static str {
    if has_current { "nothing was changed: the current generation stays" } else { "nothing was changed" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_words() {
        for (seconds, text) in [(0, "0s"), (59, "59s"), (61, "1m"), (3_720, "1h 2m"), (90_000, "1d 1h")] {
            assert_eq!(words(SignedDuration::from_secs(seconds)), text);
        }
    }
}
