//! Which addresses the generated network uses, each for one purpose.
//!
//! | Prefix | Who is in it |
//! |---|---|
//! | `100.64.0.0/11` | subscribers, a host each |
//! | `100.96.0.0/11` | subscribers with a subnet, a /29 each |
//! | `2001:db8::/32` | subscribers with IPv6, a /56 each |
//! | `10.0.0.0/8` | the network's own equipment, and customers' radios behind which a router stands |

use std::net::{Ipv4Addr, Ipv6Addr};

/// How many clients fit: the /11 has 2 048 /22s with 1 020 hosts each, and a client with two ways has two hosts.
pub(crate) const MOST_CLIENTS: usize = 1_000_000;

/// The length of the subscribers' own networks: what stands behind an address that DHCP gave.
pub(crate) const HOST_NETWORK: u8 = 22;

/// Hosts used of each /22: neither its own address nor the last ones.
const HOSTS_A_NETWORK: usize = 1_020;

/// Hosts used of each /16 of equipment.
const EQUIPMENT_A_NETWORK: usize = 65_000;

/// A subscriber's host address; never the address of a network.
pub(crate) fn host(number: usize) -> Ipv4Addr {
    above(Ipv4Addr::new(100, 64, 0, 0), number / HOSTS_A_NETWORK * 1024 + 2 + number % HOSTS_A_NETWORK)
}

/// A subscriber's subnet, a /29.
pub(crate) fn subnet(number: usize) -> Ipv4Addr {
    above(Ipv4Addr::new(100, 96, 0, 0), number * 8)
}

/// A subscriber's IPv6 prefix, a /56.
pub(crate) fn delegated(number: usize) -> Ipv6Addr {
    Ipv6Addr::from_bits((0x2001_0db8 << 96) | ((number as u128) << 72))
}

/// A device's management address.
pub(crate) fn management(device: usize) -> Ipv4Addr {
    let low = device / EQUIPMENT_A_NETWORK * 65_536 + 2 + device % EQUIPMENT_A_NETWORK;
    above(Ipv4Addr::new(10, 0, 0, 0), low)
}

fn above(base: Ipv4Addr, by: usize) -> Ipv4Addr {
    let by = u32::try_from(by).expect("invariant: networks are limited to what their prefixes hold");
    Ipv4Addr::from_bits(base.to_bits() + by)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_stay_in_their_prefix_and_are_no_networks() {
        assert_eq!(host(0), Ipv4Addr::new(100, 64, 0, 2));
        assert_eq!(host(1_019), Ipv4Addr::new(100, 64, 3, 253));
        assert_eq!(host(1_020), Ipv4Addr::new(100, 64, 4, 2));
        assert!(host(2 * MOST_CLIENTS) < subnet(0), "two hosts a client fit below the subnets");
    }

    #[test]
    fn subnets_and_prefixes_follow_each_other() {
        assert_eq!(subnet(1), Ipv4Addr::new(100, 96, 0, 8));
        assert_eq!(delegated(0x1234).to_string(), "2001:db8:12:3400::");
    }

    #[test]
    fn equipment_has_addresses_of_its_own() {
        assert_eq!(management(0), Ipv4Addr::new(10, 0, 0, 2));
        assert_eq!(management(65_000), Ipv4Addr::new(10, 1, 0, 2));
        assert!(management(4 * MOST_CLIENTS) < Ipv4Addr::new(11, 0, 0, 0));
    }
}
