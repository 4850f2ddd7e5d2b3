//! What errors tell of a request.

use std::fmt;

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
