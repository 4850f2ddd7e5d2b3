//! Each fault as it looks on the line.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use pleach_fault::{Fault, Faults, Server, with_faults};

const SITES: &str = r#"[{"id":1},{"id":2},{"id":3},{"id":4}]"#;

#[test]
fn without_faults_answers_are_true() {
    let (server, faults) = server(Faults::none());
    let answer = ask(&server, "/sites");
    assert_eq!((answer.status, answer.body.as_str()), (200, SITES));
    assert_eq!((answer.header("content-type"), answer.end), ("application/json", End::Clean));
    assert_eq!(ask(&server, "/nothing").status, 404);
    assert_eq!(faults.requests(), BTreeMap::from([("/nothing".into(), 1), ("/sites".into(), 1)]));
}

#[test]
fn a_fault_comes_and_goes_while_the_server_runs() {
    let (server, faults) = server(Faults::on("/sites", Fault::BadGateway).times(2));
    let statuses: Vec<_> = (0..3).map(|_| ask(&server, "/sites").status).collect();
    assert_eq!(statuses, [502, 502, 200]);
    faults.set(&Faults::always(Fault::NotFound));
    assert_eq!(ask(&server, "/sites").status, 404);
    faults.clear();
    assert_eq!(ask(&server, "/sites").status, 200);
    assert_eq!(faults.requests_to("/sites"), 5);
}

#[test]
fn statuses_and_pages() {
    let retry = Fault::TooManyRequests { retry_after: Duration::from_millis(1500) };
    for (fault, status, content_type, part) in [
        (Fault::LoginPage, 200, "text/html; charset=utf-8", "type=\"password\""),
        (Fault::Unauthorized, 401, "application/json; charset=utf-8", "may not do this: tok-1"),
        (Fault::Forbidden, 403, "application/json; charset=utf-8", "may not do this: tok-1"),
        (Fault::NotFound, 404, "application/json; charset=utf-8", "nothing of this name"),
        (retry, 429, "application/json; charset=utf-8", "too many requests"),
        (Fault::ServerError, 500, "application/json; charset=utf-8", "internal server error"),
        (Fault::BadGateway, 502, "text/html; charset=utf-8", "nginx"),
        (Fault::ErrorObject, 200, "application/json; charset=utf-8", r#"{"error":"OK","#),
        (Fault::EmptyArray, 200, "application/json; charset=utf-8", "[]"),
        (Fault::WrongContentType, 200, "application/octet-stream", SITES),
    ] {
        let answer = ask_with(&fault);
        assert_eq!((answer.status, answer.header("content-type"), answer.end), (status, content_type, End::Clean));
        assert!(answer.body.contains(part), "{fault}: {}", answer.body);
        assert_eq!(answer.header("retry-after"), if status == 429 { "2" } else { "" });
    }
}

#[test]
fn redirects() {
    for (fault, status, location) in [
        (Fault::RedirectElsewhere("https://other.example/".into()), 302, "https://other.example/sites?a=1"),
        (Fault::RedirectToHttp, 301, "http://uisp.example:8443/sites?a=1"),
        (Fault::RedirectLoop, 302, "/sites?a=1"),
    ] {
        let answer = ask_with(&fault);
        assert_eq!((answer.status, answer.header("location")), (status, location));
    }
}

#[test]
fn records_are_missing_or_odd() {
    assert_eq!(ask_with(&Fault::HalfMissing).body, r#"[{"id":1},{"id":3}]"#);
    let odd: Vec<serde_json::Value> = serde_json::from_str(&ask_with(&Fault::OddRecord).body).expect("it is JSON");
    assert_eq!((odd.len(), odd[0]["id"].as_u64(), odd[1]["id"].as_u64()), (5, Some(1), None));
}

#[test]
fn answers_end_early() {
    let truncated = ask_with(&Fault::TruncatedJson);
    assert_eq!((truncated.status, truncated.body.as_str(), truncated.end), (200, &SITES[..19], End::Clean));
    let short = ask_with(&Fault::ShortBody);
    assert_eq!((short.status, short.body.as_str(), short.end), (200, &SITES[..19], End::Early));
    let reset = ask_with(&Fault::ConnectionReset);
    assert_eq!((reset.status, reset.body.as_str(), reset.end), (0, "", End::Reset));
}

#[test]
fn answers_are_slow() {
    let begin = Instant::now();
    assert_eq!(ask_with(&Fault::SlowFirstByte(Duration::from_millis(150))).body, SITES);
    assert!(begin.elapsed() >= Duration::from_millis(150));
    let begin = Instant::now();
    assert_eq!(ask_with(&Fault::Dribble { bytes: 10, pause: Duration::from_millis(50) }).body, SITES);
    assert!(begin.elapsed() >= Duration::from_millis(150), "37 bytes are four pieces");
}

#[test]
fn packed_answers() {
    let broken = ask_with(&Fault::BrokenGzip);
    assert_eq!((broken.header("content-encoding"), broken.body.as_str()), ("gzip", SITES));
    let (server, _) = server(Faults::always(Fault::GzipBomb));
    let mut line = send(&server, "/sites").expect("it listens");
    let mut first = vec![0; 64 << 10];
    line.read_exact(&mut first).expect("it is larger than that");
    assert!(String::from_utf8_lossy(&first).contains("content-encoding: gzip"));
    drop(line);
    drop(server); // in the middle of a bomb it stops all the same
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// All that was promised came.
    Clean,
    /// The connection ended first.
    Early,
    /// The connection was reset.
    Reset,
}

struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    end: End,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

fn server(faults: Faults) -> (Server, Faults) {
    let router = Router::new().route("/sites", get(|| async { ([(CONTENT_TYPE, "application/json")], SITES) }));
    (Server::start(with_faults(router, faults.clone())).expect("a free port"), faults)
}

fn ask_with(fault: &Fault) -> Answer {
    ask(&server(Faults::always(fault.clone())).0, "/sites?a=1")
}

fn send(server: &Server, path: &str) -> io::Result<TcpStream> {
    let address: SocketAddr = server.address();
    let mut line = TcpStream::connect(address)?;
    let headers = "Host: uisp.example:8443\r\nX-Auth-Token: tok-1\r\nConnection: close";
    write!(line, "GET {path} HTTP/1.1\r\n{headers}\r\n\r\n")?;
    Ok(line)
}

/// Asks as a client would that knows nothing but HTTP/1.1.
fn ask(server: &Server, path: &str) -> Answer {
    let mut bytes = Vec::new();
    let read = send(server, path).and_then(|mut line| line.read_to_end(&mut bytes));
    let text = String::from_utf8(bytes).expect("UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
    let headers: Vec<_> = lines.filter_map(|line| line.split_once(": ")).map(|(k, v)| (k.into(), v.into())).collect();
    let mut answer = Answer { status, headers, body: body.to_owned(), end: End::Clean };
    let promised = answer.header("content-length").parse::<usize>().ok();
    if answer.header("transfer-encoding") == "chunked" {
        let (body, whole) = unchunked(body);
        (answer.body, answer.end) = (body, if whole { End::Clean } else { End::Early });
    } else if promised.is_none_or(|length| body.len() < length) {
        answer.end = End::Early;
    }
    if read.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset) {
        answer.end = End::Reset;
    }
    answer
}

fn unchunked(mut rest: &str) -> (String, bool) {
    let mut body = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).expect("the size of a chunk");
        if size == 0 {
            return (body, true);
        }
        body.push_str(&after[..size]);
        rest = &after[size + 2..];
    }
    (body, false)
}
