//! Making a client.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore};

use super::address::Base;
use super::credentials::{Credentials, FixedHeader, Nobody};
use super::retry::FIRST_PAUSE;
use super::settings::ClientSettings;
use super::{Client, Inner, tls};
use crate::error::{FetchError, THIS_HOST};
use crate::secret::{Redactor, Secret};

/// The name that requests go under. It stays the same between runs: there are servers that bind a token to it.
const USER_AGENT: &str = concat!("pleach/", env!("CARGO_PKG_VERSION"));

/// What a client is made of.
#[derive(Debug)]
pub struct ClientBuilder {
    address: String,
    settings: ClientSettings,
    credentials: Arc<dyn Credentials>,
    redactor: Redactor,
    withheld: &'static [&'static str],
    first_pause: Duration,
    seed: u64,
    one_at_a_time: bool,
}

impl ClientBuilder {
    pub(super) fn new(address: &str, settings: &ClientSettings) -> Self {
        Self {
            address: address.to_owned(),
            settings: settings.clone(),
            credentials: Arc::new(Nobody),
            redactor: Redactor::default(),
            withheld: &[],
            first_pause: FIRST_PAUSE,
            seed: 0,
            one_at_a_time: false,
        }
    }

    /// Sends this header with each request.
    #[must_use]
    pub fn header(self, name: impl Into<Cow<'static, str>>, value: Secret) -> Self {
        self.hide(&value).credentials(Arc::new(FixedHeader(name.into(), value)))
    }

    /// Sends the headers that `credentials` give, and lets them be renewed.
    #[must_use]
    pub fn credentials(mut self, credentials: Arc<dyn Credentials>) -> Self {
        self.credentials = credentials;
        self
    }

    /// Keeps a secret out of errors, wherever a server repeats it. Those in headers are kept out by themselves.
    #[must_use]
    pub fn hide(mut self, secret: &Secret) -> Self {
        self.redactor.hide(secret);
        self
    }

    /// Keeps the values of these keys out of answers, wherever they stand in them: secrets of others that the API gives away with
    /// everything else. `"***"` is kept in their place.
    #[must_use]
    pub fn withhold(mut self, keys: &'static [&'static str]) -> Self {
        self.withheld = keys;
        self
    }

    /// Makes one request at a time, as where a counter in the credentials may only grow.
    #[must_use]
    pub fn one_at_a_time(mut self) -> Self {
        self.one_at_a_time = true;
        self
    }

    /// What shortens the pauses before another attempt is made: something that differs between hosts and runs.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The first of the pauses before another attempt is made, each of which is twice the one before it: a second, if nothing
    /// else is said.
    #[must_use]
    pub fn first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// The client. Nothing is asked yet.
    pub fn build(self) -> Result<Client, FetchError> {
        let Self { address, settings, .. } = self;
        let base = match Base::parse(&address) {
            Ok(base) => base,
            Err(why) => return Err(FetchError::Address { address: self.redactor.clean_address(&address), why }),
        };
        let shown = self.redactor.address(base.url());
        settings.check().map_err(|source| FetchError::Settings { address: shown.clone(), source })?;
        let tls = tls::config(&settings, base.url().scheme()).map_err(|source| FetchError::Authorities {
            authorities: settings.ca_file.as_ref().map_or(THIS_HOST.to_owned(), |path| path.display().to_string()),
            source,
        })?;
        let http = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .tls_backend_preconfigured(tls)
            .connect_timeout(settings.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .build()
            .map_err(|error| FetchError::Unusable {
                address: shown,
                reason: error.without_url().to_string(),
                hint: "report this: the client cannot be made".to_owned(),
            })?;
        Ok(Client(Arc::new(Inner {
            http,
            base,
            settings,
            credentials: self.credentials,
            redactor: self.redactor,
            withheld: self.withheld,
            first_pause: self.first_pause,
            seed: self.seed,
            begun: AtomicU64::new(0),
            turn: self.one_at_a_time.then(|| Semaphore::new(1)),
            renewals: Mutex::new(0),
        })))
    }
}
