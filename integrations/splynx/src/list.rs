//! The lists that a Splynx is asked for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A list of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum List {
    /// Internet tariffs.
    Tariffs,
    /// Customers.
    Customers,
    /// Internet services.
    Services,
    /// Who is online: sessions.
    Online,
    /// Routers.
    Routers,
    /// The sectors of routers, which Splynx also calls router contention: limits that services share.
    Sectors,
    /// Hardware that Splynx monitors: access points, switches, radios.
    Monitoring,
    /// Network sites.
    NetworkSites,
    /// The IPv4 addresses in use.
    Ipv4,
    /// The IPv6 networks in use.
    Ipv6,
}

impl List {
    /// Every list, in the order they are read in.
    pub const ALL: [Self; 10] = [
        Self::Tariffs,
        Self::Customers,
        Self::Services,
        Self::Online,
        Self::Routers,
        Self::Sectors,
        Self::Monitoring,
        Self::NetworkSites,
        Self::Ipv4,
        Self::Ipv6,
    ];

    /// Its name in the configuration and in snapshots: `network-sites`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tariffs => "tariffs",
            Self::Customers => "customers",
            Self::Services => "services",
            Self::Online => "online",
            Self::Routers => "routers",
            Self::Sectors => "sectors",
            Self::Monitoring => "monitoring",
            Self::NetworkSites => "network-sites",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
        }
    }

    /// Its path below `/api/2.0/admin/`.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Tariffs => "tariffs/internet",
            Self::Customers => "customers/customer",
            Self::Services => "customers/customer/0/internet-services", // of customer 0: of all
            Self::Online => "customers/customers-online",
            Self::Routers => "networking/routers",
            Self::Sectors => "networking/routers-sectors",
            Self::Monitoring => "networking/monitoring",
            Self::NetworkSites => "networking/network-sites",
            Self::Ipv4 => "networking/ipv4-ip",
            Self::Ipv6 => "networking/ipv6-ip",
        }
    }

    /// Whether subscribers can be shaped without it.
    pub(crate) const fn can_be_missed(self) -> bool {
        !matches!(self, Self::Tariffs | Self::Customers | Self::Services)
    }

    /// What of it is asked for. Services of all customers are not given without a condition, and of the statuses there may be
    /// more than are documented, so the condition is one that all fulfil.
    pub(crate) const fn condition(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Services => &[("main_attributes[id][]", ">"), ("main_attributes[id][]", "0")],
            Self::Ipv4 | Self::Ipv6 => &[("main_attributes[is_used]", "1")],
            _ => &[],
        }
    }

    /// What an API key needs to see it, as the page of the key calls it.
    pub const fn permission(self) -> &'static str {
        match self {
            Self::Tariffs => "Tariff plans → Internet",
            Self::Customers => "Customers → Customer",
            Self::Services => "Customers → Customer internet services",
            Self::Online => "Customers → Customers online",
            Self::Routers => "Networking → Routers",
            Self::Sectors => "Networking → Router contention",
            Self::Monitoring => "Networking → Monitoring",
            Self::NetworkSites => "Networking → Network sites",
            Self::Ipv4 => "Networking → IPv4 networks IP",
            Self::Ipv6 => "Networking → IPv6 networks IP",
        }
    }

    /// One record in words: `monitoring device`.
    pub(crate) const fn record(self) -> &'static str {
        match self {
            Self::Tariffs => "tariff",
            Self::Customers => "customer",
            Self::Services => "service",
            Self::Online => "session",
            Self::Routers => "router",
            Self::Sectors => "sector",
            Self::Monitoring => "monitoring device",
            Self::NetworkSites => "network site",
            Self::Ipv4 => "IPv4 address",
            Self::Ipv6 => "IPv6 network",
        }
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
