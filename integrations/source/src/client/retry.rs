//! When a request is made again: pure decisions.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// The pauses between the attempts of one request.
#[derive(Clone, Debug)]
pub(crate) struct Pauses {
    next: Duration,
    random: u64,
}

/// The first pause, if nothing else is said.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause that a failure alone causes.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The longest pause that a server may ask for (`Retry-After`). What is not there in a minute is for the next run.
pub(crate) const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(1);

impl Pauses {
    /// Pauses that double, from `first` on, each shortened by up to a half. `seed` decides by how much: several hosts that
    /// lost one server at one time must not all come back at one time.
    pub(crate) fn new(first: Duration, seed: u64) -> Self {
        Self { next: first, random: seed }
    }

    /// The next pause; nothing where the server asks for more than it may.
    pub(crate) fn next(&mut self, retry_after: Option<Duration>) -> Option<Duration> {
        let pause = self.next.min(LONGEST_PAUSE);
        self.next = pause * 2;
        let shortened = pause / 2 + (pause / 2).mul_f64(self.fraction());
        let asked = retry_after.unwrap_or_default();
        (asked <= LONGEST_RETRY_AFTER).then_some(shortened.max(asked))
    }

    /// A number from 0 to 1 (`SplitMix64`: Steele, Lea and Flood, 2014).
    fn fraction(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        f64::from(u32::try_from(mixed >> 32).unwrap_or_default()) / f64::from(u32::MAX)
    }
}

/// What `Retry-After` asks for (RFC 9110, section 10.2.3): seconds, or the moment in the form that senders must use.
pub(crate) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = DateTimeParser::new().parse_timestamp(value).ok()?;
    Some(Duration::try_from(moment.duration_since(now)).unwrap_or_default()) // what is past is now
}

/// Whether a status says that the server is busy or ill, and not that the request is wrong.
pub(crate) fn may_pass(status: u16) -> bool {
    status == 429 || (500..600).contains(&status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_are_shortened_and_have_an_end() {
        for seed in 0..100 {
            let mut pauses = Pauses::new(Duration::from_secs(1), seed);
            for whole in [1, 2, 4, 8, 16, 30, 30] {
                let pause = pauses.next(None).expect("nobody asks for more");
                assert!((Duration::from_secs(whole) / 2..=Duration::from_secs(whole)).contains(&pause), "{pause:?}");
            }
        }
        let pauses = |seed| Pauses::new(FIRST_PAUSE, seed).next(None);
        assert_eq!(pauses(7), pauses(7));
        assert_ne!(pauses(7), pauses(8));
    }

    #[test]
    fn the_server_may_ask_for_more_but_not_for_too_much() {
        let next = |seconds| Pauses::new(FIRST_PAUSE, 0).next(Some(Duration::from_secs(seconds)));
        assert_eq!(next(20), Some(Duration::from_secs(20)));
        assert_eq!(next(0), Pauses::new(FIRST_PAUSE, 0).next(None));
        assert_eq!(next(61), None);
    }

    #[test]
    fn retry_after_has_two_forms() {
        let now = "2015-10-21T07:28:00Z".parse().expect("a moment");
        for (value, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Wed, 21 Oct 2015 07:28:30 GMT", Some(30)),
            ("Wed, 21 Oct 2015 07:27:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(retry_after(value, now), seconds.map(Duration::from_secs), "{value}");
        }
    }

    #[test]
    fn what_may_pass() {
        assert!([429, 500, 502, 503, 504].into_iter().all(may_pass));
        assert!(![200, 301, 400, 401, 403, 404, 408, 600].into_iter().any(may_pass));
    }
}
