//! What a kernel holds, field by field and in people's units: what [`compare`](crate::compare()) says of it.

use compact_str::CompactString;

use crate::class::Class;
use crate::classifier::{DeviceValue, IdentityRecord, Port, PortMode, Slot, Store};
use crate::direction::{Direction, PerDirection};
use crate::handle::Handle;
use crate::options::options;
use crate::qdisc::{Qdisc, QdiscKind};
use crate::state::Root;
use crate::tunnel::Carried;

/// The fields of a value, always the same ones for one kind; a name may be empty.
pub(crate) type Fields = Vec<(&'static str, String)>;

/// A value that can be told.
pub(crate) trait Told {
    /// Its fields, those that say the most first.
    fn fields(&self) -> Fields;

    /// How many of them are told of a value that stands alone.
    const ALONE: usize = usize::MAX;
}

/// Two values as text: of one that stands alone what says the most, of two only what differs.
pub(crate) fn told<T: Told>(want: Option<&T>, have: Option<&T>) -> (Option<String>, Option<String>) {
    let (want, have) = (want.map(Told::fields), have.map(Told::fields));
    let differing = |own: &Fields, other: &Option<Fields>| match other {
        None => join(own.iter().take(T::ALONE)),
        Some(other) => join(own.iter().filter(|field| !other.contains(field))),
    };
    (want.as_ref().map(|want| differing(want, &have)), have.as_ref().map(|have| differing(have, &want)))
}

fn join<'a>(fields: impl Iterator<Item = &'a (&'static str, String)>) -> String {
    let word = |(name, value): &(&str, String)| if name.is_empty() { value.clone() } else { format!("{name} {value}") };
    let words: Vec<String> = fields.map(word).collect();
    if words.is_empty() { "without".to_owned() } else { words.join(", ") }
}

impl Told for Class {
    const ALONE: usize = 3;

    fn fields(&self) -> Fields {
        vec![
            ("parent", self.parent.to_string()),
            ("rate", self.rate.to_string()),
            ("ceil", self.ceil.to_string()),
            ("burst", format!("{} bytes", self.burst.bytes_for_tc(self.rate))),
            ("cburst", format!("{} bytes", self.cburst.bytes_for_tc(self.ceil))),
            ("quantum", format!("{} bytes", self.quantum)),
            ("prio", self.priority.to_string()),
            ("overhead", format!("{} bytes", self.overhead)),
            ("mpu", format!("{} bytes", self.mpu)),
        ]
    }
}

impl Told for Qdisc {
    const ALONE: usize = 2;

    fn fields(&self) -> Fields {
        let (kind, options) = match &self.kind {
            QdiscKind::Mq => ("mq", Vec::new()),
            QdiscKind::Htb => ("htb", Vec::new()),
            QdiscKind::Leaf(leaf) => (leaf.kind(), options(leaf)),
            QdiscKind::Other(kind) => (kind.as_str(), Vec::new()),
        };
        let parent = if self.parent == Handle::ROOT { "root".to_owned() } else { self.parent.to_string() };
        let options = options.into_iter().map(|option| (option.name, option.value));
        [("", kind.to_owned()), ("parent", parent)].into_iter().chain(options).collect()
    }
}

impl Told for (Store, DeviceValue) {
    fn fields(&self) -> Fields {
        let (store, DeviceValue { class, queue, slot }) = self;
        let store = match store {
            Store::Exact => "in the exact map",
            Store::Trie => "in the trie",
        };
        vec![
            ("", store.to_owned()),
            ("download class", class[Direction::Download].to_string()),
            ("upload class", class[Direction::Upload].to_string()),
            ("queues", both(queue)),
            ("counters", slot_words(*slot)),
        ]
    }
}

impl Told for IdentityRecord {
    fn fields(&self) -> Fields {
        vec![("", format!("holder {:032x}", self.identity.0)), ("counters", slot_words(self.slot))]
    }
}

impl Told for Port {
    fn fields(&self) -> Fields {
        let mode = match self.mode {
            PortMode::Shape => "shaped",
            PortMode::Bypass => "bypassed: packets pass unshaped",
        };
        vec![
            ("", mode.to_owned()),
            ("default classes", both(&self.default_class)),
            ("default queues", both(&self.default_queue)),
            ("VLANs", both(&self.vlan)),
            ("mark", format!("{:#010x}", self.mark.mask())),
        ]
    }
}

impl Told for Carried {
    fn fields(&self) -> Fields {
        vec![("", self.as_str().to_owned())]
    }
}

impl Told for CompactString {
    fn fields(&self) -> Fields {
        vec![("CPUs", self.to_string())]
    }
}

impl Told for Root {
    fn fields(&self) -> Fields {
        let text = match self {
            Self::KernelDefault => "the kernel's default".to_owned(),
            Self::Ours => "Pleach's".to_owned(),
            Self::Foreign { kind, handle } => format!("{kind} {handle}, which is not Pleach's"),
        };
        vec![("", text)]
    }
}

fn both<T: std::fmt::Display>(of: &PerDirection<T>) -> String {
    format!("{} down, {} up", of.download, of.upload)
}

fn slot_words(slot: Slot) -> String {
    if slot == Slot::NONE { "none".to_owned() } else { slot.0.to_string() }
}
