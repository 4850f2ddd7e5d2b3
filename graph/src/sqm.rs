//! The `sqm` cell: which queue a circuit asks for.

use std::fmt;
use std::str::FromStr;

use compact_str::CompactString;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The queue kind of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum QueueKind {
    /// Whatever the shaper's default is.
    #[default]
    Default,
    /// CAKE.
    Cake,
    /// `fq_codel`.
    FqCodel,
    /// No queue discipline of its own.
    None,
}

/// A queue kind per direction, written `cake`, `fq_codel`, `none`, or a pair `down/up` with either half empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sqm {
    /// Towards the subscriber.
    pub down: QueueKind,
    /// From the subscriber.
    pub up: QueueKind,
}

/// A text that is no `sqm` cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not `cake`, `fq_codel`, `none` or a pair such as `cake/fq_codel`")]
pub struct SqmError;

impl QueueKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Default => "",
            Self::Cake => "cake",
            Self::FqCodel => "fq_codel",
            Self::None => "none",
        }
    }
}

impl FromStr for QueueKind {
    type Err = SqmError;
    fn from_str(text: &str) -> Result<Self, SqmError> {
        match text.trim().to_ascii_lowercase().as_str() {
            "" => Ok(Self::Default),
            "cake" => Ok(Self::Cake),
            "fq_codel" => Ok(Self::FqCodel),
            "none" => Ok(Self::None),
            _ => Err(SqmError),
        }
    }
}

impl FromStr for Sqm {
    type Err = SqmError;
    fn from_str(text: &str) -> Result<Self, SqmError> {
        match text.split_once('/') {
            Some((down, up)) => Ok(Self { down: down.parse()?, up: up.parse()? }),
            None => text.parse().map(|both| Self { down: both, up: both }),
        }
    }
}

impl fmt::Display for Sqm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.down == self.up {
            f.write_str(self.down.as_str())
        } else {
            write!(f, "{}/{}", self.down.as_str(), self.up.as_str())
        }
    }
}

impl Serialize for Sqm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sqm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = CompactString::deserialize(deserializer)?;
        text.parse().map_err(|error| de::Error::custom(format_args!("`{text}` {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_prints() {
        for text in ["", "cake", "fq_codel", "none", "cake/fq_codel", "/cake", "none/"] {
            assert_eq!(text.parse::<Sqm>().expect("an sqm cell").to_string(), text);
        }
        assert_eq!(" CAKE ".parse::<Sqm>().expect("an sqm cell").to_string(), "cake");
        assert_eq!("cake/cake".parse::<Sqm>().expect("an sqm cell").to_string(), "cake");
        for text in ["50", "cake/fq_codel/none", "red"] {
            assert_eq!(text.parse::<Sqm>(), Err(SqmError), "{text}");
        }
    }
}
