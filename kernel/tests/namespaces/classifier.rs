//! The classifier itself, through the same border: loaded, attached, written to, and found again by another process.

use std::collections::BTreeSet;

use pleach_kernel::bpf::{Classifier, embedded_version};
use pleach_kernel::{Kernel, Linux};
use pleach_tc::layout::{FILTER_HANDLE, FILTER_PREFERENCE};
use pleach_tc::{
    ClassifierState, DeviceKey, DeviceValue, Handle, Identity, IdentityKey, IdentityRecord, Interface, MapSizes,
    MapWrite, Operation, PerDirection, Port, PortIndex, PortMode, Scope, Slot, Store, TakeOver, diff,
};

use crate::harness::{DEVICE, Wanted, address, execute, htb, in_namespace, linux, observe, pair, refused, run, send};

const SIZES: MapSizes = MapSizes { devices: 1_000, identities: 100, slots: 10 };

fn both<T: Copy>(one: T) -> PerDirection<T> {
    PerDirection { download: one, upload: one }
}

fn port(mode: PortMode) -> MapWrite {
    let default_class = both(Handle::new(htb(0).major(), 3));
    let port = Port { mode, default_class, default_queue: both(0), vlan: both(0), mark: pleach_tc::MarkField::NONE };
    MapWrite::SetPort { index: PortIndex::Download, port }
}

fn first_apply(interface: &Interface) -> (Vec<Operation>, ClassifierState) {
    let class = Handle::new(htb(0).major(), 1);
    let key =
        DeviceKey { scope: Scope::ANY, prefix: pleach_graph::Prefix::parse("192.0.2.2").expect("an address").prefix };
    let value = DeviceValue { class: both(class), queue: both(0), slot: Slot(3) };
    let identity = IdentityKey { interface: interface.clone(), class };
    let record = IdentityRecord { identity: Identity(1 << 100), slot: Slot(3) };
    let mut state = ClassifierState { version: embedded_version(), sizes: SIZES, ..ClassifierState::default() };
    state.devices.insert(key, (Store::Exact, value));
    state.identities.insert(identity.clone(), record);
    let mut operations = vec![
        Operation::LoadClassifier { version: embedded_version(), sizes: SIZES },
        Operation::AddClsact { interface: interface.clone() },
        Operation::Attach { interface: interface.clone(), port: PortIndex::Download },
    ];
    for write in [
        port(PortMode::Bypass),
        MapWrite::Identify { key: identity, record },
        MapWrite::PutDevice { store: Store::Exact, key, value },
        port(PortMode::Shape),
    ] {
        if let MapWrite::SetPort { index, port } = &write {
            state.ports.insert(*index, *port);
        }
        operations.push(Operation::Map(write));
    }
    (operations, state)
}

#[test]
fn another_process_finds_what_was_written() {
    in_namespace(|| {
        let interface = pair(1);
        address();
        let (operations, state) = first_apply(&interface);
        let mut first = linux();
        execute(&mut first, &Wanted::new(&interface, 1).operations());
        execute(&mut first, &operations);
        drop(first);

        let mut second = linux();
        assert_eq!(observe(&mut second, &interface).classifier, Some(state.clone()));
        send(Handle::NONE, 5);
        let statistics = second.statistics(std::slice::from_ref(&interface)).expect("statistics");
        assert!(
            statistics.slots.iter().any(|((slot, _), count)| *slot == Slot(3) && count.packets == 5),
            "{statistics:?}"
        );
        let class = statistics.classes[&(interface.clone(), Handle::new(htb(0).major(), 1))];
        assert_eq!(class.sent.packets, 5, "they went where the map says");

        // Larger maps take the place of these, and what is observed then is theirs.
        let sizes = MapSizes { devices: 2_000, ..SIZES };
        let mut larger = operations;
        larger.retain(|operation| !matches!(operation, Operation::AddClsact { .. }));
        larger[0] = Operation::LoadClassifier { version: embedded_version(), sizes };
        execute(&mut second, &larger);
        assert_eq!(observe(&mut second, &interface).classifier, Some(ClassifierState { sizes, ..state }));
    });
}

