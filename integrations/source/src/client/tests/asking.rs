//! Answers that are good.

use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use pleach_fault::{Faults, Server};
use serde_json::json;

use super::{JSON, SITES, TOKEN, builder, client, line, server, settings, sites};
use crate::client::Client;
use crate::error::FetchError;
use crate::json::Expect;
use crate::secret::Secret;

#[tokio::test]
async fn an_answer_becomes_a_part() {
    let server = server(&Faults::none());
    let client = client(&server);
    let future: crate::source::Future<'_, _> = Box::pin(client.get("sites", &[], Expect::Array)); // a source's `fetch` is one
    let part = future.await.expect("it is good");
    assert_eq!((part.name.as_str(), part.status, part.records), ("sites", Some(200), Some(3)));
    assert_eq!(part.address, format!("{}/api/sites", server.url()));
    assert_eq!(&*part.body.bytes().expect("it was kept"), SITES.as_bytes());
    assert_eq!(part.named("towers").to_string(), "towers: 3 records, 79 bytes, status 200");
}

#[tokio::test]
async fn an_object_is_expected_or_not() {
    let server = server(&Faults::none());
    let client = client(&server);
    let version = client.get("/version", &[], Expect::Object).await.expect("it is good");
    assert_eq!((version.name.as_str(), version.records), ("version", None));
    let error = client.get("version", &[], Expect::Array).await.expect_err("it is no array");
    assert!(line(&error).ends_with(r#"did not answer with an array: `{"version":"2.4.0"}`"#), "{}", line(&error));
    let error = client.get("sites", &[], Expect::Object).await.expect_err("it is an array");
    assert!(matches!(error, FetchError::WrongKind { expected: Expect::Object, .. }));
}

#[tokio::test]
async fn a_query_arrives_as_it_was_and_is_shown_without_secrets() {
    let server = server(&Faults::none());
    let query = [("main_attributes[status]", "active"), ("name", "a&b=ü"), ("api_key", "K1")];
    let part = client(&server).get("echo", &query, Expect::Array).await.expect("it is good");
    let arrived: Vec<(String, String)> = serde_json::from_slice(&part.body.bytes().expect("kept")).expect("JSON");
    let arrived: Vec<_> = arrived.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(arrived, query);
    assert!(part.address.ends_with("/echo?main_attributes%5Bstatus%5D=active&name=a%26b%3D%C3%BC&api_key=***"));
}

#[tokio::test]
async fn secrets_that_an_api_gives_away_are_not_kept() {
    let answer = || async { (JSON, r#"[{"id":1,"radius_secret":"s3cret"},{"id":2,"radius_secret":"s4cret"}]"#) };
    let server = Server::start(Router::new().route("/api/sites", get(answer))).expect("a free port");
    let client = builder(&server, &settings()).withhold(&["radius_secret"]).build().expect("good");
    let part = sites(&client).await.expect("it is good");
    let kept = r#"[{"id":1,"radius_secret":"***"},{"id":2,"radius_secret":"***"}]"#;
    assert_eq!(str::from_utf8(&part.body.bytes().expect("kept")), Ok(kept));
    assert_eq!(part.records, Some(2));
}

#[tokio::test]
async fn a_count_is_in_a_header() {
    let faults = Faults::none();
    let server = server(&faults);
    let reply = client(&server).head("sites", &[]).await.expect("it is good");
    assert_eq!((reply.status, reply.header("X-Total-Count")), (200, Some("3")));
}

#[tokio::test]
async fn a_document_is_posted_and_a_small_one_comes_back() {
    let server = server(&Faults::none());
    let password = Secret::new("hunter2-and-more");
    let client = builder(&server, &settings()).hide(&password).build().expect("the settings are good");
    let body = || json!({"username": "noc", "password": password.expose()});
    let reply = client.post("login", &body).await.expect("it is good");
    assert_eq!((reply.status, reply.header("x-auth-token")), (200, Some("fresh")));
    assert_eq!(reply.json["username"], "noc");
    assert!(!format!("{reply:?}{client:?}").contains("hunter2"));
}

#[tokio::test]
async fn requests_go_side_by_side_or_one_at_a_time() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (serving, seen) = (now.clone(), most.clone());
    let answer = move || {
        let (now, most) = (serving.clone(), seen.clone());
        async move {
            most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
            tokio::time::sleep(Duration::from_millis(30)).await;
            now.fetch_sub(1, SeqCst);
            (JSON, "[]")
        }
    };
    let server = Server::start(Router::new().route("/api/sites", get(answer))).expect("a free port");
    for (builder, at_once) in [(builder(&server, &settings()), 4), (builder(&server, &settings()).one_at_a_time(), 1)] {
        most.store(0, SeqCst);
        let client = builder.build().expect("the settings are good");
        let answers = futures_util::future::join_all((0..4).map(|_| sites(&client))).await;
        assert!(answers.iter().all(Result::is_ok));
        assert_eq!(most.load(SeqCst), at_once);
    }
}

#[tokio::test]
async fn content_types_of_json_are_taken_and_no_other() {
    for (content_type, good) in [
        ("application/json", true),
        ("Application/JSON;charset=UTF-8", true),
        ("application/problem+json", true),
        ("text/json", true),
        ("", true),
        ("text/plain", false),
        ("application/jsonp", false),
    ] {
        let answer = move || async move { ([(CONTENT_TYPE, content_type)], "[]") };
        let server = Server::start(Router::new().route("/api/sites", get(answer))).expect("a free port");
        assert_eq!(sites(&client(&server)).await.is_ok(), good, "{content_type}");
    }
}

#[tokio::test]
async fn sizes_are_limited() {
    let server = server(&Faults::none());
    let mut small = settings();
    small.largest_download.0 = 78;
    let error = sites(&builder(&server, &small).build().expect("good")).await.expect_err("it has 79 bytes");
    assert!(line(&error).ends_with("is larger than `largest_download`, which is 78 bytes"));
    assert_eq!(error.hint(), "if so much is right, set `largest_download` to more");
    small.largest_download.0 = 79;
    assert!(sites(&builder(&server, &small).build().expect("good")).await.is_ok());
}

#[tokio::test]
async fn nobody_there() {
    let gone = server(&Faults::none()).url();
    let error = sites(&Client::builder(&gone, &settings()).build().expect("good")).await.expect_err("nobody is there");
    assert_eq!(line(&error), format!("cannot connect to `{gone}/sites`: Connection refused (os error 111)"));
    let error = sites(&Client::builder("http://no-such-host.invalid", &settings()).build().expect("good")).await;
    assert!(matches!(error, Err(FetchError::Unreachable { .. } | FetchError::TimedOut { .. })), "{error:?}");
}

#[test]
fn what_cannot_be_asked_is_said_before() {
    let build = |address: &str| Client::builder(address, &settings()).build().map_err(|error| line(&error));
    assert_eq!(
        build("https://me:secret@h").expect_err("a password"),
        "the address `***@h` has a user or a password in it, which belong into the keys for them"
    );
    assert_eq!(
        build("uisp.example.net").expect_err("no scheme"),
        "the address `uisp.example.net` is no address such as `https://uisp.example.net`"
    );
    let mut both = settings();
    (both.insecure, both.ca_file) = (true, Some("ca.pem".into()));
    let error = Client::builder("https://h", &both).build().expect_err("two answers");
    assert!(line(&error).starts_with("cannot ask `https://h/` in this way: `ca_file` and `insecure` are both set"));
    let mut nothing = settings();
    nothing.ca_file = Some("/nowhere/ca.pem".into());
    let error = Client::builder("https://h", &nothing).build().expect_err("there is no such file");
    assert!(
        line(&error).contains("the authorities in `/nowhere/ca.pem` cannot be used: No such file"),
        "{}",
        line(&error)
    );
}

#[test]
fn warnings_are_for_what_others_could_read() {
    let warnings = |address: &str, insecure: bool| {
        let settings = crate::client::ClientSettings { insecure, ..settings() };
        let client = Client::builder(address, &settings).header("x-auth-token", Secret::new(TOKEN)).build();
        client.expect("the settings are good").warnings()
    };
    assert!(warnings("https://uisp.example.net", false).is_empty());
    assert!(warnings("http://127.0.0.1:8080", true).is_empty());
    let insecure = warnings("https://uisp.example.net/nms", true);
    assert!(
        insecure[0].starts_with("the certificate of `https://uisp.example.net/nms` is not checked (`insecure = true`)")
    );
    let plain = warnings("http://10.0.0.2", false);
    assert!(plain[0].starts_with("nothing is encrypted on the way to `http://10.0.0.2/`"));
    assert_eq!((insecure.len(), plain.len()), (1, 1));
}
