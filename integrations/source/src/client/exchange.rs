//! One request on the line, and its redirects.

use std::borrow::Cow;
use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use reqwest::{Method, Response};
use serde_json::Value;
use tokio::time::timeout;
use url::Url;

use super::Client;
use super::address::same_origin;
use super::cause::classify;
use crate::error::{Asked, FetchError, Leads, Waiting};
use crate::secret::{Redactor, Secret};

/// What is asked.
pub(crate) struct Request<'r> {
    pub(crate) method: &'static str,
    pub(crate) url: Url,
    pub(crate) allowed: Allowed,
    /// What kinds of answers are wanted.
    pub(crate) accept: &'static str,
    /// Under which conditions: `If-None-Match` and the like.
    pub(crate) conditions: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Option<&'r (dyn Fn() -> Value + Send + Sync)>,
}

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    ByCredentials,
    ByAnybody,
}

/// The longest chain of redirects that anybody needs: to a path with a slash, to a version.
const MOST_REDIRECTS: usize = 3;

/// An answer that has begun: its status and headers.
pub(crate) struct Begun {
    pub(crate) response: Response,
    pub(crate) asked: Asked,
    pub(crate) redactor: Redactor,
    pub(crate) read_timeout: Duration,
}

impl Client {
    /// Sends a request, follows it on the same server, and gives what answers; the status can be any that is no redirect.
    pub(super) async fn exchange(&self, request: &Request<'_>, attempts: u32) -> Result<Begun, FetchError> {
        let headers = match request.allowed {
            Allowed::ByCredentials => self.0.credentials.headers()?,
            Allowed::ByAnybody => Vec::new(),
        };
        let mut redactor = self.0.redactor.clone();
        for (_, secret) in &headers {
            redactor.hide(secret);
        }
        let mut url = request.url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let asked = Asked { method: request.method, address: redactor.address(&url), attempts };
            let response = self.send(request, url.clone(), &headers, &asked).await?;
            let Some(to) = redirect(&response, &url) else {
                return Ok(Begun { response, asked, redactor, read_timeout: self.0.settings.read_timeout });
            };
            if let Some(leads) = forbidden(request, &url, &to) {
                return Err(FetchError::Redirected { asked, to: redactor.address(&to), leads });
            }
            url = to;
        }
        let asked = Asked { method: request.method, address: redactor.address(&request.url), attempts };
        Err(FetchError::Redirected { asked, to: redactor.address(&url), leads: Leads::InCircles })
    }

    async fn send(
        &self,
        request: &Request<'_>,
        url: Url,
        headers: &[(Cow<'static, str>, Secret)],
        asked: &Asked,
    ) -> Result<Response, FetchError> {
        let settings = &self.0.settings;
        let method = match request.method {
            "HEAD" => Method::HEAD,
            "POST" => Method::POST,
            _ => Method::GET,
        };
        let mut sent = self.0.http.request(method, url).header(ACCEPT, request.accept);
        sent = sent.header(ACCEPT_ENCODING, "gzip");
        for (name, value) in &request.conditions {
            sent = sent.header(name, value);
        }
        for (name, secret) in headers {
            let (name, value) = header(name, secret).ok_or_else(|| unsendable(asked, name))?;
            sent = sent.header(name, value);
        }
        if let Some(body) = request.body {
            sent = sent.header(CONTENT_TYPE, "application/json").body(body().to_string());
        }
        let timed_out = |waiting, after| FetchError::TimedOut { asked: asked.clone(), waiting, after };
        match timeout(settings.read_timeout, sent.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) if error.is_connect() && error.is_timeout() => {
                Err(timed_out(Waiting::Connect, settings.connect_timeout))
            }
            Ok(Err(error)) => Err(classify(error, asked.clone())),
            Err(_) => Err(timed_out(Waiting::FirstByte, settings.read_timeout)),
        }
    }
}

/// Where an answer leads (RFC 9110, section 15.4).
fn redirect(response: &Response, from: &Url) -> Option<Url> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let mut to = from.join(response.headers().get(LOCATION)?.to_str().ok()?).ok()?;
    let _ = (to.set_username(""), to.set_password(None)); // they would become credentials
    Some(to)
}

/// Why a redirect is not followed.
fn forbidden(request: &Request<'_>, from: &Url, to: &Url) -> Option<Leads> {
    match () {
        () if from.scheme() == "https" && to.scheme() == "http" => Some(Leads::ToPlainHttp),
        () if !same_origin(from, to) => Some(Leads::Elsewhere),
        () if request.body.is_some() => Some(Leads::Sent),
        () => None,
    }
}

fn header(name: &str, secret: &Secret) -> Option<(HeaderName, HeaderValue)> {
    let mut value = HeaderValue::from_str(secret.expose()).ok()?;
    value.set_sensitive(true);
    Some((HeaderName::from_bytes(name.as_bytes()).ok()?, value))
}

fn unsendable(asked: &Asked, name: &str) -> FetchError {
    FetchError::Unusable {
        address: asked.address.clone(),
        reason: format!("the secret for the header `{name}` has characters that no header can have"),
        hint: "check the secret: a token is letters, digits and a few signs".to_owned(),
    }
}
