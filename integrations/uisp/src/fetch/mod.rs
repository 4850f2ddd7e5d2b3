//! Asking a UISP for everything it knows.

mod crm;
mod login;
mod probe;

use std::path::Path;
use std::sync::Arc;

use pleach_source::{Client, ClientBuilder, Expect, FetchError, Part, Snapshot, Timestamp, beside};
use serde_json::Value;

use crate::parts;
use crate::settings::{Access, UispSettings};
use crate::source::Uisp;
use login::Session;

pub(crate) use probe::probe;

/// Where NMS is below the address of a UISP.
const NMS: &str = "/nms/api/v2.1";
/// Where CRM is.
const CRM: &str = "/crm/api/v1.0";

/// Asks for the lists of NMS all at once, beside those of CRM.
pub(crate) async fn fetch(settings: &UispSettings) -> Result<Snapshot, FetchError> {
    let taken = Timestamp::now();
    let nms = nms(settings, taken)?;
    let crm = crm::client(settings, taken)?;
    let (sites, devices, links, pages) = tokio::join!(
        list(&nms, parts::SITES, &[("ucrmDetails", "true")]), // with it comes the status of services
        list(&nms, parts::DEVICES, &[("withInterfaces", "true")]),
        list(&nms, parts::DATA_LINKS, &[]),
        crm::pages(crm.as_ref()),
    );
    // Which of several fails first is chance; a failure that has another name each time would be told anew each time.
    let parts = [sites?, devices?, links?].into_iter().chain(pages?).collect();
    Ok(Snapshot { source: settings.name.clone(), kind: Uisp::KIND.to_owned(), taken, parts })
}

async fn list(
    client: &Client,
    name: &'static str,
    query: &'static [(&'static str, &'static str)],
) -> Result<Part, FetchError> {
    let client = client.clone();
    beside(async move { client.get(name, query, Expect::Array).await }).await
}

/// The client for NMS.
fn nms(settings: &UispSettings, now: Timestamp) -> Result<Client, FetchError> {
    let client = started(&address(&settings.url, NMS), settings, now);
    let configuration = Path::new(""); // paths of secrets are from the root by now
    match settings.access() {
        Access::Token(token) => client.header("x-auth-token", token.load(configuration)?).build(),
        Access::Login(login) => {
            let password = login.password.load(configuration)?;
            client.hide(&password).credentials(Arc::new(Session::new(&login.user, password))).build()
        }
    }
}

/// A client for one of the two sides. What shortens its pauses differs from run to run.
fn started(address: &str, settings: &UispSettings, now: Timestamp) -> ClientBuilder {
    let seed = u64::try_from(now.as_nanosecond()).unwrap_or_default();
    Client::builder(address, &settings.http).seed(seed)
}

/// The address of one side of the UISP at `url`, which may be that of either side already.
fn address(url: &str, side: &str) -> String {
    let url = url.trim_end_matches('/');
    let base = [NMS, CRM, "/nms", "/crm"].into_iter().find_map(|path| url.strip_suffix(path)).unwrap_or(url);
    format!("{base}{side}")
}

/// A small document.
async fn document(client: &Client, path: &str) -> Result<Value, FetchError> {
    let part = client.get(path, &[], Expect::Object).await?;
    let unusable = |reason: String| FetchError::Unusable {
        address: part.address.clone(),
        reason,
        hint: "check that the address is that of a UISP".to_owned(),
    };
    let bytes = part.body.bytes().map_err(|error| unusable(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| unusable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_of_either_side() {
        for url in [
            "https://uisp.example.net",
            "https://uisp.example.net/",
            "https://uisp.example.net/nms",
            "https://uisp.example.net/nms/api/v2.1/",
            "https://uisp.example.net/crm/api/v1.0",
        ] {
            assert_eq!(address(url, NMS), "https://uisp.example.net/nms/api/v2.1");
            assert_eq!(address(url, CRM), "https://uisp.example.net/crm/api/v1.0");
        }
        assert_eq!(address("http://10.0.0.1:8080", NMS), "http://10.0.0.1:8080/nms/api/v2.1");
    }
}
