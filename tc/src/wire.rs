//! The classifier's maps as bytes: the one place that says how keys and values lie in them, in the byte order of the machine.
//!
//! `bpf/classifier.bpf.c` has the same as C structures. Tries hold the scope big-endian, because they compare from the
//! first byte, and count its 32 bits in the prefix length.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Deref;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use pleach_graph::Prefix;

use crate::classifier::{
    ClassifierVersion, DeviceKey, DeviceValue, Identity, IdentityRecord, Port, PortIndex, PortMode, Scope, Slot, Store,
};
use crate::direction::{Direction, PerDirection};
use crate::handle::Handle;
use crate::operation::MapWrite;
use crate::statistics::PacketCount;
use crate::tunnel::{Carried, Endpoint, MarkField};

/// One of the classifier's maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MapName {
    /// The exact store of IPv4: `scope, address`.
    Exact4,
    /// The exact store of IPv6: `scope, length, address`.
    Exact6,
    /// The trie of IPv4.
    Trie4,
    /// The trie of IPv6.
    Trie6,
    /// What to do on each interface, by [`PortIndex`].
    Ports,
    /// One entry: what need not be looked for, and the version of the program.
    About,
    /// IPv4 networks whose unknown addresses are recorded.
    Watched4,
    /// IPv6 networks whose unknown addresses are recorded.
    Watched6,
    /// Where tunnels end: `address (IPv4 as mapped IPv6), 16 bits of zero, port (big-endian)`.
    Endpoints,
    /// Whose class each class is.
    Identities,
    /// Counters of circuits, by `(2 * CPU + direction) * slots + slot`.
    Slots,
    /// Counters of reasons, by `2 * reason + direction`, for each CPU.
    Reasons,
    /// Counters of unknown addresses, IPv4 as mapped IPv6, for each CPU.
    Unknown,
    /// What each CPU keeps to itself: how many unknown addresses it has recorded just now.
    Scratch,
}

impl MapName {
    /// All.
    pub const ALL: [Self; 14] = [
        Self::Exact4,
        Self::Exact6,
        Self::Trie4,
        Self::Trie6,
        Self::Ports,
        Self::About,
        Self::Watched4,
        Self::Watched6,
        Self::Endpoints,
        Self::Identities,
        Self::Slots,
        Self::Reasons,
        Self::Unknown,
        Self::Scratch,
    ];

    /// The map's name in the object and in the kernel.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact4 => "exact4",
            Self::Exact6 => "exact6",
            Self::Trie4 => "trie4",
            Self::Trie6 => "trie6",
            Self::Ports => "ports",
            Self::About => "about",
            Self::Watched4 => "watched4",
            Self::Watched6 => "watched6",
            Self::Endpoints => "endpoints",
            Self::Identities => "identities",
            Self::Slots => "slots",
            Self::Reasons => "reasons",
            Self::Unknown => "unknown",
            Self::Scratch => "scratch",
        }
    }

    /// Bytes of a key and of a value (of one CPU).
    pub const fn sizes(self) -> (usize, usize) {
        match self {
            Self::Exact4 => (8, 16),
            Self::Exact6 | Self::Trie6 => (24, 16),
            Self::Trie4 => (12, 16),
            Self::Ports => (4, 28),
            Self::Endpoints => (20, 4),
            Self::Watched4 => (8, 1),
            Self::Watched6 => (20, 1),
            Self::Identities => (8, 20),
            Self::About | Self::Slots | Self::Reasons | Self::Scratch => (4, 16),
            Self::Unknown => (16, 16),
        }
    }

    /// The store of the device map that entries of this prefix stand in.
    pub fn of_store(store: Store, prefix: Prefix) -> Self {
        match (store, prefix.is_ipv4()) {
            (Store::Exact, true) => Self::Exact4,
            (Store::Exact, false) => Self::Exact6,
            (Store::Trie, true) => Self::Trie4,
            (Store::Trie, false) => Self::Trie6,
        }
    }
}

impl fmt::Display for MapName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A key or a value: at most 28 bytes, kept in place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bytes {
    bytes: [u8; Self::MOST],
    length: u8,
}

impl Bytes {
    /// The longest key there is.
    const MOST: usize = 28;

    /// A key or a value as it was read; what is beyond 24 bytes is left out.
    pub fn of(bytes: &[u8]) -> Self {
        Self::default().push(&bytes[..bytes.len().min(Self::MOST)])
    }

