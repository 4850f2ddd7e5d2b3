//! The program: what it prints, and what it refuses.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

const PROGRAM: &str = env!("CARGO_BIN_EXE_pleach-fake-uisp");

/// Stopped when the test is over, also when it fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn says_where_it_listens_and_answers_there() {
    let arguments = ["--clients", "3", "--crm", "--token", "secret", "--fault", "bad-gateway@/nms/api/v2.1/sites"];
    let program = Command::new(PROGRAM).args(arguments).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut program = Running(program);
    let mut stdout = BufReader::new(program.0.stdout.take().expect("it is piped")).lines();
    let mut line = || stdout.next().expect("a line").expect("of text");
    let address = line().strip_prefix("listening on http://").expect("the address").to_owned();
    let lines: Vec<_> = (0..10).map(|_| line()).collect();
    assert!(lines[0].starts_with("8 sites, "), "{lines:?}");
    for expected in ["[uisp]", &format!("url = \"http://{address}\""), "token = \"secret\"", "[addresses]"] {
        assert!(lines.iter().any(|line| line == expected), "{expected}: {lines:?}");
    }
    let ask = |path: &str| {
        let mut line = TcpStream::connect(&address).expect("it listens");
        let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nx-auth-token: secret\r\n\r\n");
        line.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        line.read_to_string(&mut answer).expect("it answers");
        answer
    };
    assert!(ask("/nms/api/v2.1/devices").starts_with("HTTP/1.1 200 "));
    assert!(ask("/nms/api/v2.1/sites").starts_with("HTTP/1.1 502 "));
}

#[test]
fn speaks_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = rcgen::KeyPair::generate().expect("a key");
    let parameters = rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).expect("a name");
    let certificate = parameters.self_signed(&key).expect("a certificate");
    let paths = ["cert.pem", "key.pem"].map(|name| folder.path().join(name).display().to_string());
    fs::write(&paths[0], certificate.pem()).and_then(|()| fs::write(&paths[1], key.serialize_pem())).expect("room");

    let program =
        Command::new(PROGRAM).args(["--clients", "3", "--tls", &paths[0], &paths[1]]).stdout(Stdio::piped()).spawn();
    let mut program = Running(program.expect("it starts"));
    let mut stdout = BufReader::new(program.0.stdout.take().expect("it is piped")).lines();
    let first = stdout.next().expect("a line").expect("of text");
    let address = first.strip_prefix("listening on https://").expect("the address").to_owned();
    let rest: Vec<_> = stdout.by_ref().take(8).map_while(Result::ok).collect();
    assert!(rest.contains(&format!("ca_file = \"{}\"", paths[0])), "{rest:?}");

    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate.der().clone()).expect("a certificate");
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "127.0.0.1".try_into().expect("a name");
    let session = rustls::ClientConnection::new(Arc::new(config), name).expect("a session");
    let mut line = rustls::StreamOwned::new(session, TcpStream::connect(&address).expect("it listens"));
    let request = "GET /nms/api/v2.1/nms/version HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    line.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    line.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn wrong_words_are_refused() {
    for (arguments, part) in [
        (["--quirks", "odd"], "`odd` is no quirk; there are `all`, `none`, `required-null`"),
        (["--fault", "odd"], "`odd` is no fault; there are `login-page`"),
        (["--fault", "bad-gateway@sites"], "write `bad-gateway@/nms/api/v2.1/sites`"),
        (["--body", "large"], "`large` is no size; there are `small` and `faithful`"),
        (["--clients", "many"], "invalid value 'many'"),
        (["--tls", "cert.pem"], "2 values required"),
    ] {
        let output = Command::new(PROGRAM).args(arguments).output().expect("it runs");
        let stderr = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr.contains(part), "{stderr}");
    }
}

#[test]
fn what_cannot_be_served_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    for (arguments, part) in [
        (&["--port", &port][..], format!("cannot listen on port {port}")),
        (&["--clients", "1", "--tls", "/nothing/cert", "/nothing/key"], "cannot read `/nothing/cert`".to_owned()),
    ] {
        let output = Command::new(PROGRAM).args(arguments).output().expect("it runs");
        let stderr = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains(&part), "{stderr}");
    }
}

#[test]
fn help_lists_every_quirk() {
    let output = Command::new(PROGRAM).arg("--help").output().expect("it runs");
    let help = String::from_utf8(output.stdout).expect("text");
    for quirk in pleach_fake_uisp::Quirk::ALL {
        assert!(help.contains(&format!("\n  {quirk} ")), "{quirk}: {help}");
    }
}

#[test]
fn the_manual_lists_every_quirk_and_option() {
    let manual = include_str!("../../../../../docs/fakes.md");
    for quirk in pleach_fake_uisp::Quirk::ALL {
        let row = format!("\n| `{quirk}` | {} |\n", quirk.meaning());
        assert!(manual.contains(&row), "no row{row}");
    }
    let output = Command::new(PROGRAM).arg("--help").output().expect("it runs");
    let help = String::from_utf8(output.stdout).expect("text");
    let options = help.lines().filter_map(|line| line.trim_start().strip_prefix("--")?.split([' ', '\n']).next());
    for option in options {
        assert!(manual.contains(&format!("`--{option} ")) || manual.contains(&format!("`--{option}`")), "--{option}");
    }
}
