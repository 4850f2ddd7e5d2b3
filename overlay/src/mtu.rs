//! The largest frame an interface carries.

use std::fmt;

use serde::{Serialize, Serializer};

/// An MTU in bytes, 68 (the least that IPv4 needs, RFC 791) to 65 535.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mtu(u16);

/// A number that is no MTU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not an MTU: {} to 65535", Mtu::LEAST.0)]
pub struct MtuError;

impl Mtu {
    /// The least that IPv4 needs.
    pub const LEAST: Self = Self(68);
    /// The least that IPv6 needs (RFC 8200).
    pub const IPV6_LEAST: Self = Self(1280);
    /// What interfaces have unless somebody changes it.
    pub const USUAL: Self = Self(1500);

    /// An MTU of so many bytes.
    pub fn new(bytes: i64) -> Result<Self, MtuError> {
        u16::try_from(bytes).ok().map(Self).filter(|mtu| *mtu >= Self::LEAST).ok_or(MtuError)
    }

    /// In bytes.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// What is left of it after so many bytes; nothing where that carries no packet.
    pub fn less(self, overhead: u16) -> Option<Self> {
        self.0.checked_sub(overhead).map(Self).filter(|mtu| *mtu >= Self::LEAST)
    }
}

impl fmt::Display for Mtu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for Mtu {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.0)
    }
}
