//! Who may ask: the three ways to say so, each with everything that can be wrong about it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use url::form_urlencoded;

use super::error::Complaint;
use crate::database::Table;

/// The API key of a fake server, and what it may do.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// The key.
    pub key: String,
    /// Its secret.
    pub secret: String,
    /// Whether it may be used with HTTP Basic: *Unsecure access*.
    pub is_unsecure: bool,
    /// Where it may come from; anywhere where there is none.
    pub addresses: BTreeSet<IpAddr>,
    /// The lists that it may view.
    pub may_view: BTreeSet<Table>,
}

impl Default for ApiKey {
    fn default() -> Self {
        Self {
            key: "0123456789abcdef0123456789abcdef".to_owned(),
            secret: "fedcba9876543210fedcba9876543210".to_owned(),
            is_unsecure: true,
            addresses: BTreeSet::new(),
            may_view: Table::ALL.into(),
        }
    }
}

/// What the server remembers of its callers.
#[derive(Debug, Default)]
pub(crate) struct Callers {
    pub(crate) key: ApiKey,
    last_nonce: u64,
    tokens: BTreeMap<String, Token>,
    issued: u64,
}

#[derive(Debug)]
struct Token {
    refresh: String,
    expires: u64,
    refresh_expires: u64,
    from: From,
}

/// Where a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct From {
    pub(crate) address: Option<IpAddr>,
    pub(crate) user_agent: String,
}

/// How long a refresh token can be used: longer than any test.
const REFRESH_SECONDS: u64 = 30 * 24 * 3600;

impl Callers {
    /// Checks the `Authorization` of a request; `now` in seconds.
    pub(crate) fn check(&mut self, authorization: Option<&str>, from: &From, now: u64) -> Result<(), Complaint> {
        let header = authorization.ok_or_else(|| {
            Complaint::unauthorized("MISSED_AUTHORIZATION_HEADER", "Required authorization header is missed.")
        })?;
        if let Some(credentials) = header.strip_prefix("Basic ") {
            return self.check_basic(credentials, from);
        }
        let fields = header.strip_prefix("Splynx-EA (").and_then(|rest| rest.strip_suffix(')'));
        let fields: BTreeMap<String, String> = match fields {
            Some(fields) => form_urlencoded::parse(fields.as_bytes()).into_owned().collect(),
            None => return Err(Complaint::unauthorized("INVALID_AUTH_TYPE", "Invalid authentication type.")),
        };
        if let Some(token) = fields.get("access_token") {
            return self.check_token(token, from, now);
        }
        let field = |name| fields.get(name).map_or("", String::as_str);
        self.check_signature(field("key"), field("nonce"), field("signature"), from)
    }

    fn check_basic(&self, credentials: &str, from: &From) -> Result<(), Complaint> {
        let wanted = STANDARD.encode(format!("{}:{}", self.key.key, self.key.secret));
        if credentials != wanted {
            return Err(Complaint::unauthorized("UNAUTHORIZED", "Api key or secret is wrong."));
        }
        if !self.key.is_unsecure {
            return Err(Complaint::unauthorized("UNAUTHORIZED", "Unsecure access is disabled for this key."));
        }
        self.check_address(from)
    }

    fn check_address(&self, from: &From) -> Result<(), Complaint> {
        let allowed = &self.key.addresses;
        if allowed.is_empty() || from.address.is_some_and(|address| allowed.contains(&address)) {
            return Ok(());
        }
        Err(Complaint::new(StatusCode::FORBIDDEN, "FORBIDDEN", "Access from this IP is denied for this key."))
    }

    /// A nonce counts as used as soon as its signature is right, whatever becomes of the request.
    fn check_signature(&mut self, key: &str, nonce: &str, signature: &str, from: &From) -> Result<(), Complaint> {
        if key != self.key.key || signature != sign(nonce, key, &self.key.secret) {
            return Err(Complaint::unauthorized("UNAUTHORIZED", "Api key or signature is wrong."));
        }
        let number: u64 = nonce.parse().map_err(|_| Complaint::unauthorized("UNAUTHORIZED", "Nonce is wrong."))?;
        if number <= self.last_nonce {
            return Err(Complaint::unauthorized("UNAUTHORIZED", "Nonce must be greater than the last one."));
        }
        self.last_nonce = number;
        self.check_address(from)
    }

    fn check_token(&self, token: &str, from: &From, now: u64) -> Result<(), Complaint> {
        let Some(token) = self.tokens.get(token) else {
            return Err(Complaint::unauthorized("TOKEN_BANNED", "Token has been banned by server."));
        };
        if token.from.address != from.address {
            return Err(Complaint::unauthorized("IP_CHANGED", "Trying make request from unknown IP."));
        }
        if token.from.user_agent != from.user_agent {
            return Err(Complaint::unauthorized("USER_AGENT_CHANGED", "Trying make request with changed user agent."));
        }
        if now >= token.expires {
            return Err(Complaint::unauthorized("EXPIRED_ACCESS_TOKEN", "Access token expired."));
        }
        Ok(())
    }

