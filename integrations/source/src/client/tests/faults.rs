//! What comes of each fault: how often it is asked for, what is said, and what there is to do.

use std::time::Duration;

use pleach_fault::{Fault, Faults, Server};

use super::{TOKEN, all_text, builder, client, line, server, settings, sites};
use crate::client::ClientSettings;

/// What is to come of a fault.
enum Comes {
    /// An answer with so many records: nothing in it shows the fault.
    Through(u64),
    /// An error after so many requests, what it says (`ADDRESS` for what was asked) and what to do, both from their beginning.
    Error(u64, &'static str, &'static str),
}

/// Every fault is here: a new one is missed by the compiler.
fn comes(fault: &Fault) -> Comes {
    use Comes::{Error, Through};
    match fault {
        Fault::LoginPage => Error(
            1,
            "`ADDRESS` answered with `text/html; charset=utf-8` and not with JSON: `<!DOCTYPE html> <html><head><title>Sign in",
            "a page for people was answered",
        ),
        Fault::Unauthorized => Error(
            1,
            "`ADDRESS` answered 401 (Unauthorized): `{\"error\":\"Unauthorized\",\"message\":\"these credentials may not do \
             this: ***\",\"statusCode\":401}`",
            "the credentials are not accepted: check the token",
        ),
        Fault::Forbidden => Error(1, "`ADDRESS` answered 403 (Forbidden): `{", "the credentials may not read this"),
        Fault::NotFound => {
            Error(1, "`ADDRESS` answered 404 (Not Found): `{", "there is no such thing: correct the address")
        }
        Fault::TooManyRequests { .. } => {
            Error(3, "`ADDRESS` (3 attempts) answered 429 (Too Many Requests): `{", "the server was asked too often")
        }
        Fault::ServerError => {
            Error(3, "`ADDRESS` (3 attempts) answered 500 (Internal Server Error): `{", "the server or the proxy")
        }
        Fault::BadGateway => Error(
            3,
            "`ADDRESS` (3 attempts) answered 502 (Bad Gateway): `<html> <head><title>502 Bad Gateway</title></head> <body>",
            "the server or the proxy before it is ill",
        ),
        Fault::TruncatedJson => Error(
            1,
            "the answer of `ADDRESS` is not whole JSON at byte 40: it ends inside of a record, and 2 brackets are open",
            "the server ended its answer early",
        ),
        Fault::ShortBody => {
            Error(3, "the connection to `ADDRESS` (3 attempts) broke: ", "the server, or what stands before it")
        }
        Fault::ErrorObject => Error(
            1,
            "`ADDRESS` did not answer with an array: `{\"error\":\"OK\",\"message\":\"the database is being upgraded\"",
            "check that the address is that of the API",
        ),
        Fault::EmptyArray => Through(0),
        Fault::HalfMissing => Through(2),
        Fault::OddRecord => Through(4),
        Fault::SlowFirstByte(_) => {
            Error(3, "`ADDRESS` (3 attempts) took too long: no answer after 200ms", "the server is slow")
        }
        Fault::Dribble { .. } => {
            Error(3, "`ADDRESS` (3 attempts) took too long: no more of the answer after 200ms", "the server is slow")
        }
        Fault::RedirectElsewhere(_) => Error(
            1,
            "`ADDRESS` leads to `https://elsewhere.example/api/sites`",
            "if the API has moved there, correct the address to that of `https://elsewhere.example/api/sites`",
        ),
        // The server does without TLS: the same address.
        Fault::RedirectToHttp | Fault::RedirectLoop => {
            Error(4, "`ADDRESS` leads to `ADDRESS`, and on and on", "correct the address")
        }
        Fault::WrongContentType => Error(
            1,
            "`ADDRESS` answered with `application/octet-stream` and not with JSON: `[{\"id\":1,",
            "check that the address is that of the API",
        ),
        Fault::GzipBomb => Error(
            1,
            "the answer of `ADDRESS` is larger than `largest_answer`, which is 1048576 bytes",
            "if so much is right",
        ),
        Fault::BrokenGzip => {
            Error(1, "the answer of `ADDRESS` cannot be unpacked: ", "look at what stands before the server")
        }
        Fault::ConnectionReset => Error(
            3,
            "the connection to `ADDRESS` (3 attempts) broke: Connection reset by peer",
            "the server, or what stands",
        ),
    }
}

/// The same with a pause that a test waits for.
fn quick(fault: &Fault) -> Fault {
    match fault {
        Fault::TooManyRequests { .. } => Fault::TooManyRequests { retry_after: Duration::ZERO },
        other => other.clone(),
    }
}

async fn try_fault(fault: &Fault) {
    let faults = Faults::always(quick(fault));
    let server: Server = server(&faults);
    let mut settings = settings();
    settings.largest_answer = pleach_graph::Bytes(1 << 20);
    if matches!(fault, Fault::SlowFirstByte(_) | Fault::Dribble { .. }) {
        settings.read_timeout = Duration::from_millis(200);
    }
    let client = builder(&server, &settings).build().expect("the settings are good");
    let answer = sites(&client).await;
    let address = format!("{}/api/sites", server.url());
    let asked = faults.requests_to("/api/sites");
    match (comes(fault), answer) {
        (Comes::Through(records), Ok(part)) => assert_eq!((part.records, asked), (Some(records), 1), "{fault}"),
        (Comes::Error(requests, says, hint), Err(error)) => {
            let (text, says) = (line(&error), says.replace("ADDRESS", &address));
            assert!(text.starts_with(&says), "{fault}: {text}\nand not {says}");
            assert!(error.hint().starts_with(hint), "{fault}: {}", error.hint());
            assert_eq!(asked, requests, "{fault}: {text}");
            assert!(!all_text(&error).contains(TOKEN), "{fault}");
        }
        (_, answer) => panic!("{fault}: {answer:?}"),
    }
}

#[tokio::test]
async fn each_fault_is_met() {
    let tries = Fault::ALL.iter().map(|fault| async move { try_fault(fault).await });
    futures_util::future::join_all(tries).await; // what waits does so together
}

#[tokio::test]
async fn what_goes_away_is_outlasted() {
    for fault in Fault::ALL.iter().filter(|fault| matches!(comes(fault), Comes::Error(3, ..))) {
        if matches!(fault, Fault::SlowFirstByte(_) | Fault::Dribble { .. }) {
            continue; // the same as a reset, but with time: once is enough, below
        }
        let faults = Faults::always(quick(fault)).times(2);
        let server = server(&faults);
        let part = sites(&client(&server)).await.expect("the third attempt is answered");
        assert_eq!((part.records, faults.requests_to("/api/sites")), (Some(3), 3), "{fault}");
    }
    let faults = Faults::always(Fault::SlowFirstByte(Duration::from_mins(1))).times(1);
    let server = server(&faults);
    let settings = ClientSettings { read_timeout: Duration::from_millis(500), ..settings() };
    let client = builder(&server, &settings).build().expect("the settings are good");
    let part = sites(&client).await.expect("the second attempt is answered");
    assert_eq!((part.records, faults.requests_to("/api/sites")), (Some(3), 2));
}