    fn push(mut self, more: &[u8]) -> Self {
        let from = usize::from(self.length);
        self.bytes[from..from + more.len()].copy_from_slice(more);
        self.length = u8::try_from(from + more.len()).expect("invariant: at most 28");
        self
    }

    fn word(self, word: u32) -> Self {
        self.push(&word.to_ne_bytes())
    }

    fn half(self, half: u16) -> Self {
        self.push(&half.to_ne_bytes())
    }
}

impl Deref for Bytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

/// A write to a map, as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawWrite {
    /// Which map.
    pub map: MapName,
    /// Where in it.
    pub key: Bytes,
    /// What is put there; none: the entry is removed.
    pub value: Option<Bytes>,
}

impl MapWrite {
    /// This write as bytes, for an interface of that number where the write names one.
    ///
    /// None where an exact store cannot hold the prefix ([`Store::takes_exact`]).
    pub fn to_raw(&self, interface_index: u32) -> Option<RawWrite> {
        let device = |store, key: DeviceKey| Some((MapName::of_store(store, key.prefix), device_key(store, key)?));
        let ((map, key), value) = match *self {
            Self::PutDevice { store, key, value } => (device(store, key)?, Some(device_value(value))),
            Self::RemoveDevice { store, key } => (device(store, key)?, None),
            Self::SetPort { index, port } => {
                ((MapName::Ports, Bytes::default().word(index as u32)), Some(port_value(port)))
            }
            Self::Watch(prefix) => (watched_key(prefix), Some(Bytes::default().push(&[1]))),
            Self::Unwatch(prefix) => (watched_key(prefix), None),
            Self::SetEndpoint { endpoint, carried } => {
                ((MapName::Endpoints, endpoint_key(endpoint)), Some(Bytes::default().word(carried as u32)))
            }
            Self::RemoveEndpoint(endpoint) => ((MapName::Endpoints, endpoint_key(endpoint)), None),
            Self::Identify { ref key, record } => {
                ((MapName::Identities, identity_key(interface_index, key.class)), Some(identity_value(record)))
            }
            Self::Forget(ref key) => ((MapName::Identities, identity_key(interface_index, key.class)), None),
        };
        Some(RawWrite { map, key, value })
    }
}

fn device_key(store: Store, key: DeviceKey) -> Option<Bytes> {
    let scope = key.scope.raw();
    let net = key.prefix.net();
    let length = u32::from(net.prefix_len());
    if store == Store::Exact && !Store::takes_exact(key.prefix) {
        return None;
    }
    let start = match (store, net) {
        (Store::Exact, IpNet::V4(_)) => Bytes::default().word(scope),
        (Store::Exact, IpNet::V6(_)) => Bytes::default().word(scope).word(length),
        (Store::Trie, _) => Bytes::default().word(32 + length).push(&scope.to_be_bytes()),
    };
    Some(push_address(start, net.network()))
}

fn push_address(bytes: Bytes, address: IpAddr) -> Bytes {
    match address {
        IpAddr::V4(address) => bytes.push(&address.octets()),
        IpAddr::V6(address) => bytes.push(&address.octets()),
    }
}

fn device_value(value: DeviceValue) -> Bytes {
    let classes = Bytes::default().word(value.class.download.raw()).word(value.class.upload.raw());
    classes.half(value.queue.download).half(value.queue.upload).word(value.slot.0)
}

fn port_value(port: Port) -> Bytes {
    let mode = match port.mode {
        PortMode::Shape => 0,
        PortMode::Bypass => 1,
    };
    let bytes = Bytes::default().word(mode);
    let bytes = bytes.word(port.default_class.download.raw()).word(port.default_class.upload.raw());
    let bytes = bytes.half(port.default_queue.download).half(port.default_queue.upload);
    let bytes = bytes.half(port.vlan.download).half(port.vlan.upload);
    bytes.word(port.mark.mask()).word(port.mark.shift())
}

fn endpoint_key(endpoint: Endpoint) -> Bytes {
    let address = match endpoint.address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    };
    Bytes::default().push(&address.octets()).half(0).push(&endpoint.port.to_be_bytes())
}

fn watched_key(prefix: Prefix) -> (MapName, Bytes) {
    let map = if prefix.is_ipv4() { MapName::Watched4 } else { MapName::Watched6 };
    let start = Bytes::default().word(u32::from(prefix.net().prefix_len()));
    (map, push_address(start, prefix.net().network()))
}

fn identity_key(interface_index: u32, class: Handle) -> Bytes {
    Bytes::default().word(interface_index).word(class.raw())
}

