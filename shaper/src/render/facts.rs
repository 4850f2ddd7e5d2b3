//! What a plan changes, in a reader's words: the facts that the table and the document show.

use compact_str::CompactString;
use pleach_graph::Rate;
use pleach_tc::{Class, Direction, Handle, Interface, Leaf, MapSizes, Port, PortIndex};
use serde::Serialize;

use crate::subjects::Subject;

/// All that a plan changes. As JSON it is the document of `plan --format json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// The version of the document: 1.
    pub version: u32,
    /// By interface, and within an interface by direction: classes of nodes and circuits.
    pub classes: Vec<Group>,
    /// What the queue trees stand on, by interface.
    pub infrastructure: Vec<Infrastructure>,
    /// The classifier and its maps, as far as they are no circuit's.
    pub classifier: ClassifierChanges,
    /// What cannot be done in the usual way.
    pub notes: Vec<String>,
    /// How many there are of what.
    pub counts: Counts,
}

/// The changes of one direction on one interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Where.
    pub interface: Interface,
    /// Which direction; none where nobody knows any more.
    pub direction: Option<Direction>,
    /// What changes or moves, then what comes, then what goes; by class.
    pub changes: Vec<Change>,
}

/// What happens to a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It changes in place.
    Change,
    /// Its holder gets a new class.
    Move,
    /// It is new.
    Add,
    /// It goes.
    Remove,
}

/// A class of somebody, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What happens.
    pub action: Action,
    /// The class; of a move, the new one.
    pub class: Handle,
    /// The class it was, if it moves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_class: Option<Handle>,
    /// Whose; none where nobody knows any more.
    pub subject: Option<Subject>,
    /// The name of the node it hangs from afterwards; none at the top, and where it goes.
    pub parent: Option<CompactString>,
    /// The name of the node it hung from before.
    pub old_parent: Option<CompactString>,
    /// What it was.
    pub before: Option<ClassFacts>,
    /// What it will be.
    pub after: Option<ClassFacts>,
    /// It is deleted and made again, and what is queued in it then is lost.
    pub is_made_again: bool,
    /// Before the old class goes, what is queued in it may leave for a limited time.
    pub is_drained: bool,
    /// Addresses that come to it.
    pub addresses_added: Vec<String>,
    /// Addresses that leave it.
    pub addresses_removed: Vec<String>,
}

/// A class and its queue. Rates are in bit/s, the rest in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "as in `pleach_tc::Class`")]
pub struct ClassFacts {
    pub rate_bit: u64,
    pub ceil_bit: u64,
    pub burst: u64,
    pub cburst: u64,
    pub quantum: u32,
    pub priority: u8,
    pub overhead: u16,
    pub mpu: u16,
    /// None: the queue that HTB gives every class.
    pub leaf: Option<Leaf>,
}

impl ClassFacts {
    pub(super) fn new(class: &Class, leaf: Option<Leaf>) -> Self {
        Self {
            rate_bit: class.rate.bit(),
            ceil_bit: class.ceil.bit(),
            burst: class.burst.bytes_for_tc(class.rate),
            cburst: class.cburst.bytes_for_tc(class.ceil),
            quantum: class.quantum,
            priority: class.priority,
            overhead: class.overhead,
            mpu: class.mpu,
            leaf,
        }
    }

    pub(super) fn rate(&self) -> Rate {
        Rate::from_bit(self.rate_bit)
    }

    pub(super) fn ceil(&self) -> Rate {
        Rate::from_bit(self.ceil_bit)
    }
}

/// What the queue trees of an interface stand on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Infrastructure {
    /// Where.
    pub interface: Interface,
    /// The root that comes: `mq` or `htb`.
    pub root_added: Option<&'static str>,
    /// The root goes with everything below it, which is so many classes.
    pub root_removed: Option<usize>,
    /// HTBs that come.
    pub htbs_added: usize,
    /// HTBs that go by themselves.
    pub htbs_removed: usize,
    /// Link, control, default and keeper classes that come.
    pub classes_beside_added: usize,
    /// The same that go.
    pub classes_beside_removed: usize,
    /// clsact comes.
    pub clsact_added: bool,
    /// clsact goes.
    pub clsact_removed: bool,
    /// The entry point of the classifier that is attached.
    pub attached: Option<PortIndex>,
    /// The classifier is detached.
    pub is_detached: bool,
    /// Transmit queues whose reservation to CPUs (XPS) changes.
    pub xps: Vec<Xps>,
}

impl Infrastructure {
    pub(super) fn new(interface: Interface) -> Self {
        Self {
            interface,
            root_added: None,
            root_removed: None,
            htbs_added: 0,
            htbs_removed: 0,
            classes_beside_added: 0,
            classes_beside_removed: 0,
            clsact_added: false,
            clsact_removed: false,
            attached: None,
            is_detached: false,
            xps: Vec::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::new(self.interface.clone())
    }
}

/// A transmit queue whose reservation to CPUs changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Xps {
    /// Which queue, from 0.
    pub queue: u16,
    /// The mask before; none where there was none.
    pub before: Option<CompactString>,
    /// The mask afterwards.
    pub after: CompactString,
}

/// Changes of the classifier and its maps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClassifierChanges {
    /// A program is loaded with new maps.
    pub loaded: Option<Loaded>,
    /// Ports, by the entry point that reads them.
    pub ports: Vec<PortChange>,
    /// Networks whose unknown addresses are recorded from now on.
    pub watched: Vec<String>,
    /// Networks whose unknown addresses are no longer recorded.
    pub unwatched: Vec<String>,
    /// Ends of tunnels whose packets are looked up by what is in them from now on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<String>,
    /// Ends of tunnels that no longer are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub endpoints_removed: Vec<String>,
    /// Addresses that pass unshaped from now on.
    pub bypassed: Vec<String>,
    /// Addresses that no longer pass unshaped.
    pub no_longer_bypassed: Vec<String>,
    /// Addresses whose circuit nobody knows, that come or go.
    pub other_addresses: usize,
    /// Classes whose holder is written down or forgotten.
    pub identities: usize,
}

/// A program that is loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Loaded {
    /// As `sha256sum` of the object begins.
    pub object: String,
    /// How much its maps hold.
    pub sizes: MapSizes,
}

/// What a port of the classifier becomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PortChange {
    /// Which.
    pub port: PortIndex,
    /// What it was.
    pub before: Option<Port>,
    /// What it will be.
    pub after: Port,
    /// Packets pass unshaped for a while in between.
    pub is_bypassed_meanwhile: bool,
}

/// How many there are of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Classes that change in place.
    pub change: usize,
    /// Holders that get a new class.
    pub r#move: usize,
    /// Classes that are new.
    pub add: usize,
    /// Classes that go.
    pub remove: usize,
    /// Classes, queues and map entries that are as they should be.
    pub unchanged: usize,
}
