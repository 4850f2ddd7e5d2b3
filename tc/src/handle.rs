//! Handles: how the kernel names qdiscs and classes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The buckets of `dev->qdisc_hash` (`include/linux/netdevice.h`, 6.18): qdiscs of one bucket are searched one by one.
pub const MAJOR_BUCKETS: u8 = 16;

/// A qdisc (`3:`) or a class (`3:2a`), in hexadecimal as `tc` prints it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(u32);

/// A text that is no handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a handle such as `3:` or `3:2a`")]
pub struct HandleError;

impl Handle {
    /// Where the root qdisc of an interface hangs.
    pub const ROOT: Self = Self(u32::MAX);
    /// No handle: a qdisc the kernel made by itself.
    pub const NONE: Self = Self(0);
    /// The handle of the `clsact` qdisc.
    pub const CLSACT: Self = Self(0xffff_0000);
    /// The parent of the `clsact` qdisc, shared with `ingress`.
    pub const CLSACT_PARENT: Self = Self(0xffff_fff1);
    /// The parent of filters on a clsact's egress.
    pub const CLSACT_EGRESS: Self = Self(0xffff_fff3);
    /// The parent of filters on a clsact's ingress.
    pub const CLSACT_INGRESS: Self = Self(0xffff_fff2);

    /// The class `major:minor`; with minor 0 the qdisc `major:`.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self((major as u32) << 16 | minor as u32)
    }

    /// The qdisc `major:`.
    pub const fn qdisc(major: u16) -> Self {
        Self::new(major, 0)
    }

    /// As the kernel has it.
    pub const fn from_raw(raw: u32) -> Self {
        Self(raw)
    }

    /// As the kernel has it.
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// The number of the qdisc.
    pub const fn major(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// The number of the class in its qdisc; 0 is the qdisc itself.
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is what is asked for")]
    pub const fn minor(self) -> u16 {
        self.0 as u16
    }

    /// The qdisc this class is in.
    #[must_use]
    pub const fn of_qdisc(self) -> Self {
        Self::qdisc(self.major())
    }

    /// Which bucket of the interface's hash of qdiscs `major:` falls in: `hash_32(handle, 4)` of `include/linux/hash.h`.
    pub const fn bucket(major: u16) -> u8 {
        const GOLDEN_RATIO: u32 = 0x61c8_8647;
        (((major as u32) << 16).wrapping_mul(GOLDEN_RATIO) >> 28) as u8
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (*self, self.major(), self.minor()) {
            (Self::ROOT, ..) => f.write_str("root"),
            (_, major, 0) => write!(f, "{major:x}:"),
            (_, major, minor) => write!(f, "{major:x}:{minor:x}"),
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Handle {
    type Err = HandleError;
    fn from_str(text: &str) -> Result<Self, HandleError> {
        if text == "root" {
            return Ok(Self::ROOT);
        }
        let (major, minor) = text.split_once(':').ok_or(HandleError)?;
        let number = |digits: &str| match digits {
            "" => Ok(0),
            _ if digits.starts_with('+') => Err(HandleError),
            _ => u16::from_str_radix(digits, 16).map_err(|_| HandleError),
        };
        Ok(Self::new(number(major)?, number(minor)?))
    }
}

impl Serialize for Handle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Handle {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = compact_str::CompactString::deserialize(deserializer)?;
        text.parse().map_err(|error| de::Error::custom(format!("`{text}` {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_tc_does_and_reads_back() {
        for (handle, text) in [
            (Handle::new(3, 0x2a), "3:2a"),
            (Handle::qdisc(0x7fff), "7fff:"),
            (Handle::ROOT, "root"),
            (Handle::new(0, 1), "0:1"),
        ] {
            assert_eq!(handle.to_string(), text);
            assert_eq!(text.parse(), Ok(handle));
        }
        for text in ["", "3", "3:2g", "10000:1", "+3:1"] {
            assert_eq!(text.parse::<Handle>(), Err(HandleError), "{text}");
        }
    }

    #[test]
    fn majors_fall_evenly_into_the_buckets() {
        let mut counts = [0_u32; MAJOR_BUCKETS as usize];
        for major in 0..=u16::MAX {
            counts[usize::from(Handle::bucket(major))] += 1;
        }
        assert!(counts.iter().all(|count| (4000..4200).contains(count)), "{counts:?}");
        assert_eq!(Handle::bucket(0), 0, "qdiscs that the kernel makes by itself have handle 0");
    }
}
