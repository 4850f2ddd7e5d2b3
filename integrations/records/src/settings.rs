//! What the configuration says of a generic source.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::fmt::serde::unsigned_duration::friendly::compact;
use pleach_graph::IdError;
use pleach_source::{ClientSettings, Rates, SecretSource, Suspended};
use serde::{Deserialize, Serialize};

use crate::import::Tables;
use crate::map::{Map, MapError};

/// A generic source: its documents, and how they are read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordsSettings {
    /// What it is called: the first part of the ids of its records.
    #[serde(default = "default_name")]
    pub name: String,
    /// What becomes of circuits that are suspended.
    #[serde(default)]
    pub suspended: Suspended,
    /// What those who are suspended share in the walled garden, and what each gets at most.
    #[serde(default = "Rates::walled")]
    pub walled: Rates,
    /// Its documents. They share one set of ids.
    #[serde(default)]
    pub input: Vec<Input>,
}

/// One document: where it comes from, and what it looks like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// A file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// An address, `http` or `https`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A program and its arguments, whose standard output it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// The header that says to the server who asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// How the address is asked.
    #[serde(default)]
    pub http: ClientSettings,
    /// How long the command may take.
    #[serde(default = "default_timeout", with = "compact::required")]
    pub timeout: Duration,
    /// What it looks like.
    #[serde(default)]
    pub format: Format,
    /// In JSON: a pointer (RFC 6901) to the array of records. Without it the document is that array.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<String>,
    /// Which records are made of a row or an element.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub map: Vec<Map>,
    /// The folder that the configuration stands in, where the command runs.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// A header of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Its name: `Authorization`.
    pub name: String,
    /// Its value: `Bearer …`.
    pub value: SecretSource,
}

/// What a document looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Pleach's own schema.
    #[default]
    Lines,
    /// JSON of another shape, read through maps.
    Json,
    /// A table with a header, read through maps.
    Csv,
}

/// Where a document comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way<'s> {
    /// A file.
    File(&'s Path),
    /// An address.
    Url(&'s str),
    /// A command: the program and its arguments.
    Command(&'s [String]),
}

/// What is wrong with the settings of a generic source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Its name cannot begin an id.
    #[error("`name`")]
    Name(#[from] IdError),
    /// It has no document.
    #[error("it has no `input`: add `[[records.input]]` with `file`, `url` or `command`")]
    NoInput,
    /// A document comes from nowhere, or from several places.
    #[error("input {0} needs one of `file`, `url` and `command`")]
    Way(usize),
    /// Something is set that another way of getting a document has.
    #[error("input {0} has `{1}`, which is for `{2}`")]
    Idle(usize, &'static str, &'static str),
    /// A command without a program.
    #[error("input {0}: `command` names no program")]
    NoProgram(usize),
    /// Pleach's own schema needs no mapping.
    #[error("input {0} has a `map`: say its `format`, `csv` or `json`, too")]
    NoFormat(usize),
    /// Anything else does.
    #[error("input {0} has no `map`: add `[[records.input.map]]` that says what its columns or fields are")]
    NoMap(usize),
    /// A pointer that is none.
    #[error("input {0}: `records` is no JSON pointer such as `/results`")]
    Pointer(usize),
    /// A mapping is wrong.
    #[error("input {0}, map {1}")]
    Map(usize, usize, #[source] MapError),
}

impl RecordsSettings {
    /// Checks what its types cannot say.
    pub fn check(&self) -> Result<(), SettingsError> {
        Tables::new(&self.name)?;
        if self.input.is_empty() {
            return Err(SettingsError::NoInput);
        }
        self.input.iter().enumerate().try_for_each(|(at, input)| input.check(at + 1))
    }

    /// Takes paths that are not absolute from `folder`: the one that the configuration stands in.
    pub fn resolve_paths(&mut self, folder: &Path) {
        for input in &mut self.input {
            folder.clone_into(&mut input.folder);
            if let Some(file) = &mut input.file {
                *file = folder.join(&*file);
            }
            // A program without a slash is looked for where programs are.
            if let Some(program) = input.command.as_mut().and_then(|command| command.first_mut())
                && program.contains('/')
            {
                *program = folder.join(&*program).display().to_string();
            }
            if let Some(SecretSource::File(path)) = input.header.as_mut().map(|header| &mut header.value) {
                *path = folder.join(&*path);
            }
            input.http.resolve_paths(folder);
        }
    }
}

impl Input {
    /// Where it comes from.
    pub fn way(&self) -> Option<Way<'_>> {
        match (&self.file, &self.url, &self.command) {
            (Some(file), None, None) => Some(Way::File(file)),
            (None, Some(url), None) => Some(Way::Url(url)),
            (None, None, Some(command)) => Some(Way::Command(command)),
            _ => None,
        }
    }

    fn check(&self, at: usize) -> Result<(), SettingsError> {
        let way = self.way().ok_or(SettingsError::Way(at))?;
        if self.header.is_some() && !matches!(way, Way::Url(_)) {
            return Err(SettingsError::Idle(at, "header", "url"));
        }
        if way == Way::Command(&[]) {
            return Err(SettingsError::NoProgram(at));
        }
        if self.records.is_some() && self.format != Format::Json {
            return Err(SettingsError::Idle(at, "records", "format = \"json\""));
        }
        if self.records.as_deref().is_some_and(|pointer| !pointer.is_empty() && !pointer.starts_with('/')) {
            return Err(SettingsError::Pointer(at));
        }
        match (self.format, self.map.is_empty()) {
            (Format::Lines, false) => return Err(SettingsError::NoFormat(at)),
            (Format::Json | Format::Csv, true) => return Err(SettingsError::NoMap(at)),
            _ => {}
        }
        let mut maps = self.map.iter().enumerate();
        maps.try_for_each(|(number, map)| map.check().map_err(|error| SettingsError::Map(at, number + 1, error)))
    }
}

fn default_name() -> String {
    "records".to_owned()
}

/// A query of a large database takes seconds; one that takes longer than this waits for something that does not come.
fn default_timeout() -> Duration {
    Duration::from_mins(2)
}
