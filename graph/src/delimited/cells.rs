//! Numbers as tables write them.

use std::borrow::Cow;

use super::Delimiter;
use crate::rate::{Rate, RateError, RateUnit};

/// A decimal as [`Rate`](crate::Rate) reads it: a decimal comma becomes a point where the comma does not delimit.
pub fn plain_decimal(text: &str, delimiter: Delimiter) -> Cow<'_, str> {
    if delimiter == Delimiter::Comma || text.contains('.') || text.bytes().filter(|&byte| byte == b',').count() != 1 {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.replace(',', "."))
    }
}

/// Whether a cell holds a number, even one that is no rate such as `NaN`: what tells data from a header.
pub fn looks_like_number(text: &str, delimiter: Delimiter) -> bool {
    plain_decimal(text, delimiter).parse::<f64>().is_ok()
}

/// A rate cell in Mbit/s: nothing where it is blank.
pub fn read_rate(text: &str, delimiter: Delimiter) -> Result<Option<Rate>, RateError> {
    if text.is_empty() {
        return Ok(None);
    }
    Rate::parse(&plain_decimal(text, delimiter), RateUnit::Megabit).map(Some)
}
