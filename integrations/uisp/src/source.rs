//! The UISP source.

use pleach_graph::{GraphBuilder, IdError};
use pleach_source::{ReadError, Snapshot};

use crate::import;
use crate::settings::UispSettings;
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

    /// The UISP of these settings. Its name must be one that ids can begin with.
    pub fn new(settings: UispSettings) -> Result<Self, IdError> {
        let tables = Tables::new(&settings.name)?;
        Ok(Self { settings, tables })
    }

    /// Adds what a snapshot says to the network: see [`pleach_source::Source::read`].
    pub fn read(&self, snapshot: &Snapshot, network: &mut GraphBuilder) -> Result<(), ReadError> {
        import::import(snapshot, &self.settings, &self.tables, network)
    }
}
