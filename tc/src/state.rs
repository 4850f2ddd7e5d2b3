//! What a kernel holds of one shaper, or should hold.

use std::collections::BTreeMap;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::class::Class;
use crate::classifier::ClassifierState;
use crate::handle::Handle;
use crate::interface::Interface;
use crate::qdisc::Qdisc;

/// What a kernel holds of one shaper, or should hold: the same type for what is wanted and for what was observed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KernelState {
    /// The shaped interfaces.
    pub interfaces: BTreeMap<Interface, InterfaceState>,
    /// The classifier's program and maps; none where none of ours is attached anywhere. Where two interfaces have two
    /// instances (an upgrade was cut short), the one on the first of them.
    pub classifier: Option<ClassifierState>,
}

/// What hangs in one interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterfaceState {
    /// How many transmit queues are in use.
    pub queues: u16,
    /// The root qdisc.
    pub root: Root,
    /// All qdiscs with a handle, by handle; clsact is told by `has_clsact`.
    pub qdiscs: BTreeMap<Handle, Qdisc>,
    /// All HTB classes, by handle.
    pub classes: BTreeMap<Handle, Class>,
    /// Whether there is a clsact qdisc.
    pub has_clsact: bool,
    /// How many filters hang in clsact, on either side, that are not ours; clsact then stays. Only observed, never wanted.
    pub other_filters: u16,
    /// Which of our programs is on clsact's egress, where it is the instance that [`KernelState::classifier`] tells of.
    pub attached: Option<crate::classifier::PortIndex>,
    /// Which CPUs each transmit queue is reserved to, as sysfs has it, where any is (XPS). It overrides the queue that the
    /// classifier chooses.
    pub xps: BTreeMap<u16, CompactString>,
}

/// The root qdisc of an interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Root {
    /// What the kernel gives an interface by itself: handle 0.
    #[default]
    KernelDefault,
    /// Ours: an `mq` or an HTB under the handle that we use.
    Ours,
    /// Somebody else's.
    Foreign {
        /// Its kind.
        kind: CompactString,
        /// Its handle.
        handle: Handle,
    },
}