fn identity_value(record: IdentityRecord) -> Bytes {
    Bytes::default().push(&record.identity.0.to_be_bytes()).word(record.slot.0)
}

/// What the program must know of its maps, and what makes lookups shorter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Bits of [`About::SCOPED`] and its like: no entry of this sort is in the device map.
    pub absent: u32,
    /// How many circuits have counters: the length of a row of [`MapName::Slots`]. 0: nothing is counted by circuit.
    pub slots: u32,
    /// Which program it is.
    pub version: ClassifierVersion,
}

impl About {
    /// Entries with a scope.
    pub const SCOPED: u32 = 1;
    /// Exact IPv6 entries of length 64.
    pub const LENGTH_64: u32 = 2;
    /// Exact IPv6 entries of length 56.
    pub const LENGTH_56: u32 = 4;
    /// Endpoints of tunnels.
    pub const ENDPOINTS: u32 = 8;
    /// All of them: what holds for empty maps.
    pub const ALL: u32 = Self::SCOPED | Self::LENGTH_64 | Self::LENGTH_56 | Self::ENDPOINTS;

    /// The bits that no longer hold once this is written. They must be cleared before.
    pub fn cleared_by(write: &MapWrite) -> u32 {
        match *write {
            MapWrite::PutDevice { store, key, .. } => Self::cleared_by_device(store, key),
            MapWrite::SetEndpoint { .. } => Self::ENDPOINTS,
            _ => 0,
        }
    }

    fn cleared_by_device(store: Store, key: DeviceKey) -> u32 {
        let scoped = if key.scope == Scope::ANY { 0 } else { Self::SCOPED };
        let length = match (store, key.prefix.is_ipv4(), key.prefix.net().prefix_len()) {
            (Store::Exact, false, 64) => Self::LENGTH_64,
            (Store::Exact, false, 56) => Self::LENGTH_56,
            _ => 0,
        };
        scoped | length
    }

    /// As a write to the map; the key is 0.
    pub fn to_raw(self) -> RawWrite {
        let value = Bytes::default().word(self.absent).word(self.slots).push(&self.version.0);
        RawWrite { map: MapName::About, key: Bytes::default().word(0), value: Some(value) }
    }

    /// From the map's value.
    pub fn from_raw(value: &[u8]) -> Option<Self> {
        let mut reader = Reader(value);
        Some(Self { absent: reader.word()?, slots: reader.word()?, version: ClassifierVersion(reader.take()?) })
    }
}

/// Takes numbers off the front of bytes.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn word(&mut self) -> Option<u32> {
        self.take().map(u32::from_ne_bytes)
    }

    fn half(&mut self) -> Option<u16> {
        self.take().map(u16::from_ne_bytes)
    }

    fn handles(&mut self) -> Option<PerDirection<Handle>> {
        let (download, upload) = (Handle::from_raw(self.word()?), Handle::from_raw(self.word()?));
        Some(PerDirection { download, upload })
    }

    fn halves(&mut self) -> Option<PerDirection<u16>> {
        Some(PerDirection { download: self.half()?, upload: self.half()? })
    }
}

/// Reads an entry of the device map. None where no such entry could have been written.
pub fn read_device(map: MapName, key: &[u8], value: &[u8]) -> Option<(DeviceKey, (Store, DeviceValue))> {
    let mut key = Reader(key);
    let v4 =
        |address: [u8; 4], length: u32| Ipv4Net::new(address.into(), u8::try_from(length).ok()?).ok().map(IpNet::V4);
    let v6 =
        |address: [u8; 16], length: u32| Ipv6Net::new(address.into(), u8::try_from(length).ok()?).ok().map(IpNet::V6);
    let (store, scope, net) = match map {
        MapName::Exact4 => (Store::Exact, key.word()?, v4(key.take()?, 32)?),
        MapName::Exact6 => {
            let (scope, length) = (key.word()?, key.word()?);
            (Store::Exact, scope, v6(key.take()?, length)?)
        }
        MapName::Trie4 | MapName::Trie6 => {
            let length = key.word()?.checked_sub(32)?;
            let scope = u32::from_be_bytes(key.take()?);
            (
                Store::Trie,
                scope,
                if map == MapName::Trie4 { v4(key.take()?, length)? } else { v6(key.take()?, length)? },
            )
        }
        _ => return None,
    };
    let mut value = Reader(value);
    let (class, queue, slot) = (value.handles()?, value.halves()?, Slot(value.word()?));
    let key = DeviceKey { scope: Scope::from_raw(scope), prefix: Prefix::network(net) };
    Some((key, (store, DeviceValue { class, queue, slot })))
}

