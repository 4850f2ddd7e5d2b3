//! Ids, MAC addresses and moments: what a record needs and nobody chose.

use std::fmt;

use crate::chance::Chance;

/// An id of UISP: a UUID of version 4 (RFC 9562).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Uuid(u128);

impl Uuid {
    pub(crate) fn of(seed: u64, topic: &str, number: usize) -> Self {
        let bits = Chance::of(seed, topic, number).wide_bits();
        let versioned = (bits & !(0xf << 76)) | (0x4 << 76);
        Self((versioned & !(0x3 << 62)) | (0x2 << 62))
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:032x}", self.0);
        let groups = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
        f.write_str(&groups.join("-"))
    }
}

/// Whether a text has the form of an id. UISP refuses queries for others with status 400.
pub(crate) fn is_uuid(text: &str) -> bool {
    let mut groups = text.split('-');
    let whole = [8, 4, 4, 4, 12].into_iter().all(|length| {
        groups.next().is_some_and(|group| group.len() == length && group.bytes().all(|byte| byte.is_ascii_hexdigit()))
    });
    whole && groups.next().is_none()
}

/// The first halves of MAC addresses: a device's ports differ in it.
const MAKERS: [&str; 8] =
    ["fc:ec:da", "78:8a:20", "f0:9f:c2", "18:e8:29", "74:ac:b9", "e0:63:da", "68:d7:9a", "24:5a:4c"];

/// The MAC address of a port; none is used twice in a network of fewer than 16 million devices.
pub(crate) fn mac(device: usize, port: usize) -> String {
    let [.., high, middle, low] = device.to_be_bytes();
    format!("{}:{high:02x}:{middle:02x}:{low:02x}", MAKERS[port % MAKERS.len()])
}

/// A moment of the four weeks before the network was asked, as UISP writes it.
pub(crate) fn moment(seconds: u64) -> String {
    let (day, hour) = (1 + seconds / 86_400 % 28, seconds / 3_600 % 24);
    format!("2026-01-{day:02}T{hour:02}:{:02}:{:02}.000Z", seconds / 60 % 60, seconds % 60)
}

/// A moment as the CRM writes it: no colon in the offset.
pub(crate) fn crm_moment(day: u64) -> String {
    format!("2025-{:02}-{:02}T00:00:00+0000", 1 + day / 28 % 12, 1 + day % 28)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_form_of_ids() {
        let id = Uuid::of(1, "site", 0).to_string();
        assert!(is_uuid(&id), "{id}");
        assert_eq!(id.as_bytes()[14], b'4', "{id}");
        assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{id}");
        for other in ["", "1", &id[1..], &format!("{id}-"), &format!("{id}0"), &id.replace('-', "_")] {
            assert!(!is_uuid(other), "{other}");
        }
    }

    #[test]
    fn mac_addresses_differ() {
        assert_eq!(mac(0x01_02_03, 0), "fc:ec:da:01:02:03");
        assert_ne!(mac(1, 0), mac(1, 1));
        assert_ne!(mac(1, 0), mac(2, 0));
    }

    #[test]
    fn moments_are_moments() {
        assert_eq!(moment(0), "2026-01-01T00:00:00.000Z");
        assert_eq!(moment(28 * 86_400 - 1), "2026-01-28T23:59:59.000Z");
        assert_eq!(crm_moment(28), "2025-02-01T00:00:00+0000");
    }
}
