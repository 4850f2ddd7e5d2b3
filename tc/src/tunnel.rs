//! Tunnels as the classifier follows them: where they end, and where a packet that left one says which net it was in.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// An address where tunnels end, and a UDP port of it. A packet is a tunnel's where both of its addresses are known with its
/// destination port, so nobody becomes somebody else by sending to that port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    /// A host's address in the underlay, or the group that VXLAN sends to.
    pub address: IpAddr,
    /// The port; 0 stands for fragments, which have none.
    pub port: u16,
}

impl Endpoint {
    /// How many the classifier can know; as in `classifier.bpf.c`: hosts of an overlay, with a port or two each.
    pub const MOST: u32 = 4_096;
}

/// What comes to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u32)]
pub enum Carried {
    /// VXLAN (RFC 7348).
    Vxlan = 1,
    /// Geneve (RFC 8926).
    Geneve = 2,
    /// Fragments of either: they are counted, and go to the default class.
    Fragments = 3,
}

impl Carried {
    /// In words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vxlan => "VXLAN",
            Self::Geneve => "Geneve",
            Self::Fragments => "fragments of tunnels",
        }
    }

    pub(crate) const fn from_raw(raw: u32) -> Option<Self> {
        match raw {
            1 => Some(Self::Vxlan),
            2 => Some(Self::Geneve),
            3 => Some(Self::Fragments),
            _ => None,
        }
    }
}

impl fmt::Display for Endpoint {
    /// `10.0.0.1:4789`, `[2001:db8::1]:4789`; the address alone for fragments.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            0 => write!(f, "{}", self.address),
            port => write!(f, "{}", std::net::SocketAddr::new(self.address, port)),
        }
    }
}

/// Which bits of `skb->mark` hold the number of the net that an upload came out of. [`MarkField::NONE`]: marks say nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct MarkField(u32);

/// A mask whose bits do not stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bits of a mark's mask must stand together")]
pub struct ScatteredMask;

impl MarkField {
    /// No bits.
    pub const NONE: Self = Self(0);

    /// The bits of `mask`, which must stand together; none at all is [`MarkField::NONE`].
    pub const fn new(mask: u32) -> Result<Self, ScatteredMask> {
        let shifted = if mask == 0 { 0 } else { mask >> mask.trailing_zeros() };
        if shifted & shifted.wrapping_add(1) == 0 { Ok(Self(mask)) } else { Err(ScatteredMask) }
    }

    /// The mask.
    pub const fn mask(self) -> u32 {
        self.0
    }

    /// How far the field is from the lowest bit.
    pub const fn shift(self) -> u32 {
        if self.0 == 0 { 0 } else { self.0.trailing_zeros() }
    }

    /// The largest number that it holds.
    pub const fn most(self) -> u32 {
        self.0 >> self.shift()
    }

    /// A mark whose field holds a number, at most [`MarkField::most`].
    pub const fn holding(self, number: u32) -> u32 {
        (number << self.shift()) & self.0
    }

    /// The number that the field of a mark holds.
    pub const fn number_in(self, mark: u32) -> u32 {
        (mark & self.0) >> self.shift()
    }

    /// Whether there is none.
    pub const fn is_none(&self) -> bool {
        self.0 == 0
    }
}

impl TryFrom<u32> for MarkField {
    type Error = ScatteredMask;

    fn try_from(mask: u32) -> Result<Self, ScatteredMask> {
        Self::new(mask)
    }
}

impl From<MarkField> for u32 {
    fn from(field: MarkField) -> Self {
        field.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_bits_that_stand_together() {
        for (mask, shift, most) in
            [(0, 0, 0), (0x00ff_ffff, 0, 0x00ff_ffff), (0xfff0_0000, 20, 0xfff), (u32::MAX, 0, u32::MAX)]
        {
            let field = MarkField::new(mask).expect("together");
            assert_eq!((field.mask(), field.shift(), field.most()), (mask, shift, most));
            assert_eq!(field.holding(most) & !mask, 0);
            assert_eq!(field.number_in(field.holding(most) | !mask), most);
        }
        assert_eq!(MarkField::new(0b101), Err(ScatteredMask));
        assert_eq!(MarkField::new(0xf000_000f), Err(ScatteredMask));
    }
}
