//! Rates in bit/s: the one place where units are parsed and printed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A rate in whole bits per second.
///
/// Text without a unit is Mbit/s, the unit of `ShapedDevices.csv` and `network.json`. Fractions survive: `59.765625`
/// Mbit/s is exactly 59 765 625 bit/s and prints back as it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(u64);

/// The unit that a bare number is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateUnit {
    /// 1 bit/s.
    Bit,
    /// 1 000 bit/s.
    Kilobit,
    /// 1 000 000 bit/s.
    Megabit,
    /// 1 000 000 000 bit/s.
    Gigabit,
}

/// Why a text is not a rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// Nothing but white space.
    #[error("is empty")]
    Empty,
    /// Not a decimal number, or a number followed by something that is no unit.
    #[error("is not a rate such as `100`, `2.5G` or `500 kbit/s`")]
    NotANumber,
    /// A minus sign.
    #[error("is negative")]
    Negative,
    /// Infinite, or above [`Rate::MAX`].
    #[error("is more than {} Tbit/s", Rate::MAX.0 / 1_000_000_000_000)]
    TooLarge,
    /// `MB/s` and its like: eight times what was probably meant.
    #[error("is in bytes, rates are in bits")]
    Bytes,
}

impl Rate {
    /// No traffic at all. Never written to a file: a class without rate is an outage.
    pub const ZERO: Self = Self(0);
    /// The largest rate taken from outside, 1 000 Tbit/s: beyond any link, and 18 000 of them still add up in a `u64`.
    pub const MAX: Self = Self(1_000_000_000_000_000);
    /// The smallest rate written for a subscriber: 0.1 Mbit/s, below which LibreQoS refuses the whole file.
    pub const SUBSCRIBER_MIN: Self = Self(100_000);

    /// A rate of so many bit/s.
    pub const fn from_bit(bit_per_second: u64) -> Self {
        Self(bit_per_second)
    }

    /// A rate of so many Mbit/s (10^6 bit/s).
    pub const fn from_mbit(mbit_per_second: u64) -> Self {
        Self(mbit_per_second.saturating_mul(1_000_000))
    }

    /// A rate of so many Gbit/s (10^9 bit/s).
    pub const fn from_gbit(gbit_per_second: u64) -> Self {
        Self(gbit_per_second.saturating_mul(1_000_000_000))
    }

    /// In bit/s.
    pub const fn bit(self) -> u64 {
        self.0
    }

    /// `self * numerator / denominator` in 128-bit arithmetic, rounded down.
    #[must_use]
    pub fn scaled(self, numerator: u64, denominator: u64) -> Self {
        let scaled = u128::from(self.0) * u128::from(numerator) / u128::from(denominator.max(1));
        Self(u64::try_from(scaled).unwrap_or(u64::MAX))
    }

    /// The sum, held at `u64::MAX`.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// In Mbit/s as the shortest exact decimal: `100`, `59.765625`, `0.1`.
    pub fn mbit(self) -> Mbit {
        Mbit(self)
    }

    /// Appends the rate in Mbit/s, as [`Rate::mbit`] prints it, without the machinery of formatting.
    pub(crate) fn push_mbit(self, bytes: &mut Vec<u8>) {
        const MEGABIT: u64 = 1_000_000;
        let (whole, fraction) = (self.0 / MEGABIT, self.0 % MEGABIT);
        bytes.extend_from_slice(itoa::Buffer::new().format(whole).as_bytes());
        if fraction > 0 {
            let mut digits = itoa::Buffer::new();
            let padded = &digits.format(MEGABIT + fraction)[1..]; // six digits, whatever the fraction
            bytes.push(b'.');
            bytes.extend_from_slice(padded.trim_end_matches('0').as_bytes());
        }
    }

    /// Parses a decimal with an optional unit; a bare number is in `unit`.
    ///
    /// Exponents (`1e3`) are read, as the readers of these files do. Digits beyond one bit/s are rounded to nearest.
    pub fn parse(text: &str, unit: RateUnit) -> Result<Self, RateError> {
        if let Some(bits) = plain(text, unit) {
            return Ok(Self(bits));
        }
        let text = text.trim();
        let split = text.find(|c: char| !matches!(c, '0'..='9' | '.' | '+' | '-')).unwrap_or(text.len());
        let (mut digits, mut rest) = text.split_at(split);
        let mut exponent = 0;
        if let Some((power, tail)) = exponent_of(rest) {
            (exponent, rest) = (power, tail);
        }
        if digits.starts_with('-') {
            return Err(RateError::Negative);
        }
        digits = digits.strip_prefix('+').unwrap_or(digits);
        if text.is_empty() {
            return Err(RateError::Empty);
        }
        if digits.is_empty() {
            return Err(match rest.to_ascii_lowercase().as_str() {
                "inf" | "infinity" => RateError::TooLarge,
                _ => RateError::NotANumber,
            });
        }
        let power = if rest.trim().is_empty() { unit.power() } else { unit_power(rest.trim())? };
        let bits = decimal_times_power_of_ten(digits, power + exponent)?;
        if bits > u128::from(Self::MAX.0) {
            return Err(RateError::TooLarge);
        }
        Ok(Self(u64::try_from(bits).map_err(|_| RateError::TooLarge)?))
    }
}

