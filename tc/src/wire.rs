//! The classifier's maps as bytes: the C structs of its program, which everything that reads or writes the maps shares.
//!
//! Integers are in the machine's own order, except the scope of a trie's key: a trie compares from the first bit on, so
//! there it is big-endian. A device's value is `{class_download, class_upload, queue_download, queue_upload, slot}`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Deref;

use ipnet::IpNet;
use pleach_graph::Prefix;

use crate::classifier::{
    DeviceKey, DeviceValue, Identity, IdentityRecord, Port, PortIndex, PortMode, Scope, Slot, Store,
};
use crate::direction::PerDirection;
use crate::handle::Handle;

const SCOPE_BITS: u32 = 32;
const LONGEST: usize = 24;

/// One of the classifier's maps that are written from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Map {
    /// Hash: `{u32 scope; u8 address[4]}` to a device's value.
    Exact4,
    /// Trie: `{u32 length; u32 scope (big-endian); u8 address[4]}` to a device's value; the length counts the scope.
    Trie4,
    /// Hash: `{u32 scope; u32 length; u8 address[16]}` to a device's value.
    Exact6,
    /// Trie: `{u32 length; u32 scope (big-endian); u8 address[16]}` to a device's value; the length counts the scope.
    Trie6,
    /// Array: [`PortIndex`] to a port.
    Ports,
    /// Trie: `{u32 length; u8 address[4]}` to one byte.
    Watched4,
    /// Trie: `{u32 length; u8 address[16]}` to one byte.
    Watched6,
    /// Hash: `{u32 interface; u32 class}` to `{u8 identity[16] (big-endian); u32 slot}`.
    Identities,
}

impl Map {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Exact4,
        Self::Trie4,
        Self::Exact6,
        Self::Trie6,
        Self::Ports,
        Self::Watched4,
        Self::Watched6,
        Self::Identities,
    ];

    /// The four stores of the device map.
    pub const DEVICES: [Self; 4] = [Self::Exact4, Self::Trie4, Self::Exact6, Self::Trie6];

    /// Its name in the program.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact4 => "exact4",
            Self::Trie4 => "trie4",
            Self::Exact6 => "exact6",
            Self::Trie6 => "trie6",
            Self::Ports => "ports",
            Self::Watched4 => "watched4",
            Self::Watched6 => "watched6",
            Self::Identities => "identities",
        }
    }

    /// Bytes of a key.
    pub const fn key_size(self) -> usize {
        match self {
            Self::Exact4 | Self::Watched4 | Self::Identities => 8,
            Self::Trie4 => 12,
            Self::Exact6 | Self::Trie6 => 24,
            Self::Ports => 4,
            Self::Watched6 => 20,
        }
    }

    /// Bytes of a value.
    pub const fn value_size(self) -> usize {
        match self {
            Self::Exact4 | Self::Trie4 | Self::Exact6 | Self::Trie6 => 16,
            Self::Ports | Self::Identities => 20,
            Self::Watched4 | Self::Watched6 => 1,
        }
    }

    /// The map that an entry of the device map stands in.
    pub fn of_device(store: Store, prefix: Prefix) -> Self {
        match (store, prefix.is_ipv4()) {
            (Store::Exact, true) => Self::Exact4,
            (Store::Trie, true) => Self::Trie4,
            (Store::Exact, false) => Self::Exact6,
            (Store::Trie, false) => Self::Trie6,
        }
    }

    /// Which store of the device map it is; none for the others.
    pub const fn store(self) -> Option<Store> {
        match self {
            Self::Exact4 | Self::Exact6 => Some(Store::Exact),
            Self::Trie4 | Self::Trie6 => Some(Store::Trie),
            _ => None,
        }
    }

    /// The map that a watched network stands in.
    pub fn of_watched(prefix: Prefix) -> Self {
        if prefix.is_ipv4() { Self::Watched4 } else { Self::Watched6 }
    }
}

/// A key or value as the kernel takes it: up to 24 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bytes {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Bytes {
    fn with(mut self, part: &[u8]) -> Self {
        self.bytes[self.length..self.length + part.len()].copy_from_slice(part);
        self.length += part.len();
        self
    }

    fn with_address(self, address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => self.with(&address.octets()),
            IpAddr::V6(address) => self.with(&address.octets()),
        }
    }
}

