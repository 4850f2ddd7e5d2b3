//! What each request is allowed by, from one to the next.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pleach_source::{Client, ClientSettings, Credentials, Expect, FetchError, Future, Renewal, Secret};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::words;
use crate::auth::{LOGIN_PATH, NonceError, NonceUnit, Nonces, Token, bearer, login, renewal_path, signed};

/// Where credentials are sent.
pub(crate) const HEADER: &str = "authorization";

/// An API key.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// The key as the API has it.
    pub(crate) name: String,
    pub(crate) secret: Secret,
    /// Where its nonces are remembered.
    pub(crate) state: PathBuf,
}

/// A signature for each request. One process at a time has the key's nonces, as long as this lives.
#[derive(Debug)]
pub(crate) struct Signed {
    key: Key,
    nonces: Mutex<Nonces>,
}

impl Signed {
    pub(crate) async fn open(key: Key) -> Result<Self, FetchError> {
        let nonces = Mutex::new(nonces(&key, NonceUnit::Hundredths).await?);
        Ok(Self { key, nonces })
    }
}

impl Credentials for Signed {
    fn headers(&self) -> Result<Vec<(Cow<'static, str>, Secret)>, FetchError> {
        let nonce = locked(&self.nonces).next(SystemTime::now()).map_err(remembering)?;
        Ok(vec![(HEADER.into(), Secret::new(signed(&self.key.name, nonce, self.key.secret.expose())))])
    }
}

/// An access token that is bought with a login and renewed before it ends.
#[derive(Debug)]
pub(crate) struct Tokens {
    key: Key,
    address: String,
    settings: ClientSettings,
    token: Mutex<Option<Token>>,
}

impl Tokens {
    /// No token yet; `address` is where the API is.
    pub(crate) fn new(key: Key, address: &str, settings: &ClientSettings) -> Self {
        let (address, settings) = (address.to_owned(), settings.clone());
        Self { key, address, settings, token: Mutex::new(None) }
    }

    /// Whether there is no token that the next request can use.
    pub(crate) fn is_stale(&self) -> bool {
        locked(&self.token).as_ref().is_none_or(|token| token.is_stale(now()))
    }

    /// Renews the token, or buys one where there is none that can be renewed. Splynx may forget the old one at once.
    pub(crate) async fn get(&self) -> Result<(), FetchError> {
        let old = locked(&self.token).clone().filter(|token| token.is_renewable(now()));
        let token = match old {
            Some(old) => match self.renewed(&old).await {
                Err(error) if error.status().is_some_and(|status| status < 500) => self.bought().await?,
                renewed => renewed?,
            },
            None => self.bought().await?,
        };
        *locked(&self.token) = Some(token);
        Ok(())
    }

    async fn renewed(&self, old: &Token) -> Result<Token, FetchError> {
        let (path, secret) = renewal_path(old);
        let part = self.door(&[&Secret::new(secret)])?.get(&path, &[], Expect::Object).await?;
        let json = part.body.bytes().ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        token(&part.address, &json.unwrap_or_default())
    }

    async fn bought(&self) -> Result<Token, FetchError> {
        let nonces = Mutex::new((nonces(&self.key, NonceUnit::Seconds).await?, None));
        let body = || {
            let (nonces, failed) = &mut *locked(&nonces);
            nonces.next(SystemTime::now()).map_or_else(
                |error| {
                    *failed = Some(error);
                    Value::Null // which buys nothing
                },
                |nonce| login(&self.key.name, nonce, self.key.secret.expose()),
            )
        };
        let reply = self.door(&[])?.post(LOGIN_PATH, &body).await;
        if let Some(error) = locked(&nonces).1.take() {
            return Err(remembering(error));
        }
        let reply = reply.map_err(words::of_login)?;
        token(&reply.address, &reply.json)
    }

    /// A client that sends no credentials, and keeps these secrets out of its errors.
    fn door(&self, secrets: &[&Secret]) -> Result<Client, FetchError> {
        let door = Client::builder(&self.address, &self.settings).hide(&self.key.secret);
        secrets.iter().fold(door, |door, secret| door.hide(secret)).build()
    }
}

impl Credentials for Tokens {
    fn headers(&self) -> Result<Vec<(Cow<'static, str>, Secret)>, FetchError> {
        let header = locked(&self.token).as_ref().map(|token| (HEADER.into(), Secret::new(bearer(token))));
        Ok(header.into_iter().collect())
    }

    fn renew<'c>(&'c self, _: &'c Client) -> Future<'c, Result<Renewal, FetchError>> {
        Box::pin(async {
            self.get().await?;
            Ok(Renewal::Renewed)
        })
    }
}

fn token(address: &str, answer: &Value) -> Result<Token, FetchError> {
    Token::read(answer).map_err(|error| FetchError::Unusable {
        address: address.to_owned(),
        reason: error.to_string(),
        hint: "check that the address is that of Splynx, and that its API is version 2.0".to_owned(),
    })
}

/// So long a process waits for another one that uses the key: a login takes less.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it looks.
const LOOK: Duration = Duration::from_millis(100);

async fn nonces(key: &Key, unit: NonceUnit) -> Result<Nonces, FetchError> {
    let end = Instant::now() + PATIENCE;
    loop {
        match Nonces::open(&key.state, &key.name, unit) {
            Err(NonceError::Locked { .. }) if Instant::now() < end => sleep(LOOK).await,
            opened => return opened.map_err(remembering),
        }
    }
}

fn remembering(error: NonceError) -> FetchError {
    match error {
        NonceError::Locked { path } => FetchError::Busy { lock: path.display().to_string() },
        NonceError::File { path, source } => FetchError::State { path: path.display().to_string(), source },
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
