//! Which of the addresses that UISP lists for a customer's devices are the customer's, and how wide they are.
//!
//! UISP lists what devices say of their interfaces: the address that the operator gave a radio, an end of a shared network,
//! the private network behind a router's NAT, a management address that every radio has. None of it says which is which.
//! The rule, and the reason for each of its steps, is in `docs/uisp.md`.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;
use pleach_graph::{NEVER_SHAPED, Prefix, PrefixSet};

use crate::records::{Address, AddressPlace};

/// The largest prefix that one customer is taken to have where a device states it of an interface.
const WIDEST_V4: u8 = 24;
const WIDEST_V6: u8 = 48;
/// A public IPv4 network of this size on the operator's side of a device is the customer's own. Larger ones are shared; in
/// a smaller one there is nobody but the customer's router and the operator's.
const OWN_OUTSIDE_V4: u8 = 29;
/// An IPv6 network on a link; what is wider is routed to somebody.
const LINK_V6: u8 = 64;

/// What an address of a device is to its customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// This prefix is the customer's.
    Is(Prefix),
    /// `network` is the customer's, unless another customer has an address inside: then it is shared, and `host` is.
    Unless { network: Prefix, host: Prefix },
    /// It was written down with bits set beyond its length; the host is the customer's.
    HostBits { network: Prefix, host: Prefix },
    /// Nobody has it: it lies inside this prefix of the built-in list.
    NeverShaped(Prefix),
    /// It is the router's own address in a private network behind it.
    PrivateInside,
}

/// The prefixes of the built-in list: radios report them all the same.
pub(crate) fn never_shaped() -> PrefixSet {
    PrefixSet::new(NEVER_SHAPED.map(Prefix::network))
}

/// What each address of a device means.
pub(crate) fn meanings<'a>(
    addresses: &'a [Address],
    never_shaped: &'a PrefixSet,
) -> impl Iterator<Item = (&'a Address, Meaning)> + 'a {
    let outside = Outside::of(addresses, never_shaped);
    addresses.iter().map(move |address| {
        let meaning = meaning(address, outside.has(address, addresses), never_shaped);
        (address, meaning)
    })
}

/// Which addresses are on the operator's side of their device.
#[derive(Clone, Copy)]
enum Outside {
    /// Those on the interface that the device says leads there, or that were given to it from there.
    Told,
    /// The one that UISP itself uses.
    Main(IpAddr),
    /// Those that are not private.
    NotPrivate,
    /// All: nothing tells them apart.
    All,
}

impl Outside {
    fn of(addresses: &[Address], never_shaped: &PrefixSet) -> Self {
        let usable = || addresses.iter().filter(|address| never_shaped.covering(Prefix::host(address.ip)).is_none());
        let at = |place| usable().find(|address| address.place == place);
        if at(AddressPlace::Wan).is_some() {
            Self::Told
        } else if let Some(main) = at(AddressPlace::Main) {
            Self::Main(main.ip)
        } else if usable().any(|address| !is_private(address.ip)) {
            Self::NotPrivate
        } else {
            Self::All
        }
    }

    fn has(self, address: &Address, all: &[Address]) -> bool {
        let at = |place| all.iter().any(|other| other.place == place && other.ip == address.ip);
        match (self, address.place) {
            (_, AddressPlace::List) | (Self::All, _) => true,
            // One that stands on no interface is not told apart: it is taken as UISP's way to the device.
            (Self::Told, _) => at(AddressPlace::Wan) || !at(AddressPlace::Interface),
            (Self::Main(main), _) => address.ip == main,
            (Self::NotPrivate, _) => !is_private(address.ip),
        }
    }
}

fn meaning(address: &Address, is_outside: bool, never_shaped: &PrefixSet) -> Meaning {
    let host = Prefix::host(address.ip);
    if let Some(listed) = never_shaped.covering(host) {
        return Meaning::NeverShaped(listed);
    }
    if !is_outside && is_private(address.ip) {
        return Meaning::PrivateInside;
    }
    let Some(network) = network(address) else { return Meaning::Is(host) };
    let length = network.net().prefix_len();
    let is_written = address.place == AddressPlace::List;
    if host.net().addr() == network.net().network() {
        // No device has a network's own address: a whole network is meant.
        let (widest_v4, widest_v6) = if is_written { (0, 0) } else { (WIDEST_V4, WIDEST_V6) };
        let widest = if network.is_ipv4() { widest_v4 } else { widest_v6 };
        return Meaning::Is(if length >= widest { network } else { host });
    }
    match (is_own(address.ip, length, is_outside), is_written) {
        (true, _) => Meaning::Unless { network, host },
        (false, true) => Meaning::HostBits { network, host },
        (false, false) => Meaning::Is(host),
    }
}

/// Whether the network that an address lies in is the customer's, by its size and on which side of the device it is.
fn is_own(ip: IpAddr, length: u8, is_outside: bool) -> bool {
    match (ip, is_outside) {
        (IpAddr::V4(ip), _) if ip.is_private() || is_shared_space(ip) => false,
        (IpAddr::V4(_), true) => length == OWN_OUTSIDE_V4,
        (IpAddr::V4(_), false) => length >= WIDEST_V4,
        (IpAddr::V6(ip), _) if ip.is_unique_local() => false,
        (IpAddr::V6(_), true) => (WIDEST_V6..LINK_V6).contains(&length),
        (IpAddr::V6(_), false) => (WIDEST_V6..=LINK_V6).contains(&length),
    }
}

/// The network that an address lies in by its length. A host has none, nor has an end of a link that holds only its two
/// ends (RFC 3021, RFC 6164).
fn network(address: &Address) -> Option<Prefix> {
    let longest = if address.ip.is_ipv4() { 30 } else { 126 };
    let length = address.length.filter(|&length| length <= longest)?;
    Some(Prefix::network(IpNet::new(address.ip, length).ok()?))
}

/// RFC 1918, and unique local addresses (RFC 4193).
pub(crate) fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private(),
        IpAddr::V6(ip) => ip.is_unique_local(),
    }
}

