//! The sources there are: the one place that knows them by name.

use pleach_csv::{CsvFiles, CsvSource};
use pleach_source::Source;

use crate::config::Config;

/// The configured sources, in the order in which their records are read: where nothing else is said, the first one wins.
pub fn configured(config: &Config) -> Vec<Box<dyn Source>> {
    let mut sources: Vec<Box<dyn Source>> = Vec::new();
    if config.csv != CsvFiles::default() {
        sources.push(Box::new(CsvSource::new(config.csv.clone())));
    }
    sources
}

/// The names of the configured sources.
pub fn names(config: &Config) -> Vec<String> {
    configured(config).iter().map(|source| source.name().to_owned()).collect()
}
