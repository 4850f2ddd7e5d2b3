//! Which addresses are shaped at all.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::prefix::Prefix;
use crate::prefix_set::PrefixSet;

/// Allow and ignore lists of both families, and the list of what nobody can be a subscriber on.
///
/// A prefix is dropped only if it lies inside a listed one, whole.
#[derive(Clone, Debug)]
pub struct AddressPolicy {
    allow: PrefixSet,
    ignore: PrefixSet,
    never_shape: PrefixSet,
}

/// Why a prefix is not shaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// It lies inside this prefix of the ignore list.
    Ignored(Prefix),
    /// It lies inside this prefix of the built-in list.
    NeverShaped(Prefix),
    /// There is an allow list, and it lies inside none of its prefixes.
    NotAllowed,
}

/// Whether the built-in list is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NeverShape {
    /// The built-in list is used.
    #[default]
    BuiltIn,
    /// Only the operator's own lists count.
    Off,
}

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length))
}

const fn v6(first: u16, last: u16, length: u8) -> IpNet {
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, last), length))
}

/// Addresses that no subscriber has, and that radios report all the same: unspecified, loopback, link-local, multicast,
/// reserved, and the management addresses that every Ubiquiti radio has. Not RFC 6890: its 10/8, 100.64/10 and
/// 192.168/16 are where subscribers live.
pub const NEVER_SHAPED: [IpNet; 11] = [
    v4(0, 0, 0, 0, 32),
    v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(192, 168, 172, 0, 24),
    v4(192, 168, 1, 20, 32),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
    v6(0, 0, 128),
    v6(0, 1, 128),
    v6(0xfe80, 0, 10),
    v6(0xff00, 0, 8),
];

impl AddressPolicy {
    /// A policy of these lists. An empty allow list allows everything.
    pub fn new(
        allow: impl IntoIterator<Item = Prefix>,
        ignore: impl IntoIterator<Item = Prefix>,
        never_shape: NeverShape,
    ) -> Self {
        let built_in = match never_shape {
            NeverShape::BuiltIn => PrefixSet::new(NEVER_SHAPED.map(Prefix::network)),
            NeverShape::Off => PrefixSet::default(),
        };
        Self { allow: PrefixSet::new(allow), ignore: PrefixSet::new(ignore), never_shape: built_in }
    }

    /// Why `prefix` is dropped, if it is.
    pub fn drops(&self, prefix: Prefix) -> Option<Dropped> {
        if let Some(listed) = self.ignore.covering(prefix) {
            Some(Dropped::Ignored(listed))
        } else if let Some(listed) = self.never_shape.covering(prefix) {
            Some(Dropped::NeverShaped(listed))
        } else if !self.allow.is_empty() && self.allow.covering(prefix).is_none() {
            Some(Dropped::NotAllowed)
        } else {
            None
        }
    }

    /// The prefixes of the ignore and built-in lists that lie inside `shaped`.
    pub fn ignored_inside(&self, shaped: Prefix) -> impl Iterator<Item = Prefix> + '_ {
        self.ignore.inside(shaped).chain(self.never_shape.inside(shaped))
    }
}

impl Default for AddressPolicy {
    /// Everything but the built-in list.
    fn default() -> Self {
        Self::new([], [], NeverShape::BuiltIn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Prefix {
        Prefix::parse(text).expect("a prefix").prefix
    }

    #[test]
    fn lists_and_their_reasons() {
        let policy = AddressPolicy::new(
            [prefix("100.64.0.0/10"), prefix("2001:db8::/32")],
            [prefix("100.64.9.0/24")],
            NeverShape::BuiltIn,
        );
        assert_eq!(policy.drops(prefix("100.64.1.1")), None);
        assert_eq!(policy.drops(prefix("2001:db8:1::/48")), None);
        assert_eq!(policy.drops(prefix("100.64.9.7")), Some(Dropped::Ignored(prefix("100.64.9.0/24"))));
        assert_eq!(policy.drops(prefix("192.168.172.1")), Some(Dropped::NeverShaped(prefix("192.168.172.0/24"))));
        assert_eq!(policy.drops(prefix("203.0.113.1")), Some(Dropped::NotAllowed));
        assert_eq!(policy.drops(prefix("100.64.8.0/23")), None, "wider than what is listed");
        assert_eq!(policy.ignored_inside(prefix("100.64.8.0/23")).collect::<Vec<_>>(), [prefix("100.64.9.0/24")]);
    }

    #[test]
    fn the_built_in_list_can_be_switched_off() {
        let off = AddressPolicy::new([], [], NeverShape::Off);
        assert_eq!(off.drops(prefix("192.168.172.1")), None);
        assert_eq!(AddressPolicy::default().ignored_inside(prefix("0.0.0.0/0")).count(), 7);
        assert_eq!(AddressPolicy::default().ignored_inside(prefix("::/0")).count(), 4);
    }
}
