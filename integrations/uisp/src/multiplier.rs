//! A factor that rates are multiplied by: exact, so that 29.4 Mbit/s does not become 29.400002.

use pleach_graph::Rate;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A factor in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Multiplier(u32);

const ONE: u32 = 1_000_000;

/// The largest: ten times the plan is more than any overhead.
const LARGEST: f64 = 10.0;

impl Multiplier {
    /// Changes nothing.
    pub const ONE: Self = Self(ONE);

    /// So many millionths.
    pub const fn from_millionths(millionths: u32) -> Self {
        Self(millionths)
    }

    /// `rate` times this, rounded down to a bit/s.
    pub fn of(self, rate: Rate) -> Rate {
        rate.scaled(u64::from(self.0), u64::from(ONE))
    }

    /// The share between 0 and 1 that a number means: from 1 on it is a percentage.
    pub(crate) fn share(number: f64) -> Option<Self> {
        let share = if number >= 1.0 { number / 100.0 } else { number };
        (share > 0.0 && share < 1.0).then(|| Self::rounded(share))
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the number is between 0 and 10")]
    fn rounded(number: f64) -> Self {
        Self((number * f64::from(ONE)).round() as u32)
    }

    fn as_f64(self) -> f64 {
        f64::from(self.0) / f64::from(ONE)
    }
}

impl std::fmt::Display for Multiplier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.as_f64(), f)
    }
}

impl Serialize for Multiplier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}

impl<'de> Deserialize<'de> for Multiplier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        let read = (number > 0.0 && number <= LARGEST).then(|| Self::rounded(number)).filter(|read| read.0 > 0);
        read.ok_or_else(|| de::Error::custom(format_args!("`{number}` is not between 0 and {LARGEST}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_exact() {
        let read = |text: &str| toml::from_str::<std::collections::BTreeMap<String, Multiplier>>(text).map(|t| t["m"]);
        assert_eq!(read("m = 0.94").expect("a factor").of(Rate::from_gbit(1)), Rate::from_mbit(940));
        assert_eq!(read("m = 1").expect("a factor"), Multiplier::ONE);
        for wrong in ["m = 0", "m = 1e-7", "m = -1", "m = 11", "m = nan"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_share_is_a_percentage_or_a_fraction() {
        assert_eq!(Multiplier::share(67.0), Some(Multiplier::from_millionths(670_000)));
        assert_eq!(Multiplier::share(0.8), Some(Multiplier::from_millionths(800_000)));
        assert_eq!([0.0, 100.0, -3.0, f64::NAN].map(Multiplier::share), [None; 4]);
    }
}
