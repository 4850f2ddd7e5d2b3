//! A fixed set of prefixes, asked again and again whether another lies inside one of them.

use ipnet::IpNet;

use crate::prefix::Prefix;

/// The outermost prefixes of a list, as sorted, disjoint ranges: a question is one binary search.
///
/// A trie answers the same in ten times the time at 64 entries, and this is asked of every prefix of every subscriber.
#[derive(Clone, Debug, Default)]
pub struct PrefixSet {
    v4: Vec<(u32, u32, Prefix)>,
    v6: Vec<(u128, u128, Prefix)>,
}

impl PrefixSet {
    /// The set of `prefixes`; one inside another adds nothing.
    pub fn new(prefixes: impl IntoIterator<Item = Prefix>) -> Self {
        let mut sorted: Vec<Prefix> = prefixes.into_iter().collect();
        sorted.sort_unstable();
        let mut set = Self::default();
        for prefix in sorted {
            // Sorted by address then length, a prefix that holds this one stands before it and is the last one kept.
            match prefix.net() {
                IpNet::V4(net) => {
                    if set.v4.last().is_none_or(|(_, _, last)| !last.contains(prefix)) {
                        set.v4.push((net.network().to_bits(), net.broadcast().to_bits(), prefix));
                    }
                }
                IpNet::V6(net) => {
                    if set.v6.last().is_none_or(|(_, _, last)| !last.contains(prefix)) {
                        set.v6.push((net.network().to_bits(), net.broadcast().to_bits(), prefix));
                    }
                }
            }
        }
        set
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// The outermost member that `prefix` lies inside, whole.
    pub fn covering(&self, prefix: Prefix) -> Option<Prefix> {
        match prefix.net() {
            IpNet::V4(net) => covering(&self.v4, net.network().to_bits(), net.broadcast().to_bits()),
            IpNet::V6(net) => covering(&self.v6, net.network().to_bits(), net.broadcast().to_bits()),
        }
    }

    /// The members that lie inside `prefix`, whole, and are not it.
    pub fn inside(&self, prefix: Prefix) -> impl Iterator<Item = Prefix> + '_ {
        let (v4, v6) = match prefix.net() {
            IpNet::V4(net) => (inside(&self.v4, net.network().to_bits(), net.broadcast().to_bits()), &[][..]),
            IpNet::V6(net) => (&[][..], inside(&self.v6, net.network().to_bits(), net.broadcast().to_bits())),
        };
        v4.iter().map(|range| range.2).chain(v6.iter().map(|range| range.2)).filter(move |member| *member != prefix)
    }

    /// The outermost members, IPv4 first, in order.
    pub fn iter(&self) -> impl Iterator<Item = Prefix> {
        self.v4.iter().map(|range| range.2).chain(self.v6.iter().map(|range| range.2))
    }
}

fn covering<T: Ord + Copy>(ranges: &[(T, T, Prefix)], first: T, last: T) -> Option<Prefix> {
    let after = ranges.partition_point(|range| range.0 <= first);
    let (_, end, prefix) = *ranges.get(after.checked_sub(1)?)?;
    (last <= end).then_some(prefix)
}

fn inside<T: Ord + Copy>(ranges: &[(T, T, Prefix)], first: T, last: T) -> &[(T, T, Prefix)] {
    let from = ranges.partition_point(|range| range.0 < first);
    let length = ranges[from..].partition_point(|range| range.1 <= last);
    &ranges[from..from + length]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prefix(text: &str) -> Prefix {
        Prefix::parse(text).expect("a prefix").prefix
    }

    #[test]
    fn only_a_prefix_wholly_inside_one_member_is_covered() {
        let set = PrefixSet::new(
            ["10.0.0.0/25", "10.0.0.128/25", "10.0.0.0/24", "10.9.0.0/25", "10.9.0.128/25", "fe80::/10"].map(prefix),
        );
        assert_eq!(set.covering(prefix("10.0.0.7")), Some(prefix("10.0.0.0/24")));
        assert_eq!(set.covering(prefix("10.0.0.0/23")), None);
        assert_eq!(set.covering(prefix("10.9.0.0/24")), None, "two members that join up are not one");
        assert_eq!(set.covering(prefix("fe80::1")), Some(prefix("fe80::/10")));
        assert_eq!(set.covering(prefix("9.255.255.255")), None);
        assert_eq!(set.iter().count(), 4);
    }

    fn any_prefix() -> impl Strategy<Value = Prefix> {
        // Few address bits, so that nesting is common.
        prop_oneof![
            (0_u32..16, 26_u8..=32).prop_map(|(low, length)| Prefix::network(
                IpNet::new(std::net::Ipv4Addr::from_bits(0x0a00_0000 + low * 7).into(), length).expect("a length")
            )),
            (0_u128..16, 122_u8..=128).prop_map(|(low, length)| Prefix::network(
                IpNet::new(std::net::Ipv6Addr::from_bits((0x2001_0db8 << 96) + low * 7).into(), length)
                    .expect("a length")
            )),
        ]
    }

    proptest! {
        #[test]
        fn agrees_with_a_linear_scan(members in proptest::collection::vec(any_prefix(), 0..12), asked in any_prefix()) {
            let set = PrefixSet::new(members.iter().copied());
            let outermost = members.iter().copied().filter(|member| member.contains(asked)).min_by_key(|member| member.net().prefix_len());
            prop_assert_eq!(set.covering(asked), outermost);
            let inside: Vec<_> = set.iter().filter(|member| asked.contains(*member) && *member != asked).collect();
            prop_assert_eq!(set.inside(asked).collect::<Vec<_>>(), inside);
        }
    }
}
