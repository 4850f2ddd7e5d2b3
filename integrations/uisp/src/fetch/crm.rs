//! The lists of CRM, page by page.

use std::path::Path;

use pleach_source::{Client, Expect, FetchError, Part, Timestamp};

use super::{CRM, address, started};
use crate::parts;
use crate::settings::UispSettings;

/// How many records are asked for at once. A service has 2 KB, a client with its contacts and attributes more.
const SERVICES_PER_PAGE: usize = 1_000;
const CLIENTS_PER_PAGE: usize = 500;

/// More pages than any CRM has: a server that never gives an empty one would be asked for ever.
const MOST_PAGES: usize = 10_000;

/// The client for CRM, where it is to be asked.
pub(super) fn client(settings: &UispSettings, now: Timestamp) -> Result<Option<Client>, FetchError> {
    let Some(crm) = &settings.crm else { return Ok(None) };
    let address = crm.url.clone().unwrap_or_else(|| address(&settings.url, CRM));
    let key = crm.key.load(Path::new(""))?;
    started(&address, settings, now).header("X-Auth-App-Key", key).build().map(Some)
}

/// All pages of all lists; none where CRM is not asked.
pub(super) async fn pages(client: Option<&Client>) -> Result<Vec<Part>, FetchError> {
    let Some(client) = client else { return Ok(Vec::new()) };
    let (services, clients) = tokio::join!(
        list(client, "clients/services", parts::SERVICES, SERVICES_PER_PAGE),
        list(client, "clients", parts::CLIENTS, CLIENTS_PER_PAGE),
    );
    let mut pages = services?;
    pages.extend(clients?);
    Ok(pages)
}

/// The pages of one list, up to the first empty one: a server may give fewer records than it is asked for.
async fn list(client: &Client, path: &str, name: &str, per_page: usize) -> Result<Vec<Part>, FetchError> {
    let mut pages: Vec<Part> = Vec::new();
    let mut offset = 0_u64;
    let limit = per_page.to_string();
    while pages.len() < MOST_PAGES {
        let query = [("limit", limit.as_str()), ("offset", &offset.to_string())];
        let mut page = client.get(path, &query, Expect::Array).await?;
        let records = page.records.unwrap_or_default();
        page.name = parts::page(name, pages.len() + 1);
        let repeats = pages.last().is_some_and(|last| last.body.sha256() == page.body.sha256());
        if records > 0 && repeats {
            return Err(unusable(page.address, "it gives the same page again and again"));
        }
        pages.push(page);
        if records == 0 {
            return Ok(pages);
        }
        offset += records;
    }
    let address = pages.pop().map(|page| page.address).unwrap_or_default();
    Err(unusable(address, "it has no end"))
}

fn unusable(address: String, reason: &str) -> FetchError {
    let hint = "look at what stands before the server: something answers in its place".to_owned();
    FetchError::Unusable { address, reason: reason.to_owned(), hint }
}
