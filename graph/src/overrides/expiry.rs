//! When an override ends.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use toml::value::Datetime;

/// The end of an override. A date holds until that day is over in UTC, a time of day on a date until then; without an
/// offset it is UTC too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiry {
    end: Timestamp,
    written: String,
}

/// Why a TOML date or time is no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no date such as `2026-12-31`, nor a time such as `2026-12-31T18:00:00Z`")]
pub(super) struct ExpiryError;

impl Expiry {
    /// Whether `now` is before the end.
    pub fn holds(&self, now: Timestamp) -> bool {
        now < self.end
    }

    pub(super) fn new(written: Datetime) -> Result<Self, ExpiryError> {
        let text = written.to_string();
        let utc = |local: DateTime| Offset::UTC.to_timestamp(local);
        let end = match (written.date, written.time, written.offset) {
            (Some(_), None, None) => text.parse::<Date>().and_then(|date| {
                // The last day that there is does not end.
                date.checked_add(1.day()).map_or(Ok(Timestamp::MAX), |next| utc(next.into()))
            }),
            (Some(_), Some(_), None) => text.parse().and_then(utc),
            (Some(_), Some(_), Some(_)) => text.parse(),
            _ => return Err(ExpiryError),
        };
        end.map(|end| Self { end, written: text }).map_err(|_| ExpiryError)
    }
}

impl fmt::Display for Expiry {
    /// As it is written in the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(expiry: &str, now: &str) -> bool {
        let expiry = Expiry::new(expiry.parse().expect("a TOML date or time")).expect("an expiry");
        expiry.holds(now.parse().expect("a time"))
    }

    #[test]
    fn a_date_holds_until_its_day_is_over_in_utc() {
        assert!(holds("2026-12-31", "2026-12-31T23:59:59.999Z"));
        assert!(!holds("2026-12-31", "2027-01-01T00:00:00Z"));
        assert!(holds("2026-12-31", "2027-01-01T01:30:00+02:00"), "that is still the day before in UTC");
        assert!(holds("2028-02-29", "2028-02-29T12:00:00Z"));
        assert!(holds("9999-12-31", "9999-12-30T00:00:00Z"), "the end of time");
    }

    #[test]
    fn a_time_holds_until_then() {
        for expiry in
            ["2026-12-31T18:00:00Z", "2026-12-31T19:00:00+01:00", "2026-12-31T18:00:00", "2026-12-31 18:00:00"]
        {
            assert!(holds(expiry, "2026-12-31T17:59:59Z"), "{expiry}");
            assert!(!holds(expiry, "2026-12-31T18:00:00Z"), "{expiry}");
        }
    }

    #[test]
    fn a_time_of_any_day_is_no_end() {
        assert_eq!(Expiry::new("18:00:00".parse().expect("a TOML time")), Err(ExpiryError));
        assert!("2026-02-30".parse::<Datetime>().is_err() || Expiry::new("2026-02-30".parse().expect("read")).is_err());
    }
}
