//! Access tokens: one signed request buys half an hour.

use std::fmt;

use serde::Deserialize;
use serde_json::{Value, json};

use super::signature::sign;
use crate::scalar::Scalar;

/// What a login or a renewal gives. Splynx takes it from the address and with the `User-Agent` that it was given to.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    access: String,
    access_expires: u64,
    refresh: String,
    refresh_expires: u64,
}

/// Why an answer is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It is no object.
    #[error("it is no object")]
    NoObject(#[from] serde_json::Error),
    /// Something is missing in it.
    #[error("it has no `{0}`")]
    Missing(&'static str),
}

/// So long before it expires a token is renewed: what Splynx's own clients leave for a request to arrive.
const SECONDS_BEFORE: u64 = 5;

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    access_token: Scalar<'a>,
    #[serde(borrow, default)]
    access_token_expiration: Scalar<'a>,
    #[serde(borrow, default)]
    refresh_token: Scalar<'a>,
    #[serde(borrow, default)]
    refresh_token_expiration: Scalar<'a>,
}

impl Token {
    /// Reads what `POST admin/auth/tokens` or a renewal answered.
    pub fn read(answer: &Value) -> Result<Self, TokenError> {
        let answer = Answer::deserialize(answer)?;
        let text = |name, scalar: &Scalar<'_>| match scalar.text() {
            Some(text) if !text.is_empty() => Ok(text.into_owned()),
            _ => Err(TokenError::Missing(name)),
        };
        let moment = |name, scalar: &Scalar<'_>| scalar.id().ok().flatten().ok_or(TokenError::Missing(name));
        Ok(Self {
            access: text("access_token", &answer.access_token)?,
            access_expires: moment("access_token_expiration", &answer.access_token_expiration)?,
            refresh: text("refresh_token", &answer.refresh_token)?,
            refresh_expires: moment("refresh_token_expiration", &answer.refresh_token_expiration)?,
        })
    }

    /// Whether it is to be renewed before the next request; `now` in seconds since 1970.
    pub fn is_stale(&self, now: u64) -> bool {
        now + SECONDS_BEFORE > self.access_expires
    }

    /// Whether it can be renewed; else a login is needed.
    pub fn is_renewable(&self, now: u64) -> bool {
        now + SECONDS_BEFORE <= self.refresh_expires
    }
}

impl fmt::Debug for Token {
    /// Without the tokens themselves.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("access_expires", &self.access_expires).finish_non_exhaustive()
    }
}

/// The body of a login with an API key. `nonce` counts seconds.
pub fn login(key: &str, nonce: u64, secret: &str) -> Value {
    json!({"auth_type": "api_key", "key": key, "nonce": nonce, "signature": sign(key, nonce, secret)})
}

/// Where tokens are bought, below `admin/`.
pub const LOGIN_PATH: &str = "auth/tokens";

/// Where a token is renewed, below `admin/`, and the secret in that.
pub fn renewal_path(token: &Token) -> (String, &str) {
    (format!("{LOGIN_PATH}/{}", token.refresh), &token.refresh)
}

/// The `Authorization` of a request with this token.
pub fn bearer(token: &Token) -> String {
    format!("Splynx-EA (access_token={})", token.access)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_five_seconds_early() {
        let answer = json!({"access_token": "a1", "access_token_expiration": 1000, "refresh_token": "r1",
            "refresh_token_expiration": "2000", "permissions": []});
        let token = Token::read(&answer).expect("a token");
        assert_eq!(bearer(&token), "Splynx-EA (access_token=a1)");
        assert_eq!(renewal_path(&token), ("auth/tokens/r1".to_owned(), "r1"));
        assert_eq!([995, 996].map(|now| token.is_stale(now)), [false, true]);
        assert_eq!([1995, 1996].map(|now| token.is_renewable(now)), [true, false]);
        assert!(!format!("{token:?}").contains("a1"));
    }

    #[test]
    fn an_answer_without_a_token_is_named() {
        let refused = |answer: Value| Token::read(&answer).expect_err("no token").to_string();
        assert_eq!(refused(json!({})), "it has no `access_token`");
        assert_eq!(refused(json!({"access_token": "a"})), "it has no `access_token_expiration`");
        assert_eq!(refused(Value::Null), "it is no object");
    }

    #[test]
    fn a_login_signs_its_nonce() {
        let body = login("0123456789abcdef0123456789abcdef", 1_763_600_000, "fedcba9876543210fedcba9876543210");
        let wanted = json!({
            "auth_type": "api_key",
            "key": "0123456789abcdef0123456789abcdef",
            "nonce": 1_763_600_000,
            "signature": "47A48C4923DD26E4C6BB6C46D2E01749F198DC7BBA4251C05081529C3B3C6476",
        });
        assert_eq!(body, wanted);
    }
}
