//! The classifier: an eBPF program on the egress of every shaped interface, and the maps it decides by.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use pleach_graph::Prefix;
use serde::{Deserialize, Serialize};

use crate::direction::{Direction, PerDirection};
use crate::handle::Handle;
use crate::interface::Interface;
use crate::tunnel::{Carried, Endpoint, MarkField};

/// Everything the classifier decides by: one instance of its program and maps, shared by the shaper's interfaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassifierState {
    /// Which program it is.
    pub version: ClassifierVersion,
    /// How much its maps can hold.
    pub sizes: MapSizes,
    /// What to do on each interface it is attached to.
    pub ports: BTreeMap<PortIndex, Port>,
    /// The device map: address to class. Each entry stands in exactly one [`Store`].
    pub devices: BTreeMap<DeviceKey, (Store, DeviceValue)>,
    /// Entries of the exact map that stand in the trie too, because crossing from one to the other was cut short. Only
    /// observed, never wanted.
    pub doubled: BTreeSet<DeviceKey>,
    /// Networks whose unknown addresses are recorded.
    pub watched: BTreeSet<Prefix>,
    /// Where tunnels end whose packets are looked up by what is in them.
    pub endpoints: BTreeMap<Endpoint, Carried>,
    /// Whose class each class is. Not read by the program; it lets a lost ledger be rebuilt.
    pub identities: BTreeMap<IdentityKey, IdentityRecord>,
}

/// Which program: the first 8 bytes of the SHA-256 of its object file. All zero: none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClassifierVersion(pub [u8; 8]);

/// How many entries the classifier's maps can hold. A larger map is a new instance, filled before it replaces the old one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapSizes {
    /// Of each of the four stores of the device map: exact and trie, IPv4 and IPv6.
    pub devices: u32,
    /// Of identities.
    pub identities: u32,
    /// Of circuits with counters.
    pub slots: u32,
}

/// Which entry of the classifier's ports an attached program uses. The three are entry points of one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u32)]
pub enum PortIndex {
    /// The interface towards subscribers: looks up destinations.
    Download = 0,
    /// The interface towards the internet: looks up sources.
    Upload = 1,
    /// One interface for both: the outgoing VLAN says which.
    Stick = 2,
}

impl PortIndex {
    /// The name of the program in the object.
    pub const fn entry_point(self) -> &'static str {
        match self {
            Self::Download => "download",
            Self::Upload => "upload",
            Self::Stick => "stick",
        }
    }

    /// The name of the filter that runs it. `tc` puts more behind it, after a colon.
    pub const fn filter_name(self) -> &'static str {
        match self {
            Self::Download => "pleach-download",
            Self::Upload => "pleach-upload",
            Self::Stick => "pleach-stick",
        }
    }
}

/// What the classifier does on an interface. Replaced whole, so that bypassing all subscribers is one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// Whether packets are shaped.
    pub mode: PortMode,
    /// Where packets of unknown addresses go. The class before it carries what the network itself runs on
    /// ([`Port::control_class`]).
    pub default_class: PerDirection<Handle>,
    /// The transmit queue of that class, from 0.
    pub default_queue: PerDirection<u16>,
    /// On a stick, the VLAN of each direction (1 to 4094); 0 elsewhere.
    pub vlan: PerDirection<u16>,
    /// Where an upload that came out of a tunnel says its net.
    #[serde(default, skip_serializing_if = "MarkField::is_none")]
    pub mark: MarkField,
}

impl Port {
    /// The class beside a default class that carries what the network itself runs on: the minor before it. Where the default
    /// is an HTB's own handle, there is none.
    pub fn control_class(&self) -> PerDirection<Handle> {
        PerDirection::from_fn(|direction| {
            let class = self.default_class[direction];
            Handle::new(class.major(), class.minor().saturating_sub(1))
        })
    }
}

/// Whether packets are shaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortMode {
    /// They are.
    Shape,
    /// They are sent to their HTB's own handle, its direct queue: they pass at once, in no class.
    Bypass,
}

/// In which VLANs, or in which net, an address counts.
///
/// Sorts so that unscoped comes first. On the wire to the map: `outer | inner << 12`, 0 for unscoped, the highest bit and the
/// number for a net. A packet in a net is looked up in that net alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scope(u32);

impl Scope {
    /// Whatever the packet's VLANs.
    pub const ANY: Self = Self(0);

    /// Packets whose outer tag has this VLAN id, and whose inner tag has that one (0: there is no inner tag). Priority
    /// bits play no part.
    pub const fn vlan(outer: u16, inner: u16) -> Self {
        Self((outer & 0xfff) as u32 | ((inner & 0xfff) as u32) << 12)
    }

