//! A client of few lines, and what all tests of the fake look at.

use std::io::{Read, Write};
use std::net::TcpStream;

use pleach_fake_uisp::{Bodies, Credentials, Fake, Network, Options, Size};
use pleach_fault::{Faults, Server};
use serde_json::Value;

pub(crate) const NMS: &str = "/nms/api/v2.1";
pub(crate) const CRM: &str = "/crm/api/v1.0";

/// An answer: status, head in lower case, body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn array(&self) -> Vec<Value> {
        assert_eq!(self.status, 200, "{}", self.body);
        assert!(self.head.contains("content-type: application/json"), "{}", self.head);
        self.json().as_array().expect("an array").clone()
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let start = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(&start)).map(str::to_owned)
    }
}

/// A running server, and what it is made of.
pub(crate) struct Running {
    pub(crate) fake: Fake,
    pub(crate) faults: Faults,
    pub(crate) server: Server,
}

impl Running {
    pub(crate) fn new(options: &Options) -> Self {
        Self::with(Bodies::prepare(&Network::generate(options)))
    }

    pub(crate) fn with(bodies: Bodies) -> Self {
        let (fake, faults) = (Fake::new(bodies), Faults::none());
        let server = fake.start(faults.clone()).expect("a free port");
        Self { fake, faults, server }
    }

    /// GET with the credentials of a side that may read.
    pub(crate) fn get(&self, path: &str) -> Answer {
        let key = if path.starts_with(CRM) {
            ("X-Auth-App-Key", Credentials::APP_KEY)
        } else {
            ("x-auth-token", Credentials::TOKEN)
        };
        self.ask("GET", path, &[key], "")
    }

    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut line = TcpStream::connect(self.server.address()).expect("it listens");
        let headers: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let headers = headers.concat();
        let length = format!("Connection: close\r\nContent-Length: {}\r\n", body.len());
        let request = format!("{method} {path} HTTP/1.1\r\nHost: fake\r\n{headers}{length}\r\n{body}");
        line.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        line.read_to_string(&mut answer).expect("it answers in UTF-8");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }
}

/// A network that is large enough for every kind of thing to be in it.
pub(crate) fn options() -> Options {
    Options { clients: 400, size: Size::Small, ..Options::default() }
}