/// Reads an entry of the ports. None for a port that was never written.
pub fn read_port(key: &[u8], value: &[u8]) -> Option<(PortIndex, Port)> {
    let index = match Reader(key).word()? {
        0 => PortIndex::Download,
        1 => PortIndex::Upload,
        2 => PortIndex::Stick,
        _ => return None,
    };
    let mut reader = Reader(value);
    let mode = if reader.word()? == 0 { PortMode::Shape } else { PortMode::Bypass };
    let (default_class, default_queue, vlan) = (reader.handles()?, reader.halves()?, reader.halves()?);
    let mark = MarkField::new(reader.word()?).ok()?;
    let is_written = value.iter().any(|&byte| byte != 0);
    is_written.then_some((index, Port { mode, default_class, default_queue, vlan, mark }))
}

/// Reads a watched network from its key.
pub fn read_watched(map: MapName, key: &[u8]) -> Option<Prefix> {
    let mut reader = Reader(key);
    let length = u8::try_from(reader.word()?).ok()?;
    let net = match map {
        MapName::Watched4 => IpNet::V4(Ipv4Net::new(Ipv4Addr::from(reader.take::<4>()?), length).ok()?),
        MapName::Watched6 => IpNet::V6(Ipv6Net::new(Ipv6Addr::from(reader.take::<16>()?), length).ok()?),
        _ => return None,
    };
    Some(Prefix::network(net))
}

/// Reads where a tunnel ends. None where no such entry could have been written.
pub fn read_endpoint(key: &[u8], value: &[u8]) -> Option<(Endpoint, Carried)> {
    let mut key = Reader(key);
    let address = IpAddr::V6(Ipv6Addr::from(key.take::<16>()?)).to_canonical();
    key.half()?;
    let port = u16::from_be_bytes(key.take()?);
    Some((Endpoint { address, port }, Carried::from_raw(Reader(value).word()?)?))
}

/// Reads whose class a class is: the interface's number, the class, and who.
pub fn read_identity(key: &[u8], value: &[u8]) -> Option<(u32, Handle, IdentityRecord)> {
    let (mut key, mut value) = (Reader(key), Reader(value));
    let (index, class) = (key.word()?, Handle::from_raw(key.word()?));
    let identity = Identity(u128::from_be_bytes(value.take()?));
    Some((index, class, IdentityRecord { identity, slot: Slot(value.word()?) }))
}

/// Reads an unknown address; IPv4 is kept as mapped IPv6.
pub fn read_unknown(key: &[u8]) -> Option<IpAddr> {
    Reader(key).take::<16>().map(|octets| IpAddr::V6(Ipv6Addr::from(octets)).to_canonical())
}

/// Adds up the counters of all CPUs.
pub fn read_counts(value: &[u8]) -> PacketCount {
    let mut sum = PacketCount::default();
    let mut reader = Reader(value);
    while let (Some(packets), Some(bytes)) =
        (reader.take().map(u64::from_ne_bytes), reader.take().map(u64::from_ne_bytes))
    {
        sum.packets += packets;
        sum.bytes += bytes;
    }
    sum
}

