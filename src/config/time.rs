//! Lengths of time as people write them: `90s`, `5m`, `12h`, `2d`. For `#[serde(with = "…")]`.

use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serializer};

/// Writes `12h`.
pub(super) fn serialize<S: Serializer>(time: &SignedDuration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:#}"))
}

/// Reads a text; a day has 24 hours.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SignedDuration, D::Error> {
    let text = String::deserialize(deserializer)?;
    let time = text.parse::<Span>().and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()));
    time.map_err(|_| de::Error::custom(format_args!("`{text}` is not a time such as `90s`, `5m`, `12h` or `2d`")))
}

/// Times by name.
pub(super) mod by_name {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::{Deserialize, Deserializer, Serializer, SignedDuration};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Time(#[serde(with = "super")] SignedDuration);

    type Times = BTreeMap<String, SignedDuration>;

    /// Writes a table.
    pub(in crate::config) fn serialize<S: Serializer>(times: &Times, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(times.iter().map(|(name, time)| (name, Time(*time))))
    }

    /// Reads a table.
    pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Times, D::Error> {
        let times = BTreeMap::<String, Time>::deserialize(deserializer)?;
        Ok(times.into_iter().map(|(name, Time(time))| (name, time)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Table {
        #[serde(with = "super")]
        time: SignedDuration,
    }

    #[test]
    fn times_as_people_write_them() {
        let read =
            |text: &str| toml::from_str::<Table>(&format!("time = \"{text}\"")).map(|table| table.time.as_secs());
        for (text, seconds) in [("90s", 90), ("5m", 300), ("1 hour 30 min", 5400), ("2d", 172_800), ("1w", 604_800)] {
            assert_eq!(read(text), Ok(seconds), "{text}");
        }
        for text in ["", "5", "1 month", "2y", "soon", "9999999999999999w"] {
            let error = read(text).expect_err(text);
            assert_eq!(error.message(), format!("`{text}` is not a time such as `90s`, `5m`, `12h` or `2d`"));
        }
    }
}
