//! A document from an address.

use std::path::Path;

use pleach_source::{Client, FetchError, Fetched, Part, Timestamp, Version};
use url::Url;

use super::expected;
use super::kept::Kept;
use crate::lines;
use crate::settings::{Format, Input};

/// Asks for a document. Where the server says that it is what it was, the answer that was kept is taken.
pub(super) async fn get(input: &Input, address: &str, kept: &Path, now: Timestamp) -> Result<Part, FetchError> {
    let (client, query) = client(input, address, now)?;
    let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let known = Kept::open(kept, address);
    let version = known.as_ref().map(Kept::version);
    if let Fetched::New(part, version) = client.document(&query, expected(input), version).await? {
        keep(input, kept, address, &part, version);
        return Ok(part);
    }
    if let Some(part) = known.and_then(Kept::into_part) {
        return Ok(part);
    }
    // What was kept is damaged, so all of it is asked for.
    match client.document(&query, expected(input), None).await? {
        Fetched::New(part, version) => {
            keep(input, kept, address, &part, version);
            Ok(part)
        }
        Fetched::Unchanged => Err(FetchError::Unusable {
            address: address.split('?').next().unwrap_or_default().to_owned(),
            reason: "it answered that nothing has changed, and was not asked that".to_owned(),
            hint: "look at what stands before the server: it answers for it".to_owned(),
        }),
    }
}

/// Keeps an answer, but none that cannot be read: it would be what nothing has changed since.
fn keep(input: &Input, kept: &Path, address: &str, part: &Part, version: Version) {
    let is_whole = input.format != Format::Lines || part.body.bytes().is_ok_and(|bytes| lines::is_whole(&bytes));
    Kept::put(kept, address, part, if is_whole { version } else { Version::default() });
}

/// The client, and the query of the address, which a client takes apart from it.
fn client(input: &Input, address: &str, now: Timestamp) -> Result<(Client, Vec<(String, String)>), FetchError> {
    let (base, query) = match Url::parse(address.trim()) {
        Ok(mut url) => {
            let query = url.query_pairs().into_owned().collect();
            url.set_query(None);
            (url.to_string(), query)
        }
        Err(_) => (address.to_owned(), Vec::new()), // the client says what is wrong with it
    };
    let seed = u64::try_from(now.as_nanosecond()).unwrap_or_default();
    let mut builder = Client::builder(&base, &input.http).seed(seed);
    if let Some(header) = &input.header {
        builder = builder.header(header.name.clone(), header.value.load(Path::new(""))?);
    }
    Ok((builder.build()?, query))
}