/// Splits an index of [`MapName::Reasons`] into the reason's number and the direction.
pub fn split_index(index: u32) -> (u32, Direction) {
    (index / 2, if index.is_multiple_of(2) { Direction::Download } else { Direction::Upload })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::IdentityKey;

    fn key(scope: Scope, prefix: &str) -> DeviceKey {
        DeviceKey { scope, prefix: Prefix::parse(prefix).expect("a prefix").prefix }
    }

    const VALUE: DeviceValue = DeviceValue {
        class: PerDirection { download: Handle::new(1, 0x10), upload: Handle::new(2, 0x11) },
        queue: PerDirection { download: 3, upload: 4 },
        slot: Slot(5),
    };

    #[test]
    fn device_entries_read_back() {
        for (store, scope, prefix) in [
            (Store::Exact, Scope::ANY, "10.0.0.1"),
            (Store::Exact, Scope::vlan(100, 7), "2001:db8::/56"),
            (Store::Exact, Scope::ANY, "2001:db8::/64"),
            (Store::Trie, Scope::vlan(4094, 0), "10.0.0.0/24"),
            (Store::Trie, Scope::ANY, "::/0"),
            (Store::Trie, Scope::ANY, "2001:db8::1"),
        ] {
            let key = key(scope, prefix);
            let raw = MapWrite::PutDevice { store, key, value: VALUE }.to_raw(0).expect("fits");
            let bytes = raw.value.expect("a value");
            assert_eq!((raw.key.len(), bytes.len()), raw.map.sizes(), "{prefix}");
            assert_eq!(read_device(raw.map, &raw.key, &bytes), Some((key, (store, VALUE))), "{prefix}");
        }
    }

    #[test]
    fn the_trie_compares_scope_before_address() {
        let key = key(Scope::vlan(1, 0), "10.0.0.0/8");
        let raw = MapWrite::RemoveDevice { store: Store::Trie, key }.to_raw(0).expect("fits");
        assert_eq!(raw.key[..4], 40_u32.to_ne_bytes());
        assert_eq!(raw.key[4..], [0, 0, 0, 1, 10, 0, 0, 0]);
    }

    #[test]
    fn what_is_no_exact_length_has_no_exact_key() {
        let write = MapWrite::RemoveDevice { store: Store::Exact, key: key(Scope::ANY, "10.0.0.0/24") };
        assert_eq!(write.to_raw(0), None);
    }

    #[test]
    fn ports_networks_and_identities_read_back() {
        let port = Port {
            mode: PortMode::Bypass,
            default_class: VALUE.class,
            default_queue: VALUE.queue,
            vlan: PerDirection { download: 100, upload: 200 },
            mark: MarkField::new(0x00ff_fff0).expect("together"),
        };
        let raw = MapWrite::SetPort { index: PortIndex::Stick, port }.to_raw(0).expect("fits");
        let value = raw.value.expect("a value");
        assert_eq!((raw.key.len(), value.len()), MapName::Ports.sizes());
        assert_eq!(read_port(&raw.key, &value), Some((PortIndex::Stick, port)));
        assert_eq!(read_port(&raw.key, &[0; 28]), None, "never written");

        for text in ["10.0.0.0/8", "2001:db8::/32"] {
            let network = key(Scope::ANY, text).prefix;
            let raw = MapWrite::Watch(network).to_raw(0).expect("fits");
            assert_eq!(read_watched(raw.map, &raw.key), Some(network));
        }

        for (address, port, carried) in [("10.0.0.1", 4789, Carried::Vxlan), ("2001:db8::1", 0, Carried::Fragments)] {
            let endpoint = Endpoint { address: address.parse().expect("an address"), port };
            let raw = MapWrite::SetEndpoint { endpoint, carried }.to_raw(0).expect("fits");
            let value = raw.value.expect("a value");
            assert_eq!((raw.key.len(), value.len()), MapName::Endpoints.sizes());
            assert_eq!(read_endpoint(&raw.key, &value), Some((endpoint, carried)));
        }

        let record = IdentityRecord { identity: Identity(u128::MAX - 7), slot: Slot::NONE };
        let identity = IdentityKey { interface: "eth1".parse().expect("a name"), class: Handle::new(1, 2) };
        let raw = MapWrite::Identify { key: identity, record }.to_raw(9).expect("fits");
        let value = raw.value.expect("a value");
        assert_eq!((raw.key.len(), value.len()), MapName::Identities.sizes());
        assert_eq!(read_identity(&raw.key, &value), Some((9, Handle::new(1, 2), record)));
    }

    #[test]
    fn the_note_about_the_maps_reads_back() {
        let about = About { absent: About::ALL, slots: 9, version: ClassifierVersion([1, 2, 3, 4, 5, 6, 7, 8]) };
        assert_eq!(About::from_raw(&about.to_raw().value.expect("a value")), Some(about));
        let cleared =
            |store, scope, net| About::cleared_by(&MapWrite::PutDevice { store, key: key(scope, net), value: VALUE });
        assert_eq!(cleared(Store::Trie, Scope::vlan(1, 0), "2001:db8::/56"), About::SCOPED);
        assert_eq!(cleared(Store::Exact, Scope::ANY, "2001:db8::/56"), About::LENGTH_56);
        assert_eq!(cleared(Store::Exact, Scope::ANY, "10.0.0.1"), 0);
    }

    #[test]
    fn counters_of_all_cpus_are_added_up() {
        let value: Vec<u8> = [1_u64, 100, 2, 200].iter().flat_map(|number| number.to_ne_bytes()).collect();
        assert_eq!(read_counts(&value), PacketCount { packets: 3, bytes: 300 });
        assert_eq!(split_index(7), (3, Direction::Upload));
    }
}
