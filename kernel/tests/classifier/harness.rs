//! What the tests share: an instance with a few subscribers, and the words for what it should do.

use std::process::Command;

use pleach_graph::Prefix;
use pleach_kernel::bpf::{Classifier, Counters, test_run_marked};
use pleach_tc::{
    DeviceKey, DeviceValue, Direction, Handle, MapSizes, MapWrite, MarkField, PerDirection, Port, PortIndex, PortMode,
    Reason, Scope, Slot, Store,
};

/// Majors of the HTBs of the default classes, and of the subscribers'.
pub(crate) const DEFAULT: PerDirection<Handle> =
    PerDirection { download: Handle::new(1, 3), upload: Handle::new(2, 3) };
pub(crate) const CONTROL: PerDirection<Handle> =
    PerDirection { download: Handle::new(1, 2), upload: Handle::new(2, 2) };

pub(crate) const SIZES: MapSizes = MapSizes { devices: 1024, identities: 64, slots: 64 };

/// Whether this process may load programs. Says so where not; as root it must.
pub(crate) fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().expect("`id` runs");
    let root = output.stdout == b"0\n";
    if !root {
        eprintln!("skipped: loading a program needs root");
    }
    root
}

pub(crate) fn prefix(text: &str) -> Prefix {
    Prefix::parse(text).expect("a prefix").prefix
}

/// The class of subscriber n, in HTBs that are not those of the default classes.
pub(crate) fn class_of(subscriber: u16) -> PerDirection<Handle> {
    PerDirection { download: Handle::new(3, 16 + subscriber), upload: Handle::new(4, 16 + subscriber) }
}

pub(crate) fn put(store: Store, scope: Scope, net: &str, subscriber: u16) -> MapWrite {
    let queue = PerDirection { download: subscriber % 4, upload: subscriber % 4 };
    let value = DeviceValue { class: class_of(subscriber), queue, slot: Slot(subscriber.into()) };
    MapWrite::PutDevice { store, key: DeviceKey { scope, prefix: prefix(net) }, value }
}

pub(crate) fn port(mode: PortMode, vlan: PerDirection<u16>) -> Port {
    Port {
        mode,
        default_class: DEFAULT,
        default_queue: PerDirection { download: 0, upload: 1 },
        vlan,
        mark: MarkField::NONE,
    }
}

/// Writes, and fails where anything is refused.
pub(crate) fn write(classifier: &Classifier, writes: &[MapWrite]) {
    let done = classifier.write(writes, |_| Ok(7));
    assert!(done.is_complete(writes.len()), "{done:?}");
}

/// An instance whose three ports shape; on the stick VLAN 100 is download and 200 upload.
pub(crate) fn shaping() -> Classifier {
    let classifier = Classifier::load(SIZES).expect("the kernel takes the program");
    let vlan = PerDirection { download: 100, upload: 200 };
    let writes = [
        (PortIndex::Download, PerDirection::default()),
        (PortIndex::Upload, PerDirection::default()),
        (PortIndex::Stick, vlan),
    ]
    .map(|(index, vlan)| MapWrite::SetPort { index, port: port(PortMode::Shape, vlan) });
    write(&classifier, &writes);
    classifier
}

/// Runs an entry point on a frame, and says the class and the one reason that counted it (besides `NotRecorded`).
pub(crate) fn run(classifier: &Classifier, index: PortIndex, frame: &[u8]) -> (Handle, Reason, Direction) {
    run_marked(classifier, index, frame, 0)
}

/// The same with this `skb->mark`.
pub(crate) fn run_marked(
    classifier: &Classifier,
    index: PortIndex,
    frame: &[u8],
    mark: u32,
) -> (Handle, Reason, Direction) {
    let before = classifier.counters().expect("counters can be read");
    let program = classifier.program_fd(index).expect("the program is loaded");
    let verdict = test_run_marked(program, frame, mark, 1).expect("the program runs");
    assert_eq!(verdict.returned, -1, "filters behind the classifier still run");
    let after = classifier.counters().expect("counters can be read");
    let (reason, direction) = counted(&before, &after);
    (verdict.class, reason, direction)
}

fn counted(before: &Counters, after: &Counters) -> (Reason, Direction) {
    let grown = after.reasons.iter().filter(|(key, count)| {
        let before = before.reasons.get(key).map_or(0, |count| count.packets);
        assert!(count.packets - before <= 1, "one packet counts once");
        count.packets > before && key.0 != Reason::NotRecorded
    });
    let grown: Vec<_> = grown.map(|(key, _)| *key).collect();
    assert_eq!(grown.len(), 1, "one packet has one reason: {grown:?}");
    grown[0]
}
