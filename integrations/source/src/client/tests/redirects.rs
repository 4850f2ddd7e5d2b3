//! Where answers lead, and where credentials never go.

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::routing::{get, post};
use pleach_fault::{Fault, Faults, Server, with_faults};
use serde_json::json;

use super::{JSON, SITES, TOKEN, all_text, client, line, server, sites};
use crate::error::{FetchError, Leads};

#[tokio::test]
async fn another_server_sees_nothing() {
    let seen = Faults::none();
    let other = server(&seen);
    let faults = Faults::always(Fault::RedirectElsewhere(other.url().into()));
    let first = server(&faults);
    let error = sites(&client(&first)).await.expect_err("it leads elsewhere");
    assert_eq!(line(&error), format!("`{}/api/sites` leads to `{}/api/sites`", first.url(), other.url()));
    assert!(error.hint().contains("correct the address"));
    assert_eq!(faults.requests_to("/api/sites"), 1);
    assert!(seen.requests().is_empty(), "{:?}", seen.requests());
}

#[tokio::test]
async fn on_the_same_server_it_is_followed() {
    let router = Router::new()
        .route("/api/sites", get(|| async { (StatusCode::MOVED_PERMANENTLY, [(LOCATION, "sites/?page=1")], "") }))
        .route("/api/sites/", get(|| async { (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, "/v2/sites")], "") }))
        .route(
            "/v2/sites",
            get(|headers: axum::http::HeaderMap| async move {
                if headers.get("x-auth-token").is_some_and(|token| token == TOKEN) {
                    (JSON, SITES)
                } else {
                    (JSON, "[]")
                }
            }),
        );
    let faults = Faults::none();
    let server = Server::start(with_faults(router, faults.clone())).expect("a free port");
    let part = sites(&client(&server)).await.expect("it is found in the end");
    assert_eq!(part.records, Some(3));
    assert_eq!(part.address, format!("{}/v2/sites", server.url()));
    assert_eq!(faults.requests().into_keys().collect::<Vec<_>>(), ["/api/sites", "/api/sites/", "/v2/sites"]);
}

#[tokio::test]
async fn what_is_posted_is_not_posted_elsewhere() {
    let faults = Faults::none();
    let moved = || async { (StatusCode::PERMANENT_REDIRECT, [(LOCATION, "/api/v2/login")], "") };
    let router = Router::new().route("/api/login", post(moved)).route("/api/v2/login", post(|| async { (JSON, "{}") }));
    let server = Server::start(with_faults(router, faults.clone())).expect("a free port");
    let error = client(&server).post("login", &|| json!({})).await.expect_err("it leads on");
    assert!(matches!(error, FetchError::Redirected { leads: Leads::Sent, .. }), "{error:?}");
    assert!(line(&error).starts_with("`POST http://127.0.0.1:"));
    assert_eq!(faults.requests_to("/api/v2/login"), 0);
}

#[tokio::test]
async fn secrets_of_others_in_a_redirect_are_not_shown() {
    let to = format!("https://user:pw-of-them@other.example/in?token=theirs&echo={TOKEN}");
    let answer = move || async move { (StatusCode::FOUND, [(LOCATION, to)], "") };
    let server = Server::start(Router::new().route("/api/sites", get(answer))).expect("a free port");
    let error = sites(&client(&server)).await.expect_err("it leads elsewhere");
    let text = all_text(&error);
    assert!(line(&error).contains("leads to `https://other.example/in?token=***&echo=***"), "{text}");
    assert!(!["pw-of-them", "theirs", "5d2c1f0a"].iter().any(|secret| text.contains(secret)), "{text}");
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_an_answer_that_is_refused() {
    let router = Router::new().route("/api/sites", get(|| async { StatusCode::FOUND }));
    let server = Server::start(router).expect("a free port");
    let error = sites(&client(&server)).await.expect_err("it leads nowhere");
    assert!(line(&error).ends_with("answered 302 (Found): nothing"));
}