impl Deref for Bytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The key of an entry of the device map in the map [`Map::of_device`].
///
/// An IPv4 key of the exact map has no length: only hosts stand there.
pub fn device_key(store: Store, key: DeviceKey) -> Bytes {
    let net = key.prefix.net();
    let scope = key.scope.raw();
    let length = u32::from(net.prefix_len());
    let head = match (store, key.prefix.is_ipv4()) {
        (Store::Exact, true) => Bytes::default().with(&scope.to_ne_bytes()),
        (Store::Exact, false) => Bytes::default().with(&scope.to_ne_bytes()).with(&length.to_ne_bytes()),
        (Store::Trie, _) => Bytes::default().with(&(SCOPE_BITS + length).to_ne_bytes()).with(&scope.to_be_bytes()),
    };
    head.with_address(net.network())
}

/// Reads a key of one of [`Map::DEVICES`]; nothing if it is none.
pub fn read_device_key(map: Map, key: &[u8]) -> Option<DeviceKey> {
    let (scope, length, address) = match map {
        Map::Exact4 => (u32_at(key, 0)?, 32, key.get(4..8)?),
        Map::Exact6 => (u32_at(key, 0)?, u32_at(key, 4)?, key.get(8..24)?),
        Map::Trie4 => (u32_at(key, 4)?.to_be(), u32_at(key, 0)?.checked_sub(SCOPE_BITS)?, key.get(8..12)?),
        Map::Trie6 => (u32_at(key, 4)?.to_be(), u32_at(key, 0)?.checked_sub(SCOPE_BITS)?, key.get(8..24)?),
        _ => return None,
    };
    Some(DeviceKey { scope: Scope::from_raw(scope), prefix: prefix(length, address)? })
}

/// The value of an entry of the device map.
pub fn device_value(value: &DeviceValue) -> Bytes {
    Bytes::default()
        .with(&value.class.download.raw().to_ne_bytes())
        .with(&value.class.upload.raw().to_ne_bytes())
        .with(&value.queue.download.to_ne_bytes())
        .with(&value.queue.upload.to_ne_bytes())
        .with(&value.slot.0.to_ne_bytes())
}

/// Reads a value of the device map.
pub fn read_device_value(value: &[u8]) -> Option<DeviceValue> {
    Some(DeviceValue {
        class: handles_at(value, 0)?,
        queue: PerDirection { download: u16_at(value, 8)?, upload: u16_at(value, 10)? },
        slot: Slot(u32_at(value, 12)?),
    })
}

/// The key of a port.
pub fn port_key(index: PortIndex) -> Bytes {
    Bytes::default().with(&(index as u32).to_ne_bytes())
}

/// A port.
pub fn port_value(port: &Port) -> Bytes {
    let mode: u32 = match port.mode {
        PortMode::Shape => 0,
        PortMode::Bypass => 1,
    };
    Bytes::default()
        .with(&mode.to_ne_bytes())
        .with(&port.default_class.download.raw().to_ne_bytes())
        .with(&port.default_class.upload.raw().to_ne_bytes())
        .with(&port.default_queue.download.to_ne_bytes())
        .with(&port.default_queue.upload.to_ne_bytes())
        .with(&port.vlan.download.to_ne_bytes())
        .with(&port.vlan.upload.to_ne_bytes())
}

/// Reads a port; an array's entry that was never written reads as shaping into class 0.
pub fn read_port(value: &[u8]) -> Option<Port> {
    let mode = if u32_at(value, 0)? == 0 { PortMode::Shape } else { PortMode::Bypass };
    Some(Port {
        mode,
        default_class: handles_at(value, 4)?,
        default_queue: PerDirection { download: u16_at(value, 12)?, upload: u16_at(value, 14)? },
        vlan: PerDirection { download: u16_at(value, 16)?, upload: u16_at(value, 18)? },
    })
}

/// The key of a watched network in the map [`Map::of_watched`].
pub fn watched_key(prefix: Prefix) -> Bytes {
    let net = prefix.net();
    Bytes::default().with(&u32::from(net.prefix_len()).to_ne_bytes()).with_address(net.network())
}

/// Reads a key of [`Map::Watched4`] or [`Map::Watched6`].
pub fn read_watched_key(key: &[u8]) -> Option<Prefix> {
    prefix(u32_at(key, 0)?, key.get(4..)?)
}

/// The value of every watched network.
pub fn watched_value() -> Bytes {
    Bytes::default().with(&[1])
}

/// The key of a class's identity, its interface given by the kernel's number of it.
pub fn identity_key(interface: u32, class: Handle) -> Bytes {
    Bytes::default().with(&interface.to_ne_bytes()).with(&class.raw().to_ne_bytes())
}

