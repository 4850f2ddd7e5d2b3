//! Credentials: renewed once, never shown.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use pleach_fault::{Fault, Faults, Server, with_faults};
use proptest::prelude::*;
use serde_json::json;

use super::{JSON, SITES, all_text, settings, sites};
use crate::client::{Client, Credentials, Renewal};
use crate::error::FetchError;
use crate::secret::Secret;
use crate::source::Future;

/// A login that gives tokens, as UISP does it.
#[derive(Debug)]
struct Login {
    token: Mutex<Option<Secret>>,
    renewed: AtomicU64,
}

impl Login {
    fn new(token: &str) -> Arc<Self> {
        Arc::new(Self { token: Mutex::new(Some(Secret::new(token))), renewed: AtomicU64::new(0) })
    }
}

impl Credentials for Login {
    fn headers(&self) -> Result<Vec<(Cow<'static, str>, Secret)>, FetchError> {
        let token = self.token.lock().expect("nobody panics").clone();
        Ok(token.into_iter().map(|token| ("x-auth-token".into(), token)).collect())
    }

    fn renew<'c>(&'c self, client: &'c Client) -> Future<'c, Result<Renewal, FetchError>> {
        Box::pin(async move {
            let reply = client.post("login", &|| json!({"username": "noc"})).await?;
            let Some(token) = reply.header("x-auth-token") else { return Ok(Renewal::Impossible) };
            *self.token.lock().expect("nobody panics") = Some(Secret::new(token));
            self.renewed.fetch_add(1, SeqCst);
            Ok(Renewal::Renewed)
        })
    }
}

/// A server that knows one token, `good-token`, and gives `given` for a login.
fn server(given: &'static str, faults: &Faults) -> Server {
    let check = |headers: HeaderMap| async move {
        let good = headers.get("x-auth-token").is_some_and(|token| token == "good-token");
        if good { (JSON, SITES).into_response() } else { (StatusCode::UNAUTHORIZED, JSON, "{}").into_response() }
    };
    let login = move |headers: HeaderMap| async move {
        assert!(!headers.contains_key("x-auth-token"), "a login needs no token");
        (JSON, [("x-auth-token", given)], "{}")
    };
    let router = Router::new().route("/sites", get(check)).route("/login", post(login));
    Server::start(with_faults(router, faults.clone())).expect("a free port")
}

fn client(server: &Server, login: &Arc<Login>) -> Client {
    let builder = Client::builder(&server.url(), &settings()).first_pause(std::time::Duration::from_millis(1));
    builder.credentials(login.clone()).one_at_a_time().build().expect("the settings are good")
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let (faults, login) = (Faults::none(), Login::new("old-token"));
    let server = server("good-token", &faults);
    let client = client(&server, &login);
    assert_eq!(sites(&client).await.expect("the new one is good").records, Some(3));
    assert_eq!((faults.requests_to("/sites"), faults.requests_to("/login")), (2, 1));
    sites(&client).await.expect("it stays good");
    assert_eq!((faults.requests_to("/sites"), faults.requests_to("/login")), (3, 1));
}

#[tokio::test]
async fn a_renewal_that_does_not_help_is_not_repeated() {
    let (faults, login) = (Faults::none(), Login::new("old-token"));
    let server = server("bad-token", &faults);
    let error = sites(&client(&server, &login)).await.expect_err("no token is good");
    assert_eq!(error.status(), Some(401));
    assert_eq!((faults.requests_to("/sites"), faults.requests_to("/login")), (2, 1));
}

#[tokio::test]
async fn a_login_that_fails_is_what_is_said() {
    let faults = Faults::on("/login", Fault::Forbidden);
    let login = Login::new("old-token");
    let server = server("good-token", &faults);
    let error = sites(&client(&server, &login)).await.expect_err("no login, no token");
    assert_eq!(error.status(), Some(403));
    assert!(error.to_string().starts_with(&format!("`POST {}/login` answered 403", server.url())));
}

#[tokio::test]
async fn requests_that_are_refused_together_renew_once() {
    let (faults, login) = (Faults::none(), Login::new("old-token"));
    let server = server("good-token", &faults);
    let client = Client::builder(&server.url(), &settings()).credentials(login.clone()).build().expect("good");
    let answers = futures_util::future::join_all((0..5).map(|_| sites(&client))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!((login.renewed.load(SeqCst), faults.requests_to("/login")), (1, 1));
}

#[tokio::test]
async fn a_renewal_and_what_may_pass_go_together() {
    let faults = Faults::on("/sites", Fault::BadGateway).times(1).and_on("/login", Fault::BadGateway).times(1);
    let login = Login::new("old-token");
    let server = server("good-token", &faults);
    sites(&client(&server, &login)).await.expect("everything is outlasted");
    assert_eq!((faults.requests_to("/sites"), faults.requests_to("/login")), (3, 2));
}

#[tokio::test]
async fn a_secret_that_no_header_can_have_is_said_and_not_shown() {
    let server = server("good-token", &Faults::none());
    let secret = Secret::new("tok\nen");
    let client = Client::builder(&server.url(), &settings()).header("x-auth-token", secret).build().expect("good");
    let error = sites(&client).await.expect_err("it cannot be sent");
    assert!(
        error.to_string().ends_with("the secret for the header `x-auth-token` has characters that no header can have")
    );
    assert!(!all_text(&error).contains("tok\nen"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever the secret, and wherever a server repeats it: no error has it, nor what is kept.
    #[test]
    fn no_secret_is_in_anything(
        secret in "[!-~]{8,60}", padding in 0usize..300, status in prop::sample::select(vec![200u16, 401, 404, 302]),
        html in any::<bool>(), scheme in prop::sample::select(vec!["", "Basic ", "Bearer "]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let answer = move |headers: HeaderMap| async move {
            let sent = headers.get("authorization").and_then(|sent| sent.to_str().ok()).unwrap_or_default().to_owned();
            let body = format!("{}{sent} {}", "x".repeat(padding), json!({"you sent": sent}));
            let kind = if html { "text/html" } else { "application/json" };
            let to = format!("http://other.example/?sent={}", url::form_urlencoded::byte_serialize(sent.as_bytes()).collect::<String>());
            (StatusCode::from_u16(status).expect("a status"), [("content-type", kind.to_owned()), ("location", to)], body)
        };
        let server = Server::start(Router::new().route("/sites", get(answer))).expect("a free port");
        let value = Secret::new(format!("{scheme}{secret}"));
        let client = Client::builder(&server.url(), &settings()).header("authorization", value).build().expect("good");
        let error = runtime.block_on(sites(&client)).expect_err("nothing of it is good");
        let text = all_text(&error);
        prop_assert!(!text.contains(&secret), "{text}");
        prop_assert!(text.contains("***") || padding > 190 || status == 302, "{text}");
    }
}
