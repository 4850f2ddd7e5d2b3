//! What can go wrong with a whole source. What is wrong with one of its records is a problem, not an error.

mod asked;
mod hint;

use std::io;
use std::time::Duration;

use reqwest::StatusCode;

use crate::client::{Cause, ClientSettingsError, Pin, Size, may_pass};
use crate::json::{BrokenJson, Expect};
use crate::secret::SecretError;

pub use asked::{Asked, Leads, Quote, Waiting};
pub(crate) use hint::THIS_HOST;

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
    /// The answer says that it is something else than what was asked for.
    #[error("{asked} answered with `{content_type}` and not with {wanted}: {beginning}")]
    OtherType {
        /// What was asked.
        asked: Asked,
        /// What was asked for: `JSON`.
        wanted: &'static str,
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
}

fn status_words(status: u16) -> String {
    let known = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    known.map_or_else(|| status.to_string(), |words| format!("{status} ({words})"))
}
