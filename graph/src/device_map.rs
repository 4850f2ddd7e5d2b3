//! The device map: from an address to its circuit, the longest prefix winning.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use petgraph::graph::NodeIndex;
use treebitmap::IpLookupTable;

use crate::census::Census;
use crate::net::Net;
use crate::network_graph::NetworkGraph;
use crate::prefix::Prefix;

/// Every shaped prefix and every bypass outside of nets, or in one, as the shaper will look them up. Overlaps are legal: the
/// most specific wins.
pub struct DeviceMap {
    v4: IpLookupTable<Ipv4Addr, Target>,
    v6: IpLookupTable<Ipv6Addr, Target>,
}

/// What a prefix leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A device of a circuit that is shaped.
    Circuit {
        /// The circuit's position in [`CircuitIndex`](crate::CircuitIndex).
        position: usize,
        /// The device.
        device: NodeIndex,
    },
    /// An ignored prefix inside a wider shaped one: it passes unshaped.
    Bypass,
}

/// A prefix of the map that holds the address asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// The prefix.
    pub prefix: Prefix,
    /// What it leads to.
    pub target: Target,
}

impl DeviceMap {
    /// The map of all circuits that `census` shapes, outside of nets.
    pub fn new(network: &NetworkGraph, census: &Census) -> Self {
        Self::of_net(network, census, None)
    }

    /// The map of a net, which must be one of the network's.
    pub fn of_net(network: &NetworkGraph, census: &Census, net: Option<&Net>) -> Self {
        let mut map = Self { v4: IpLookupTable::new(), v6: IpLookupTable::new() };
        for circuit in census.circuits() {
            for &device in network.circuits().devices(circuit.position) {
                let prefixes = census.prefixes(network, device);
                let is_of_it =
                    |prefix: &Prefix| network.net_of(device, *prefix).map(|net| net.tag) == net.map(|net| net.tag);
                for prefix in prefixes.filter(is_of_it) {
                    map.insert(prefix, Target::Circuit { position: circuit.position, device });
                }
            }
        }
        // In a net what passes unshaped is known only inside of what is shaped: the rest is nobody's there.
        let is_known = |map: &Self, prefix: Prefix| {
            net.is_none() || map.matches(prefix.net().addr()).iter().any(|found| found.prefix.contains(prefix))
        };
        for &prefix in census.bypass() {
            if is_known(&map, prefix) {
                map.insert(prefix, Target::Bypass);
            }
        }
        map
    }

    fn insert(&mut self, prefix: Prefix, target: Target) {
        match prefix.net() {
            IpNet::V4(net) => self.v4.insert(net.network(), net.prefix_len().into(), target),
            IpNet::V6(net) => self.v6.insert(net.network(), net.prefix_len().into(), target),
        };
    }

    /// The longest prefix that holds `address`; an IPv4-mapped IPv6 address is looked up as IPv4.
    pub fn lookup(&self, address: IpAddr) -> Option<Match> {
        self.matches(address).pop()
    }

    /// Every prefix that holds `address`, the widest first, so that the last one counts.
    pub fn matches(&self, address: IpAddr) -> Vec<Match> {
        let found = |address: IpAddr, length: u32, target: &Target| {
            let length = u8::try_from(length).expect("invariant: the map was filled with prefixes");
            let net = IpNet::new(address, length).expect("invariant: the map was filled with prefixes");
            Match { prefix: Prefix::network(net), target: *target }
        };
        match address.to_canonical() {
            IpAddr::V4(v4) => {
                self.v4.matches(v4).map(|(net, length, target)| found(net.into(), length, target)).collect()
            }
            IpAddr::V6(v6) => {
                self.v6.matches(v6).map(|(net, length, target)| found(net.into(), length, target)).collect()
            }
        }
    }

    /// Every prefix that lies inside `prefix` and is longer, in order: what takes addresses away from it.
    pub fn inside(&self, prefix: Prefix) -> Vec<Match> {
        let all: Box<dyn Iterator<Item = Match>> = if prefix.is_ipv4() {
            Box::new(self.v4.iter().filter_map(|(net, length, target)| matched(net.into(), length, *target)))
        } else {
            Box::new(self.v6.iter().filter_map(|(net, length, target)| matched(net.into(), length, *target)))
        };
        let mut inside: Vec<Match> =
            all.filter(|other| prefix.contains(other.prefix) && other.prefix != prefix).collect();
        inside.sort_unstable_by_key(|other| other.prefix);
        inside
    }

