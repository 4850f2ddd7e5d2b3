//! What can go wrong with a whole source. What is wrong with one of its records is a problem, not an error.

use std::fmt;
use std::io;
use std::time::Duration;

use reqwest::StatusCode;

use crate::client::{Cause, ClientSettingsError, LONGEST_RETRY_AFTER, Pin, Size, may_pass};
use crate::json::{BrokenJson, Expect};
use crate::secret::SecretError;

/// Why a source could not be asked, or did not give a whole answer. None of it holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// A file cannot be read.
    #[error("cannot read `{path}`")]
    File {
        /// Which file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A secret cannot be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// How the source is to be asked does not hold together.
    #[error("cannot ask `{address}` in this way")]
    Settings {
        /// The address.
        address: String,
        /// What is wrong.
        source: ClientSettingsError,
    },
    /// An address of the configuration is none.
    #[error("the address `{address}` {why}")]
    Address {
        /// The address.
        address: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There are no authorities that certificates could come from.
    #[error("cannot tell good certificates from others: the authorities in `{authorities}` cannot be used")]
    Authorities {
        /// The file, or this host.
        authorities: String,
        /// Why.
        source: io::Error,
    },
    /// Nobody is there.
    #[error("cannot connect to {asked}")]
    Unreachable {
        /// What was asked.
        asked: Asked,
        /// Why.
        source: Cause,
    },
    /// What is there does not speak TLS as it should.
    #[error("cannot speak TLS with {asked}")]
    Tls {
        /// What was asked.
        asked: Asked,
        /// Why.
        source: Cause,
    },
    /// The server's certificate will not do.
    #[error("the certificate of {asked} is refused: {reason}")]
    Certificate {
        /// What was asked.
        asked: Asked,
        /// What is wrong with it.
        reason: String,
        /// The certificate that the server has.
        fingerprint: Pin,
    },
    /// It took too long.
    #[error("{asked} took too long: {waiting} after {after:?}")]
    TimedOut {
        /// What was asked.
        asked: Asked,
        /// What was waited for.
        waiting: Waiting,
        /// For how long.
        after: Duration,
    },
    /// The connection ended before the answer did.
    #[error("the connection to {asked} broke")]
    Broken {
        /// What was asked.
        asked: Asked,
        /// Why.
        source: Cause,
    },
    /// The server refused, or failed.
    #[error("{asked} answered {}: {beginning}", status_words(*status))]
    Status {
        /// What was asked.
        asked: Asked,
        /// The status (RFC 9110, section 15).
        status: u16,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
        /// What it said.
        beginning: Quote,
    },
    /// The answer is to be had somewhere else, where credentials are not sent.
    #[error("{asked} leads to `{to}`{}", if *leads == Leads::InCircles { ", and on and on" } else { "" })]
    Redirected {
        /// What was asked.
        asked: Asked,
        /// Where it leads.
        to: String,
        /// Why that is not followed.
        leads: Leads,
    },
    /// The answer is something else than JSON.
    #[error("{asked} answered with `{content_type}` and not with JSON: {beginning}")]
    NotJson {
        /// What was asked.
        asked: Asked,
        /// What it calls its answer.
        content_type: String,
        /// How the answer begins.
        beginning: Quote,
    },
    /// The answer is JSON, or is called so, but not of the kind expected.
    #[error("{asked} did not answer with {expected}: {beginning}")]
    WrongKind {
        /// What was asked.
        asked: Asked,
        /// What was expected.
        expected: Expect,
        /// How the answer begins.
        beginning: Quote,
    },
    /// The answer is not whole JSON.
    #[error("the answer of {asked} is not whole JSON {broken}")]
    BrokenJson {
        /// What was asked.
        asked: Asked,
        /// Where and how it breaks.
        broken: BrokenJson,
    },
    /// The answer is packed in a way that was not asked for, or cannot be unpacked.
    #[error("the answer of {asked} cannot be unpacked")]
    Packing {
        /// What was asked.
        asked: Asked,
        /// Why.
        source: io::Error,
    },
    /// The answer is larger than an answer may be.
    #[error("the answer of {asked} is larger than `{}`, which is {limit} bytes", size.key())]
    TooLarge {
        /// What was asked.
        asked: Asked,
        /// Which size.
        size: Size,
        /// How large it may be.
        limit: u64,
    },
    /// The account has two-factor authentication.
    #[error("`{address}` wants a second factor")]
    SecondFactor {
        /// Where it was asked for.
        address: String,
    },
    /// Fewer or more records came than were announced.
    #[error("`{address}` announced {announced} records and gave {received}")]
    Count {
        /// Where they came from.
        address: String,
        /// How many it announced.
        announced: u64,
        /// How many came.
        received: u64,
    },
    /// What has to be remembered between runs cannot be.
    #[error("cannot keep what is remembered in `{path}`")]
    State {
        /// Which file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Another process asks at this moment, where one may at a time.
    #[error("another process asks at this moment: `{lock}` is locked")]
    Busy {
        /// The lock.
        lock: String,
    },
    /// The answer is not what this source can use, for a reason of its own.
    #[error("cannot use the answer of `{address}`: {reason}")]
    Unusable {
        /// Where it came from.
        address: String,
        /// What is wrong with it.
        reason: String,
        /// What to do about it.
        hint: String,
    },
}

/// A request, as an error tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// `GET`, `HEAD` or `POST`.
    pub method: &'static str,
    /// Where, without user, password and secret parameters.
    pub address: String,
    /// How often it was tried.
    pub attempts: u32,
}

/// What was waited for in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// A connection, TLS included: `connect_timeout`.
    Connect,
    /// The first byte of the answer: `read_timeout`.
    FirstByte,
    /// The next byte of the answer: `read_timeout`.
    NextByte,
    /// The end of the answer: `overall_timeout`.
    End,
}