/// 100.64.0.0/10 (RFC 6598): between a carrier's NAT and its customers.
fn is_shared_space(ip: Ipv4Addr) -> bool {
    let [first, second, ..] = ip.octets();
    first == 100 && second & 0b1100_0000 == 64
}

#[cfg(test)]
mod tests {
    use pleach_graph::Assignment;

    use super::*;

    /// Addresses as `place text`, and what each means.
    fn read(addresses: &[(AddressPlace, &str)]) -> Vec<String> {
        let addresses: Vec<Address> = addresses
            .iter()
            .map(|&(place, text)| {
                let (ip, length) = text.split_once('/').map_or((text, None), |(ip, length)| (ip, Some(length)));
                let length = length.map(|length| length.parse().expect("a length"));
                Address { ip: ip.parse().expect("an address"), length, place, assignment: Assignment::Device }
            })
            .collect();
        let text = |meaning| match meaning {
            Meaning::Is(prefix) => prefix.to_string(),
            Meaning::Unless { network, host } => format!("{network} unless {host}"),
            Meaning::HostBits { network, host } => format!("{host} not {network}"),
            Meaning::NeverShaped(listed) => format!("never, {listed}"),
            Meaning::PrivateInside => "inside".to_owned(),
        };
        meanings(&addresses, &never_shaped()).map(|(_, meaning)| text(meaning)).collect()
    }

    use AddressPlace::{Interface, List, Main, Wan};

