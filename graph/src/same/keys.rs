//! What records of several tables can have in common: names, MAC addresses, addresses.

use std::fmt;

use crate::prefix::Prefix;

/// Something that two records have in common.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shared {
    /// Their name, by [`normalise`].
    Name,
    Mac(Mac),
    Address(Prefix),
}

/// Writes a name as names are compared: in lower case, its words one space apart.
pub(super) fn normalise(name: &str, into: &mut String) {
    into.clear();
    for word in name.split_ascii_whitespace() {
        if !into.is_empty() {
            into.push(' ');
        }
        let from = into.len();
        into.push_str(word);
        into[from..].make_ascii_lowercase();
    }
    if !name.is_ascii() {
        let lower = into.to_lowercase();
        into.clear();
        for word in lower.split_whitespace() {
            into.push_str(if into.is_empty() { "" } else { " " });
            into.push_str(word);
        }
    }
}

/// The MAC address of one station.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mac([u8; 6]);

impl Mac {
    /// Reads `00:00:5e:00:53:af`, with hyphens or points or nothing between the digits, in either case. All zeros is no
    /// station, nor is an address with the group bit (IEEE 802, clause 8.2), such as broadcast.
    fn parse(text: &str) -> Option<Self> {
        let mut octets = [0; 6];
        let mut digits = 0;
        for byte in text.bytes().filter(|byte| !matches!(byte, b':' | b'-' | b'.')) {
            let value = char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())?;
            let octet = octets.get_mut(digits / 2)?;
            *octet = *octet << 4 | value;
            digits += 1;
        }
        (digits == 12 && octets != [0; 6] && octets[0] & 1 == 0).then_some(Self(octets))
    }

    /// The MAC addresses in a cell, which may hold several, or a user name instead.
    pub(super) fn in_text(text: &str) -> impl Iterator<Item = Self> {
        text.split([',', ';', ' ']).filter_map(Self::parse)
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, rest @ ..] = self.0;
        write!(f, "{first:02x}")?;
        rest.iter().try_for_each(|octet| write!(f, ":{octet:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_whatever_their_case_and_spacing() {
        let text = |name| {
            let mut text = "something before".to_owned();
            normalise(name, &mut text);
            text
        };
        for name in ["tower a", "Tower A", " TOWER\t  a "] {
            assert_eq!(text(name), "tower a");
        }
        assert_eq!(text("ÉCOLE\u{2003} du  Bourg"), "école du bourg");
        assert_eq!(text("ap-7"), "ap-7");
        assert_ne!(text("towera"), "tower a");
    }

    #[test]
    fn mac_addresses_as_systems_write_them() {
        let texts = |cell| Mac::in_text(cell).map(|mac| mac.to_string()).collect::<Vec<_>>();
        for one in ["00:00:5e:00:53:AF", "00-00-5E-00-53-AF", "0000.5e00.53af", "00005e0053af"] {
            assert_eq!(texts(one), ["00:00:5e:00:53:af"], "{one}");
        }
        assert_eq!(texts("00:00:5e:00:53:01, 00:00:5e:00:53:02").len(), 2);
        let none = ["", "jones@isp", "0:0:5e:0:53:af", "00:00:5e:00:53", "00:00:5e:00:53:af:00", "nonsense-mac"];
        for text in none.into_iter().chain(["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01"]) {
            assert!(texts(text).is_empty(), "{text}");
        }
    }
}