    /// Packets in the net of this number (VNI, 24 bits), by VXLAN or Geneve.
    pub const fn net(number: u32) -> Self {
        Self(Self::NET | number & 0x00ff_ffff)
    }

    const NET: u32 = 1 << 31;

    /// The number of the net that it is.
    pub const fn net_number(self) -> Option<u32> {
        if self.0 & Self::NET == 0 { None } else { Some(self.0 & !Self::NET) }
    }

    /// As the map has it.
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// As the map has it.
    pub const fn from_raw(raw: u32) -> Self {
        Self(raw)
    }
}

impl fmt::Display for ClassifierVersion {
    /// As `sha256sum` of the object begins.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Display for Scope {
    /// `any`, `100` or `100.7`, `net 5001`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(number) = self.net_number() {
            return write!(f, "net {number}");
        }
        match (self.0 & 0xfff, self.0 >> 12) {
            (0, 0) => f.write_str("any"),
            (outer, 0) => write!(f, "{outer}"),
            (outer, inner) => write!(f, "{outer}.{inner}"),
        }
    }
}

/// What is looked up: the packet's own scope first, then [`Scope::ANY`] unless it is in a net; in each the longest prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceKey {
    /// In which VLANs or net.
    pub scope: Scope,
    /// Which addresses.
    pub prefix: Prefix,
}

/// Which of the two maps of its family an entry stands in.
///
/// The exact map is a hash, looked up first, at the lengths [`Store::EXACT_LENGTHS`] only. An entry may stand in it only if
/// no longer prefix of its scope lies inside it; otherwise it stands in the trie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Store {
    /// The hash.
    Exact,
    /// The longest-prefix-match trie.
    Trie,
}

impl Store {
    /// The prefix lengths that the exact map is asked for: IPv4, then IPv6 in the order they are tried.
    pub const EXACT_LENGTHS: (u8, [u8; 2]) = (32, [64, 56]);

    /// Whether an entry of this prefix may stand in the exact map at all.
    pub fn takes_exact(prefix: Prefix) -> bool {
        let length = prefix.net().prefix_len();
        let (v4, v6) = Self::EXACT_LENGTHS;
        if prefix.is_ipv4() { length == v4 } else { v6.contains(&length) }
    }
}

/// Where a subscriber's packets go. Replaced whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceValue {
    /// The class of each direction. Minor 0 is the HTB itself: such packets pass unshaped.
    pub class: PerDirection<Handle>,
    /// The transmit queue that the class's HTB is on, from 0.
    pub queue: PerDirection<u16>,
    /// Which counters are the circuit's.
    pub slot: Slot,
}

/// Which counters are a circuit's: an index into the classifier's arrays. [`Slot::NONE`] counts nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slot(pub u32);

impl Slot {
    /// No counters.
    pub const NONE: Self = Self(u32::MAX);
}

/// A class on an interface. Minor 0 of major 0 stands for the interface itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityKey {
    /// Which interface.
    pub interface: Interface,
    /// Which class.
    pub class: Handle,
}

/// Whose class it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityRecord {
    /// Who.
    pub identity: Identity,
    /// The circuit's counters; [`Slot::NONE`] for other classes.
    pub slot: Slot,
}

/// Who has a class, as 128 bits of a hash over what it is, its direction and its typed id: enough that two of a million
/// never meet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Identity(pub u128);

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl DeviceValue {
    /// Whether packets of this direction pass unshaped.
    pub fn passes(&self, direction: Direction) -> bool {
        self.class[direction].minor() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_print_their_tags() {
        assert_eq!(Scope::ANY.to_string(), "any");
        assert_eq!(Scope::vlan(100, 0).to_string(), "100");
        assert_eq!(Scope::vlan(0x6064, 7), Scope::vlan(0x064, 7), "priority bits play no part");
        assert_eq!(Scope::vlan(100, 7).to_string(), "100.7");
        assert_eq!(Scope::net(5001).to_string(), "net 5001");
        assert_eq!((Scope::net(100).net_number(), Scope::vlan(100, 7).net_number()), (Some(100), None));
    }

    #[test]
    fn only_some_lengths_may_be_exact() {
        let takes = |text| Store::takes_exact(Prefix::parse(text).expect("a prefix").prefix);
        for (text, expected) in [
            ("10.0.0.1", true),
            ("10.0.0.0/24", false),
            ("2001:db8::/56", true),
            ("2001:db8::/64", true),
            ("2001:db8::1", false),
        ] {
            assert_eq!(takes(text), expected, "{text}");
        }
    }
}
