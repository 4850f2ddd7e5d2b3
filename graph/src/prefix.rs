//! Addresses and prefixes as users write them, and the one canonical form they are kept in.

use std::fmt;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An IPv4 or IPv6 prefix in canonical form: no host bits set, never an IPv4-mapped IPv6 prefix.
///
/// A host is a /32 or /128 and prints without its length. IPv4 sorts before IPv6, then by address, then by length.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix(IpNet);

/// What a text was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrefixReading {
    /// The prefix.
    pub prefix: Prefix,
    /// The network the text may have meant, where it had host bits set (`10.0.0.1/24`): it was taken as the host.
    pub other_reading: Option<Prefix>,
}

/// A text that is neither an address nor a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrefixError {
    /// Neither an IPv4 nor an IPv6 address before the slash.
    #[error("is not an IPv4 or IPv6 address or prefix")]
    NotAnAddress,
    /// What follows the slash is not a length the family has.
    #[error("has a prefix length its address family does not have")]
    Length,
    /// An IPv4-mapped IPv6 prefix shorter than /96: it holds more than IPv4.
    #[error("is an IPv4-mapped prefix shorter than /96")]
    ShortMapped,
}

impl Prefix {
    /// The prefix of one address; an IPv4-mapped IPv6 address becomes the IPv4 address.
    pub fn host(address: IpAddr) -> Self {
        Self(IpNet::from(address.to_canonical()))
    }

    /// The network that `net` lies in: host bits are cleared, IPv4-mapped IPv6 of /96 or longer becomes IPv4.
    pub fn network(net: IpNet) -> Self {
        if let IpNet::V6(v6) = net
            && let Some(v4) = v6.addr().to_ipv4_mapped()
            && let Some(length) = v6.prefix_len().checked_sub(96)
        {
            return Self(IpNet::V4(Ipv4Net::new_assert(v4, length).trunc()));
        }
        Self(net.trunc())
    }

    /// The prefix as `ipnet` has it.
    pub fn net(self) -> IpNet {
        self.0
    }

    /// Whether this is a single address.
    pub fn is_host(self) -> bool {
        self.0.prefix_len() == self.0.max_prefix_len()
    }

    /// Whether this is wider than anything that one subscriber has: than /8 or, of IPv6, /16. IANA hands out IPv4 in /8, and no
    /// holder was ever given more IPv6 than a /16; what is wider holds the addresses of strangers.
    pub fn is_too_wide(self) -> bool {
        self.0.prefix_len() < if self.is_ipv4() { 8 } else { 16 }
    }

    /// Whether this is IPv4.
    pub fn is_ipv4(self) -> bool {
        matches!(self.0, IpNet::V4(_))
    }

    /// Whether `other` lies inside this prefix, or is it.
    pub fn contains(self, other: Self) -> bool {
        self.0.contains(&other.0)
    }

    /// Reads a host (`10.0.0.1`, `2001:db8::1`) or a prefix.
    ///
    /// With host bits set (`10.0.0.1/24`) it is taken as the host, the reading that can only ever shape too little of
    /// what was meant, and the other reading is returned for the warning.
    pub fn parse(text: &str) -> Result<PrefixReading, PrefixError> {
        let (address, length) = match text.trim().split_once('/') {
            None => (text.trim(), None),
            Some((address, length)) => (address.trim(), Some(length.trim())),
        };
        let address: IpAddr = address.parse().map_err(|_| PrefixError::NotAnAddress)?;
        let Some(length) = length else {
            return Ok(PrefixReading { prefix: Self::host(address), other_reading: None });
        };
        let bare = length.bytes().all(|b| b.is_ascii_digit());
        let mut length: u8 = length.parse().ok().filter(|_| bare).ok_or(PrefixError::Length)?;
        if address.is_ipv6() && address.to_canonical().is_ipv4() {
            length = length.checked_sub(96).ok_or(PrefixError::ShortMapped)?;
        }
        let net = IpNet::new(address.to_canonical(), length).map_err(|_| PrefixError::Length)?;
        let network = Self(net.trunc());
        if net.addr() == net.network() {
            Ok(PrefixReading { prefix: network, other_reading: None })
        } else {
            Ok(PrefixReading { prefix: Self::host(net.addr()), other_reading: Some(network) })
        }
    }

