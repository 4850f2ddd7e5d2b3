//! Every way of getting a document, on good and bad days.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use pleach_fault::{Fault, Faults, Server, with_faults};
use pleach_records::RecordsSource;
use pleach_source::Snapshot;

use crate::common::{fetch, read, settings, source};

const DOCUMENT: &str = "{\"pleach\":1}\n{\"record\":\"circuit\",\"id\":1,\"addresses\":\"100.64.0.1\"}\n";

fn body(snapshot: &Snapshot) -> String {
    String::from_utf8(snapshot.parts[0].body.bytes().expect("it is there").into_owned()).expect("text")
}

fn command(script: &str, more: &str) -> RecordsSource {
    let settings = settings(&format!("[[input]]\ncommand = [\"sh\", \"-c\", '''{script}''']\n{more}"));
    source(settings, Path::new(""))
}

#[test]
fn what_a_command_prints() {
    let source = command(&format!("cat; printf '%s' '{DOCUMENT}'; echo careful >&2"), "");
    let snapshot = fetch(&source).expect("it ends well");
    assert_eq!(body(&snapshot), DOCUMENT);
    assert_eq!(read(&source, &snapshot).expect("read").census.counts().shaped, 1);
}

#[test]
fn a_command_that_fails_says_why() {
    for (script, more, says) in [
        ("echo half; echo the database is down >&2; exit 3", "", "it ended with exit status: 3: the database is down"),
        ("kill -9 $$", "", "it ended with signal: 9"),
        ("echo; sleep 600 & sleep 600", "timeout = \"1s\"", "it took longer than 1 s and was killed"),
    ] {
        let began = Instant::now();
        let error = fetch(&command(script, more)).expect_err(script);
        assert!(error.to_string().contains(says) && !error.hint().is_empty(), "{error}");
        assert!(began.elapsed() < Duration::from_mins(1));
    }
    let missing = settings("[[input]]\ncommand = [\"/nowhere/at-all\"]");
    let error = fetch(&source(missing, Path::new(""))).expect_err("there is none").to_string();
    assert!(error.contains("`/nowhere/at-all`") && error.contains("it cannot be started"), "{error}");
}

#[test]
fn what_a_killed_command_started_is_killed_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let mark = folder.path().join("mark");
    let script = format!("(sleep 2; touch '{}') & sleep 600", mark.display());
    fetch(&command(&script, "timeout = \"300ms\"")).expect_err("it takes too long");
    std::thread::sleep(Duration::from_millis(2_500));
    assert!(!mark.exists(), "something of it went on");
}

#[test]
fn it_is_told_as_whom_it_runs() {
    let prepare = Arc::new(|command: &mut std::process::Command| {
        command.env("WHO", "somebody");
        Ok(())
    });
    let settings = settings("[[input]]\ncommand = [\"sh\", \"-c\", \"echo $WHO\"]");
    let source = RecordsSource::new(settings, Path::new(""), prepare).expect("settings");
    assert_eq!(body(&fetch(&source).expect("it ends well")), "somebody\n");
}

/// A server of one document, that tells its versions apart.
#[derive(Clone, Default)]
struct Export {
    document: Arc<Mutex<String>>,
    /// How often the document itself was sent.
    sent: Arc<Mutex<usize>>,
    seen: Arc<Mutex<Vec<String>>>,
}

async fn export(State(export): State<Export>, headers: HeaderMap, uri: axum::http::Uri) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    export.seen.lock().expect("whole").push(format!("{uri} {} {}", header("x-api-key"), header("accept")));
    let document = export.document.lock().expect("whole").clone();
    let tag = format!("\"{}\"", document.len());
    if header("if-none-match") == tag {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    *export.sent.lock().expect("whole") += 1;
    ([("etag", tag), ("content-type", "application/x-ndjson".to_owned())], document).into_response()
}

struct Running {
    export: Export,
    faults: Faults,
    server: Server,
    folder: tempfile::TempDir,
}

impl Running {
    fn new() -> Self {
        let (export_state, faults) = (Export::default(), Faults::none());
        DOCUMENT.clone_into(&mut export_state.document.lock().expect("whole"));
        let router = Router::new().route("/export/", get(export)).with_state(export_state.clone());
        let server = Server::start(with_faults(router, faults.clone())).expect("a free port");
        Self { export: export_state, faults, server, folder: tempfile::tempdir().expect("a folder") }
    }

