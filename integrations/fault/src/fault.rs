//! The faults, and the word for each.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// One thing that a server does wrong.
///
/// It is written and read as a word, with its value after `=` where it has one: `bad-gateway`, `slow-first-byte=200ms`,
/// `dribble=16/1s`. Without a value it has the one in [`Fault::ALL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `login-page`: an HTML page with a form, status 200.
    LoginPage,
    /// `unauthorized`: status 401. The body repeats the credentials that were sent, as careless servers do.
    Unauthorized,
    /// `forbidden`: status 403, the body as above.
    Forbidden,
    /// `not-found`: status 404.
    NotFound,
    /// `too-many-requests`: status 429.
    TooManyRequests {
        /// What the header `Retry-After` says, in whole seconds, rounded up.
        retry_after: Duration,
    },
    /// `server-error`: status 500.
    ServerError,
    /// `bad-gateway`: status 502 with a proxy's HTML page, as while the system behind it is upgraded.
    BadGateway,
    /// `truncated-json`: half of the answer, and then a clean end, as from a program that died behind a proxy.
    TruncatedJson,
    /// `short-body`: half of the answer, and then the connection ends, before the length that the header promised.
    ShortBody,
    /// `error-object`: status 200, and an object that tells of an error where an array is expected.
    ErrorObject,
    /// `empty-array`: `[]`, whatever was asked.
    EmptyArray,
    /// `half-missing`: every second record of a top-level array is missing. An answer that is no array goes through.
    HalfMissing,
    /// `odd-record`: a record of a shape that nobody expects stands second in a top-level array. An answer that is no array
    /// goes through.
    OddRecord,
    /// `slow-first-byte`: nothing comes for this long, then the answer.
    SlowFirstByte(Duration),
    /// `dribble`: the answer comes a few bytes at a time.
    Dribble {
        /// How many bytes at a time.
        bytes: usize,
        /// How long nothing comes between them.
        pause: Duration,
    },
    /// `redirect-elsewhere`: status 302 to the same path under this address, such as `https://elsewhere.example`.
    RedirectElsewhere(Cow<'static, str>),
    /// `redirect-to-http`: status 301 to the same host and path over plain HTTP. Meant for a server with TLS.
    RedirectToHttp,
    /// `redirect-loop`: status 302 to the address that was asked.
    RedirectLoop,
    /// `wrong-content-type`: the true answer, called `application/octet-stream`.
    WrongContentType,
    /// `gzip-bomb`: a JSON array of 8 GiB that is a few MiB on the line.
    GzipBomb,
    /// `broken-gzip`: the true answer, said to be gzip, which it is not.
    BrokenGzip,
    /// `connection-reset`: no answer; the connection is reset (by a [`Server`](crate::Server); elsewhere it is closed).
    ConnectionReset,
}

impl Fault {
    /// Every fault once, with the value that it has when none is given.
    pub const ALL: &[Self] = &[
        Self::LoginPage,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::TooManyRequests { retry_after: Duration::from_secs(1) },
        Self::ServerError,
        Self::BadGateway,
        Self::TruncatedJson,
        Self::ShortBody,
        Self::ErrorObject,
        Self::EmptyArray,
        Self::HalfMissing,
        Self::OddRecord,
        Self::SlowFirstByte(Duration::from_mins(5)),
        Self::Dribble { bytes: 16, pause: Duration::from_secs(1) },
        Self::RedirectElsewhere(Cow::Borrowed("https://elsewhere.example")),
        Self::RedirectToHttp,
        Self::RedirectLoop,
        Self::WrongContentType,
        Self::GzipBomb,
        Self::BrokenGzip,
        Self::ConnectionReset,
    ];

    /// The word for it, without a value.
    pub fn word(&self) -> &'static str {
        match self {
            Self::LoginPage => "login-page",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::TooManyRequests { .. } => "too-many-requests",
            Self::ServerError => "server-error",
            Self::BadGateway => "bad-gateway",
            Self::TruncatedJson => "truncated-json",
            Self::ShortBody => "short-body",
            Self::ErrorObject => "error-object",
            Self::EmptyArray => "empty-array",
            Self::HalfMissing => "half-missing",
            Self::OddRecord => "odd-record",
            Self::SlowFirstByte(_) => "slow-first-byte",
            Self::Dribble { .. } => "dribble",
            Self::RedirectElsewhere(_) => "redirect-elsewhere",
            Self::RedirectToHttp => "redirect-to-http",
            Self::RedirectLoop => "redirect-loop",
            Self::WrongContentType => "wrong-content-type",
            Self::GzipBomb => "gzip-bomb",
            Self::BrokenGzip => "broken-gzip",
            Self::ConnectionReset => "connection-reset",
        }
    }

    /// The same fault with another value; nothing if the value does not fit, or the fault has none.
    fn with_value(&self, text: &str) -> Option<Self> {
        match self {
            Self::TooManyRequests { .. } => Some(Self::TooManyRequests { retry_after: duration(text)? }),
            Self::SlowFirstByte(_) => duration(text).map(Self::SlowFirstByte),
            Self::Dribble { .. } => {
                let (bytes, pause) = text.split_once('/')?;
                let bytes = bytes.parse().ok().filter(|bytes| *bytes > 0)?;
                Some(Self::Dribble { bytes, pause: duration(pause)? })
            }
            Self::RedirectElsewhere(_) => Some(Self::RedirectElsewhere(text.to_owned().into())),
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        match self {
            Self::TooManyRequests { retry_after: time } | Self::SlowFirstByte(time) => write!(f, "={time:?}"),
            Self::Dribble { bytes, pause } => write!(f, "={bytes}/{pause:?}"),
            Self::RedirectElsewhere(address) => write!(f, "={address}"),
            _ => Ok(()),
        }
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let (word, value) = text.split_once('=').map_or((text, None), |(word, value)| (word, Some(value)));
        let fault = Self::ALL.iter().find(|fault| fault.word() == word);
        fault
            .and_then(|fault| value.map_or_else(|| Some(fault.clone()), |value| fault.with_value(value)))
            .ok_or_else(|| UnknownFault(text.to_owned()))
    }
}

/// Text that is no fault's word, or has a value that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFault(String);

impl fmt::Display for UnknownFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no fault; there are", self.0)?;
        for (index, fault) in Fault::ALL.iter().enumerate() {
            write!(f, "{}`{fault}`", if index == 0 { " " } else { ", " })?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownFault {}

/// `200ms` or `5s`, with or without a fraction.
fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1e-3),
        None => (text.strip_suffix('s')?, 1.0),
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * unit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_reads_back() {
        let mut words: Vec<_> = Fault::ALL.iter().map(Fault::word).collect();
        for fault in Fault::ALL {
            assert_eq!(fault.to_string().parse().as_ref(), Ok(fault));
            assert_eq!(fault.word().parse().as_ref(), Ok(fault));
        }
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Fault::ALL.len());
    }

    #[test]
    fn values_are_read_or_refused() {
        assert_eq!("slow-first-byte=250ms".parse(), Ok(Fault::SlowFirstByte(Duration::from_millis(250))));
        assert_eq!("dribble=2/0.5s".parse(), Ok(Fault::Dribble { bytes: 2, pause: Duration::from_millis(500) }));
        for text in ["", "bad", "bad-gateway=1", "slow-first-byte=fast", "slow-first-byte=-1s", "dribble=0/1s"] {
            assert_eq!(text.parse::<Fault>(), Err(UnknownFault(text.into())));
        }
        assert!(UnknownFault("bad".into()).to_string().starts_with("`bad` is no fault; there are `login-page`, "));
    }
}