impl RateUnit {
    const fn power(self) -> i32 {
        match self {
            Self::Bit => 0,
            Self::Kilobit => 3,
            Self::Megabit => 6,
            Self::Gigabit => 9,
        }
    }
}

/// What nearly every cell holds, in bit/s: a few digits, perhaps a point and a few more. Anything else is left to the
/// whole parser.
fn plain(text: &str, unit: RateUnit) -> Option<u64> {
    const MOST: usize = 9; // digits that make the product fit a u64, in any unit
    let (mut value, mut digits, mut power) = (0_u64, 0, unit.power());
    let mut after_point = false;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' if digits < MOST => {
                value = value * 10 + u64::from(byte - b'0');
                digits += 1;
                power -= i32::from(after_point);
            }
            b'.' if !after_point => after_point = true,
            _ => return None,
        }
    }
    let factor = 10_u64.pow(u32::try_from(power).ok()?);
    (digits > 0 && value * factor <= Rate::MAX.0).then_some(value * factor)
}

/// `e3` or `E-2` at the start of `rest`: the power, and what follows it.
fn exponent_of(rest: &str) -> Option<(i32, &str)> {
    let body = rest.strip_prefix(['e', 'E'])?;
    let sign = usize::from(body.starts_with(['+', '-']));
    let end = body[sign..].find(|c: char| !c.is_ascii_digit()).map_or(body.len(), |at| at + sign);
    let power = body[..end].parse::<i32>().ok()?;
    Some((power.clamp(-40, 40), &body[end..]))
}

/// The power of ten that a unit stands for: `M`, `mbps`, `Mbit/s`, `kb/s`, `bit`…
fn unit_power(unit: &str) -> Result<i32, RateError> {
    let (prefix, tail) = match unit.as_bytes()[0].to_ascii_lowercase() {
        b'k' => (3, &unit[1..]),
        b'm' => (6, &unit[1..]),
        b'g' => (9, &unit[1..]),
        b't' => (12, &unit[1..]),
        _ => (0, unit),
    };
    if tail.starts_with('B') && !tail[1..].starts_with("IT") || tail.to_ascii_lowercase().starts_with("byte") {
        return Err(RateError::Bytes);
    }
    match tail.to_ascii_lowercase().as_str() {
        "" if prefix > 0 => Ok(prefix),
        "b" | "bps" | "b/s" | "bit" | "bits" | "bit/s" | "bits/s" | "bitps" => Ok(prefix),
        _ => Err(RateError::NotANumber),
    }
}

/// `digits` (decimal, at most one point) times ten to the `power`, rounded to nearest.
fn decimal_times_power_of_ten(digits: &str, power: i32) -> Result<u128, RateError> {
    const MOST_DIGITS: usize = 36; // what always fits a u128
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.len() + fraction.len() == 0 || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(RateError::NotANumber);
    }
    let whole = whole.trim_start_matches('0');
    let fraction = &fraction[..fraction.len().min(MOST_DIGITS)];
    if whole.len() > MOST_DIGITS / 2 {
        return Err(RateError::TooLarge);
    }
    let mut value: u128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()).take(MOST_DIGITS) {
        value = value * 10 + u128::from(digit - b'0');
    }
    let taken = (whole.len() + fraction.len()).min(MOST_DIGITS) - whole.len();
    let shift = power - i32::try_from(taken).unwrap_or(i32::MAX);
    let factor = |by: u32| 10_u128.checked_pow(by);
    if shift >= 0 {
        factor(shift.unsigned_abs()).and_then(|by| value.checked_mul(by)).ok_or(RateError::TooLarge)
    } else {
        Ok(factor(shift.unsigned_abs()).map_or(0, |by| (value + by / 2) / by))
    }
}

/// Prints a rate in Mbit/s; see [`Rate::mbit`].
#[derive(Clone, Copy, Debug)]
pub struct Mbit(Rate);

impl fmt::Display for Mbit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_decimal(f, self.0.0, 6)
    }
}

