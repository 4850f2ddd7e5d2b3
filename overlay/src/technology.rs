//! How frames of a net reach other hosts.

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU16;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A UDP port that a tunnel listens on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UdpPort(NonZeroU16);

/// A number that is no port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a UDP port: 1 to 65535")]
pub struct UdpPortError;

impl UdpPort {
    /// VXLAN's own (RFC 7348).
    pub const VXLAN: Self = Self(NonZeroU16::new(4789).expect("invariant: not zero"));
    /// Geneve's own (RFC 8926).
    pub const GENEVE: Self = Self(NonZeroU16::new(6081).expect("invariant: not zero"));

    /// The port of this number.
    pub fn new(number: i64) -> Result<Self, UdpPortError> {
        u16::try_from(number).ok().and_then(NonZeroU16::new).map(Self).ok_or(UdpPortError)
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0.get()
    }
}

impl fmt::Display for UdpPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for UdpPort {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.get())
    }
}

/// The address of a multicast group, IPv4 or IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MulticastGroup(IpAddr);

/// An address that is no group's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a multicast address: 224.0.0.0/4 or ff00::/8")]
pub struct MulticastGroupError;

impl MulticastGroup {
    /// The group with this address.
    pub fn new(address: IpAddr) -> Result<Self, MulticastGroupError> {
        if address.is_multicast() { Ok(Self(address)) } else { Err(MulticastGroupError) }
    }

    /// Its address.
    pub const fn address(self) -> IpAddr {
        self.0
    }
}

/// The address family of the network that carries the tunnels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// That of an address.
    pub const fn of(address: IpAddr) -> Self {
        if address.is_ipv4() { Self::V4 } else { Self::V6 }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::V4 { "IPv4" } else { "IPv6" })
    }
}

/// Whether the network that carries a tunnel may fragment its packets (`df` of `ip link`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Df {
    /// It may not: what is too long is dropped, and its sender told where that is possible.
    #[default]
    Set,
    /// It may. Only IPv4 does; the far side puts the fragments together.
    Unset,
}

/// A text that is neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is neither `set` nor `unset`")]
pub struct DfError;

impl Df {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Unset => "unset",
        }
    }
}

impl FromStr for Df {
    type Err = DfError;

    fn from_str(text: &str) -> Result<Self, DfError> {
        [Self::Set, Self::Unset].into_iter().find(|df| df.as_str() == text).ok_or(DfError)
    }
}

/// A tunnel over UDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UdpTunnel {
    /// The port that it listens on.
    pub port: UdpPort,
    /// Whether its packets may be fragmented.
    pub df: Df,
}

impl UdpTunnel {
    /// On this port, never fragmented.
    pub const fn on(port: UdpPort) -> Self {
        Self { port, df: Df::Set }
    }
}

/// A network type with its options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Technology {
    /// `direct`: no separation; the underlay's interface itself is in the bridge.
    Direct,
    /// `vlan`: IEEE 802.1Q tags, addresses learnt by the switches between.
    Vlan,
    /// `vxlan/mcast`: unknown destinations go to a multicast group, the rest is learnt.
    VxlanMulticast(UdpTunnel, MulticastGroup),
    /// `vxlan/e2e`: unknown destinations go to every other host, the rest is learnt.
    VxlanE2e(UdpTunnel),
    /// `vxlan/static`: nothing is learnt; every virt's MAC address is stated.
    VxlanStatic(UdpTunnel),
    /// `geneve`: nothing is learnt; every virt's MAC address is stated.
    Geneve(UdpTunnel),
    /// `geneve/e2e`: unknown destinations go to every other host, the rest is learnt.
    GeneveE2e(UdpTunnel),
}

