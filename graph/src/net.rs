//! Nets: virtual networks over the underlay that end at a site or access point, and whose subscribers are told by them.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::id::NodeId;
use crate::node::Text;
use crate::prefix::Prefix;
use crate::rate::Rate;

/// A net that is bound to a node: addresses that hang below the node, and lie in its prefixes, are in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Net {
    /// Its name.
    pub name: Text,
    /// The site or access point that it is bound to.
    pub at: NodeId,
    /// How packets in it are told from others.
    pub tag: NetTag,
    /// Which addresses are in it; none: all below the node.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<Prefix>,
    /// What carries it; none for a net that is no tunnel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tunnel: Option<Tunnel>,
    /// Bytes that carrying a frame adds to it on the wire.
    #[serde(default)]
    pub overhead: u16,
    /// The largest packet in it, in bytes, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mtu: Option<u16>,
    /// What it connects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub virts: Vec<NetVirt>,
}

/// How packets in a net are told from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetTag {
    /// They are not: it is the underlay itself.
    Untagged,
    /// By a VLAN tag of this number, 1 to 4094.
    Vlan(u16),
    /// By the number in a VXLAN or Geneve header, 24 bits.
    Vni(u32),
}

/// What carries a net between hosts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tunnel {
    /// By which protocol.
    pub protocol: TunnelProtocol,
    /// To which UDP port.
    pub port: u16,
    /// The addresses of the underlay where it ends, and the group that it sends to.
    pub ends: Vec<IpAddr>,
    /// Whether one of its ends is this host.
    pub ends_here: bool,
    /// On which side of this host it is, if it ends here.
    #[serde(default)]
    pub side: TunnelSide,
}

/// The side of a shaper on which a tunnel ends. What leaves on that side is in it; what leaves on the other has come out of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TunnelSide {
    /// Subscribers are behind it, so that downloads leave in it.
    #[default]
    Subscribers,
    /// The internet is behind it, so that uploads leave in it.
    Internet,
}

/// The protocol of a tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TunnelProtocol {
    /// VXLAN (RFC 7348).
    Vxlan,
    /// Geneve (RFC 8926).
    Geneve,
}

/// An interface that a net connects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetVirt {
    /// Its name in the net.
    pub name: Text,
    /// The name of the host's interface to the underlay, where it is connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phys: Option<Text>,
}

impl Net {
    /// Whether an address can be in it.
    pub fn takes(&self, prefix: Prefix) -> bool {
        self.prefixes.is_empty() || self.prefixes.iter().any(|own| own.contains(prefix))
    }

    /// What a rate on the wire leaves for frames in it, where each carries a packet of so many bytes: what the net's own
    /// interfaces count, Ethernet headers included, of what the underlay's count.
    pub fn inner_rate(&self, wire: Rate, packet: u16) -> Rate {
        const ETHERNET: u64 = 14;
        let inner = u64::from(packet) + ETHERNET;
        wire.scaled(inner, inner + u64::from(self.overhead))
    }

    /// The largest packet in it: as far as is known, else what an underlay of 1 500 bytes leaves.
    pub fn largest_packet(&self) -> u16 {
        const USUAL: u16 = 1_500;
        self.mtu.unwrap_or(USUAL.saturating_sub(self.overhead))
    }

    /// What tells its packets, in words: `VXLAN 5001`.
    pub fn told_by(&self) -> String {
        match (self.tag, self.tunnel.as_ref().map(|tunnel| tunnel.protocol)) {
            (NetTag::Untagged, _) => "untagged".to_owned(),
            (NetTag::Vlan(id), _) => format!("VLAN {id}"),
            (NetTag::Vni(number), Some(TunnelProtocol::Geneve)) => format!("Geneve {number}"),
            (NetTag::Vni(number), _) => format!("VXLAN {number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: a frame of 1 450 + 14 bytes travels as one of 1 500 + 14 over IPv4 (RFC 7348: 14 + 8 + 8 + 20 more), one of
    /// 1 430 over IPv6 (20 more than that); a tag has 4.
    #[test]
    fn what_is_left_in_a_tunnel() {
        let net = |overhead, mtu| Net {
            name: "n".into(),
            at: "t:site:1".parse().expect("an id"),
            tag: NetTag::Vni(1),
            prefixes: Vec::new(),
            tunnel: None,
            overhead,
            mtu,
            virts: Vec::new(),
        };
        let wire = Rate::from_mbit(100);
        for (overhead, packet, kbit) in
            [(50, 1_450, 96_697), (70, 1_430, 95_376), (4, 1_496, 99_735), (50, 64, 60_937), (0, 1_500, 100_000)]
        {
            assert_eq!(net(overhead, None).inner_rate(wire, packet).bit() / 1_000, kbit, "{overhead} for {packet}");
        }
        let largest = [net(50, None), net(70, None), net(50, Some(8_950))].map(|net| net.largest_packet());
        assert_eq!(largest, [1_450, 1_430, 8_950]);
    }
}
