//! Single values.

use std::fmt::Display;
use std::str::FromStr;

use pleach_graph::{Prefix, PrefixReading, Rate};
use pleach_tc::LeafKind;
use toml::de::DeValue;

use crate::limit::{self, Bytes};
use crate::rule::Ports;

/// What cannot be used: the text that stands there, and what is wrong with it.
pub(super) struct Unusable {
    pub(super) text: String,
    pub(super) why: String,
}

/// The value as it is written, for messages.
pub(super) fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(value) => value.to_string(),
        other => other.type_str().to_owned(),
    }
}

fn unusable(value: &DeValue<'_>, why: impl Display) -> Unusable {
    Unusable { text: shown(value), why: why.to_string() }
}

pub(super) fn text<'v>(value: &'v DeValue<'_>) -> Result<&'v str, Unusable> {
    value.as_str().ok_or_else(|| unusable(value, "is not a text in quotes"))
}

/// A text that is read as a `T`.
pub(super) fn parsed<T: FromStr<Err: Display>>(value: &DeValue<'_>) -> Result<T, Unusable> {
    text(value)?.parse().map_err(|error| unusable(value, error))
}

pub(super) fn integer(value: &DeValue<'_>) -> Result<i64, Unusable> {
    let number = value.as_integer().ok_or_else(|| unusable(value, "is not a whole number"))?;
    i64::from_str_radix(number.as_str(), number.radix()).map_err(|_| unusable(value, "is too large"))
}

/// A whole number that is read as a `T`.
pub(super) fn numbered<T, E: Display>(
    value: &DeValue<'_>,
    read: impl FnOnce(i64) -> Result<T, E>,
) -> Result<T, Unusable> {
    read(integer(value)?).map_err(|error| unusable(value, error))
}

pub(super) fn boolean(value: &DeValue<'_>) -> Result<bool, Unusable> {
    value.as_bool().ok_or_else(|| unusable(value, "is not `true` or `false`"))
}

pub(super) fn leaf(value: &DeValue<'_>) -> Result<LeafKind, Unusable> {
    limit::leaf(text(value)?).map_err(|error| unusable(value, error))
}

/// A number of Mbit/s, or text with a unit.
pub(super) fn rate(value: &DeValue<'_>) -> Result<Rate, Unusable> {
    let text = match value {
        DeValue::String(text) => text.as_ref(),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
        DeValue::Float(number) => number.as_str(),
        other => return Err(unusable(other, "is not a rate such as `100` or `\"2.5G\"`")),
    };
    text.parse().map_err(|error| unusable(value, error))
}

/// A number of bytes, or text with a unit.
pub(super) fn bytes(value: &DeValue<'_>) -> Result<Bytes, Unusable> {
    match value {
        DeValue::Integer(_) => {
            let number = integer(value)?;
            u64::try_from(number).map(Bytes).map_err(|_| unusable(value, "is negative"))
        }
        other => parsed(other),
    }
}

/// A port, or a text with a range of them.
pub(super) fn ports(value: &DeValue<'_>) -> Result<Ports, Unusable> {
    match value {
        DeValue::Integer(number) => {
            shown(value).parse().map_err(|error| Unusable { text: number.to_string(), why: format!("{error}") })
        }
        other => parsed(other),
    }
}

/// An address or prefix. Host bits are an error: there is nobody to warn about two readings.
pub(super) fn prefix(value: &DeValue<'_>) -> Result<Prefix, Unusable> {
    match Prefix::parse(text(value)?) {
        Ok(PrefixReading { prefix, other_reading: None }) => Ok(prefix),
        Ok(PrefixReading { prefix, other_reading: Some(network) }) => {
            Err(unusable(value, format_args!("has host bits set: write `{prefix}` or `{network}`")))
        }
        Err(error) => Err(unusable(value, error)),
    }
}
