//! How a source is asked over HTTP.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::fmt::serde::unsigned_duration::friendly::compact;
use pleach_graph::Bytes;
use serde::{Deserialize, Serialize};

use super::pin::Pin;

/// How a source is asked over HTTP. Times are texts such as `5s` or `2m`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientSettings {
    /// How long connecting may take, TLS included.
    #[serde(with = "compact::required")]
    pub connect_timeout: Duration,
    /// How long nothing may come: before the first byte of an answer, connecting included, and between any two pieces of it.
    #[serde(with = "compact::required")]
    pub read_timeout: Duration,
    /// How long an answer may take in all, with every attempt and every pause.
    #[serde(with = "compact::required")]
    pub overall_timeout: Duration,
    /// How often a request is made again that failed for a reason which may go away by itself.
    pub retries: u32,
    /// The largest answer on the line.
    pub largest_download: Bytes,
    /// The largest answer once it is unpacked.
    pub largest_answer: Bytes,
    /// The authorities (PEM) that the server's certificate must come from, in place of those of this host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The one certificate that the server must have, whoever signed it and whatever name and dates are in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
    /// Whether any certificate will do. Then whoever stands between can read the credentials; see
    /// [`Client::warnings`](super::Client::warnings).
    pub insecure: bool,
}

/// Large installations have been seen to think for a minute, and to send for several.
const DEFAULT_TIMEOUTS: [Duration; 3] = [Duration::from_secs(5), Duration::from_mins(2), Duration::from_mins(5)];

/// With pauses of 1, 2, 4 and 8 seconds: a proxy that restarts is waited for.
const DEFAULT_RETRIES: u32 = 4;

/// More attempts than these only add load to a server that is ill.
const MOST_RETRIES: u32 = 20;

impl Default for ClientSettings {
    fn default() -> Self {
        let [connect_timeout, read_timeout, overall_timeout] = DEFAULT_TIMEOUTS;
        Self {
            connect_timeout,
            read_timeout,
            overall_timeout,
            retries: DEFAULT_RETRIES,
            largest_download: Bytes(1 << 30), // 200 000 devices with their interfaces, not packed
            largest_answer: Bytes(2 << 30),
            ca_file: None,
            pin: None,
            insecure: false,
        }
    }
}

/// A time beyond this is a slip of the keyboard, and the clock cannot count to any.
const LONGEST_TIMEOUT: Duration = Duration::from_hours(24);

/// What is wrong with how a source is to be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientSettingsError {
    /// A time or a size that is nothing.
    #[error("`{0}` is nothing")]
    Nothing(&'static str),
    /// A time of more than a day.
    #[error("`{0}` is more than a day")]
    TooLong(&'static str),
    /// Too many retries.
    #[error("`retries` is {0}, and may be {MOST_RETRIES}")]
    Retries(u32),
    /// Two answers to the question which certificate will do.
    #[error("`{0}` and `{1}` are both set, and each says alone which certificate will do")]
    Both(&'static str, &'static str),
}

impl ClientSettings {
    /// Checks what its types cannot say.
    pub fn check(&self) -> Result<(), ClientSettingsError> {
        let times = [
            ("connect_timeout", self.connect_timeout),
            ("read_timeout", self.read_timeout),
            ("overall_timeout", self.overall_timeout),
        ];
        let sizes = [("largest_download", self.largest_download), ("largest_answer", self.largest_answer)];
        let nothing = times.iter().filter(|(_, time)| time.is_zero()).map(|(key, _)| *key);
        if let Some(key) = nothing.chain(sizes.iter().filter(|(_, size)| size.0 == 0).map(|(key, _)| *key)).next() {
            return Err(ClientSettingsError::Nothing(key));
        }
        if let Some((key, _)) = times.iter().find(|(_, time)| *time > LONGEST_TIMEOUT) {
            return Err(ClientSettingsError::TooLong(key));
        }
        if self.retries > MOST_RETRIES {
            return Err(ClientSettingsError::Retries(self.retries));
        }
        let trust = [("ca_file", self.ca_file.is_some()), ("pin", self.pin.is_some()), ("insecure", self.insecure)];
        let mut set = trust.iter().filter(|(_, set)| *set).map(|(key, _)| *key);
        match (set.next(), set.next()) {
            (Some(first), Some(second)) => Err(ClientSettingsError::Both(first, second)),
            _ => Ok(()),
        }
    }

    /// Takes paths that are not absolute from `folder`: the one that the configuration stands in.
    pub fn resolve_paths(&mut self, folder: &Path) {
        if let Some(path) = &mut self.ca_file {
            *path = folder.join(&*path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ClientSettings, String> {
        let settings: ClientSettings = serde_json::from_str(text).map_err(|error| error.to_string())?;
        settings.check().map_err(|error| error.to_string())?;
        Ok(settings)
    }

    #[test]
    fn what_is_printed_reads_back() {
        let text =
            r#"{"connect_timeout":"2s","read_timeout":"1m 30s","retries":0,"largest_answer":"1G","ca_file":"ca.pem"}"#;
        let mut settings = parse(text).expect("all is known");
        assert_eq!(settings.read_timeout, Duration::from_secs(90));
        assert_eq!((settings.largest_answer, settings.retries), (Bytes(1 << 30), 0));
        let printed = serde_json::to_string(&settings).expect("a table");
        assert_eq!(parse(&printed).as_ref(), Ok(&settings));
        assert_eq!(parse("{}"), Ok(ClientSettings::default()));
        settings.resolve_paths(Path::new("/etc/pleach"));
        assert_eq!(settings.ca_file.as_deref(), Some(Path::new("/etc/pleach/ca.pem")));
    }

    #[test]
    fn what_cannot_be_is_said() {
        let pin = "AB".repeat(32);
        for (text, says) in [
            (r#"{"conect_timeout":"2s"}"#, "unknown field `conect_timeout`"),
            (r#"{"connect_timeout":"0s"}"#, "`connect_timeout` is nothing"),
            (r#"{"overall_timeout":"25h"}"#, "`overall_timeout` is more than a day"),
            (r#"{"overall_timeout":"99999999999h"}"#, "`overall_timeout` is more than a day"),
            (r#"{"connect_timeout":"-1s"}"#, "negative"),
            (r#"{"connect_timeout":"soon"}"#, "failed to parse"),
            (r#"{"largest_answer":0}"#, "`largest_answer` is nothing"),
            (r#"{"retries":21}"#, "`retries` is 21, and may be 20"),
            (r#"{"insecure":true,"ca_file":"a"}"#, "`ca_file` and `insecure` are both set"),
            (&format!(r#"{{"insecure":true,"pin":"{pin}"}}"#), "`pin` and `insecure` are both set"),
            (r#"{"pin":"AB:CD"}"#, "is no SHA-256"),
        ] {
            let error = parse(text).expect_err("it cannot be");
            assert!(error.contains(says), "{error}");
        }
    }
}