    /// How many prefixes there are.
    pub fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn matched(address: IpAddr, length: u32, target: Target) -> Option<Match> {
    let net = IpNet::new(address, u8::try_from(length).ok()?).ok()?;
    Some(Match { prefix: Prefix::network(net), target })
}

impl fmt::Debug for DeviceMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceMap {{ {} prefixes }}", self.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::census::Policy;
    use crate::id::Table;
    use crate::rate::Rate;
    use crate::{AddressPolicy, NeverShape};

    fn map(circuits: &[(&str, &str)], ignore: &[&str]) -> (NetworkGraph, DeviceMap) {
        let table = Table::new("test", "circuit").expect("a table");
        let devices = Table::new("test", "device").expect("a table");
        let mut net = NetworkGraph::builder();
        for (id, addresses) in circuits {
            let _ = net.client(table.id(id), id).plan(Rate::from_mbit(10), Rate::from_mbit(10));
            let _ = net.device(devices.id(id), id).parent(table.id(id)).addresses(addresses);
        }
        let (network, _) = net.build();
        let ignore = ignore.iter().map(|text| Prefix::parse(text).expect("a prefix").prefix);
        let policy = Policy { addresses: AddressPolicy::new([], ignore, NeverShape::BuiltIn), ..Policy::default() };
        let census = Census::take(&network, &policy);
        let map = DeviceMap::new(&network, &census);
        (network, map)
    }

    fn answer(network: &NetworkGraph, map: &DeviceMap, address: &str) -> String {
        match map.lookup(address.parse().expect("an address")) {
            None => "nothing".to_owned(),
            Some(Match { prefix, target: Target::Bypass }) => format!("{prefix} bypass"),
            Some(Match { prefix, target: Target::Circuit { device, .. } }) => {
                format!("{prefix} {}", network.node(device).name)
            }
        }
    }

    #[test]
    fn the_most_specific_wins_and_a_catch_all_takes_the_rest() {
        let circuits =
            [("unknown", "0.0.0.0/0"), ("office", "100.64.0.0/24"), ("desk", "100.64.0.7"), ("six", "2001:db8::/48")];
        let (network, map) = map(&circuits, &["10.255.0.0/16"]);
        for (address, expected) in [
            ("100.64.0.7", "100.64.0.7 desk"),
            ("::ffff:100.64.0.7", "100.64.0.7 desk"),
            ("100.64.0.8", "100.64.0.0/24 office"),
            ("203.0.113.9", "0.0.0.0/0 unknown"),
            ("10.255.3.4", "10.255.0.0/16 bypass"),
            ("192.168.172.1", "192.168.172.0/24 bypass"),
            ("2001:db8::1", "2001:db8::/48 six"),
            ("2001:db9::1", "nothing"),
        ] {
            assert_eq!(answer(&network, &map, address), expected, "{address}");
        }
        let inside = map.inside(Prefix::parse("100.64.0.0/24").expect("a prefix").prefix);
        assert_eq!(inside.iter().map(|found| found.prefix.to_string()).collect::<Vec<_>>(), ["100.64.0.7"]);
    }

    proptest! {
        #[test]
        fn agrees_with_a_linear_scan(nets in proptest::collection::btree_set((0_u32..64, 24_u8..=32), 0..20), asked in 0_u32..64) {
            let prefixes: Vec<Prefix> = nets
                .iter()
                .map(|&(low, length)| Prefix::network(IpNet::new(Ipv4Addr::from_bits(0x6440_0000 + low * 5).into(), length).expect("a length")))
                .collect();
            let texts: Vec<(String, String)> = prefixes.iter().enumerate().map(|(n, prefix)| (format!("c{n}"), prefix.to_string())).collect();
            let borrowed: Vec<(&str, &str)> = texts.iter().map(|(id, prefix)| (id.as_str(), prefix.as_str())).collect();
            let (_, map) = map(&borrowed, &[]);
            let address = Ipv4Addr::from_bits(0x6440_0000 + asked * 5);
            let longest = prefixes.iter().filter(|prefix| prefix.contains(Prefix::host(address.into()))).max_by_key(|prefix| prefix.net().prefix_len());
            prop_assert_eq!(map.lookup(address.into()).map(|found| found.prefix), longest.copied());
        }
    }
}