/// Reads the key of an identity: the kernel's number of the interface, and the class.
pub fn read_identity_key(key: &[u8]) -> Option<(u32, Handle)> {
    Some((u32_at(key, 0)?, Handle::from_raw(u32_at(key, 4)?)))
}

/// Whose class it is.
pub fn identity_value(record: &IdentityRecord) -> Bytes {
    Bytes::default().with(&record.identity.0.to_be_bytes()).with(&record.slot.0.to_ne_bytes())
}

/// Reads whose class it is.
pub fn read_identity_value(value: &[u8]) -> Option<IdentityRecord> {
    let identity: [u8; 16] = value.get(..16)?.try_into().ok()?;
    Some(IdentityRecord { identity: Identity(u128::from_be_bytes(identity)), slot: Slot(u32_at(value, 16)?) })
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_ne_bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_ne_bytes)
}

fn handles_at(bytes: &[u8], at: usize) -> Option<PerDirection<Handle>> {
    let handle = |at| u32_at(bytes, at).map(Handle::from_raw);
    Some(PerDirection { download: handle(at)?, upload: handle(at + 4)? })
}

fn prefix(length: u32, address: &[u8]) -> Option<Prefix> {
    let address = match address.len() {
        4 => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(address).ok()?)),
        16 => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(address).ok()?)),
        _ => return None,
    };
    Some(Prefix::network(IpNet::new(address, u8::try_from(length).ok()?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Prefix {
        Prefix::parse(text).expect("a prefix").prefix
    }

    #[test]
    fn keys_are_the_structs_of_the_program() {
        let key = DeviceKey { scope: Scope::vlan(100, 7), prefix: parse("10.1.2.3") };
        let scope = 0x64_u32 | 7 << 12;
        assert_eq!(*device_key(Store::Exact, key), [&scope.to_ne_bytes()[..], &[10, 1, 2, 3]].concat());
        let trie = [&64_u32.to_ne_bytes()[..], &scope.to_be_bytes(), &[10, 1, 2, 3]].concat();
        assert_eq!(*device_key(Store::Trie, key), trie);
        let key = DeviceKey { scope: Scope::ANY, prefix: parse("2001:db8::/56") };
        let address = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(*device_key(Store::Exact, key), [&[0; 4][..], &56_u32.to_ne_bytes(), &address].concat());
        assert_eq!(*device_key(Store::Trie, key), [&88_u32.to_ne_bytes()[..], &[0; 4], &address].concat());
    }

    #[test]
    fn what_is_written_reads_back() {
        for (text, store) in [
            ("10.1.2.3", Store::Exact),
            ("10.1.2.3", Store::Trie),
            ("0.0.0.0/0", Store::Trie),
            ("2001:db8:1::/48", Store::Trie),
            ("2001:db8:1:2::/64", Store::Exact),
        ] {
            let key = DeviceKey { scope: Scope::vlan(5, 6), prefix: parse(text) };
            let map = Map::of_device(store, key.prefix);
            let bytes = device_key(store, key);
            assert_eq!(bytes.len(), map.key_size());
            assert_eq!(read_device_key(map, &bytes), Some(key), "{text} {store:?}");
            assert_eq!(read_device_key(map, &bytes[1..]), None, "a byte too few");
        }
        let value = DeviceValue {
            class: PerDirection { download: Handle::new(3, 0x2a), upload: Handle::new(4, 7) },
            queue: PerDirection { download: 5, upload: 6 },
            slot: Slot(0x0102_0304),
        };
        let bytes = device_value(&value);
        assert_eq!((bytes.len(), read_device_value(&bytes)), (Map::Exact4.value_size(), Some(value)));
        let port = Port {
            mode: PortMode::Bypass,
            default_class: value.class,
            default_queue: value.queue,
            vlan: PerDirection { download: 100, upload: 200 },
        };
        let bytes = port_value(&port);
        assert_eq!((bytes.len(), read_port(&bytes)), (Map::Ports.value_size(), Some(port)));
        let record = IdentityRecord { identity: Identity(1 << 120 | 5), slot: Slot::NONE };
        let bytes = identity_value(&record);
        assert_eq!((bytes[0], bytes.len(), read_identity_value(&bytes)), (1, 20, Some(record)));
        assert_eq!(read_identity_key(&identity_key(9, Handle::new(1, 2))), Some((9, Handle::new(1, 2))));
        for text in ["10.0.0.0/8", "2001:db8::/32"] {
            let bytes = watched_key(parse(text));
            assert_eq!(bytes.len(), Map::of_watched(parse(text)).key_size());
            assert_eq!(read_watched_key(&bytes), Some(parse(text)));
        }
    }
}
