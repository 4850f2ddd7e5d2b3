//! Map writes as commands of `bpftool`, with maps and interfaces left open: their numbers are found when the script runs.

use std::collections::BTreeMap;
use std::fmt::Write;

use pleach_tc::wire::{About, MapName, RawWrite};
use pleach_tc::{ClassifierVersion, Direction, Handle, Interface, MapSizes, MapWrite};

use crate::render::addresses::scope_words;
use crate::render::name::{Name, subject_text};
use crate::subjects::Subjects;

/// `BPF_F_NO_PREALLOC`, which a trie must have.
const NO_PREALLOCATION: u32 = 1;

/// Makes the maps whose size the plan says. The others are made as the object says.
pub(super) fn make(text: &mut String, sizes: MapSizes) {
    let hash = ("hash", 0);
    let trie = ("lpm_trie", NO_PREALLOCATION);
    for (map, (kind, flags), entries) in [
        (MapName::Exact4, hash, sizes.devices),
        (MapName::Trie4, trie, sizes.devices),
        (MapName::Exact6, hash, sizes.devices),
        (MapName::Trie6, trie, sizes.devices),
        (MapName::Identities, hash, sizes.identities),
    ] {
        let (key, value) = map.sizes();
        let _ = writeln!(text, "make_map {map} {kind} {key} {value} {entries} {flags}");
    }
    // A row of counters for each CPU and direction.
    let (map, (key, value)) = (MapName::Slots, MapName::Slots.sizes());
    let _ = writeln!(text, "make_map {map} array {key} {value} $((2 * {} * $(cpu_numbers))) 0", sizes.slots);
}

/// Writes down which object was loaded and how long a row of counters is, and that anything may have to be looked for:
/// that is always right.
pub(super) fn about(text: &mut String, version: ClassifierVersion, sizes: MapSizes) {
    write_raw(text, &About { absent: 0, slots: sizes.slots, version }.to_raw(), None);
    text.push_str(" # the object's version, and what may have to be looked for: everything\n");
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
    let raw = write.to_raw(0).expect("invariant: a plan puts into an exact store what it takes");
    write_raw(text, &raw, interface(write).map(|interface| indices[interface]));
}

/// The interface's number is the first four bytes of a key, which the script fills in.
fn write_raw(text: &mut String, raw: &RawWrite, index: Option<usize>) {
    let verb = if raw.value.is_some() { "update" } else { "delete" };
    let _ = write!(text, "map {verb} @{}@ key hex", raw.map);
    let _ = match index {
        Some(index) => write!(text, " @index:{index}@{}", Bytes(&raw.key[4..])),
        None => write!(text, "{}", Bytes(&raw.key)),
    };
    if let Some(value) = &raw.value {
        let _ = write!(text, " value hex{}", Bytes(value));
    }
}

/// Writes what the command is about, and its end of line.
pub(super) fn comment(text: &mut String, write: &MapWrite, subjects: &Subjects) {
    match write {
        MapWrite::PutDevice { key, value, .. } => {
            let _ = write!(text, " # {}", key.prefix);
            if key.scope != pleach_tc::Scope::ANY {
                let _ = write!(text, " in {}", scope_words(key.scope));
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
        MapWrite::SetEndpoint { endpoint, carried } => {
            let _ = write!(text, " # {} to {endpoint}", carried.as_str());
        }
        MapWrite::RemoveEndpoint(endpoint) => {
            let _ = write!(text, " # {endpoint}");
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

/// Bytes as `bpftool` takes them.
struct Bytes<'a>(&'a [u8]);

impl std::fmt::Display for Bytes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, " {byte:02x}"))
    }
}
