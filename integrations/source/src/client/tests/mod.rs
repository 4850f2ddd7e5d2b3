//! The client against real servers: on this host, with every fault there is.

mod asking;
mod credentials;
mod faults;
mod redirects;
mod tls;
mod waiting;

use std::error::Error;
use std::time::Duration;

use axum::Router;
use axum::extract::Query;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use pleach_fault::{Faults, Server, with_faults};

use super::{Client, ClientBuilder, ClientSettings};
use crate::error::FetchError;
use crate::json::Expect;
use crate::secret::Secret;
use crate::snapshot::Part;

/// What the client proves itself with. No error may have it.
const TOKEN: &str = "5d2c1f0a-Tok/en+7==";

const SITES: &str = r#"[{"id":1,"name":"Tower A"},{"id":2,"name":"Tower B"},{"id":3,"name":"Tower C"}]"#;

const JSON: [(axum::http::HeaderName, &str); 1] = [(CONTENT_TYPE, "application/json; charset=utf-8")];

/// A server that answers well where it has no fault.
fn server(faults: &Faults) -> Server {
    let router = Router::new()
        .route("/api/sites", get(|| async { (JSON, [("x-total-count", "3")], SITES) }))
        .route("/api/version", get(|| async { (JSON, r#"{"version":"2.4.0"}"#) }))
        .route("/api/echo", get(|query: Query<Vec<(String, String)>>| async move { echo(&query.0) }))
        .route("/api/login", post(|body: String| async move { (JSON, [("x-auth-token", "fresh")], body) }));
    Server::start(with_faults(router, faults.clone())).expect("a free port")
}

fn echo(query: &[(String, String)]) -> impl IntoResponse + use<> {
    (JSON, serde_json::to_string(query).expect("it is text"))
}

/// Limits that are not met, however busy the machine is.
fn settings() -> ClientSettings {
    ClientSettings {
        connect_timeout: Duration::from_secs(5),
        read_timeout: Duration::from_secs(5),
        overall_timeout: Duration::from_secs(20),
        retries: 2,
        ..ClientSettings::default()
    }
}

fn builder(server: &Server, settings: &ClientSettings) -> ClientBuilder {
    let address = format!("{}/api", server.url());
    Client::builder(&address, settings).first_pause(Duration::from_millis(4)).header("x-auth-token", Secret::new(TOKEN))
}

fn client(server: &Server) -> Client {
    builder(server, &settings()).build().expect("the settings are good")
}

async fn sites(client: &Client) -> Result<Part, FetchError> {
    client.get("sites", &[], Expect::Array).await
}

/// All that can be printed of an error.
fn all_text(error: &FetchError) -> String {
    let mut text: Vec<String> = chain(error).map(|error| format!("{error}\n{error:?}\n{error:#?}")).collect();
    text.push(error.hint());
    text.join("\n")
}

/// The error and those below it, on one line.
fn line(error: &FetchError) -> String {
    let line = chain(error).map(ToString::to_string).collect::<Vec<_>>().join(": ");
    assert!(!line.contains('\n') && !line.contains("5d2c1f0a"), "{line}");
    line
}

fn chain(error: &FetchError) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(Some(error as &(dyn Error + 'static)), |error: &&(dyn Error + 'static)| (**error).source())
}
