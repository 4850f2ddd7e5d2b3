//! Filters: flower matches with a list of actions, on clsact.

use std::fmt;
use std::net::IpAddr;

use ipnet::{Ipv4Net, Ipv6Net};
use pleach_graph::Prefix;
use pleach_tc::{Interface, MarkField};

use super::layout::number_of;
use crate::limit::Policer;
use crate::mac::{Mac, MacRange};
use crate::network_id::{VlanId, Vni};
use crate::rule::{Match, Protocol};
use crate::technology::Df;

/// A side of clsact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// What the interface receives.
    Ingress,
    /// What the interface sends.
    Egress,
}

impl Side {
    /// `ingress` or `egress`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }
}

/// Where a filter stands: no two have the same place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilterKey {
    /// On which interface.
    pub interface: Interface,
    /// On which side.
    pub side: Side,
    /// In which chain.
    pub chain: u32,
    /// When it is asked: the lowest first.
    pub preference: u16,
    /// Its number among those of one preference. It follows from the match.
    pub handle: u32,
}

/// A filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Which packets.
    pub matches: FilterMatch,
    /// What is done with them, in order: at most [`MOST_ACTIONS`](super::layout::MOST_ACTIONS).
    pub actions: Vec<FilterAction>,
}

/// Which packets a filter is for: those that fit everything that is stated.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilterMatch {
    /// What is in the frame.
    pub frame: Match,
    /// The tunnel that the frame came through.
    pub tunnel: Option<TunnelMatch>,
}

/// A tunnel that a frame came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TunnelMatch {
    /// The net.
    pub id: Vni,
    /// The host that sent it.
    pub source: IpAddr,
}

impl FilterMatch {
    /// Every packet.
    pub fn all() -> Self {
        Self::default()
    }

    /// Frames to these stations.
    pub fn to(destination: MacRange) -> Self {
        Self { frame: Match { destination_mac: Some(destination), ..Match::default() }, tunnel: None }
    }

    /// The protocol that `tc` has to be told: a filter that looks into IP is for one version of it.
    pub fn protocol(&self) -> &'static str {
        match (self.frame.is_ipv4(), self.frame.protocol) {
            (Some(true), _) | (None, Some(Protocol::Icmp)) => "ip",
            (Some(false), _) | (None, Some(Protocol::Icmpv6)) => "ipv6",
            _ => "all",
        }
    }

    /// The same match in the words of the kernel, which does not tell a part that everything fits from one that is not
    /// stated. A version of IP is stated as all its addresses.
    #[must_use]
    pub fn canonical(mut self) -> Self {
        let is_ipv4 = self.frame.is_ipv4();
        let frame = &mut self.frame;
        for prefix in [&mut frame.source, &mut frame.destination] {
            prefix.take_if(|prefix| prefix.net().prefix_len() == 0);
        }
        for range in [&mut frame.source_mac, &mut frame.destination_mac] {
            range.take_if(|range| range.mask() == Mac::ZERO);
        }
        let is_said = frame.is_ipv4().is_some() || matches!(frame.protocol, Some(Protocol::Icmp | Protocol::Icmpv6));
        if let Some(is_ipv4) = is_ipv4.filter(|_| !is_said) {
            let all = if is_ipv4 { Ipv4Net::default().into() } else { Ipv6Net::default().into() };
            frame.source = Some(Prefix::network(all));
        }
        self
    }

    /// Whether a filter of this number that matches this is one of ours: nobody else numbers filters by their matches.
    pub fn gives(&self, handle: u32) -> bool {
        /// How many matches of one preference may have one number; two hardly ever do.
        const ALIKE: u32 = 16;
        handle.wrapping_sub(self.handle()) < ALIKE
    }

    /// The handle it has, unless another match of the same preference has it.
    pub fn handle(&self) -> u32 {
        const MOST: u64 = 0x7fff_ffff;
        u32::try_from(number_of(format_args!("{} {self}", self.protocol())) % MOST + 1).expect("invariant: 31 bits")
    }
}

impl fmt::Display for FilterMatch {
    /// As `tc filter add … flower …` has it; nothing for every packet.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Match { source_mac, destination_mac, source, destination, protocol, source_ports, destination_ports } =
            &self.frame;
        let narrow = |prefix: &&Prefix| prefix.net().prefix_len() > 0;
        let mut separator = "";
        let mut part = |words: &str, value: &dyn fmt::Display| {
            let before = std::mem::replace(&mut separator, " ");
            write!(f, "{before}{words} {value}")
        };
        protocol.map_or(Ok(()), |protocol| part("ip_proto", &protocol.as_str()))?;
        source_mac.map_or(Ok(()), |range| part("src_mac", &range))?;
        destination_mac.map_or(Ok(()), |range| part("dst_mac", &range))?;
        source.as_ref().filter(narrow).map_or(Ok(()), |prefix| part("src_ip", prefix))?;
        destination.as_ref().filter(narrow).map_or(Ok(()), |prefix| part("dst_ip", prefix))?;
        source_ports.map_or(Ok(()), |ports| part("src_port", &ports))?;
        destination_ports.map_or(Ok(()), |ports| part("dst_port", &ports))?;
        self.tunnel.map_or(Ok(()), |tunnel| {
            part("enc_key_id", &tunnel.id.get())?;
            part("enc_src_ip", &tunnel.source)
        })
    }
}

