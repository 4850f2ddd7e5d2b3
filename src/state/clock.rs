//! A clock that neither a step of the wall clock nor a reboot can confuse.

use std::fs;
use std::io;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// Where Linux says which boot this is.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// A moment of one boot: sleep counts, and moments of different boots cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// Which boot.
    pub boot: String,
    /// Milliseconds since it began.
    pub milliseconds: u64,
}

/// The boot cannot be told.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{BOOT_ID}`")]
pub struct ClockError(#[from] io::Error);

impl Moment {
    /// Now.
    pub fn now() -> Result<Self, ClockError> {
        let boot = fs::read_to_string(BOOT_ID)?.trim().to_owned();
        let time = clock_gettime(ClockId::Boottime);
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        let milliseconds = seconds * 1_000 + u64::try_from(time.tv_nsec).unwrap_or(0) / 1_000_000;
        Ok(Self { boot, milliseconds })
    }

    /// This much later, in the same boot.
    #[must_use]
    pub fn after(&self, time: Duration) -> Self {
        let time = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self { boot: self.boot.clone(), milliseconds: self.milliseconds.saturating_add(time) }
    }

    /// How long it is from `self` to `other`: nothing if that is over, none if it is another boot's.
    pub fn until(&self, other: &Self) -> Option<Duration> {
        let left = other.milliseconds.saturating_sub(self.milliseconds);
        (self.boot == other.boot).then(|| Duration::from_millis(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_within_a_boot_only() {
        let now = Moment::now().expect("a clock");
        assert!(!now.boot.is_empty());
        let later = now.after(Duration::from_secs(5));
        assert_eq!(now.until(&later), Some(Duration::from_secs(5)));
        assert_eq!(later.until(&now), Some(Duration::ZERO));
        let other = Moment { boot: "another".into(), ..later };
        assert_eq!(now.until(&other), None);
    }
}
