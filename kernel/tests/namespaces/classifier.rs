//! The classifier itself, through the same border: loaded, attached, written to, and found again by another process.

use pleach_kernel::bpf::embedded_version;
use pleach_kernel::{Kernel, Linux};
use pleach_tc::{
    ClassifierState, DeviceKey, DeviceValue, Handle, Identity, IdentityKey, IdentityRecord, Interface, MapSizes,
    MapWrite, Operation, PerDirection, Port, PortIndex, PortMode, Scope, Slot, Store,
};

use crate::harness::{Wanted, address, execute, htb, in_namespace, linux, observe, pair, refused, send};

const SIZES: MapSizes = MapSizes { devices: 1_000, identities: 100, slots: 10 };

fn both<T: Copy>(one: T) -> PerDirection<T> {
    PerDirection { download: one, upload: one }
}

fn port(mode: PortMode) -> MapWrite {
    let default_class = both(Handle::new(htb(0).major(), 3));
    let port = Port { mode, default_class, default_queue: both(0), vlan: both(0) };
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