    #[test]
    fn a_radio_has_its_own_address_in_a_shared_network() {
        assert_eq!(read(&[(Main, "100.64.0.10/24"), (Interface, "100.64.0.10/24")]), ["100.64.0.10", "100.64.0.10"]);
        assert_eq!(read(&[(Main, "203.0.113.77/24")]), ["203.0.113.77"]);
        assert_eq!(read(&[(Interface, "10.1.2.3/24")]), ["10.1.2.3"]);
        assert_eq!(read(&[(Main, "203.0.113.2/30")]), ["203.0.113.2"]);
        assert_eq!(read(&[(Main, "100.64.3.0/31")]), ["100.64.3.0"]);
        assert_eq!(read(&[(Main, "2001:db8:0:1::abcd/64")]), ["2001:db8:0:1::abcd"]);
    }

    #[test]
    fn a_routers_private_network_is_nobodys() {
        assert_eq!(read(&[(Main, "100.64.0.10"), (Interface, "192.168.88.1/24")]), ["100.64.0.10", "inside"]);
        // UISP uses the inner address; the outer one was leased.
        let leased = [(Main, "192.168.1.1/24"), (Interface, "192.168.1.1/24"), (Wan, "100.64.0.11/22")];
        assert_eq!(read(&leased), ["inside", "inside", "100.64.0.11"]);
        assert_eq!(read(&[(Main, "10.5.0.9/24"), (Interface, "fd00::1/64")]), ["10.5.0.9", "inside"]);
    }

    #[test]
    fn a_network_that_is_routed_to_a_customer_is_the_customers() {
        let router = [(Main, "100.64.0.10"), (Interface, "203.0.113.9/29"), (Interface, "2001:db8:5::1/56")];
        let networks = ["203.0.113.8/29 unless 203.0.113.9", "2001:db8:5::/56 unless 2001:db8:5::1"];
        assert_eq!(read(&router)[1..], networks);
        assert_eq!(read(&[(Main, "203.0.113.9/29")]), ["203.0.113.8/29 unless 203.0.113.9"]);
        assert_eq!(read(&[(Main, "2001:db8:5::1/56")]), ["2001:db8:5::/56 unless 2001:db8:5::1"]);
        let lan = [(Wan, "100.64.0.10/22"), (Interface, "2001:db8:7:1::1/64"), (Interface, "198.51.100.1/25")];
        let networks = ["2001:db8:7:1::/64 unless 2001:db8:7:1::1", "198.51.100.0/25 unless 198.51.100.1"];
        assert_eq!(read(&lan)[1..], networks);
        assert_eq!(read(&[(Main, "100.64.1.0/30")]), ["100.64.1.0/30"]);
    }

    #[test]
    fn nobody_has_half_the_internet() {
        let wide = [(Main, "100.64.0.10"), (Interface, "198.51.100.1/20"), (Interface, "2001:db8::1/32")];
        assert_eq!(read(&wide)[1..], ["198.51.100.1", "2001:db8::1"]);
        assert_eq!(read(&[(Main, "10.0.0.0/8")]), ["10.0.0.0"]);
    }

    #[test]
    fn what_is_written_into_a_list_is_taken_at_its_word() {
        let list =
            [(List, "100.64.9.0/22"), (List, "203.0.113.0/24"), (List, "198.51.100.7/24"), (List, "192.168.7.7")];
        let meanings =
            ["100.64.9.0 not 100.64.8.0/22", "203.0.113.0/24", "198.51.100.7 not 198.51.100.0/24", "192.168.7.7"];
        assert_eq!(read(&list), meanings);
    }

    #[test]
    fn what_every_radio_has_is_nobodys() {
        let radio = [(Main, "192.168.172.1/24"), (Interface, "192.168.172.1/24"), (Interface, "10.0.0.7/24")];
        assert_eq!(read(&radio), ["never, 192.168.172.0/24", "never, 192.168.172.0/24", "10.0.0.7"]);
        assert_eq!(read(&[(Main, "0.0.0.0"), (Interface, "fe80::1/64")]), ["never, 0.0.0.0", "never, fe80::/10"]);
        let router = [(Main, "192.168.172.1"), (Interface, "203.0.113.77/24"), (Interface, "192.168.1.1/24")];
        assert_eq!(read(&router)[1..], ["203.0.113.77", "inside"]);
    }
}
