//! A Splynx as a source.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pleach_graph::GraphBuilder;
use pleach_source::{Client, FetchError, Future, ReadError, Snapshot, Source, Timestamp};

use crate::client::Asker;
use crate::import;
use crate::list::List;
use crate::settings::{SplynxSettings, SplynxSettingsError};
use crate::tables::Tables;

/// The Splynx source.
#[derive(Clone, Debug)]
pub struct SplynxSource {
    settings: SplynxSettings,
    tables: Tables,
    state: PathBuf,
}

impl SplynxSource {
    /// What kind of source it is.
    pub const KIND: &'static str = "splynx";

    /// A source that reads this Splynx. In the folder `state` the key's nonces are remembered, whatever becomes of a process;
    /// it is made when it is needed.
    pub fn new(settings: SplynxSettings, state: &Path) -> Result<Self, SplynxSettingsError> {
        settings.check()?;
        let tables = Tables::new(&settings.name)?;
        Ok(Self { settings, tables, state: state.to_owned() })
    }

    async fn snapshot(&self) -> Result<Snapshot, FetchError> {
        let taken = Timestamp::now();
        let asker = Arc::new(Asker::new(&self.settings, &self.state).await?);
        asker.check().await?;
        let lists: Vec<List> = self.settings.lists().collect();
        let mut totals = Vec::with_capacity(lists.len());
        for (list, count) in asker.counts(&lists).await {
            totals.push((list, count?));
        }
        let parts = asker.lists(totals).await?;
        Ok(Snapshot { source: self.settings.name.clone(), kind: Self::KIND.to_owned(), taken, parts })
    }

    /// Whether the key is good, how many records each list has, and what it may not see, with what to do about it.
    async fn examine(&self) -> Result<Vec<String>, FetchError> {
        let asker = Asker::new(&self.settings, &self.state).await?;
        asker.check().await?;
        let mut lines = vec!["the API key is good".to_owned()];
        lines.extend(asker.warnings());
        let lists: Vec<List> = self.settings.lists().collect();
        for (list, count) in asker.counts(&lists).await {
            lines.push(match count {
                Ok(1) => format!("{list}: 1 record"),
                Ok(count) => format!("{list}: {count} records"),
                Err(error) => format!("{list}: {error}; {}", error.hint()),
            });
        }
        Ok(lines)
    }
}

impl Source for SplynxSource {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn kind(&self) -> &'static str {
        Self::KIND
    }

    fn fetch(&self) -> Future<'_, Result<Snapshot, FetchError>> {
        Box::pin(self.snapshot())
    }

    fn read(&self, snapshot: &Snapshot, network: &mut GraphBuilder) -> Result<(), ReadError> {
        import::read(snapshot, &self.settings, &self.tables, network)
    }

    fn warnings(&self) -> Vec<String> {
        let client = Client::builder(&self.settings.url, &self.settings.http).build();
        client.map(|client| client.warnings()).unwrap_or_default() // what is wrong with it, `fetch` says
    }

    fn probe(&self) -> Future<'_, Result<Vec<String>, FetchError>> {
        Box::pin(self.examine())
    }
}
