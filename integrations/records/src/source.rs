//! A generic source as a source like any other.

use std::fmt;
use std::path::{Path, PathBuf};

use pleach_graph::{GraphBuilder, NetworkGraph, NodeKind, Problems};
use pleach_source::{FetchError, Future, Part, ReadError, Snapshot, Source, Timestamp, beside};

use crate::import::{self, Documents, Tables};
use crate::record::Found;
use crate::settings::{Format, Input, RecordsSettings, SettingsError};
use crate::ways::{self, Prepare};
use crate::{json, lines, table};

/// The generic source.
#[derive(Clone)]
pub struct RecordsSource {
    settings: RecordsSettings,
    tables: Tables,
    state: PathBuf,
    prepare: Prepare,
}

impl RecordsSource {
    /// What kind of source it is.
    pub const KIND: &'static str = "records";

    /// A source that reads these documents. In the folder `state` the last answers of addresses are kept, and is made when it is
    /// needed; `prepare` makes commands ready.
    pub fn new(settings: RecordsSettings, state: &Path, prepare: Prepare) -> Result<Self, SettingsError> {
        settings.check()?;
        let tables = Tables::new(&settings.name)?;
        Ok(Self { settings, tables, state: state.to_owned(), prepare })
    }

    async fn snapshot(&self) -> Result<Snapshot, FetchError> {
        let taken = Timestamp::now();
        let mut parts = Vec::with_capacity(self.settings.input.len());
        // One after the other: a command may prepare what the next one reads.
        for (at, input) in self.settings.input.iter().enumerate() {
            let (input, prepare) = (input.clone(), self.prepare.clone());
            let (name, kept) = (part_name(at), self.state.join(part_name(at)));
            parts.push(beside(async move { ways::get(&input, &name, &kept, &prepare, taken).await }).await?);
        }
        Ok(Snapshot { source: self.settings.name.clone(), kind: Self::KIND.to_owned(), taken, parts })
    }

    async fn examine(&self) -> Result<Vec<String>, FetchError> {
        let snapshot = self.snapshot().await?;
        let mut facts: Vec<String> =
            snapshot.parts.iter().map(|part| format!("`{}`: {} bytes", part.address, part.body.len())).collect();
        facts.extend(self.warnings());
        let mut builder = NetworkGraph::builder();
        self.read(&snapshot, &mut builder).map_err(|error| {
            let (address, reason, hint) = (error.address, error.reason, error.hint);
            FetchError::Unusable { address, reason, hint }
        })?;
        let (network, problems) = builder.build();
        let is_place = |kind: &NodeKind| matches!(kind, NodeKind::Site(_) | NodeKind::AccessPoint(_));
        let places = network.nodes().filter(|(at, node)| *at != network.top() && is_place(&node.kind)).count();
        let (circuits, problems) = (network.circuits().len(), problems.len());
        facts.push(format!("{circuits} circuits, {places} sites and access points, {problems} problems"));
        Ok(facts)
    }
}

/// What the part of an input is called: `input-1`.
fn part_name(at: usize) -> String {
    format!("input-{}", at + 1)
}

fn read_part(input: &Input, part: &Part) -> Result<(Found, Problems), ReadError> {
    let unreadable = |error: std::io::Error| ReadError {
        address: part.address.clone(),
        reason: error.to_string(),
        hint: String::new(),
    };
    match input.format {
        Format::Lines => lines::read(&part.body.bytes().map_err(unreadable)?, &part.address),
        Format::Csv => table::read(&part.body.bytes().map_err(unreadable)?, &part.address, &input.map),
        Format::Json => json::read(&part.body, &part.address, input.records.as_deref(), &input.map),
    }
}

impl Source for RecordsSource {
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
        let mut documents = Documents { found: Vec::new() };
        for (at, input) in self.settings.input.iter().enumerate() {
            let part = snapshot.part(&part_name(at)).ok_or_else(|| ReadError {
                address: part_name(at),
                reason: "the snapshot does not have it".to_owned(),
                hint: "the configuration has more inputs than when it was taken: take another snapshot".to_owned(),
            })?;
            let (mut found, problems) = read_part(input, part)?;
            if input.map.len() > 1 {
                found.forget_repeats();
            }
            let document = network.document(&part.address);
            problems.into_iter().for_each(|problem| network.report(problem));
            documents.found.push((found, document));
        }
        import::add(documents, &self.tables, (self.settings.suspended, self.settings.walled), network);
        Ok(())
    }

    fn warnings(&self) -> Vec<String> {
        self.settings.input.iter().flat_map(ways::warnings).collect()
    }

    fn probe(&self) -> Future<'_, Result<Vec<String>, FetchError>> {
        Box::pin(self.examine())
    }
}

impl fmt::Debug for RecordsSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordsSource").field("settings", &self.settings).finish_non_exhaustive()
    }
}