/// Why a redirect is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    /// Another host or port, or from plain HTTP to TLS.
    Elsewhere,
    /// From TLS to plain HTTP.
    ToPlainHttp,
    /// From one address to the next, too often.
    InCircles,
    /// What was sent (`POST`) is not sent again.
    Sent,
}

/// The beginning of an answer: one line, up to 200 characters, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote(pub(crate) String);

impl FetchError {
    /// The status that the server answered with, where that is what went wrong.
    pub fn status(&self) -> Option<u16> {
        if let Self::Status { status, .. } = self { Some(*status) } else { None }
    }

    /// Whether it may go away by itself: then the request is made again.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Status { status, .. } => may_pass(*status),
            Self::TimedOut { waiting, .. } => *waiting != Waiting::End,
            Self::Broken { .. } => true,
            _ => false,
        }
    }

    /// How long the server asks to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        if let Self::Status { retry_after, .. } = self { *retry_after } else { None }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        let text = match self {
            Self::Secret(error) => return error.hint(),
            Self::Unusable { hint, .. } => return hint.clone(),
            Self::Status { status, retry_after, .. } => return status_hint(*status, *retry_after),
            Self::Certificate { fingerprint, .. } => {
                return format!(
                    "if its certificate has the fingerprint `{fingerprint}`, set `pin` to that; if an authority of \
                     your own signed it, name its certificate in `ca_file`"
                );
            }
            Self::Redirected { to, leads: Leads::Elsewhere | Leads::Sent, .. } => {
                return format!(
                    "if the API has moved there, correct the address to that of `{to}`; credentials are not sent on"
                );
            }
            Self::TooLarge { size, .. } => {
                return format!("if so much is right, set `{}` to more", size.key());
            }
            Self::File { .. } => "put the file back, or correct its name in the configuration",
            Self::Settings { .. } => "correct these keys in the configuration",
            Self::Address { .. } => "correct the address in the configuration",
            Self::Authorities { authorities, .. } if authorities == THIS_HOST => {
                "install the package `ca-certificates`, or set `ca_file` or `pin`"
            }
            Self::Authorities { .. } => {
                "put the certificates of the authorities there as PEM, each from `-----BEGIN CERTIFICATE-----`"
            }
            Self::Unreachable { .. } => {
                "check the name and the port in the address, the firewall, and that the server runs"
            }
            Self::Tls { .. } => "check the address: is it the right port, and should it begin with `http://`?",
            Self::TimedOut { waiting, .. } => waiting.hint(),
            Self::Broken { .. } => {
                "the server, or what stands before it, ended the connection: look into its log; the next run tries again"
            }
            Self::Redirected { leads: Leads::ToPlainHttp, .. } => {
                "it leads away from TLS, where credentials could be read: correct the address, or what redirects there"
            }
            Self::Redirected { .. } => "correct the address, or what redirects there",
            Self::NotJson { content_type, .. } if content_type.contains("html") => {
                "a page for people was answered: correct the address to that of the API, and check that the token is still good"
            }
            Self::NotJson { .. } | Self::WrongKind { .. } => {
                "check that the address is that of the API, and its version"
            }
            Self::BrokenJson { .. } => "the server ended its answer early: look into its log; the next run tries again",
            Self::Packing { .. } => "look at what stands before the server: it packs answers wrongly",
            Self::State { source, .. } if source.kind() == io::ErrorKind::InvalidData => {
                "the file is damaged: remove it, and wait a few seconds"
            }
            Self::State { .. } => "let the user that Pleach runs as write there",
            Self::Busy { .. } => "wait until it has ended, and let one process use the key",
            Self::SecondFactor { .. } => "use an API token, or an account without two-factor authentication",
            Self::Count { .. } => {
                "something changed while it was read, or the account may not see all of it; the next run tries again"
            }
        };
        text.to_owned()
    }
}