/// `tc` calls what it attaches from a pin `pleach-download:[*fsobj]`.
#[test]
fn a_program_that_tc_attached_is_ours() {
    in_namespace(|| {
        let interface = pair(1);
        let classifier = Classifier::load(SIZES).expect("the kernel takes the program");
        let id = classifier.program_id(PortIndex::Download).expect("it has a number");
        let pin = format!("/sys/fs/bpf/pleach-{}", std::process::id());
        run("mount -t bpf bpf /sys/fs/bpf");
        run(&format!("bpftool prog pin id {id} {pin}"));
        run(&format!("tc qdisc add dev {DEVICE} clsact"));
        run(&format!(
            "tc filter add dev {DEVICE} egress protocol all pref {FILTER_PREFERENCE} handle {FILTER_HANDLE} bpf direct-action pinned {pin}"
        ));
        drop(classifier);
        let state = observe(&mut linux(), &interface);
        let named = state.interfaces[&interface].attached;
        // The name is that of the pin: one of ours is needed.
        assert_eq!((named, state.interfaces[&interface].other_filters), (None, 1));
        let better = "/sys/fs/bpf/pleach-download";
        run(&format!("bpftool prog pin id {id} {better}"));
        run(&format!(
            "tc filter replace dev {DEVICE} egress protocol all pref {FILTER_PREFERENCE} handle {FILTER_HANDLE} bpf direct-action pinned {better}"
        ));
        let shown = run(&format!("tc filter show dev {DEVICE} egress"));
        assert!(shown.contains("pleach-download:"), "{shown}");
        let state = observe(&mut linux(), &interface);
        assert_eq!(state.interfaces[&interface].attached, Some(PortIndex::Download));
        assert_eq!(state.interfaces[&interface].other_filters, 0);
        assert_eq!(state.classifier.map(|classifier| classifier.sizes), Some(SIZES));
    });
}

#[test]
fn what_crossed_halfway_is_seen_in_both_stores() {
    in_namespace(|| {
        let interface = pair(1);
        let (mut operations, mut state) = first_apply(&interface);
        let (&key, &(_, value)) = state.devices.first_key_value().expect("one");
        operations.push(Operation::Map(MapWrite::PutDevice { store: Store::Trie, key, value }));
        let mut linux = linux();
        execute(&mut linux, &operations);
        state.doubled.insert(key);
        let desired = state.clone();
        let mut observed = observe(&mut linux, &interface);
        assert_eq!(observed.classifier, Some(state));

        let mut wanted = observed.clone();
        wanted.classifier = Some(ClassifierState { doubled: BTreeSet::new(), ..desired });
        let plan = diff(&wanted, &observed, TakeOver::No).expect("a plan");
        let operations: Vec<_> = plan.operations().cloned().collect();
        assert_eq!(operations, [Operation::Map(MapWrite::RemoveDevice { store: Store::Trie, key })]);
        execute(&mut linux, &operations);
        observed = observe(&mut linux, &interface);
        assert_eq!(observed, wanted);
    });
}

#[test]
fn what_was_loaded_and_not_attached_is_given_up() {
    in_namespace(|| {
        let interface = pair(1);
        let (operations, state) = first_apply(&interface);
        let mut linux = linux();
        execute(&mut linux, &operations);
        let network = pleach_graph::Prefix::parse("192.0.2.0/24").expect("a prefix").prefix;
        let watch = || Operation::Map(MapWrite::Watch(network));
        let sizes = MapSizes { devices: 2_000, ..SIZES };
        execute(&mut linux, &[Operation::LoadClassifier { version: embedded_version(), sizes }, watch()]);
        assert_eq!(observe(&mut linux, &interface).classifier, Some(state.clone()), "it went to the one not attached");
        execute(&mut linux, &[watch()]);
        let observed = observe(&mut linux, &interface).classifier.expect("a classifier");
        assert_eq!(observed.watched.len(), 1, "writes go to the attached one again");

        execute(&mut linux, &[Operation::Detach { interface: interface.clone() }]);
        assert_eq!(observe(&mut linux, &interface).classifier, None);
        let said = refused(&mut linux, watch());
        assert!(said.contains("no classifier was loaded"), "{said}");
    });
}

#[test]
fn nothing_is_written_where_there_is_no_classifier() {
    in_namespace(|| {
        let interface = pair(1);
        let mut linux: Linux = linux();
        let said = refused(&mut linux, Operation::Map(port(PortMode::Bypass)));
        assert!(said.contains("no classifier was loaded"), "{said}");
        let said = refused(&mut linux, Operation::Attach { interface, port: PortIndex::Upload });
        assert!(said.contains("no classifier was loaded"), "{said}");
    });
}
