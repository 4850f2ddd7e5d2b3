//! What records of several tables can have in common: names, MAC addresses, addresses.

use std::fmt;

use crate::node::Text;
use crate::prefix::Prefix;
use crate::same::rules::By;

/// Something that two records may share.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key {
    /// A name in lower case, its words one space apart.
    Name(Text),
    Mac(Mac),
    Address(Prefix),
}

impl Key {
    /// The key of a name.
    pub(super) fn name(name: &str) -> Self {
        let is_plain = name.bytes().all(|b| matches!(b, b'!'..=b'@' | b'['..=b'~'));
        if is_plain {
            return Self::Name(name.into());
        }
        let mut key = Text::with_capacity(name.len());
        for word in name.split_whitespace() {
            if !key.is_empty() {
                key.push(' ');
            }
            if word.is_ascii() {
                word.bytes().for_each(|byte| key.push(byte.to_ascii_lowercase().into()));
            } else {
                key.push_str(&word.to_lowercase());
            }
        }
        Self::Name(key)
    }
}

impl Key {
    /// What it is, in words.
    pub(super) fn what(&self) -> &'static str {
        match self {
            Self::Name(_) => By::Name.as_str(),
            Self::Mac(_) => By::Mac.as_str(),
            Self::Address(_) => By::Address.as_str(),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Mac(mac) => mac.fmt(f),
            Self::Address(prefix) => prefix.fmt(f),
        }
    }
}

/// The MAC address of one station.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
        let text = |name| Key::name(name).to_string();
        for name in ["tower a", "Tower A", " TOWER\t  a "] {
            assert_eq!(text(name), "tower a");
        }
        assert_eq!(text("ÉCOLE"), "école");
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
