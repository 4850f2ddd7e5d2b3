//! The device map against a linear scan, over random prefixes, scopes and orders of writing.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use pleach_graph::Prefix;
use pleach_kernel::bpf::test_run;
use pleach_tc::{DeviceKey, DeviceValue, Handle, MapWrite, PerDirection, PortIndex, Scope, Slot, Store};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::harness::{DEFAULT, is_root, shaping, write};
use crate::packets::{Payload, Wrap, frame, ip};

/// Addresses from so small a space that prefixes meet, are nested and are missed.
fn prefixes() -> impl Strategy<Value = Prefix> {
    let v4 = (0..16_u32, prop::sample::select(vec![0, 8, 24, 28, 30, 31, 32, 32, 32]))
        .prop_map(|(host, length)| net(IpAddr::V4(Ipv4Addr::from(0x0a00_0000 | host)), length));
    let v6 = (0..8_u128, 0..4_u128, prop::sample::select(vec![0, 32, 54, 56, 56, 57, 63, 64, 64, 65, 127, 128]))
        .prop_map(|(site, host, length)| net(IpAddr::V6(Ipv6Addr::from(v6_bits(site, host))), length));
    prop_oneof![v4, v6]
}

fn v6_bits(site: u128, host: u128) -> u128 {
    0x2001_0db8 << 96 | (site & 1) << 64 | (site >> 1) << 71 | host << 62 & 1 << 63 | host & 1
}

fn net(address: IpAddr, length: u8) -> Prefix {
    Prefix::network(IpNet::new(address, length).expect("a length of the family"))
}

fn scopes() -> impl Strategy<Value = Scope> {
    prop::sample::select(vec![Scope::ANY, Scope::ANY, Scope::vlan(100, 0), Scope::vlan(100, 7), Scope::vlan(7, 100)])
}

/// Where each entry stands: exact if it may and nothing longer of its scope is inside it.
fn stores(entries: &BTreeMap<DeviceKey, u16>) -> BTreeMap<DeviceKey, (Store, u16)> {
    let store = |key: &DeviceKey| {
        let inside = |other: &DeviceKey| other != key && other.scope == key.scope && key.prefix.contains(other.prefix);
        if Store::takes_exact(key.prefix) && !entries.keys().any(inside) { Store::Exact } else { Store::Trie }
    };
    entries.iter().map(|(key, value)| (*key, (store(key), *value))).collect()
}

/// The oracle: the packet's scope first, then any; in each the longest prefix.
fn scan(entries: &BTreeMap<DeviceKey, u16>, scope: Scope, address: IpAddr) -> Option<u16> {
    let host = Prefix::host(address);
    let longest = |scope: Scope| {
        let matching = entries.iter().filter(|(key, _)| key.scope == scope && key.prefix.contains(host));
        matching.max_by_key(|(key, _)| key.prefix.net().prefix_len()).map(|(_, value)| *value)
    };
    longest(scope).or_else(|| longest(Scope::ANY))
}

fn value(number: u16) -> DeviceValue {
    let class = PerDirection { download: Handle::new(9, number), upload: Handle::new(10, number) };
    DeviceValue { class, queue: PerDirection::default(), slot: Slot::NONE }
}

#[test]
fn lookups_agree_with_a_linear_scan() {
    const STEPS: usize = 24;
    if !is_root() {
        return;
    }
    let steps = prop::collection::vec((scopes(), prefixes(), prop::option::weighted(0.7, 16..4000_u16)), 1..STEPS);
    let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&steps, |steps| {
        let classifier = shaping();
        let mut entries = BTreeMap::new();
        let mut written = BTreeMap::new();
        for (scope, prefix, change) in steps {
            let key = DeviceKey { scope, prefix };
            match change {
                Some(number) => entries.insert(key, number),
                None => entries.remove(&key),
            };
            let wanted = stores(&entries);
            write(&classifier, &difference(&written, &wanted));
            written = wanted;
            check(&classifier, &entries)?;
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// Removals last, so that an entry that changes its store is in one at every moment.
fn difference(from: &BTreeMap<DeviceKey, (Store, u16)>, to: &BTreeMap<DeviceKey, (Store, u16)>) -> Vec<MapWrite> {
    let puts = to.iter().filter(|(key, entry)| from.get(key) != Some(entry));
    let puts = puts.map(|(&key, &(store, number))| MapWrite::PutDevice { store, key, value: value(number) });
    let gone = from.iter().filter(|(key, (store, _))| to.get(key).map(|(store, _)| store) != Some(store));
    let removals = gone.map(|(&key, &(store, _))| MapWrite::RemoveDevice { store, key });
    puts.chain(removals).collect()
}

fn check(classifier: &pleach_kernel::bpf::Classifier, entries: &BTreeMap<DeviceKey, u16>) -> Result<(), TestCaseError> {
    let v4 = (0..18_u32).map(|host| IpAddr::V4(Ipv4Addr::from(0x0a00_0000 | host)));
    let v6 = (0..8).flat_map(|site| (0..4).map(move |host| IpAddr::V6(Ipv6Addr::from(v6_bits(site, host)))));
    let packets: [(&[Wrap], Scope); 3] = [
        (&[], Scope::ANY),
        (&[Wrap::Tag(0x8100, 0x6064)], Scope::vlan(100, 0)),
        (&[Wrap::Tag(0x88a8, 0x6064), Wrap::Tag(0x8100, 0xf007)], Scope::vlan(100, 7)),
    ];
    let program = classifier.program_fd(PortIndex::Download).expect("loaded");
    for address in v4.chain(v6) {
        let from = if address.is_ipv4() { "192.0.2.1" } else { "2001:db8:ffff::1" };
        for (wraps, scope) in packets {
            let frame = frame(wraps, ip(from, &address.to_string(), Payload::Udp(4000, 4001)));
            let class = test_run(program, &frame, 1).expect("it runs").class;
            let expected =
                scan(entries, scope, address).map_or(DEFAULT.download, |number| value(number).class.download);
            prop_assert_eq!(class, expected, "{} in {} of {:?}", address, scope, entries);
        }
    }
    Ok(())
}