impl Technology {
    /// The names of all network types.
    pub const TYPES: [&'static str; 7] =
        ["direct", "vlan", "vxlan/mcast", "vxlan/e2e", "vxlan/static", "geneve", "geneve/e2e"];

    /// The name of the network type, one of [`Technology::TYPES`].
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Vlan => "vlan",
            Self::VxlanMulticast(..) => "vxlan/mcast",
            Self::VxlanE2e(..) => "vxlan/e2e",
            Self::VxlanStatic(..) => "vxlan/static",
            Self::Geneve(..) => "geneve",
            Self::GeneveE2e(..) => "geneve/e2e",
        }
    }

    /// The tunnel, where it is one.
    pub const fn tunnel(&self) -> Option<UdpTunnel> {
        match self {
            Self::Direct | Self::Vlan => None,
            Self::VxlanMulticast(tunnel, _)
            | Self::VxlanE2e(tunnel)
            | Self::VxlanStatic(tunnel)
            | Self::Geneve(tunnel)
            | Self::GeneveE2e(tunnel) => Some(*tunnel),
        }
    }

    /// The UDP port of a tunnel.
    pub fn port(&self) -> Option<UdpPort> {
        self.tunnel().map(|tunnel| tunnel.port)
    }

    /// Whether a tunnel's packets may be fragmented, where that is not as usual.
    pub fn unusual_df(&self) -> Option<Df> {
        self.tunnel().map(|tunnel| tunnel.df).filter(|df| *df != Df::default())
    }

    /// The multicast group.
    pub const fn group(&self) -> Option<MulticastGroup> {
        if let Self::VxlanMulticast(_, group) = self { Some(*group) } else { None }
    }

    /// Whether it is one of VXLAN's.
    pub const fn is_vxlan(&self) -> bool {
        matches!(self, Self::VxlanMulticast(..) | Self::VxlanE2e(..) | Self::VxlanStatic(..))
    }

    /// Whether it is one of Geneve's.
    pub const fn is_geneve(&self) -> bool {
        matches!(self, Self::Geneve(..) | Self::GeneveE2e(..))
    }

    /// Whether nothing is learnt, so that MAC addresses must be stated.
    pub const fn is_static(&self) -> bool {
        matches!(self, Self::VxlanStatic(..) | Self::Geneve(..))
    }

    /// Whether tunnels end at addresses of hosts, so that those must be stated.
    pub const fn needs_addresses(&self) -> bool {
        matches!(self, Self::VxlanE2e(..) | Self::VxlanStatic(..) | Self::Geneve(..) | Self::GeneveE2e(..))
    }

    /// Bytes that carrying a frame takes of the underlay's MTU.
    ///
    /// A VLAN's tag has 4. A tunnel's are the inner Ethernet header 14, the outer IP header 20 or 40, UDP 8, and VXLAN's or
    /// Geneve's own header 8 (RFC 7348, RFC 8926 without options).
    pub const fn overhead(&self, underlay: Family) -> u16 {
        const ETHERNET: u16 = 14;
        const UDP: u16 = 8;
        const TUNNEL: u16 = 8;
        match (self, underlay) {
            (Self::Direct, _) => 0,
            (Self::Vlan, _) => 4,
            (_, Family::V4) => ETHERNET + 20 + UDP + TUNNEL,
            (_, Family::V6) => ETHERNET + 40 + UDP + TUNNEL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overhead_is_what_lsdn_users_know() {
        let geneve = Technology::Geneve(UdpTunnel::on(UdpPort::GENEVE));
        let e2e = Technology::VxlanE2e(UdpTunnel::on(UdpPort::VXLAN));
        let bytes = |technology: &Technology| [Family::V4, Family::V6].map(|family| technology.overhead(family));
        assert_eq!(
            [&Technology::Direct, &Technology::Vlan, &e2e, &geneve].map(bytes),
            [[0, 0], [4, 4], [50, 70], [50, 70]]
        );
    }

    #[test]
    fn a_port_beyond_16_bits_is_refused_and_not_cut() {
        for number in [0, 65_536, 70_000, -1] {
            assert_eq!(UdpPort::new(number), Err(UdpPortError), "{number}");
        }
        assert_eq!(UdpPort::new(4789), Ok(UdpPort::VXLAN));
    }
}