/// What a filter does with a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilterAction {
    /// Drops it (and counts it).
    Drop,
    /// Asks the filters that follow.
    Continue,
    /// Goes on in a chain.
    Goto(u32),
    /// Drops what is beyond a limit, and goes on with what is not.
    Police(Policer),
    /// Says in its mark which net it came out of, and goes on.
    Mark {
        /// The net.
        number: Vni,
        /// The bits of the mark that say it.
        field: MarkField,
    },
    /// Puts a VLAN tag on it, and goes on.
    Tag(VlanId),
    /// Sends it out of an interface instead, or lets that interface receive it.
    Redirect {
        /// Which interface.
        to: Interface,
        /// Whether it sends or receives it.
        side: Side,
    },
    /// Sends a copy out of an interface and goes on.
    Mirror(Interface),
    /// Says where the tunnel that it is sent out of shall take it, and goes on.
    SetTunnel {
        /// From this address.
        source: IpAddr,
        /// To this host.
        destination: IpAddr,
        /// In this net.
        id: Vni,
        /// Whether it may be fragmented: nothing over IPv6, and nothing where the kernel cannot be told (before 6.4; a `tc` of
        /// that time neither, so that a script does not say it).
        df: Option<Df>,
    },
}

/// The largest packet that a policer lets pass: those that the kernel has joined, with the headers that it counts for each
/// of their segments. Without one it would drop what is longer than two kilobytes (`tcf_police_init`, 6.12).
pub const POLICED_MTU: u32 = 128 << 10;

impl Filter {
    /// Whether a kernel that was told this filter keeps `kept`.
    pub fn is_kept_as(&self, kept: &Self) -> bool {
        let is_kept = |(ours, kept): (&FilterAction, &FilterAction)| match (ours, kept) {
            (FilterAction::Police(ours), FilterAction::Police(kept)) => ours.is_kept_as(kept),
            (
                FilterAction::SetTunnel { source, destination, id, .. },
                FilterAction::SetTunnel { source: kept_source, destination: kept_destination, id: kept_id, df: None },
            ) => (source, destination, id) == (kept_source, kept_destination, kept_id),
            (ours, kept) => ours == kept,
        };
        self.matches == kept.matches
            && self.actions.len() == kept.actions.len()
            && self.actions.iter().zip(&kept.actions).all(is_kept)
    }
}

impl FilterAction {
    /// The interface that it needs.
    pub fn target(&self) -> Option<&Interface> {
        match self {
            Self::Redirect { to, .. } | Self::Mirror(to) => Some(to),
            _ => None,
        }
    }
}

/// The burst of a policer in the words of `tc`, and its limit.
fn police(f: &mut fmt::Formatter<'_>, limit: &Policer) -> fmt::Result {
    write!(f, "police rate {}bit burst {}b", limit.average.bit(), limit.burst.0)?;
    if let Some(peak) = limit.burst_rate {
        write!(f, " peakrate {}bit", peak.bit())?;
    }
    write!(f, " mtu {POLICED_MTU} conform-exceed drop/pipe")
}

impl fmt::Display for FilterAction {
    /// As `tc … action …` has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drop => f.write_str("drop"),
            Self::Continue => f.write_str("continue"),
            Self::Goto(chain) => write!(f, "goto chain {chain}"),
            Self::Police(limit) => police(f, limit),
            Self::Mark { number, field } => {
                write!(f, "skbedit mark {:#x}/{:#x} pipe", field.holding(number.get()), field.mask())
            }
            Self::Tag(id) => write!(f, "vlan push id {} protocol 802.1Q priority 0 pipe", id.get()),
            Self::Redirect { to, side } => {
                write!(f, "mirred {} redirect dev {}", side.as_str(), super::render::Shell(to))
            }
            Self::Mirror(to) => write!(f, "mirred egress mirror dev {} pipe", super::render::Shell(to)),
            Self::SetTunnel { source, destination, id, .. } => {
                write!(f, "tunnel_key set src_ip {source} dst_ip {destination} id {} pipe", id.get())
            }
        }
    }
}
