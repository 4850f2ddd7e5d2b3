//! An instance as a whole: what is written reads back, it is found again by a program's number, its counters count.

use std::os::fd::AsRawFd;
use std::process::Command;

use pleach_kernel::bpf::{Classifier, embedded_version, object_file};
use pleach_tc::{
    Direction, Handle, Identity, IdentityKey, IdentityRecord, MapWrite, PacketCount, PortIndex, Reason, Scope, Slot,
    Store,
};

use crate::harness::{SIZES, is_root, prefix, put, run, shaping, write};
use crate::packets::{Payload, frame, ip};

fn identity(number: u16) -> (IdentityKey, IdentityRecord) {
    let key = IdentityKey { interface: "eth7".parse().expect("a name"), class: Handle::new(3, number) };
    (key, IdentityRecord { identity: Identity(u128::from(number) << 100 | 7), slot: Slot(number.into()) })
}

#[test]
fn what_is_written_is_observed_through_another_handle() {
    if !is_root() {
        return;
    }
    let classifier = shaping();
    let (key, record) = identity(20);
    let (forgotten, _) = identity(21);
    let writes = [
        put(Store::Exact, Scope::ANY, "10.0.0.1", 1),
        put(Store::Exact, Scope::vlan(5, 6), "2001:db8::/64", 2),
        put(Store::Trie, Scope::ANY, "0.0.0.0/0", 3),
        put(Store::Trie, Scope::vlan(5, 0), "2001:db8::/32", 4),
        put(Store::Exact, Scope::ANY, "10.0.0.2", 5),
        MapWrite::RemoveDevice {
            store: Store::Exact,
            key: pleach_tc::DeviceKey { scope: Scope::ANY, prefix: prefix("10.0.0.2") },
        },
        MapWrite::Watch(prefix("10.0.0.0/8")),
        MapWrite::Watch(prefix("2001:db8::/32")),
        MapWrite::Unwatch(prefix("2001:db8::/32")),
        MapWrite::Identify { key: key.clone(), record },
        MapWrite::Identify { key: forgotten.clone(), record },
        MapWrite::Forget(forgotten),
    ];
    write(&classifier, &writes);

    let id = classifier.program_id(PortIndex::Upload).expect("it has a number");
    let (found, index) = Classifier::from_program_id(id).expect("it can be opened").expect("it is ours");
    assert_eq!(index, PortIndex::Upload);
    let name_of = |number| (number == 7).then(|| "eth7".parse().expect("a name"));
    let state = found.observe(name_of).expect("it can be read");
    assert_eq!(state, classifier.observe(name_of).expect("it can be read"));
    assert_eq!((state.version, state.sizes), (embedded_version(), SIZES));
    assert_eq!(state.devices.len(), 4);
    for write in &writes[..4] {
        let MapWrite::PutDevice { store, key, value } = write else { panic!("the first four put") };
        assert_eq!(state.devices.get(key), Some(&(*store, *value)));
    }
    assert_eq!(state.watched.into_iter().collect::<Vec<_>>(), [prefix("10.0.0.0/8")]);
    assert_eq!(state.identities.into_iter().collect::<Vec<_>>(), [(key, record)]);
    assert_eq!(state.ports.len(), 3);

    // The last program of the instance goes with its handle; the maps live on in what was found, and take another.
    drop(classifier);
    let program = found.program_fd(PortIndex::Download).expect("loaded again, with the same maps");
    assert!(program.as_raw_fd() >= 0);
    let packet = frame(&[], ip("192.0.2.1", "10.0.0.1", Payload::Udp(1, 2)));
    assert_eq!(run(&found, PortIndex::Download, &packet).1, Reason::Known);
}

