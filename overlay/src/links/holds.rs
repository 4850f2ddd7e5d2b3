//! What the kernel gives to one link only: a VLAN of an interface, a net or a UDP port of tunnels.

use std::net::IpAddr;

use pleach_tc::Interface;

use super::link::LinkKind;
use crate::network_id::VlanId;
use crate::technology::UdpPort;

/// What a link holds, whosever it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A VLAN.
    Vlan {
        /// The interface that it stands on.
        parent: Interface,
        /// The tag.
        id: VlanId,
    },
    /// The end of a tunnel.
    Tunnel(TunnelEnd),
}

/// The end of a tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TunnelEnd {
    /// Its technology.
    pub carrier: Carrier,
    /// Where it listens.
    pub port: UdpPort,
    /// What it takes.
    pub takes: Takes,
    /// Whether it is known to be of an IPv6 underlay; one that takes all nets is of both.
    pub is_ipv6: bool,
}

/// A technology of tunnels over UDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// VXLAN.
    Vxlan,
    /// Geneve.
    Geneve,
}

/// What the end of a tunnel takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// All nets (`external`).
    All,
    /// One net; Geneve of one host.
    Net {
        /// Its number.
        number: u32,
        /// The host, where that tells it from others.
        remote: Option<IpAddr>,
    },
}

impl Holds {
    /// What a link that we make holds.
    pub(super) fn of(kind: &LinkKind) -> Option<Self> {
        let (carrier, port, takes, outer) = match kind {
            LinkKind::Bridge | LinkKind::Dummy | LinkKind::Ifb | LinkKind::Changed { .. } => return None,
            LinkKind::Vlan { parent, id } => return Some(Self::Vlan { parent: parent.clone(), id: *id }),
            LinkKind::Vxlan { id, port, local, group, .. } => {
                (Carrier::Vxlan, port, Takes::Net { number: id.get(), remote: None }, local.or(*group))
            }
            LinkKind::VxlanExternal { port } => (Carrier::Vxlan, port, Takes::All, None),
            LinkKind::Geneve { id, port, remote, .. } => {
                (Carrier::Geneve, port, Takes::Net { number: id.get(), remote: Some(*remote) }, Some(*remote))
            }
            LinkKind::GeneveExternal { port } => (Carrier::Geneve, port, Takes::All, None),
        };
        let is_ipv6 = outer.is_some_and(|outer| outer.is_ipv6());
        Some(Self::Tunnel(TunnelEnd { carrier, port: *port, takes, is_ipv6 }))
    }

    /// Whether the kernel refuses a link that holds this beside one that holds `there`. Source: `register_vlan_dev`,
    /// `vxlan_vni_in_use`, `vxlan_sock_add`, `geneve_configure`, `geneve_sock_add` (6.12).
    pub(super) fn excludes(&self, there: &Self, there_is_up: bool) -> bool {
        match (self, there) {
            (Self::Tunnel(wanted), Self::Tunnel(there)) => wanted.excludes(*there, there_is_up),
            _ => self == there,
        }
    }
}

impl TunnelEnd {
    fn excludes(self, there: Self, there_is_up: bool) -> bool {
        if self.port != there.port {
            return false;
        }
        let is_for_all = [self, there].map(|end| end.takes == Takes::All);
        // A port is taken while a link is up.
        let share_no_socket = there_is_up && (self.is_ipv6 == there.is_ipv6 || is_for_all.contains(&true));
        match (self.carrier, there.carrier) {
            (Carrier::Geneve, Carrier::Geneve) => is_for_all.contains(&true) || self.takes == there.takes,
            (Carrier::Vxlan, Carrier::Vxlan) => {
                let is_same = self.takes == there.takes && self.is_ipv6 == there.is_ipv6;
                is_same || share_no_socket && is_for_all[0] != is_for_all[1]
            }
            _ => share_no_socket,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network_id::Vni;
    use crate::technology::Df;

    fn vxlan(id: u32, port: i64, local: &str) -> LinkKind {
        let local = Some(local.parse().expect("an address"));
        let parent = "eth0".parse().expect("a name");
        LinkKind::Vxlan {
            id: Vni::new(id).expect("a number"),
            port: udp(port),
            df: Df::Set,
            parent,
            local,
            group: None,
        }
    }

    fn geneve(id: u32, remote: &str) -> LinkKind {
        let remote = remote.parse().expect("an address");
        LinkKind::Geneve { id: Vni::new(id).expect("a number"), port: udp(4789), df: Df::Set, remote }
    }

    fn udp(port: i64) -> UdpPort {
        UdpPort::new(port).expect("a port")
    }

    /// As Linux 6.12 answered: beside a link that is down, and beside one that is up.
    #[test]
    fn as_the_kernel_refuses() {
        let (v4, v6) = ("172.16.0.1", "fd00::1");
        let vxlan_external = || LinkKind::VxlanExternal { port: udp(4789) };
        let geneve_external = || LinkKind::GeneveExternal { port: udp(4789) };
        for (wanted, there, expected) in [
            (vxlan(1, 4789, v4), vxlan(1, 4789, v4), [true, true]),
            (vxlan(1, 4789, v4), vxlan(1, 4790, v4), [false, false]),
            (vxlan(1, 4789, v4), vxlan(1, 4789, v6), [false, false]),
            (vxlan(1, 4789, v4), vxlan(2, 4789, v4), [false, false]),
            (vxlan(1, 4789, v4), vxlan_external(), [false, true]),
            (vxlan_external(), vxlan(1, 4789, v6), [false, true]),
            (vxlan_external(), vxlan_external(), [true, true]),
            (vxlan(1, 4789, v4), geneve(1, v4), [false, true]),
            (vxlan(1, 4789, v4), geneve(1, v6), [false, false]),
            (vxlan_external(), geneve(1, v6), [false, true]),
            (geneve(1, v4), geneve(1, v4), [true, true]),
            (geneve(1, v4), geneve(1, "172.16.0.2"), [false, false]),
            (geneve(1, v4), geneve(2, v4), [false, false]),
            (geneve(1, v4), geneve_external(), [true, true]),
            (geneve_external(), geneve(1, v6), [true, true]),
            (geneve_external(), vxlan_external(), [false, true]),
            (LinkKind::Bridge, LinkKind::Bridge, [false, false]),
        ] {
            let found = [false, true].map(|is_up| match (Holds::of(&wanted), Holds::of(&there)) {
                (Some(wanted), Some(there)) => wanted.excludes(&there, is_up),
                _ => false,
            });
            assert_eq!(found, expected, "{wanted} beside {there}");
        }
        let vlan = |parent: &str, id| Holds::Vlan {
            parent: parent.parse().expect("a name"),
            id: VlanId::new(id).expect("a tag"),
        };
        assert!(vlan("tap0", 4094).excludes(&vlan("tap0", 4094), false));
        assert!(!vlan("tap0", 4094).excludes(&vlan("tap1", 4094), true));
        assert!(!vlan("tap0", 4094).excludes(&vlan("tap0", 4093), true));
    }
}
