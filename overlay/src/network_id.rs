//! The number by which frames of one net are told from those of another.

use std::fmt;

use crate::technology::Technology;

/// A VLAN's number, 1 to 4094 (IEEE 802.1Q: 0 is a priority tag, 4095 is reserved).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VlanId(u16);

/// The number of a VXLAN or Geneve network, 1 to 16 777 215 (RFC 7348, RFC 8926).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vni(u32);

/// A net's number, as its technology has it. Two nets of one technology never share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NetworkId {
    /// Frames carry no number; this is only what was stated, 0 where nothing was.
    Direct(u32),
    /// In a VLAN tag.
    Vlan(VlanId),
    /// In a VXLAN header.
    Vxlan(Vni),
    /// In a Geneve header.
    Geneve(Vni),
}

/// A number that the technology has no room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not the number of a {technology} net: 1 to {most}")]
pub struct NetworkIdError {
    technology: &'static str,
    most: u32,
}

impl VlanId {
    /// The largest.
    pub const MOST: u16 = 4094;

    /// The VLAN of this number.
    pub const fn new(number: u16) -> Option<Self> {
        if number >= 1 && number <= Self::MOST { Some(Self(number)) } else { None }
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl Vni {
    /// The largest: 24 bits.
    pub const MOST: u32 = 0x00ff_ffff;

    /// The network of this number.
    pub const fn new(number: u32) -> Option<Self> {
        if number >= 1 && number <= Self::MOST { Some(Self(number)) } else { None }
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl NetworkId {
    /// The number `id` in nets of this technology.
    pub fn new(technology: &Technology, id: u64) -> Result<Self, NetworkIdError> {
        let (words, most) = match technology {
            Technology::Direct => ("direct", u32::MAX),
            Technology::Vlan => ("VLAN", VlanId::MOST.into()),
            technology if technology.is_vxlan() => ("VXLAN", Vni::MOST),
            _ => ("Geneve", Vni::MOST),
        };
        let error = NetworkIdError { technology: words, most };
        let id = u32::try_from(id).ok().filter(|id| *id <= most).ok_or(error)?;
        match technology {
            Technology::Direct => Ok(Self::Direct(id)),
            _ if id == 0 => Err(error),
            Technology::Vlan => u16::try_from(id).map(|id| Self::Vlan(VlanId(id))).map_err(|_| error),
            technology if technology.is_vxlan() => Ok(Self::Vxlan(Vni(id))),
            _ => Ok(Self::Geneve(Vni(id))),
        }
    }

    /// The bare number.
    pub const fn number(self) -> u32 {
        match self {
            Self::Direct(id) => id,
            Self::Vlan(id) => id.0 as u32,
            Self::Vxlan(id) | Self::Geneve(id) => id.0,
        }
    }
}

impl fmt::Display for NetworkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let technology = match self {
            Self::Direct(_) => "direct",
            Self::Vlan(_) => "VLAN",
            Self::Vxlan(_) => "VXLAN",
            Self::Geneve(_) => "Geneve",
        };
        write!(f, "{technology} {}", self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::technology::{UdpPort, UdpTunnel};

    #[test]
    fn each_technology_has_its_range() {
        let vxlan = Technology::VxlanStatic(UdpTunnel::on(UdpPort::VXLAN));
        let geneve = Technology::GeneveE2e(UdpTunnel::on(UdpPort::GENEVE));
        for (technology, least, most) in [
            (&Technology::Vlan, 1, 4094),
            (&vxlan, 1, 16_777_215),
            (&geneve, 1, 16_777_215),
            (&Technology::Direct, 0, u64::from(u32::MAX)),
        ] {
            for id in [least, most] {
                assert_eq!(NetworkId::new(technology, id).map(|id| u64::from(id.number())), Ok(id));
            }
            assert!(NetworkId::new(technology, most + 1).is_err());
            assert_eq!(NetworkId::new(technology, 0).is_err(), least == 1);
        }
        assert_eq!(
            NetworkId::new(&Technology::Vlan, 4095).map_err(|error| error.to_string()),
            Err("is not the number of a VLAN net: 1 to 4094".to_owned())
        );
    }
}
