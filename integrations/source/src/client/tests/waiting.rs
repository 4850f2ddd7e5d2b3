//! How long things are waited for.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::routing::get;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use pleach_fault::{Fault, Faults, Server, with_faults};

use super::{JSON, SITES, builder, client, line, server, settings, sites};
use crate::client::{Client, ClientSettings};
use crate::error::{FetchError, Waiting};

#[tokio::test]
async fn the_overall_time_ends_an_answer_that_dribbles_for_ever() {
    let faults = Faults::always(Fault::Dribble { bytes: 1, pause: Duration::from_millis(20) });
    let server = server(&faults);
    let hurried = ClientSettings { overall_timeout: Duration::from_millis(200), ..settings() };
    let begun = Instant::now();
    let error = sites(&builder(&server, &hurried).build().expect("good")).await.expect_err("it takes 1.6 s");
    assert!(matches!(error, FetchError::TimedOut { waiting: Waiting::End, .. }), "{error}");
    assert!(line(&error).ends_with("took too long: not all of the answer after 200ms"));
    assert!(error.hint().ends_with("set `overall_timeout` to more"));
    assert!(begun.elapsed() < Duration::from_millis(1500));
    assert_eq!(faults.requests_to("/api/sites"), 1);
}

#[tokio::test]
async fn the_overall_time_ends_attempts_too() {
    let faults = Faults::always(Fault::BadGateway);
    let server = server(&faults);
    let hurried = ClientSettings { overall_timeout: Duration::from_secs(1), retries: 20, ..settings() };
    let client = builder(&server, &hurried).first_pause(Duration::from_millis(100)).seed(0).build().expect("good");
    let error = sites(&client).await.expect_err("it never answers");
    assert_eq!(error.status(), Some(502), "what went wrong is said, not that there is no time for more");
    let waited = "of this seed the pauses are 94, 143, 205 and 788 ms";
    assert_eq!(faults.requests_to("/api/sites"), 4, "{waited}");
}

#[tokio::test]
async fn the_server_says_how_long_to_wait() {
    let faults = Faults::always(Fault::TooManyRequests { retry_after: Duration::from_secs(1) }).times(1);
    let server = server(&faults);
    let begun = Instant::now();
    sites(&client(&server)).await.expect("the second attempt is answered");
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(faults.requests_to("/api/sites"), 2);
}

#[tokio::test]
async fn the_server_may_give_a_date() {
    let answer = || async {
        let soon = Timestamp::now() + Duration::from_secs(2); // whole seconds: at least one
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&soon).expect("a date of this century");
        (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, date)], "")
    };
    let router = Router::new().route("/api/busy", get(answer)).route("/api/sites", get(|| async { (JSON, SITES) }));
    let server = Server::start(router).expect("a free port");
    let once = ClientSettings { retries: 0, ..settings() };
    let error = builder(&server, &once).build().expect("good").get("busy", &[], crate::json::Expect::Array).await;
    let wait = error.expect_err("it is busy").retry_after().expect("it was said");
    assert!((Duration::from_millis(500)..=Duration::from_secs(2)).contains(&wait), "{wait:?}");
}

#[tokio::test]
async fn the_server_may_not_ask_for_too_much() {
    let faults = Faults::always(Fault::TooManyRequests { retry_after: Duration::from_mins(10) });
    let server = server(&faults);
    let error = sites(&client(&server)).await.expect_err("nobody waits for that");
    assert!(error.hint().starts_with("the server asks to wait for 600 s: run again later"));
    assert_eq!(faults.requests_to("/api/sites"), 1);
}

#[tokio::test]
async fn a_pause_beyond_the_overall_time_is_not_begun() {
    // There are 20 s in all.
    let faults = Faults::always(Fault::TooManyRequests { retry_after: Duration::from_secs(30) });
    let server = server(&faults);
    let begun = Instant::now();
    let error = sites(&client(&server)).await.expect_err("there is no time");
    assert_eq!(error.status(), Some(429));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_connection_that_nobody_accepts() {
    // With TLS the server has to say something first, and this one never does.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("https://{}", listener.local_addr().expect("it is bound"));
    let quick = ClientSettings { connect_timeout: Duration::from_millis(50), insecure: true, ..settings() };
    let client = Client::builder(&address, &quick).first_pause(Duration::from_millis(1)).build().expect("good");
    let error = sites(&client).await.expect_err("nobody answers");
    assert!(matches!(error, FetchError::TimedOut { waiting: Waiting::Connect, .. }), "{error:?}");
    assert!(line(&error).ends_with("(3 attempts) took too long: no connection after 50ms"), "{}", line(&error));
}

#[tokio::test]
async fn an_answer_may_take_longer_than_any_one_wait() {
    let faults = Faults::always(Fault::Dribble { bytes: 10, pause: Duration::from_millis(150) }); // eight pieces
    let server = Server::start(with_faults(Router::new().route("/api/sites", get(|| async { (JSON, SITES) })), faults));
    let server = server.expect("a free port");
    let patient = ClientSettings { read_timeout: Duration::from_secs(1), ..settings() };
    let part = sites(&builder(&server, &patient).build().expect("good")).await.expect("each piece comes in time");
    assert_eq!(part.records, Some(3));
}