    /// Appends the text of the prefix: IPv4 hosts, which most are, without the machinery of formatting.
    pub(crate) fn push_text(self, bytes: &mut Vec<u8>) {
        match self.0 {
            IpNet::V4(net) if self.is_host() => {
                for (position, octet) in net.addr().octets().into_iter().enumerate() {
                    if position > 0 {
                        bytes.push(b'.');
                    }
                    bytes.extend_from_slice(itoa::Buffer::new().format(octet).as_bytes());
                }
            }
            _ => write!(bytes, "{self}").expect("invariant: writing to memory does not fail"),
        }
    }

    /// The texts of an address list: separated by commas, semicolons or white space, brackets and quotes ignored.
    pub fn split_list(list: &str) -> impl Iterator<Item = &str> {
        list.split([',', ';', ' ', '\t', '\n', '\r', '[', ']', '"', '\'']).filter(|text| !text.is_empty())
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_host() { fmt::Display::fmt(&self.0.addr(), f) } else { fmt::Display::fmt(&self.0, f) }
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Default for Prefix {
    /// 0.0.0.0, the address nobody has.
    fn default() -> Self {
        Self::host(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }
}

impl Serialize for Prefix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Prefix {
    /// From configuration, where host bits are an error: there is nobody to warn about two readings.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match Self::parse(&text) {
            Ok(PrefixReading { prefix, other_reading: None }) => Ok(prefix),
            Ok(PrefixReading { prefix, other_reading: Some(network) }) => {
                Err(de::Error::custom(format_args!("`{text}` has host bits set: write `{prefix}` or `{network}`")))
            }
            Err(error) => Err(de::Error::custom(format_args!("`{text}` {error}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, Option<String>) {
        let reading = Prefix::parse(text).expect("a prefix");
        (reading.prefix.to_string(), reading.other_reading.map(|p| p.to_string()))
    }

    #[test]
    fn hosts_networks_and_the_two_readings() {
        for (text, prefix, other) in [
            ("10.0.0.1", "10.0.0.1", None),
            ("10.0.0.1/32", "10.0.0.1", None),
            ("10.0.0.0/24", "10.0.0.0/24", None),
            ("10.0.0.1/24", "10.0.0.1", Some("10.0.0.0/24")),
            ("0.0.0.0/0", "0.0.0.0/0", None),
            ("2001:DB8::/32", "2001:db8::/32", None),
            ("feed:beef::12/64", "feed:beef::12", Some("feed:beef::/64")),
            ("::ffff:10.0.0.1", "10.0.0.1", None),
            ("::ffff:10.0.0.0/120", "10.0.0.0/24", None),
            ("::ffff:10.0.0.1/120", "10.0.0.1", Some("10.0.0.0/24")),
            (" 10.0.0.0 / 24 ", "10.0.0.0/24", None),
        ] {
            assert_eq!(read(text), (prefix.to_owned(), other.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn wider_than_what_a_subscriber_has() {
        for (text, is_too_wide) in [
            ("0.0.0.0/0", true),
            ("10.0.0.0/7", true),
            ("10.0.0.0/8", false),
            ("10.0.0.1", false),
            ("::/0", true),
            ("2000::/15", true),
            ("2001::/16", false),
            ("::1", false),
        ] {
            assert_eq!(Prefix::parse(text).expect("a prefix").prefix.is_too_wide(), is_too_wide, "{text}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        for (text, error) in [
            ("", PrefixError::NotAnAddress),
            ("10.0.0", PrefixError::NotAnAddress),
            ("10.0.0.256", PrefixError::NotAnAddress),
            ("010.0.0.1", PrefixError::NotAnAddress),
            ("10.0.0.1/33", PrefixError::Length),
            ("10.0.0.1/", PrefixError::Length),
            ("10.0.0.0/+8", PrefixError::Length),
            ("10.0.0.1/255.255.255.0", PrefixError::Length),
            ("::1/129", PrefixError::Length),
            ("::ffff:0.0.0.0/64", PrefixError::ShortMapped),
        ] {
            assert_eq!(Prefix::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn lists_as_people_write_them() {
        let texts: Vec<_> = Prefix::split_list("[10.0.0.1, 10.0.0.2;'10.0.0.3'\n10.0.0.4]").collect();
        assert_eq!(texts, ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]);
        assert_eq!(Prefix::split_list(" , ").count(), 0);
    }
}
