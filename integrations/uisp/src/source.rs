//! The UISP source.

use pleach_graph::GraphBuilder;
use pleach_source::{Client, FetchError, Future, ReadError, Snapshot, Source};

use crate::fetch;
use crate::import;
use crate::settings::{SettingsError, UispSettings};
use crate::tables::Tables;

/// A UISP.
#[derive(Clone, Debug)]
pub struct Uisp {
    settings: UispSettings,
    tables: Tables,
}

impl Uisp {
    /// What kind of source it is.
    pub const KIND: &'static str = "uisp";

    /// The UISP of these settings; see [`UispSettings::check`].
    pub fn new(settings: UispSettings) -> Result<Self, SettingsError> {
        settings.check()?;
        let tables = Tables::new(&settings.name).map_err(SettingsError::Name)?;
        Ok(Self { settings, tables })
    }

    pub(crate) fn settings(&self) -> &UispSettings {
        &self.settings
    }

    pub(crate) fn import(&self, snapshot: &Snapshot, network: &mut GraphBuilder) -> Result<(), ReadError> {
        import::import(snapshot, &self.settings, &self.tables, network)
    }
}

impl Source for Uisp {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn kind(&self) -> &'static str {
        Self::KIND
    }

    fn fetch(&self) -> Future<'_, Result<Snapshot, FetchError>> {
        Box::pin(fetch::fetch(&self.settings))
    }

    fn read(&self, snapshot: &Snapshot, network: &mut GraphBuilder) -> Result<(), ReadError> {
        self.import(snapshot, network)
    }

    fn warnings(&self) -> Vec<String> {
        let client = Client::builder(&self.settings.url, &self.settings.http).build();
        client.map(|client| client.warnings()).unwrap_or_default() // what is wrong with it, `fetch` says
    }

    fn probe(&self) -> Future<'_, Result<Vec<String>, FetchError>> {
        Box::pin(fetch::probe(self))
    }
}