/// Where authorities are if no file is named.
pub(crate) const THIS_HOST: &str = "this host";

fn status_words(status: u16) -> String {
    let known = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    known.map_or_else(|| status.to_string(), |words| format!("{status} ({words})"))
}

fn status_hint(status: u16, retry_after: Option<Duration>) -> String {
    let text = match status {
        401 => "the credentials are not accepted: check the token or key, and that it has not expired",
        403 => "the credentials may not read this: give them the permission to view it",
        404 => "there is no such thing: correct the address to that of the API, and check its version",
        429 if retry_after.is_some_and(|time| time > LONGEST_RETRY_AFTER) => {
            let seconds = retry_after.unwrap_or_default().as_secs();
            return format!("the server asks to wait for {seconds} s: run again later, and less often");
        }
        429 => "the server was asked too often: run less often",
        500..=599 => "the server or the proxy before it is ill, or being upgraded: the next run tries again",
        _ => "the server does not take the request: check the address, and the version of the API",
    };
    text.to_owned()
}

impl Waiting {
    fn hint(self) -> &'static str {
        match self {
            Self::Connect => "check the name and the port in the address, and the firewall",
            Self::FirstByte | Self::NextByte => "the server is slow: look at its load, or set `read_timeout` to more",
            Self::End => "the server is slow: look at its load, or set `overall_timeout` to more",
        }
    }
}

impl fmt::Display for Asked {
    /// `` `https://uisp.example.net/sites` (3 attempts) ``, the method where it is not `GET`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.method {
            "GET" => write!(f, "`{}`", self.address)?,
            method => write!(f, "`{method} {}`", self.address)?,
        }
        if self.attempts > 1 { write!(f, " ({} attempts)", self.attempts) } else { Ok(()) }
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "no connection",
            Self::FirstByte => "no answer",
            Self::NextByte => "no more of the answer",
            Self::End => "not all of the answer",
        })
    }
}

impl fmt::Display for Quote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("nothing") } else { write!(f, "`{}`", self.0) }
    }
}

/// Why a snapshot as a whole is not what its source answers.
#[derive(Debug, thiserror::Error)]
#[error("cannot use `{address}`: {reason}")]
pub struct ReadError {
    /// Where the part came from.
    pub address: String,
    /// What is wrong with it.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}
