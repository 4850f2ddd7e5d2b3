//! Map writes as commands of `bpftool`, with maps and interfaces left open: their numbers are found when the script runs.

use std::collections::BTreeMap;
use std::fmt::Write;

use pleach_tc::wire::{self, Map};
use pleach_tc::{ClassifierVersion, Direction, Handle, Interface, MapSizes, MapWrite};

use crate::render::name::{Name, subject_text};
use crate::subjects::Subjects;

/// `BPF_F_NO_PREALLOC`, which a trie must have.
const NO_PREALLOCATION: u32 = 1;

/// Makes the maps whose size the plan says. The others are made as the object says.
pub(super) fn make(text: &mut String, sizes: MapSizes) {
    for map in Map::DEVICES {
        let (kind, flags) =
            if map.store() == Some(pleach_tc::Store::Trie) { ("lpm_trie", NO_PREALLOCATION) } else { ("hash", 0) };
        let (key, value) = (map.key_size(), map.value_size());
        let _ = writeln!(text, "make_map {} {kind} {key} {value} {} {flags}", map.name(), sizes.devices);
    }
    let map = Map::Identities;
    let (key, value) = (map.key_size(), map.value_size());
    let _ = writeln!(text, "make_map {} hash {key} {value} {} 0", map.name(), sizes.identities);
    // Each slot has a counter of packets and one of bytes for each direction.
    let _ = writeln!(text, "make_map slots percpu_array 4 16 {} 0", u64::from(sizes.slots) * 2);
}

/// Writes down which object was loaded: `{u32 absent; u32 unused; u8 version[8]}`. `absent` would say what need not be
/// looked for; zero is always right.
pub(super) fn about(text: &mut String, version: ClassifierVersion) {
    let value = [&[0; 8], &version.0[..]].concat();
    let _ = writeln!(
        text,
        "map update @about@ key hex{} value hex{} # the object's version",
        Bytes(&[0; 4]),
        Bytes(&value)
    );
}

/// The interface whose number in the kernel is part of the key.
pub(super) fn interface(write: &MapWrite) -> Option<&Interface> {
    match write {
        MapWrite::Identify { key, .. } | MapWrite::Forget(key) => Some(&key.interface),
        _ => None,
    }
}

/// Writes the command, without its end of line.
pub(super) fn write(text: &mut String, write: &MapWrite, indices: &BTreeMap<Interface, usize>) {
    match write {
        MapWrite::PutDevice { store, key, value } => {
            let map = Map::of_device(*store, key.prefix);
            update(text, map, &Bytes(&wire::device_key(*store, *key)), &wire::device_value(value));
        }
        MapWrite::RemoveDevice { store, key } => {
            delete(text, Map::of_device(*store, key.prefix), &Bytes(&wire::device_key(*store, *key)));
        }
        MapWrite::SetPort { index, port } => {
            update(text, Map::Ports, &Bytes(&wire::port_key(*index)), &wire::port_value(port));
        }
        MapWrite::Watch(prefix) => {
            update(text, Map::of_watched(*prefix), &Bytes(&wire::watched_key(*prefix)), &wire::watched_value());
        }
        MapWrite::Unwatch(prefix) => delete(text, Map::of_watched(*prefix), &Bytes(&wire::watched_key(*prefix))),
        MapWrite::Identify { key, record } => {
            let key = identity_key(indices[&key.interface], key.class);
            update(text, Map::Identities, &key, &wire::identity_value(record));
        }
        MapWrite::Forget(key) => delete(text, Map::Identities, &identity_key(indices[&key.interface], key.class)),
    }
}

/// Writes what the command is about, and its end of line.
pub(super) fn comment(text: &mut String, write: &MapWrite, subjects: &Subjects) {
    match write {
        MapWrite::PutDevice { key, value, .. } => {
            let _ = write!(text, " # {}", key.prefix);
            if key.scope != pleach_tc::Scope::ANY {
                let _ = write!(text, " in VLAN {}", key.scope);
            }
            for direction in Direction::BOTH {
                let _ = write!(text, ", {direction} {}", value.class[direction]);
            }
        }
        MapWrite::RemoveDevice { key, .. } => {
            let _ = write!(text, " # {}", key.prefix);
        }
        MapWrite::SetPort { index, port } => {
            let _ = write!(text, " # {}: {:?}", index.entry_point(), port.mode);
        }
        MapWrite::Watch(prefix) | MapWrite::Unwatch(prefix) => {
            let _ = write!(text, " # {prefix}");
        }
        MapWrite::Identify { key, .. } | MapWrite::Forget(key) => {
            let interface = Name(key.interface.as_str());
            let _ = match key.class {
                Handle::NONE => write!(text, " # {interface} itself"),
                class => write!(text, " # {class} of {interface}"),
            };
            if let Some(subject) = subjects.get(&key.interface, key.class) {
                let _ = write!(text, ": {}", Name(&subject_text(subject)));
            }
        }
    }
    text.push('\n');
}

fn update(text: &mut String, map: Map, key: &dyn std::fmt::Display, value: &[u8]) {
    let _ = write!(text, "map update @{}@ key hex{key} value hex{}", map.name(), Bytes(value));
}

fn delete(text: &mut String, map: Map, key: &dyn std::fmt::Display) {
    let _ = write!(text, "map delete @{}@ key hex{key}", map.name());
}

/// The interface's number is four bytes, which the script fills in.
fn identity_key(index: usize, class: Handle) -> impl std::fmt::Display {
    let key = wire::identity_key(0, class);
    format!(" @index:{index}@{}", Bytes(&key[4..]))
}

/// Bytes as `bpftool` takes them.
struct Bytes<'a>(&'a [u8]);

impl std::fmt::Display for Bytes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, " {byte:02x}"))
    }
}
