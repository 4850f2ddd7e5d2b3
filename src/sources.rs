//! The sources there are: the one place that knows them by name.

use std::process::Command;
use std::sync::Arc;

use anyhow::Context;
use pleach_csv::{CsvFiles, CsvSource};
use pleach_records::RecordsSource;
use pleach_source::Source;
use pleach_splynx::SplynxSource;
use pleach_uisp::Uisp;

use crate::config::Config;
use crate::state::run_as_owner;

/// The configured sources, in the order in which their records are read: where nothing else is said, the first one wins.
///
/// Billing comes before files that are kept by hand. An error says which source cannot be as it is configured.
pub fn configured(config: &Config) -> anyhow::Result<Vec<Box<dyn Source>>> {
    let mut sources: Vec<Box<dyn Source>> = Vec::new();
    for settings in &config.uisp.0 {
        let source = Uisp::new(settings.clone()).with_context(|| format!("source `{}`", settings.name))?;
        sources.push(Box::new(source));
    }
    for settings in &config.splynx.0 {
        let state = config.state.join("sources").join(&settings.name);
        let source = SplynxSource::new(settings.clone(), &state);
        sources.push(Box::new(source.with_context(|| format!("source `{}`", settings.name))?));
    }
    for settings in &config.records.0 {
        let folder = config.state.join("sources").join(&settings.name);
        let state = config.state.clone();
        let prepare = Arc::new(move |command: &mut Command| run_as_owner(command, &state));
        let source = RecordsSource::new(settings.clone(), &folder, prepare);
        sources.push(Box::new(source.with_context(|| format!("source `{}`", settings.name))?));
    }
    if config.csv != CsvFiles::default() {
        sources.push(Box::new(CsvSource::new(config.csv.clone())));
    }
    Ok(sources)
}

/// The names of the configured sources, in the same order.
pub fn names(config: &Config) -> Vec<String> {
    let csv = (config.csv != CsvFiles::default()).then(|| CsvSource::NAME.to_owned());
    let uisp = config.uisp.0.iter().map(|settings| settings.name.clone());
    let splynx = config.splynx.0.iter().map(|settings| settings.name.clone());
    let records = config.records.0.iter().map(|settings| settings.name.clone());
    uisp.chain(splynx).chain(records).chain(csv).collect()
}
