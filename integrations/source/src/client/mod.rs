//! The client through which every API is asked.
//!
//! An answer is looked at before anybody decodes it: its status, its content type, the bracket it begins with. It is compressed
//! while it comes in, and refused as soon as it is too large or turns out to be something else. What may pass by itself (429,
//! 5xx, a broken connection, a time-out) is tried again. Credentials go to one scheme, host and port, and never into an error.

mod address;
mod answer;
mod attempts;
mod builder;
mod cause;
mod credentials;
mod exchange;
mod intake;
mod pin;
mod reply;
mod retry;
mod settings;
#[cfg(test)]
mod tests;
mod tls;
mod withhold;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH};
use tokio::sync::{Mutex, Semaphore};

use crate::error::FetchError;
use crate::json::Expect;
use crate::secret::Redactor;
use crate::snapshot::Part;

use address::Base;
use answer::{Document, Header, Records, Small};
use exchange::{Allowed, Request};

pub use answer::{Fetched, Version};
pub use builder::ClientBuilder;
pub use cause::Cause;
pub use credentials::{Credentials, Renewal};
pub use intake::Size;
pub use pin::{Pin, PinError};
pub use reply::Reply;
pub(crate) use retry::{LONGEST_RETRY_AFTER, may_pass};
pub use settings::{ClientSettings, ClientSettingsError};

/// What is asked for where nothing else is said.
const JSON: &str = "application/json";

/// Asks one API over HTTP. Clones are one and the same; several requests may be under way at once.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http: reqwest::Client,
    base: Base,
    settings: ClientSettings,
    credentials: Arc<dyn Credentials>,
    redactor: Redactor,
    /// The keys whose values are not kept.
    withheld: &'static [&'static str],
    first_pause: Duration,
    seed: u64,
    /// How many requests were begun: each has pauses of its own.
    begun: AtomicU64,
    /// Who may ask now, where one may at a time.
    turn: Option<Semaphore>,
    /// How often credentials were renewed; held while they are.
    renewals: Mutex<u64>,
}

impl Client {
    /// A client for the API at `address`, such as `https://uisp.example.net/nms/api/v2.1`.
    pub fn builder(address: &str, settings: &ClientSettings) -> ClientBuilder {
        ClientBuilder::new(address, settings)
    }

    /// Asks for what is at `path` below the address of the API, a JSON document of the kind expected; whatever else comes is an
    /// error. The part is called after the path.
    pub async fn get(&self, path: &str, query: &[(&str, &str)], expect: Expect) -> Result<Part, FetchError> {
        let request = self.request("GET", path, query, Allowed::ByCredentials);
        self.ask(&request, &Records { name: path, expect, withheld: self.0.withheld }).await
    }

    /// Asks for what the address of the client leads to: lines, a table, JSON. With `known`, the version that is known already, only
    /// what is newer is sent.
    pub async fn document(
        &self,
        query: &[(&str, &str)],
        expect: Expect,
        known: Option<&Version>,
    ) -> Result<Fetched, FetchError> {
        let mut request = self.request("GET", "", query, Allowed::ByCredentials);
        request.accept = match expect {
            Expect::Array | Expect::Object => JSON,
            Expect::Lines => "application/x-ndjson, application/json;q=0.9, */*;q=0.5",
            Expect::Table => "text/csv, */*;q=0.5",
        };
        let known = known.cloned().unwrap_or_default();
        let conditions = [(IF_NONE_MATCH, known.etag), (IF_MODIFIED_SINCE, known.last_modified)];
        // A version that no header can have came from no header.
        let conditions = conditions.into_iter().filter_map(|(name, value)| Some((name, value?.parse().ok()?)));
        request.conditions = conditions.collect();
        let is_conditional = !request.conditions.is_empty();
        let records = Records { name: "document", expect, withheld: self.0.withheld };
        self.ask(&request, &Document { records, is_conditional }).await
    }

    /// Asks for the headers that an answer would have: a count, say.
    pub async fn head(&self, path: &str, query: &[(&str, &str)]) -> Result<Reply, FetchError> {
        self.ask(&self.request("HEAD", path, query, Allowed::ByCredentials), &Header).await
    }

    /// Sends a JSON document without credentials, as for a login, and takes a small object in return. `body` is called anew for
    /// each attempt, so that a counter may be in it; tell [`ClientBuilder::hide`] of the secrets in it.
    pub async fn post(
        &self,
        path: &str,
        body: &(dyn Fn() -> serde_json::Value + Send + Sync),
    ) -> Result<Reply, FetchError> {
        let request = Request { body: Some(body), ..self.request("POST", path, &[], Allowed::ByAnybody) };
        self.ask(&request, &Small).await
    }

    /// What an operator must be told at each run, for want of safety: that certificates are not checked, or nothing encrypted.
    pub fn warnings(&self) -> Vec<String> {
        let Inner { base, settings, .. } = &*self.0;
        let address = self.0.redactor.address(base.url());
        let mut warnings = Vec::new();
        if settings.insecure && base.url().scheme() == "https" {
            warnings.push(format!(
                "the certificate of `{address}` is not checked (`insecure = true`): whoever stands between can read the \
                 credentials and change the answers"
            ));
        }
        if base.is_exposed() {
            warnings.push(format!(
                "nothing is encrypted on the way to `{address}`: whoever stands between can read the credentials and change \
                 the answers"
            ));
        }
        warnings
    }

    fn request<'r>(&self, method: &'static str, path: &str, query: &[(&str, &str)], allowed: Allowed) -> Request<'r> {
        let url = self.0.base.join(path, query);
        Request { method, url, allowed, accept: JSON, conditions: Vec::new(), body: None }
    }

    /// A seed for the pauses of the next request.
    fn next_seed(&self) -> u64 {
        self.0.seed.wrapping_add(self.0.begun.fetch_add(1, Ordering::Relaxed))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("address", &self.0.base.url().as_str()).finish_non_exhaustive()
    }
}
