//! Links that we make, and where interfaces belong.

use std::fmt;
use std::net::IpAddr;

use pleach_tc::Interface;

use super::layout::{ALIAS_PREFIX, FIRST_WORDS};
use crate::mtu::Mtu;
use crate::network_id::{VlanId, Vni};
use crate::technology::{Df, UdpPort};

/// What a link is, whatever its name: `vxlan/42/bridge`. It stands in the link's `ifalias`, so that a link is known for ours
/// without any other memory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkId(pub String);

impl LinkId {
    /// The text for `ifalias`.
    pub fn alias(&self) -> String {
        format!("{ALIAS_PREFIX}{}", self.0)
    }

    /// That of a link which whoever made it had no time to give one. No alias says so.
    pub fn half_made() -> Self {
        Self("half made".to_owned())
    }

    /// The id that an `ifalias` states; nothing where the link is not ours.
    pub fn from_alias(alias: &str) -> Option<Self> {
        let id = alias.strip_prefix(ALIAS_PREFIX)?;
        let is_of_an_overlay = FIRST_WORDS.contains(&id.split('/').next()?);
        is_of_an_overlay.then(|| Self(id.to_owned()))
    }
}

/// A link that we make. Nothing of it changes in place but its MTU and what it does with aggregates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it is for.
    pub id: LinkId,
    /// What the kernel makes.
    pub kind: LinkKind,
    /// Its MTU; nothing is what the kernel gives it.
    pub mtu: Option<Mtu>,
    /// What it does with aggregates.
    pub aggregates: Aggregates,
}

/// What a link does with the aggregates (GSO) that it is to send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aggregates {
    /// It sends them as they are, as every link does by itself.
    #[default]
    Whole,
    /// It sends their packets one by one.
    Split,
}

impl Aggregates {
    /// How many packets an aggregate may have: that splits those whose packets are counted.
    const MOST_PACKETS: u32 = 1;
    /// How many bytes: that splits those of virtual machines, whose packets the kernel counts later. It is more than the least
    /// that it takes (`MAX_TCP_HEADER`, 384 at most), and less than two packets that are worth an aggregate.
    const MOST_BYTES: u32 = 512;

    /// The limits of a link: how many packets and bytes an aggregate may have. Source: `gso_features_check` in `net/core/dev.c`,
    /// `GSO_MAX_SEGS` and `GSO_LEGACY_MAX_SIZE` in `include/linux/netdevice.h` (6.1).
    pub const fn limits(self) -> (u32, u32) {
        match self {
            Self::Whole => (65_535, 65_536),
            Self::Split => (Self::MOST_PACKETS, Self::MOST_BYTES),
        }
    }

    /// What a link with these limits does. Any but ours are those of its card, or somebody's choice: nothing that we put right.
    pub const fn of_limits(packets: u32, bytes: u32) -> Self {
        if packets == Self::MOST_PACKETS && bytes == Self::MOST_BYTES { Self::Split } else { Self::Whole }
    }
}

impl fmt::Display for Aggregates {
    /// As `ip link … ` has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (packets, bytes) = self.limits();
        write!(f, "gso_max_segs {packets} gso_max_size {bytes}")
    }
}

/// A kind of link with its options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// A bridge.
    Bridge,
    /// A link without a far side, on whose ingress frames find their destination.
    Dummy,
    /// A link that gives what it is sent back to the interface that it came from, when its queue lets it go.
    Ifb,
    /// IEEE 802.1Q tags on another interface.
    Vlan {
        /// That interface.
        parent: Interface,
        /// The tag.
        id: VlanId,
    },
    /// VXLAN of one net, which learns where stations are.
    Vxlan {
        /// The net.
        id: Vni,
        /// The port.
        port: UdpPort,
        /// Whether its packets may be fragmented; over IPv6 nothing is said of that.
        df: Df,
        /// The interface to the underlay.
        parent: Interface,
        /// The host's own address.
        local: Option<IpAddr>,
        /// Where frames for unknown stations go; without one they go to the flood entries.
        group: Option<IpAddr>,
    },
    /// VXLAN of all nets on a port: each packet says where it goes (`external`), nothing is learnt.
    VxlanExternal {
        /// The port.
        port: UdpPort,
    },
    /// Geneve of one net to one host.
    Geneve {
        /// The net.
        id: Vni,
        /// The port.
        port: UdpPort,
        /// Whether its packets may be fragmented; over IPv6 nothing is said of that.
        df: Df,
        /// The host.
        remote: IpAddr,
    },
    /// Geneve of all nets on a port: each packet says where it goes (`external`).
    GeneveExternal {
        /// The port.
        port: UdpPort,
    },
    /// A link of ours that is not as any of these is made: somebody changed it. Never wanted.
    Changed {
        /// What the kernel calls its kind.
        kind: String,
    },
}

impl fmt::Display for LinkKind {
    /// As `ip link add NAME type …` has it, without the interface that VLAN and VXLAN stand on.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = |df: &Df| if *df == Df::Set { " df set" } else { "" };
        match self {
            Self::Bridge => f.write_str("bridge"),
            Self::Dummy => f.write_str("dummy"),
            Self::Ifb => f.write_str("ifb"),
            Self::Vlan { id, .. } => write!(f, "vlan id {}", id.get()),
            Self::Vxlan { id, port, df, local, group, .. } => {
                write!(f, "vxlan id {} dstport {port}", id.get())?;
                if let Some(local) = local {
                    write!(f, " local {local}")?;
                }
                if let Some(group) = group {
                    write!(f, " group {group}")?;
                }
                write!(f, " learning{}", said(df))
            }
            Self::VxlanExternal { port } => write!(f, "vxlan external dstport {port} nolearning"),
            Self::Geneve { id, port, df, remote } => {
                write!(f, "geneve id {} remote {remote} dstport {port}{}", id.get(), said(df))
            }
            Self::GeneveExternal { port } => write!(f, "geneve external dstport {port}"),
            Self::Changed { kind } => f.write_str(kind),
        }
    }
}

/// Where an interface belongs. It is up in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Membership {
    /// To no bridge.
    Alone,
    /// To a bridge.
    Bridged {
        /// Which.
        bridge: Interface,
        /// Whether other isolated ports of it are out of reach.
        isolation: Isolation,
    },
}

/// Whether a bridge's port reaches other isolated ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// It reaches all ports.
    Open,
    /// It does not reach isolated ports.
    Isolated,
}
