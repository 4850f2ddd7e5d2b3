//! Sources, asked as a sync asks them.

use std::io;

use anyhow::anyhow;
use futures_util::future::join_all;
use jiff::Timestamp;
use pleach_source::{FetchError, Source};

use super::Finding;
use crate::config::Config;
use crate::sources;
use crate::sync::{self, Status};

/// Asks every configured source, all at once.
pub(super) fn examine(config: &Config) -> io::Result<Vec<Finding>> {
    let sources = sources::configured(config).map_err(std::io::Error::other)?;
    if sources.is_empty() {
        let hint = "name one: `[csv]` with `shaped_devices`, for example";
        return Ok(vec![Finding::wrong("sources", "none is configured", hint)]);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let answers = runtime.block_on(join_all(sources.iter().map(|source| source.probe())));
    let status = Status::read(&config.state).unwrap_or_default(); // one that cannot be read is the state folder's finding
    let now = Timestamp::now();
    let finding = |(source, answer): (&dyn Source, Result<Vec<String>, FetchError>)| {
        let subject = format!("source `{}`", source.name());
        let mut finding = match answer {
            Ok(facts) => Finding::works(subject, facts),
            Err(error) => {
                let hint = error.hint();
                Finding::wrong(subject, format!("{:#}", anyhow!(error)), hint)
            }
        };
        if let Some(known) = status.sources.get(source.name()) {
            let age = sync::in_words(now.duration_since(known.last_success));
            finding.facts.push(format!("a sync last read it {age} ago"));
        }
        finding
    };
    Ok(sources.iter().map(Box::as_ref).zip(answers).map(finding).collect())
}