/// `value / 10^power` as the shortest exact decimal.
fn write_decimal(f: &mut fmt::Formatter<'_>, value: u64, power: u32) -> fmt::Result {
    let divisor = 10_u64.pow(power);
    let (whole, mut fraction) = (value / divisor, value % divisor);
    if fraction == 0 {
        return write!(f, "{whole}");
    }
    let mut width = power as usize;
    while fraction % 10 == 0 {
        fraction /= 10;
        width -= 1;
    }
    write!(f, "{whole}.{fraction:0width$}")
}

impl fmt::Display for Rate {
    /// The largest unit that gives at least 1, exactly: `2.5 Gbit/s`, `100 Mbit/s`, `999 bit/s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (power, unit) = match self.0 {
            0..1_000 => (0, "bit/s"),
            1_000..1_000_000 => (3, "kbit/s"),
            1_000_000..1_000_000_000 => (6, "Mbit/s"),
            1_000_000_000..1_000_000_000_000 => (9, "Gbit/s"),
            _ => (12, "Tbit/s"),
        };
        write_decimal(f, self.0, power)?;
        write!(f, " {unit}")
    }
}

impl FromStr for Rate {
    type Err = RateError;
    fn from_str(text: &str) -> Result<Self, RateError> {
        Self::parse(text, RateUnit::Megabit)
    }
}

impl Serialize for Rate {
    /// As bit/s, a whole number: exact in every reader.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl<'de> Deserialize<'de> for Rate {
    /// From configuration: a number of Mbit/s, or text with a unit.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Rate;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a rate: a number of Mbit/s, or text such as \"2.5G\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Rate, E> {
                text.parse().map_err(|error| E::custom(format_args!("`{text}` {error}")))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Rate, E> {
                self.visit_str(&number.to_string())
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Rate, E> {
                self.visit_str(&number.to_string())
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Rate, E> {
                self.visit_str(&number.to_string())
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_every_spelling_users_write() {
        for (text, bit) in [
            ("100", 100_000_000),
            ("100M", 100_000_000),
            ("2.5 Gbps", 2_500_000_000),
            ("500 kbit/s", 500_000),
            ("59.765625", 59_765_625),
            ("0.1", 100_000),
            (".5", 500_000),
            ("1e3", 1_000_000_000),
            ("1.5e-1", 150_000),
            ("800bit", 800),
            ("1T", 1_000_000_000_000),
            ("+7 mbps", 7_000_000),
            ("10 Mb/s", 10_000_000),
            ("10 MBIT/S", 10_000_000),
            ("0.00000049", 0),
            ("0.0000005", 1),
        ] {
            assert_eq!(text.parse::<Rate>(), Ok(Rate::from_bit(bit)), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_rate() {
        for (text, error) in [
            ("", RateError::Empty),
            ("  ", RateError::Empty),
            ("-5", RateError::Negative),
            ("NaN", RateError::NotANumber),
            ("inf", RateError::TooLarge),
            ("fast", RateError::NotANumber),
            ("1.2.3", RateError::NotANumber),
            ("1,5", RateError::NotANumber),
            (".", RateError::NotANumber),
            ("10 MB/s", RateError::Bytes),
            ("10 kBps", RateError::Bytes),
            ("1e30", RateError::TooLarge),
            ("99999999999999999999999999999999999999999999", RateError::TooLarge),
            ("10 parsec", RateError::NotANumber),
            ("10é", RateError::NotANumber),
        ] {
            assert_eq!(text.parse::<Rate>(), Err(error), "{text}");
        }
    }

    #[test]
    fn prints_exactly() {
        assert_eq!(Rate::from_bit(2_500_000_000).to_string(), "2.5 Gbit/s");
        assert_eq!(Rate::from_bit(999).to_string(), "999 bit/s");
        assert_eq!(Rate::from_mbit(100).mbit().to_string(), "100");
        assert_eq!(Rate::from_bit(59_765_625).mbit().to_string(), "59.765625");
        assert_eq!(Rate::from_bit(1).mbit().to_string(), "0.000001");
    }

    proptest! {
            #[test]
            fn both_prints_read_back(bit in 0..=Rate::MAX.bit()) {
                let rate = Rate::from_bit(bit);
                prop_assert_eq!(rate.mbit().to_string().parse(), Ok(rate));
                prop_assert_eq!(rate.to_string().parse(), Ok(rate));
            }
            #[test]
            fn the_short_cut_agrees_with_the_whole_parser(text in "[0-9]{0,7}\\.?[0-9]{0,7}") {
                for unit in [RateUnit::Bit, RateUnit::Kilobit, RateUnit::Megabit, RateUnit::Gigabit] {
    prop_assert_eq!(Rate::parse(&text, unit).ok(), Rate::parse(&format!("{text}e0"), unit).ok());
                }
            }
            #[test]
            fn no_text_panics(text in "\\PC*") {
                let _ = text.parse::<Rate>();
            }
        }
}
