//! Times as people write them: what is written reads back the same.

use std::fmt;

use pleach_graph::{Rate, RateUnit};
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use crate::leaf::Microseconds;

const EXPECTED: &str = "a time such as `5ms`, `100us`, `1s` or a number of microseconds, at most 4 294 s";

impl Microseconds {
    /// A time with its unit (`us`, `ms`, `s`; fractions too), or a number of microseconds.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (digits, unit) = text.split_at(end);
        // A time is a thousandth of a million of something, as a rate is: the same digits, read without floating point.
        let scale = match unit.trim() {
            "" | "us" | "µs" => RateUnit::Bit,
            "ms" => RateUnit::Kilobit,
            "s" => RateUnit::Megabit,
            _ => return None,
        };
        let micros = Rate::parse(digits, scale).ok()?.bit();
        u32::try_from(micros).ok().map(Self)
    }
}

impl<'de> Deserialize<'de> for Microseconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;
        impl Visitor<'_> for Reads {
            type Value = Microseconds;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED)
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Microseconds, E> {
                let micros =
                    u32::try_from(value).map_err(|_| E::custom(format_args!("`{value}` is not {EXPECTED}")))?;
                Ok(Microseconds(micros))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Microseconds, E> {
                let micros =
                    u32::try_from(value).map_err(|_| E::custom(format_args!("`{value}` is not {EXPECTED}")))?;
                Ok(Microseconds(micros))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Microseconds, E> {
                Microseconds::parse(text).ok_or_else(|| E::custom(format_args!("`{text}` is not {EXPECTED}")))
            }
        }
        deserializer.deserialize_any(Reads)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cake, Class, Handle, Ticks};

    #[test]
    fn times_have_units() {
        for (text, micros) in [("100ms", 100_000), ("5us", 5), ("1s", 1_000_000), ("2.5 ms", 2_500), ("700", 700)] {
            assert_eq!(Microseconds::parse(text), Some(Microseconds(micros)), "{text}");
        }
        for text in ["", "ms", "-1ms", "1h", "5000s", "1.2.3s"] {
            assert_eq!(Microseconds::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_follows_from_an_option() {
        let read = |text| serde_json::from_str::<Cake>(text).expect("options");
        let cake = read(r#"{"rtt":"40ms"}"#);
        assert_eq!((cake.rtt, cake.target, cake.raw), (Microseconds(40_000), Microseconds(2_000), true));
        assert!(!read(r#"{"overhead":18}"#).raw, "compensation was asked for");
        assert_eq!(read("{}"), Cake::default());
        assert!(serde_json::from_str::<Cake>(r#"{"rt":1}"#).is_err());
    }

    #[test]
    fn what_is_written_reads_back() {
        let cake = Cake { bandwidth: Some(Rate::from_bit(1_234_567)), overhead: 4, raw: true, ..Cake::default() };
        let text = serde_json::to_string(&cake).expect("text");
        assert_eq!(serde_json::from_str::<Cake>(&text).expect("options"), cake, "{text}");
        let class = Class {
            parent: Handle::new(3, 1),
            rate: Rate::from_bit(8),
            ceil: Rate::from_mbit(100),
            burst: Ticks(20_000),
            cburst: Ticks(7),
            quantum: 1522,
            priority: 3,
            overhead: 0,
            mpu: 0,
        };
        let text = serde_json::to_string(&class).expect("text");
        assert_eq!(serde_json::from_str::<Class>(&text).expect("a class"), class, "{text}");
    }
}
