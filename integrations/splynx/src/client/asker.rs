//! Who asks: the key as it is used, and the client that carries it.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use pleach_source::{Client, Expect, FetchError, Secret};
use tokio::sync::{RwLock, RwLockReadGuard};

use super::credentials::{HEADER, Key, Signed, Tokens};
use super::words;
use crate::auth::basic;
use crate::settings::{AuthMethod, SplynxSettings};

/// Asks one Splynx, for the time of one run.
#[derive(Debug)]
pub(crate) struct Asker {
    pub(super) client: Client,
    /// How many requests may be under way at a time.
    pub(super) at_a_time: usize,
    tokens: Option<Arc<Tokens>>,
    /// Held by whoever asks; alone by whoever gets a token, so that no request is under way with the one before it.
    asking: RwLock<()>,
}

/// So many requests at a time: each costs a PHP process of a server that has other things to do.
const AT_A_TIME: usize = 4;

/// Where the API is, below the address of Splynx.
const API: &str = "api/2.0/admin";

impl Asker {
    /// Loads the secret, and gets ready to ask. `state` is the folder for what is remembered between runs.
    pub(crate) async fn new(settings: &SplynxSettings, state: &Path) -> Result<Self, FetchError> {
        let secret = settings.secret.load(Path::new(""))?;
        let key = Key { name: settings.key.clone(), secret, state: state.to_owned() };
        let address = format!("{}/{API}", settings.url.trim().trim_end_matches('/'));
        let builder = Client::builder(&address, &settings.http).hide(&key.secret).seed(seed());
        let (builder, at_a_time, tokens) = match settings.auth {
            AuthMethod::Basic => {
                let header = Secret::new(basic(&key.name, key.secret.expose()));
                (builder.header(HEADER, header), AT_A_TIME, None)
            }
            AuthMethod::Signature => (builder.credentials(Arc::new(Signed::open(key).await?)).one_at_a_time(), 1, None),
            AuthMethod::Token => {
                let tokens = Arc::new(Tokens::new(key, &address, &settings.http));
                (builder.credentials(tokens.clone()), AT_A_TIME, Some(tokens))
            }
        };
        Ok(Self { client: builder.build()?, at_a_time, tokens, asking: RwLock::new(()) })
    }

    /// Whether the key is good for anything. An answer to a `HEAD` could not say why it is not.
    pub(crate) async fn check(&self) -> Result<(), FetchError> {
        let _turn = self.turn().await?;
        let checked = self.client.get("api/check", &[("checkAuth", "true")], Expect::Object).await;
        checked.map(drop).map_err(words::of_key)
    }

    /// The right to ask, with a token that is not about to end.
    pub(super) async fn turn(&self) -> Result<RwLockReadGuard<'_, ()>, FetchError> {
        if let Some(tokens) = &self.tokens
            && tokens.is_stale()
        {
            let alone = self.asking.write().await;
            if tokens.is_stale() {
                tokens.get().await?;
            }
            return Ok(alone.downgrade());
        }
        Ok(self.asking.read().await)
    }

    /// What an operator must be told at each run.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.client.warnings()
    }
}

/// Something that differs between runs, so that hosts which failed together do not come back together.
fn seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos().into()
}
