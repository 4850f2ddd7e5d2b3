//! The ways in which a document is gotten.

mod command;
mod kept;
mod url;

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use pleach_graph::text::MOST_TABLE_BYTES;
use pleach_source::{Body, Client, Expect, FetchError, Part, Timestamp};

use crate::settings::{Format, Input, Way};

/// Makes a command ready to run: as whom it runs is for whoever runs it to say.
pub type Prepare = Arc<dyn Fn(&mut std::process::Command) -> io::Result<()> + Send + Sync>;

/// Gets the document of an input. `kept` is where the last answer of an address is kept.
pub(crate) async fn get(
    input: &Input,
    name: &str,
    kept: &Path,
    prepare: &Prepare,
    now: Timestamp,
) -> Result<Part, FetchError> {
    let part = match input.way().expect("invariant: the settings were checked") {
        Way::File(path) => file(path)?,
        Way::Url(address) => url::get(input, address, kept, now).await?,
        Way::Command(command) => command::get(command, &input.folder, input.timeout, prepare).await?,
    };
    Ok(part.named(name))
}

/// What an operator must be told of an input at each run.
pub(crate) fn warnings(input: &Input) -> Vec<String> {
    let Some(Way::Url(address)) = input.way() else { return Vec::new() };
    let client = Client::builder(address.split(['?', '#']).next().unwrap_or_default(), &input.http).build();
    client.map(|client| client.warnings()).unwrap_or_default() // what is wrong with it, `get` says
}

fn file(path: &Path) -> Result<Part, FetchError> {
    let address = path.display().to_string();
    let body = File::open(path).and_then(|file| Body::read_from(file, MOST_TABLE_BYTES));
    let body = body.map_err(|source| FetchError::File { path: address.clone(), source })?;
    Ok(Part { name: String::new(), address, status: None, records: None, body })
}

/// What an answer has to be at its beginning.
fn expected(input: &Input) -> Expect {
    match (input.format, input.records.as_deref()) {
        (Format::Lines, _) => Expect::Lines,
        (Format::Csv, _) => Expect::Table,
        (Format::Json, None) => Expect::Array,
        (Format::Json, Some(_)) => Expect::Object,
    }
}