    fn source(&self) -> RecordsSource {
        self.remembering(self.folder.path())
    }

    fn remembering(&self, folder: &Path) -> RecordsSource {
        let text = format!(
            "[[input]]\nurl = \"{}/export/?all=1&b=%5B\"\nheader = {{ name = \"X-API-Key\", value = \"s3cret-key\" }}\n\
             [input.http]\nretries = 0\nread_timeout = \"1500ms\"\noverall_timeout = \"3s\"\nlargest_answer = \"8 MiB\"\n",
            self.server.url()
        );
        source(settings(&text), folder)
    }

    fn sent(&self) -> usize {
        *self.export.sent.lock().expect("whole")
    }
}

#[test]
fn a_document_that_did_not_change_is_not_sent_again() {
    let running = Running::new();
    for _ in 0..3 {
        let snapshot = fetch(&running.source()).expect("it answers"); // a process of its own each time
        assert_eq!((body(&snapshot).as_str(), running.sent()), (DOCUMENT, 1));
    }
    let seen = running.export.seen.lock().expect("whole").clone();
    assert!(seen[0].starts_with("/export/?all=1&b=%5B s3cret-key application/x-ndjson"), "{seen:?}");
    let longer = format!("{DOCUMENT}\n");
    running.export.document.lock().expect("whole").clone_from(&longer);
    assert_eq!(body(&fetch(&running.source()).expect("it answers")), longer);
    assert_eq!(running.sent(), 2);
    // What was kept is damaged: all of it is asked for again.
    let kept = running.folder.path().join("input-1/answer.zst");
    std::fs::write(&kept, b"no frame").expect("written");
    assert_eq!(body(&fetch(&running.source()).expect("it answers")), longer);
    assert_eq!(running.sent(), 3);
    std::fs::remove_dir_all(running.folder.path().join("input-1")).expect("removed");
    assert_eq!(body(&fetch(&running.source()).expect("it answers")), longer);
    assert_eq!(running.sent(), 4);
}

#[test]
fn a_document_that_was_cut_is_asked_for_again() {
    let running = Running::new();
    let cut = &DOCUMENT[..DOCUMENT.len() - 9];
    cut.clone_into(&mut running.export.document.lock().expect("whole"));
    let source = running.source();
    let snapshot = fetch(&source).expect("nothing tells the client");
    let error = read(&source, &snapshot).map(|_| ()).expect_err("it is cut").to_string();
    assert!(error.contains("its last line is not whole"), "{error}");
    fetch(&running.source()).expect("it is sent again");
    assert_eq!(running.sent(), 2);
}

/// How a fault ends: with an error, when the answer is read, or not at all.
#[test]
fn every_fault_is_an_error_with_something_to_do() {
    let running = Running::new();
    for fault in Fault::ALL {
        let fault = match fault {
            Fault::SlowFirstByte(_) => Fault::SlowFirstByte(Duration::from_millis(20)),
            Fault::Dribble { .. } => Fault::Dribble { bytes: 1, pause: Duration::from_millis(200) },
            fault => fault.clone(),
        };
        running.faults.set(&Faults::always(fault.clone()));
        let folder = tempfile::tempdir().expect("a folder");
        let source = running.remembering(folder.path()); // which knows of no answer that could still hold
        let ended = fetch(&source).map_err(|error| (error.to_string(), error.hint()));
        let ended = ended.and_then(|snapshot| {
            let read = read(&source, &snapshot);
            read.map(|_| ()).map_err(|error| (format!("{}: {}", error.address, error.reason), error.hint))
        });
        match (&fault, ended) {
            // Nothing shows that an array was meant, and lines come under many types.
            (Fault::SlowFirstByte(_) | Fault::HalfMissing | Fault::OddRecord | Fault::WrongContentType, Ok(())) => {}
            (Fault::SlowFirstByte(_), Err(error)) => panic!("{fault}: {error:?}"),
            (_, Ok(())) => panic!("{fault} goes through"),
            (_, Err((said, hint))) => {
                assert!(!hint.is_empty() && said.lines().count() == 1, "{fault}: {said}");
                assert!(!said.contains("s3cret-key") && !hint.contains("s3cret-key"), "{fault}: {said}");
            }
        }
    }
    running.faults.clear();
    assert_eq!(body(&fetch(&running.source()).expect("it is over")), DOCUMENT);
}
