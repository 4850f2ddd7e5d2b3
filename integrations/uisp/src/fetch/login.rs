//! A token by name and password, for who has no API token.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use pleach_source::{Client, Credentials, FetchError, Future, Renewal, Secret};
use serde_json::json;

/// The header that a token stands in, both ways.
const TOKEN: &str = "x-auth-token";

/// Where one logs in.
const LOGIN: &str = "user/login";

/// The status of an answer that asks for a second factor.
const SECOND_FACTOR: u16 = 201;

/// A session: its token is gotten by the first request, and again when it has ended.
#[derive(Debug)]
pub(super) struct Session {
    user: String,
    password: Secret,
    token: Mutex<Option<Secret>>,
}

impl Session {
    pub(super) fn new(user: &str, password: Secret) -> Self {
        Self { user: user.to_owned(), password, token: Mutex::new(None) }
    }

    async fn begin(&self, client: &Client) -> Result<Renewal, FetchError> {
        let account = || json!({ "username": self.user, "password": self.password.expose() });
        let reply = client.post(LOGIN, &account).await?;
        if reply.status == SECOND_FACTOR {
            return Err(FetchError::SecondFactor { address: reply.address });
        }
        let Some(token) = reply.header(TOKEN) else {
            return Err(FetchError::Unusable {
                address: reply.address,
                reason: format!("it has no `{TOKEN}`"),
                hint: "check that the address is that of a UISP".to_owned(),
            });
        };
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(Secret::new(token));
        Ok(Renewal::Renewed)
    }
}

impl Credentials for Session {
    /// None before the first login: the server says that it wants one (401), and then one is made.
    fn headers(&self) -> Result<Vec<(Cow<'static, str>, Secret)>, FetchError> {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(token.map(|token| (TOKEN.into(), token)).into_iter().collect())
    }

    fn renew<'c>(&'c self, client: &'c Client) -> Future<'c, Result<Renewal, FetchError>> {
        Box::pin(self.begin(client))
    }
}
