//! Where a shaper's traffic leaves.

use pleach_shaper::Ports;
use pleach_tc::{Interface, PerDirection};
use serde::{Deserialize, Serialize};

/// Where a shaper's traffic leaves: an interface on each side, or one with a VLAN for each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Interfaces {
    /// The interface that subscribers are behind.
    pub toward_subscribers: Option<Interface>,
    /// The interface that the internet is behind.
    pub toward_internet: Option<Interface>,
    /// The one interface that both are behind.
    pub on_a_stick: Option<Interface>,
    /// There, the VLAN that subscribers are in.
    pub vlan_toward_subscribers: Option<u16>,
    /// There, the VLAN that the internet is in.
    pub vlan_toward_internet: Option<u16>,
}

/// Interfaces that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InterfacesError {
    /// Not one of the two ways of saying it.
    #[error(
        "set `toward_subscribers` and `toward_internet`, or `on_a_stick` with `vlan_toward_subscribers` and \
         `vlan_toward_internet`"
    )]
    Incomplete,
    /// Both sides on one interface.
    #[error(
        "`{0}` is on both sides; for one interface with a VLAN for each side set `on_a_stick = \"{0}\"` and the two VLANs"
    )]
    SameInterface(Interface),
    /// A number that no VLAN has.
    #[error("`{key} = {vlan}`: a VLAN is a number from 1 to 4094")]
    NoVlan {
        /// Which key.
        key: &'static str,
        /// What it says.
        vlan: u16,
    },
    /// Both sides in one VLAN.
    #[error("VLAN {0} is on both sides: the directions could not be told apart")]
    SameVlan(u16),
}

/// The largest VLAN id: 4 095 is reserved (IEEE 802.1Q).
const LAST_VLAN: u16 = 4094;

impl Interfaces {
    /// As the planner takes it.
    pub fn ports(&self) -> Result<Ports, InterfacesError> {
        let Self { toward_subscribers, toward_internet, on_a_stick, .. } = self;
        let vlans = (self.vlan_toward_subscribers, self.vlan_toward_internet);
        match (toward_subscribers, toward_internet, on_a_stick, vlans) {
            (Some(download), Some(upload), None, (None, None)) => {
                if download == upload {
                    return Err(InterfacesError::SameInterface(download.clone()));
                }
                Ok(Ports::Two(PerDirection { download: download.clone(), upload: upload.clone() }))
            }
            (None, None, Some(interface), (Some(download), Some(upload))) => {
                let vlan = PerDirection { download, upload };
                check_vlans(vlan)?;
                Ok(Ports::Stick { interface: interface.clone(), vlan })
            }
            _ => Err(InterfacesError::Incomplete),
        }
    }
}

fn check_vlans(vlan: PerDirection<u16>) -> Result<(), InterfacesError> {
    for (key, vlan) in [("vlan_toward_subscribers", vlan.download), ("vlan_toward_internet", vlan.upload)] {
        if vlan == 0 || vlan > LAST_VLAN {
            return Err(InterfacesError::NoVlan { key, vlan });
        }
    }
    if vlan.download == vlan.upload { Err(InterfacesError::SameVlan(vlan.download)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(text: &str) -> Result<Ports, String> {
        let interfaces: Interfaces = toml::from_str(text).expect("a table");
        interfaces.ports().map_err(|error| error.to_string())
    }

    #[test]
    fn downloads_leave_towards_subscribers() {
        let two = ports("toward_subscribers = \"eth1\"\ntoward_internet = \"eth0\"").expect("ports");
        let name = |text: &str| text.parse::<Interface>().expect("a name");
        assert_eq!(two, Ports::Two(PerDirection { download: name("eth1"), upload: name("eth0") }));
        let stick = ports("on_a_stick = \"eth0\"\nvlan_toward_subscribers = 30\nvlan_toward_internet = 20");
        let vlan = PerDirection { download: 30, upload: 20 };
        assert_eq!(stick, Ok(Ports::Stick { interface: name("eth0"), vlan }));
    }

    #[test]
    fn halves_and_mixtures_are_refused() {
        for (text, expected) in [
            ("toward_subscribers = \"eth1\"", "set `toward_subscribers` and"),
            ("", "set `toward_subscribers` and"),
            ("on_a_stick = \"eth0\"\nvlan_toward_internet = 20", "set `toward_subscribers` and"),
            ("toward_subscribers = \"a\"\ntoward_internet = \"b\"\nvlan_toward_internet = 20", "set `toward_subs"),
            ("toward_subscribers = \"a\"\ntoward_internet = \"a\"", "`a` is on both sides"),
            ("on_a_stick = \"a\"\nvlan_toward_subscribers = 0\nvlan_toward_internet = 2", "from 1 to 4094"),
            (
                "on_a_stick = \"a\"\nvlan_toward_subscribers = 1\nvlan_toward_internet = 4095",
                "internet = 4095`: a VLAN",
            ),
            ("on_a_stick = \"a\"\nvlan_toward_subscribers = 7\nvlan_toward_internet = 7", "VLAN 7 is on both"),
        ] {
            let error = ports(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