    /// Answers a login: the body of `POST auth/tokens`.
    pub(crate) fn login(&mut self, body: &Value, from: &From, now: u64, lifetime: u64) -> Result<Value, Complaint> {
        let text = |name: &str| match &body[name] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        if text("auth_type") != "api_key" {
            return Err(Complaint::unauthorized("INVALID_AUTH_TYPE", "Invalid authentication type."));
        }
        self.check_signature(&text("key"), &text("nonce"), &text("signature"), from)?;
        let mut answer = self.issue(from, now, lifetime);
        answer["permissions"] = json!([]);
        Ok(answer)
    }

    /// Answers a renewal. The old token is no more.
    pub(crate) fn renew(&mut self, refresh: &str, from: &From, now: u64, lifetime: u64) -> Result<Value, Complaint> {
        let old = self.tokens.iter().find(|(_, token)| token.refresh == refresh);
        let Some((old, expires)) = old.map(|(access, token)| (access.clone(), token.refresh_expires)) else {
            return Err(Complaint::unauthorized("TOKEN_BANNED", "Token has been banned by server."));
        };
        if now >= expires {
            return Err(Complaint::unauthorized("EXPIRED_REFRESH_TOKEN", "Refresh token expired."));
        }
        self.tokens.remove(&old);
        Ok(self.issue(from, now, lifetime))
    }

    fn issue(&mut self, from: &From, now: u64, lifetime: u64) -> Value {
        self.issued += 1;
        let (access, refresh) = (format!("access-token-{}", self.issued), format!("refresh-token-{}", self.issued));
        let (expires, refresh_expires) = (now + lifetime, now + REFRESH_SECONDS);
        self.tokens
            .insert(access.clone(), Token { refresh: refresh.clone(), expires, refresh_expires, from: from.clone() });
        json!({
            "access_token": access,
            "access_token_expiration": expires,
            "refresh_token": refresh,
            "refresh_token_expiration": refresh_expires,
        })
    }

    /// Forgets all tokens, as an administrator can have it.
    pub(crate) fn ban_tokens(&mut self) {
        self.tokens.clear();
    }

    /// How many tokens were given out.
    pub(crate) fn issued(&self) -> u64 {
        self.issued
    }
}

fn sign(nonce: &str, key: &str, secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("invariant: HMAC takes a key of any length");
    mac.update(format!("{nonce}{key}").as_bytes());
    mac.finalize().into_bytes().iter().fold(String::new(), |text, byte| text + &format!("{byte:02X}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: &str = "2B5F91E8877EA31C2247010E09CB8DAC0AF855890C07A401199C6071754EA260";

    fn from(user_agent: &str) -> From {
        From { address: Some(IpAddr::from([127, 0, 0, 1])), user_agent: user_agent.to_owned() }
    }

    #[test]
    fn signed_requests_arrive_in_order() {
        let mut callers = Callers::default();
        let key = callers.key.clone();
        let mut check = |nonce: u64| {
            let signature = sign(&nonce.to_string(), &key.key, &key.secret);
            let header = format!("Splynx-EA (key={}&nonce={nonce}&signature={signature})", key.key);
            callers.check(Some(&header), &from("a"), 0).map_err(|complaint| complaint.code)
        };
        assert_eq!(sign("176360000000", &key.key, &key.secret), WANTED);
        assert_eq!(
            [check(5), check(5), check(4), check(6)],
            [Ok(()), Err("UNAUTHORIZED"), Err("UNAUTHORIZED"), Ok(())]
        );
    }

    #[test]
    fn tokens_are_bound_and_end() {
        let mut callers = Callers::default();
        let key = callers.key.clone();
        let body =
            json!({"auth_type": "api_key", "key": key.key, "nonce": 7, "signature": sign("7", &key.key, &key.secret)});
        let answer = callers.login(&body, &from("a"), 100, 60).expect("signed");
        let header = format!("Splynx-EA (access_token={})", answer["access_token"].as_str().expect("a text"));
        let mut check =
            |agent, now| callers.check(Some(&header), &from(agent), now).map_err(|complaint| complaint.code);
        assert_eq!([check("a", 159), check("a", 160)], [Ok(()), Err("EXPIRED_ACCESS_TOKEN")]);
        assert_eq!(check("b", 100), Err("USER_AGENT_CHANGED"));
        let refresh = answer["refresh_token"].as_str().expect("a text");
        assert!(callers.renew(refresh, &from("a"), 160, 60).is_ok());
        assert_eq!(callers.renew(refresh, &from("a"), 160, 60).expect_err("used").code, "TOKEN_BANNED");
        assert_eq!(callers.check(Some(&header), &from("a"), 100).expect_err("replaced").code, "TOKEN_BANNED");
    }
}
