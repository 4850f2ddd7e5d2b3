//! What the kernel counted.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;

use crate::classifier::Slot;
use crate::direction::Direction;
use crate::handle::Handle;
use crate::interface::Interface;
use crate::leaf::Microseconds;

/// Packets and their bytes on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PacketCount {
    /// Packets; those of an aggregate one by one.
    pub packets: u64,
    /// Bytes with the Ethernet header, and with the headers that an aggregate's packets will have.
    pub bytes: u64,
}

/// What a class counted since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClassStatistics {
    /// What was sent through it.
    pub sent: PacketCount,
    /// Packets dropped in it.
    pub drops: u64,
    /// How often it wanted to send and its ceiling kept it.
    pub overlimits: u64,
    /// Packets waiting in it now.
    pub backlog: PacketCount,
}

/// What a leaf qdisc counted since it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LeafStatistics {
    /// What was sent through it.
    pub sent: PacketCount,
    /// Packets dropped in it.
    pub drops: u64,
    /// Packets marked with congestion experienced.
    pub marks: u64,
    /// What waits in it now.
    pub backlog: PacketCount,
    /// CAKE's tins; none for other kinds.
    pub tins: Vec<CakeTin>,
}

/// One of CAKE's tins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CakeTin {
    /// What was sent through it.
    pub sent: PacketCount,
    /// Packets dropped in it.
    pub drops: u64,
    /// Packets marked.
    pub marks: u64,
    /// Delay of its slowest flows.
    pub peak_delay: Microseconds,
    /// Mean delay.
    pub average_delay: Microseconds,
    /// Delay of sparse flows.
    pub base_delay: Microseconds,
}

/// Why the classifier put a packet where it is, other than by its subscriber's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u32)]
pub enum Reason {
    /// Its address is in the map.
    Known = 0,
    /// Neither IPv4 nor IPv6: ARP, LLDP, STP, PPPoE discovery, PPP control. To `control`.
    NotIp = 1,
    /// A protocol that the network itself runs on: neighbour discovery, DHCP, OSPF, BGP, BFD. To `control`.
    Control = 2,
    /// IPv4 from or to nobody in the map. To the default class.
    UnknownIpv4 = 3,
    /// IPv6 from or to nobody in the map. To the default class.
    UnknownIpv6 = 4,
    /// The frame ends inside a header. To the default class.
    Truncated = 5,
    /// More than two VLAN tags, or more than eight MPLS labels. To the default class.
    TooDeep = 6,
    /// A payload of MPLS or of a tunnel that is neither IPv4 nor IPv6. To the default class.
    NotUnderstood = 7,
    /// On a stick: in neither of the two VLANs. To `control`.
    OtherVlan = 8,
    /// Passed unshaped while the shaper is bypassed.
    Bypassed = 9,
    /// An unknown address that was not recorded, because too many new ones came at once.
    NotRecorded = 10,
    /// In a net, and nobody in that net has its address. To the default class.
    UnknownInNet = 11,
    /// A fragment of a tunnel's packet: what is in it cannot be read. To the default class.
    TunnelFragment = 12,
}

impl Reason {
    /// All, in the order of the classifier's array.
    pub const ALL: [Self; 13] = [
        Self::Known,
        Self::NotIp,
        Self::Control,
        Self::UnknownIpv4,
        Self::UnknownIpv6,
        Self::Truncated,
        Self::TooDeep,
        Self::NotUnderstood,
        Self::OtherVlan,
        Self::Bypassed,
        Self::NotRecorded,
        Self::UnknownInNet,
        Self::TunnelFragment,
    ];
}

/// An address of a configured network that nobody in the map has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct UnknownAddress {
    /// The address.
    pub address: IpAddr,
    /// Its traffic, both directions together.
    pub count: PacketCount,
}

/// Everything counted, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// By interface and class.
    pub classes: BTreeMap<(Interface, Handle), ClassStatistics>,
    /// By interface and the class it hangs in.
    pub leaves: BTreeMap<(Interface, Handle), LeafStatistics>,
    /// Packets that no class took, by interface and HTB: they passed unshaped.
    pub direct_packets: BTreeMap<(Interface, Handle), u64>,
    /// What the classifier counted for each circuit, by slot and direction.
    pub slots: BTreeMap<(Slot, Direction), PacketCount>,
    /// What the classifier counted by reason and direction.
    pub reasons: BTreeMap<(Reason, Direction), PacketCount>,
    /// Addresses of configured networks that nobody has.
    pub unknown: Vec<UnknownAddress>,
}
