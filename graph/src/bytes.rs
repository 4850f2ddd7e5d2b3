//! Amounts of memory.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// An amount of memory in bytes: a number, or text with `K`, `M`, `G` or `T` for powers of 1 024 (`"2G"`, `"512 MiB"`).
///
/// It is written with the largest unit that it is a whole number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

const EXPECTED: &str = "an amount of memory such as `512M`, `2G` or a number of bytes";

impl Bytes {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, unit) = text.split_at(end);
        let power = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "b" => 0,
            "k" | "kb" | "kib" => 1,
            "m" | "mb" | "mib" => 2,
            "g" | "gb" | "gib" => 3,
            "t" | "tb" | "tib" => 4,
            _ => return None,
        };
        digits.parse::<u64>().ok()?.checked_mul(1 << (10 * power)).map(Self)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let power = if self.0 == 0 { 0 } else { (self.0.trailing_zeros() / 10).min(4) };
        let unit = ["", "K", "M", "G", "T"][power as usize];
        write!(f, "{}{unit}", self.0 >> (10 * power))
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;
        impl Visitor<'_> for Reads {
            type Value = Bytes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED)
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Bytes, E> {
                u64::try_from(value).map(Bytes).map_err(|_| E::custom(format!("`{value}` is not {EXPECTED}")))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Bytes, E> {
                Ok(Bytes(value))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Bytes, E> {
                Bytes::parse(text).ok_or_else(|| E::custom(format!("`{text}` is not {EXPECTED}")))
            }
        }
        deserializer.deserialize_any(Reads)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_reads_back(number in any::<u64>(), zeroes in 0..60_u32) {
            let bytes = Bytes(number >> zeroes << zeroes);
            prop_assert_eq!(Bytes::parse(&bytes.to_string()), Some(bytes));
        }
    }

    #[test]
    fn units_are_powers_of_1024() {
        for (text, bytes) in [("1024", 1024), ("2G", 2 << 30), ("512 MiB", 512 << 20), ("3kb", 3072)] {
            assert_eq!(Bytes::parse(text), Some(Bytes(bytes)), "{text}");
        }
        for bytes in [0, 1, 1023, 1024, 1025, 1 << 20, 3 << 29, 1 << 50, u64::MAX] {
            assert_eq!(Bytes::parse(&Bytes(bytes).to_string()), Some(Bytes(bytes)), "{bytes}");
        }
        assert_eq!([Bytes(3 << 29), Bytes(2 << 30)].map(|bytes| bytes.to_string()), ["1536M", "2G"]);
        for text in ["", "G", "-1", "1.5G", "2 parsecs", "99999999999T"] {
            assert_eq!(Bytes::parse(text), None, "{text}");
        }
    }
}
