//! Firewall rules of a virt.

use std::fmt;
use std::str::FromStr;

use pleach_graph::Prefix;

use crate::mac::MacRange;

/// Which way packets go, seen from the virt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Into the virt: what its interface on the host sends.
    In,
    /// Out of the virt: what its interface on the host receives.
    Out,
}

impl Direction {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::In, Self::Out];

    /// `in` or `out`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a rule stands among those of its direction, 0 to 32 767: the lowest is asked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Priority(u16);

/// A number that is no priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a priority: 0 to {}", Priority::MOST)]
pub struct PriorityError;

impl Priority {
    /// The largest, as LSDN has it.
    pub const MOST: u16 = 0x7fff;

    /// The priority of this number.
    pub fn new(number: i64) -> Result<Self, PriorityError> {
        u16::try_from(number).ok().filter(|number| *number <= Self::MOST).map(Self).ok_or(PriorityError)
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// What happens to a packet that a rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleAction {
    /// It is dropped.
    Drop,
    /// It passes; rules behind this one are not asked.
    Accept,
}

impl RuleAction {
    /// `drop` or `accept`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Accept => "accept",
        }
    }
}

/// The protocol above IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
    /// ICMP, of IPv4.
    Icmp,
    /// ICMP of IPv6.
    Icmpv6,
}

/// A text that names no protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a protocol: `tcp`, `udp`, `sctp`, `icmp` or `icmpv6`")]
pub struct ProtocolError;

impl Protocol {
    const ALL: [Self; 5] = [Self::Tcp, Self::Udp, Self::Sctp, Self::Icmp, Self::Icmpv6];

    /// Its number (IANA's registry of protocol numbers).
    pub const fn number(self) -> u8 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
            Self::Sctp => 132,
            Self::Icmp => 1,
            Self::Icmpv6 => 58,
        }
    }

    /// The protocol of this number.
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.number() == number)
    }

    /// Its name, as `tc` has it too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
            Self::Icmp => "icmp",
            Self::Icmpv6 => "icmpv6",
        }
    }

    /// The version of IP that it is of, where it is of one.
    const fn family(self) -> &'static str {
        match self {
            Self::Tcp | Self::Udp | Self::Sctp => "",
            Self::Icmp => "4",
            Self::Icmpv6 => "6",
        }
    }

    /// Whether its packets have ports.
    pub const fn has_ports(self) -> bool {
        matches!(self, Self::Tcp | Self::Udp | Self::Sctp)
    }
}

impl FromStr for Protocol {
    type Err = ProtocolError;
    fn from_str(text: &str) -> Result<Self, ProtocolError> {
        Self::ALL.into_iter().find(|protocol| protocol.as_str() == text).ok_or(ProtocolError)
    }
}

/// Ports, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ports {
    first: u16,
    last: u16,
}

/// A text that is no range of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a port or a range of ports such as `443` or `5000-5010`: 1 to 65535")]
pub struct PortsError;

impl Ports {
    /// From one port to another.
    pub const fn new(first: u16, last: u16) -> Option<Self> {
        if first > 0 && first <= last { Some(Self { first, last }) } else { None }
    }

    /// The first.
    pub const fn first(self) -> u16 {
        self.first
    }

    /// The last.
    pub const fn last(self) -> u16 {
        self.last
    }
}

impl FromStr for Ports {
    type Err = PortsError;
    fn from_str(text: &str) -> Result<Self, PortsError> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let port = |text: &str| text.trim().parse::<u16>().ok().filter(|port| *port > 0).ok_or(PortsError);
        Self::new(port(first)?, port(last)?).ok_or(PortsError)
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        if self.first == self.last { Ok(()) } else { write!(f, "-{}", self.last) }
    }
}

/// Which packets a rule is about: those that fit everything that is stated.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Match {
    /// From these stations.
    pub source_mac: Option<MacRange>,
    /// To these stations.
    pub destination_mac: Option<MacRange>,
    /// From these addresses.
    pub source: Option<Prefix>,
    /// To these addresses.
    pub destination: Option<Prefix>,
    /// Of this protocol.
    pub protocol: Option<Protocol>,
    /// From these ports.
    pub source_ports: Option<Ports>,
    /// To these ports.
    pub destination_ports: Option<Ports>,
}

/// Which bits of a packet a match looks at, whatever their values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MatchShape(Vec<(&'static str, String)>);

impl Match {
    /// The addresses that are stated.
    pub fn prefixes(&self) -> impl Iterator<Item = Prefix> {
        [self.source, self.destination].into_iter().flatten()
    }

    /// Whether its addresses are IPv4, where it has any.
    pub fn is_ipv4(&self) -> Option<bool> {
        self.prefixes().next().map(Prefix::is_ipv4)
    }

    /// Which bits it looks at.
    pub fn shape(&self) -> MatchShape {
        let mac = |range: &MacRange| range.mask().to_string();
        let prefix =
            |prefix: &Prefix| format!("{}/{}", if prefix.is_ipv4() { 4 } else { 6 }, prefix.net().prefix_len());
        let kind = |ports: &Ports| if ports.first == ports.last { "one" } else { "range" }.to_owned();
        let parts = [
            ("source MAC", self.source_mac.as_ref().map(mac)),
            ("destination MAC", self.destination_mac.as_ref().map(mac)),
            ("source", self.source.as_ref().map(prefix)),
            ("destination", self.destination.as_ref().map(prefix)),
            ("protocol", self.protocol.map(|protocol| protocol.family().to_owned())),
            ("source port", self.source_ports.as_ref().map(kind)),
            ("destination port", self.destination_ports.as_ref().map(kind)),
        ];
        MatchShape(parts.into_iter().filter_map(|(name, mask)| mask.map(|mask| (name, mask))).collect())
    }
}

/// A firewall rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// Which way the packets go.
    pub direction: Direction,
    /// When it is asked.
    pub priority: Priority,
    /// Which packets.
    pub matches: Match,
    /// What happens to them.
    pub action: RuleAction,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_protocols() {
        assert_eq!("5000-5010".parse::<Ports>().map(|ports| ports.to_string()), Ok("5000-5010".to_owned()));
        assert_eq!("443".parse::<Ports>().map(|ports| ports.to_string()), Ok("443".to_owned()));
        for text in ["", "0", "10-5", "-1", "70000", "a"] {
            assert_eq!(text.parse::<Ports>(), Err(PortsError), "{text}");
        }
        assert_eq!("gre".parse::<Protocol>(), Err(ProtocolError));
    }

    #[test]
    fn shapes_differ_by_mask_and_not_by_value() {
        let to =
            |text: &str| Match { destination: Some(Prefix::parse(text).expect("a prefix").prefix), ..Match::default() };
        assert_eq!(to("10.0.0.1").shape(), to("10.0.0.2").shape());
        assert_ne!(to("10.0.0.0/24").shape(), to("10.0.0.0/25").shape());
        assert_ne!(to("10.0.0.0/32").shape(), to("2001:db8::/32").shape());
    }
}
