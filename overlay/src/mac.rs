//! MAC addresses, and ranges of them.

use std::fmt;
use std::str::FromStr;

/// A MAC address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac(pub [u8; 6]);

/// A text that is no MAC address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a MAC address such as `9f:1a:c1:4c:ee:0b` or `9f1ac14cee0b`")]
pub struct MacError;

impl Mac {
    /// The address that nobody has.
    pub const ZERO: Self = Self([0; 6]);
    /// Every bit set: the mask of a single address.
    pub const ALL_ONES: Self = Self([0xff; 6]);
    /// The bit that tells addresses of groups from those of one station, in its place.
    pub const GROUP_BIT: Self = Self([1, 0, 0, 0, 0, 0]);

    /// Whether this is an address of a group; the broadcast address is one.
    pub const fn is_group(self) -> bool {
        self.0[0] & 1 == 1
    }

    /// The bits that are set in both.
    #[must_use]
    pub fn masked(self, mask: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] & mask.0[at]))
    }
}

impl FromStr for Mac {
    type Err = MacError;
    /// Six pairs of hexadecimal digits, all of them with a colon between or none.
    fn from_str(text: &str) -> Result<Self, MacError> {
        let digits: Vec<u8> = match text.len() {
            12 => text.bytes().collect(),
            17 if text.bytes().enumerate().all(|(at, byte)| (byte == b':') == (at % 3 == 2)) => {
                text.bytes().filter(|byte| *byte != b':').collect()
            }
            _ => return Err(MacError),
        };
        let mut mac = [0; 6];
        for (byte, pair) in mac.iter_mut().zip(digits.chunks(2)) {
            let digit = |at: usize| char::from(pair[at]).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            *byte = digit(0).zip(digit(1)).map(|(high, low)| high << 4 | low).ok_or(MacError)?;
        }
        Ok(Self(mac))
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, rest @ ..] = self.0;
        write!(f, "{first:02x}")?;
        rest.iter().try_for_each(|byte| write!(f, ":{byte:02x}"))
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The MAC addresses that are alike in the bits of a mask. Bits outside the mask are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacRange {
    /// What the bits of the mask are.
    value: Mac,
    /// Which bits count.
    mask: Mac,
}

impl MacRange {
    /// The addresses that are like `value` in the bits of `mask`.
    pub fn new(value: Mac, mask: Mac) -> Self {
        Self { value: value.masked(mask), mask }
    }

    /// A single address.
    pub fn single(value: Mac) -> Self {
        Self::new(value, Mac::ALL_ONES)
    }

    /// What the bits of the mask are.
    pub const fn value(self) -> Mac {
        self.value
    }

    /// Which bits count.
    pub const fn mask(self) -> Mac {
        self.mask
    }
}

impl FromStr for MacRange {
    type Err = MacError;
    /// An address, or `address/mask`.
    fn from_str(text: &str) -> Result<Self, MacError> {
        match text.split_once('/') {
            None => Ok(Self::single(text.parse()?)),
            Some((value, mask)) => Ok(Self::new(value.parse()?, mask.parse()?)),
        }
    }
}

impl fmt::Display for MacRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.value)?;
        if self.mask == Mac::ALL_ONES { Ok(()) } else { write!(f, "/{}", self.mask) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_colons_and_without() {
        for text in ["9F:1A:C1:4C:EE:0B", "9f1ac14cee0b"] {
            assert_eq!(text.parse::<Mac>().map(|mac| mac.to_string()), Ok("9f:1a:c1:4c:ee:0b".to_owned()));
        }
    }

    #[test]
    fn nothing_short_long_or_mixed() {
        for text in [
            "",
            "00:11:22",
            "00:11:22:33:44:5",
            "00:11:22:33:44:gg",
            "0011:22:33:44:55",
            "001122334455x",
            "0é1122334455",
        ] {
            assert_eq!(text.parse::<Mac>(), Err(MacError), "{text}");
        }
    }

    #[test]
    fn a_range_forgets_bits_outside_its_mask() {
        let range: MacRange = "01:00:5e:00:00:07/ff:ff:ff:00:00:00".parse().expect("a range");
        assert_eq!(range.to_string(), "01:00:5e:00:00:00/ff:ff:ff:00:00:00");
        assert_eq!(
            "01:00:5e:00:00:07".parse::<MacRange>().map(|one| one.to_string()),
            Ok("01:00:5e:00:00:07".to_owned())
        );
    }
}
