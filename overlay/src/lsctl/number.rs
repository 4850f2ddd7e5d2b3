//! Integers as Tcl writes them, and amounts as LSDN does.

use pleach_graph::Rate;

use crate::limit::Bytes;

/// In place of what is no number: out of every range, so that the message states the range.
pub(super) const NO_NUMBER: i64 = i64::MIN;

/// A whole number: decimal, `0x` hexadecimal, `0o` or a leading `0` octal, `0b` binary.
pub(super) fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let number = i128::from_str_radix(digits, radix).ok()?;
    i64::try_from(if is_negative { -number } else { number }).ok()
}

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum AmountError {
    #[error("must start with a digit")]
    NoNumber,
    #[error("has no digit after its point")]
    NoFraction,
    #[error("has an unknown unit: `kb`, `mb`, `gb`, `bit`, `kbit`, `mbit`, `gbit`, or none for bytes")]
    Unit,
    #[error("is too large")]
    TooLarge,
}

/// A size: bytes unless a unit follows. Units are powers of 1 024, whatever their names.
pub(super) fn size(text: &str) -> Result<Bytes, AmountError> {
    u64::try_from(bits(text)? / 8).map(Bytes).map_err(|_| AmountError::TooLarge)
}

/// A speed: bytes a second unless a unit follows.
pub(super) fn speed(text: &str) -> Result<Rate, AmountError> {
    let bits = u64::try_from(bits(text)?).map(Rate::from_bit).map_err(|_| AmountError::TooLarge)?;
    if bits > Rate::MAX { Err(AmountError::TooLarge) } else { Ok(bits) }
}

fn bits(text: &str) -> Result<u128, AmountError> {
    const MOST_DIGITS: usize = 20; // with the largest unit far below 2^128
    let end_of_digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (whole, rest) = text.split_at(end_of_digits(text));
    if whole.is_empty() {
        return Err(AmountError::NoNumber);
    }
    let (fraction, unit) = match rest.strip_prefix('.') {
        None => ("", rest),
        Some(rest) => rest.split_at(end_of_digits(rest)),
    };
    if rest.starts_with('.') && fraction.is_empty() {
        return Err(AmountError::NoFraction);
    }
    let factor: u128 = match unit {
        "" => 8,
        "kb" => 8 << 10,
        "mb" => 8 << 20,
        "gb" => 8 << 30,
        "bit" => 1,
        "kbit" => 1 << 10,
        "mbit" => 1 << 20,
        "gbit" => 1 << 30,
        _ => return Err(AmountError::Unit),
    };
    let fraction = &fraction[..fraction.len().min(9)]; // a billionth of a gigabyte is a byte
    let digits = format!("{}{fraction}", whole.trim_start_matches('0'));
    if digits.len() > MOST_DIGITS {
        return Err(AmountError::TooLarge);
    }
    let scale = 10_u128.pow(u32::try_from(fraction.len()).expect("invariant: at most 9 digits"));
    let value: u128 = if digits.is_empty() { 0 } else { digits.parse().map_err(|_| AmountError::TooLarge)? };
    Ok(value * factor / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_as_tcl_has_them() {
        for (text, number) in [
            ("0", Some(0)),
            ("-7", Some(-7)),
            ("0x1F", Some(31)),
            ("010", Some(8)),
            ("0o17", Some(15)),
            ("0b101", Some(5)),
            (" 12 ", Some(12)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("08", None),
            ("1.5", None),
            ("", None),
            ("--1", None),
            ("0x", None),
            ("-+1", None),
        ] {
            assert_eq!(integer(text), number, "{text}");
        }
    }

    #[test]
    fn amounts_as_lsdn_has_them() {
        for (text, bits) in
            [("40kb", 327_680), ("8bit", 8), ("600kbit", 614_400), ("1", 8), ("1.5kb", 12_288), ("0.5bit", 0)]
        {
            assert_eq!(speed(text), Ok(Rate::from_bit(bits)), "{text}");
        }
        assert_eq!(size("75kb"), Ok(Bytes(76_800)));
        for (text, error) in [
            ("", AmountError::NoNumber),
            ("-1", AmountError::NoNumber),
            ("1.kb", AmountError::NoFraction),
            ("1KB", AmountError::Unit),
            ("1 kb", AmountError::Unit),
            ("999999999999999999999gb", AmountError::TooLarge),
        ] {
            assert_eq!(speed(text), Err(error), "{text}");
        }
    }
}