#[test]
fn a_full_map_says_which_entry_it_refused() {
    if !is_root() {
        return;
    }
    let classifier = Classifier::load(pleach_tc::MapSizes { devices: 3, ..SIZES }).expect("loads");
    for (store, nets) in [
        (Store::Exact, ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"]),
        (Store::Trie, ["10.0.0.0/9", "10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16"]),
    ] {
        let writes = nets.map(|net| put(store, Scope::ANY, net, 1));
        let done = classifier.write(&writes, |_| Ok(7));
        assert_eq!((done.sent, done.refused.len()), (4, 1), "{done:?}");
        assert_eq!(done.refused[0].0, 3);
        assert!(done.refused[0].1.to_string().contains(nets[3]), "{}", done.refused[0].1);
    }
}

#[test]
fn removing_what_is_not_there_is_as_good_as_done() {
    if !is_root() {
        return;
    }
    let classifier = shaping();
    let remove = |store, net: &str| MapWrite::RemoveDevice {
        store,
        key: pleach_tc::DeviceKey { scope: Scope::ANY, prefix: prefix(net) },
    };
    write(&classifier, &[put(Store::Exact, Scope::ANY, "10.0.0.2", 1), put(Store::Trie, Scope::ANY, "10.2.0.0/16", 1)]);
    for (store, nets) in [
        (Store::Exact, ["10.0.0.1", "10.0.0.2", "10.0.0.3"]),
        (Store::Trie, ["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"]),
    ] {
        write(&classifier, &nets.map(|net| remove(store, net)));
    }
    assert!(classifier.observe(|_| None).expect("it can be read").devices.is_empty());
}

#[test]
fn counters_count_bytes_of_the_whole_frame() {
    if !is_root() {
        return;
    }
    let classifier = shaping();
    write(&classifier, &[put(Store::Exact, Scope::ANY, "10.0.0.1", 9)]);
    let packet = frame(&[], ip("192.0.2.1", "10.0.0.1", Payload::Udp(1, 2)));
    let program = classifier.program_fd(PortIndex::Download).expect("loaded");
    pleach_kernel::bpf::test_run(program, &packet, 100).expect("it runs");
    let counters = classifier.counters().expect("they can be read");
    let expected = PacketCount { packets: 100, bytes: 100 * packet.len() as u64 };
    assert_eq!(counters.slots.into_iter().collect::<Vec<_>>(), [((Slot(9), Direction::Download), expected)]);
    assert_eq!(counters.reasons[&(Reason::Known, Direction::Download)], expected);
    assert!(counters.unknown.is_empty());
}

#[test]
fn unknown_addresses_are_recorded_in_watched_networks_and_only_so_fast() {
    const FLOOD: u32 = 2000;
    if !is_root() {
        return;
    }
    let classifier = shaping();
    write(&classifier, &[MapWrite::Watch(prefix("10.0.0.0/8")), MapWrite::Watch(prefix("2001:db8:8::/48"))]);
    let program = classifier.program_fd(PortIndex::Upload).expect("loaded");
    let send = |from: &str, to: &str, times| {
        let packet = frame(&[], ip(from, to, Payload::Udp(1, 2)));
        pleach_kernel::bpf::test_run(program, &packet, times).expect("it runs");
    };
    send("10.0.0.5", "192.0.2.1", 3);
    send("172.16.0.5", "192.0.2.1", 3);
    send("2001:db8:8::5", "2001:db8:ffff::1", 2);
    send("2001:db8:9::5", "2001:db8:ffff::1", 2);
    let unknown = classifier.counters().expect("they can be read").unknown;
    let seen: Vec<_> = unknown.iter().map(|one| (one.address.to_string(), one.count.packets)).collect();
    assert_eq!(seen, [("10.0.0.5".to_owned(), 3), ("2001:db8:8::5".to_owned(), 2)]);

    for number in 0..FLOOD {
        send(&std::net::Ipv4Addr::from(0x0a01_0000 | number).to_string(), "192.0.2.1", 1);
    }
    let counters = classifier.counters().expect("they can be read");
    let refused = counters.reasons.get(&(Reason::NotRecorded, Direction::Upload)).map_or(0, |count| count.packets);
    assert_eq!(counters.unknown.len() as u64 - 2 + refused, u64::from(FLOOD), "each was recorded, or counted as not");
    assert!(refused > 0, "a flood is not recorded whole");
    assert!(counters.unknown.len() > 2, "some of it is");
}

/// Another loader, libbpf, takes the object, and makes the same maps of it.
#[test]
fn bpftool_takes_the_object() {
    if !is_root() {
        return;
    }
    let folder = std::env::temp_dir().join(format!("pleach-classifier-{}", std::process::id()));
    let pinned = format!("/sys/fs/bpf/pleach-test-{}", std::process::id());
    std::fs::write(&folder, object_file()).expect("a temporary file");
    let output = Command::new("bpftool").args(["prog", "loadall"]).arg(&folder).arg(&pinned).output();
    std::fs::remove_file(&folder).expect("it is there");
    let output = output.expect("`bpftool` is installed (scripts/install-test-tools)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let shown = Command::new("bpftool").args(["-j", "prog", "show", "pinned", &format!("{pinned}/stick")]).output();
    let text = String::from_utf8(shown.expect("it runs").stdout).expect("text");
    let id = text.split("\"id\":").nth(1).and_then(|rest| rest.split(',').next()).expect("a number").parse();
    let found = Classifier::from_program_id(id.expect("a number")).expect("it can be opened");
    std::fs::remove_dir_all(&pinned).or_else(|_| remove_pins(&pinned)).expect("pins can be removed");
    let (_, index) = found.expect("its maps have our names, kinds and sizes of keys and values");
    assert_eq!(index, PortIndex::Stick);
}

fn remove_pins(folder: &str) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        std::fs::remove_file(entry?.path())?;
    }
    std::fs::remove_dir(folder)
}

#[test]
fn a_program_of_another_is_not_ours() {
    if !is_root() {
        return;
    }
    let driver = pleach_kernel::bpf::Driver::new(&["10.0.0.1".parse().expect("an address")]).expect("loads");
    let id = driver.program_id().expect("it has a number");
    assert!(Classifier::from_program_id(id).expect("it can be opened").is_none());
}
