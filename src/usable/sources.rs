//! Sources, asked as a sync asks them.

use std::io;

use anyhow::anyhow;
use futures_util::future::join_all;

use super::Finding;
use crate::config::Config;
use crate::sources;

/// Asks every configured source, all at once.
pub(super) fn examine(config: &Config) -> io::Result<Vec<Finding>> {
    let sources = sources::configured(config);
    if sources.is_empty() {
        let hint = "name one: `[csv]` with `shaped_devices`, for example";
        return Ok(vec![Finding::wrong("sources", "none is configured", hint)]);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answers = runtime.block_on(join_all(sources.iter().map(|source| source.probe())));
    let finding = |(name, answer)| match answer {
        Ok(facts) => Finding::works(name, facts),
        Err(error) => {
            let hint = pleach_source::FetchError::hint(&error);
            Finding::wrong(name, format!("{:#}", anyhow!(error)), hint)
        }
    };
    let names = sources.iter().map(|source| format!("source `{}`", source.name()));
    Ok(names.zip(answers).map(finding).collect())
}
