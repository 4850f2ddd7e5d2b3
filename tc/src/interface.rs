//! Names of network interfaces.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use compact_str::CompactString;
use serde::{Deserialize, Deserializer, Serialize, de};

/// The name of a network interface: 1 to 15 bytes, no `/`, no white space, as `dev_valid_name` in `net/core/dev.c` has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Interface(CompactString);

/// A text that names no interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not an interface name: 1 to 15 characters, without `/`, `:` and spaces")]
pub struct InterfaceError;

impl Interface {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Interface {
    type Err = InterfaceError;
    fn from_str(text: &str) -> Result<Self, InterfaceError> {
        const LONGEST: usize = 15; // IFNAMSIZ less the final zero
        let fits = !text.is_empty() && text.len() <= LONGEST && text != "." && text != "..";
        let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '/' | ':');
        if fits && text.chars().all(is_plain) { Ok(Self(text.into())) } else { Err(InterfaceError) }
    }
}

impl Borrow<str> for Interface {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Interface {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = CompactString::deserialize(deserializer)?;
        text.parse().map_err(|error| de::Error::custom(format!("`{text}` {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_kernel_takes() {
        for name in ["eth0", "enp1s0f0np0", "br-lan", "wan.100", "é"] {
            assert_eq!(name.parse::<Interface>().expect("a name").as_str(), name);
        }
        for text in ["", ".", "..", "sixteen-letters-", "a/b", "a b", "eth0:1"] {
            assert_eq!(text.parse::<Interface>(), Err(InterfaceError), "{text}");
        }
    }
}
