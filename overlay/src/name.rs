//! Names of settings, nets, physes and virts.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use compact_str::CompactString;
use serde::{Serialize, Serializer};

/// How long a name may be in bytes: it stands in tables and messages, several to a line.
pub const LONGEST_NAME: usize = 128;

/// The name of an object: any text of 1 to 128 bytes without a NUL. It has no effect on the network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(CompactString);

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing at all.
    #[error("is empty")]
    Empty,
    /// Longer than [`LONGEST_NAME`].
    #[error("is longer than {LONGEST_NAME} bytes")]
    Long,
    /// Holds a NUL, which no program's arguments can hold.
    #[error("holds a NUL character")]
    Nul,
}

impl Name {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        match text {
            "" => Err(NameError::Empty),
            _ if text.len() > LONGEST_NAME => Err(NameError::Long),
            _ if text.contains('\0') => Err(NameError::Nul),
            _ => Ok(Self(text.into())),
        }
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_of_sensible_length() {
        for text in ["A", "really$bad\\idea\non so many levels", &"é".repeat(64)] {
            assert_eq!(text.parse::<Name>().expect("a name").as_str(), text);
        }
        assert_eq!("".parse::<Name>(), Err(NameError::Empty));
        assert_eq!("a\0".parse::<Name>(), Err(NameError::Nul));
        assert_eq!("x".repeat(129).parse::<Name>(), Err(NameError::Long));
    }
}
