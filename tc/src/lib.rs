//! The words of Linux traffic control: what a kernel can hold of one shaper, and the operations that change it.
//!
//! Everything here is a value. The planner (`pleach-shaper`) writes the state it wants in these words, the border
//! (`pleach-kernel`) reads the state there is in the same words, and their difference is a list of [`Operation`]s.
//!
//! Numbers are the kernel's own: a [`Class`] holds what `tc` would put on the wire, rounded as the kernel rounds, so that
//! what was written and what is read back compare equal.

mod baseline;
mod changeable;
mod class;
mod classifier;
mod compare;
mod diff;
mod direction;
mod given;
mod handle;
mod interface;
pub mod layout;
mod leaf;
mod operation;
pub mod options;
mod plan;
mod qdisc;
mod rounding;
mod state;
mod statistics;
mod time_text;
mod told;
mod tuning;
mod tunnel;
mod undo;
pub mod wire;

pub use baseline::{Baseline, InterfaceBaseline};
pub use class::{Class, PSCHED_TICK_NANOSECONDS, Ticks};
pub use classifier::{
    ClassifierState, ClassifierVersion, DeviceKey, DeviceValue, Identity, IdentityKey, IdentityRecord, MapSizes, Port,
    PortIndex, PortMode, Scope, Slot, Store,
};
pub use compare::{Difference, compare};
pub use diff::{Foreign, ForeignPlace, Refused, TakeOver, diff};
pub use direction::{Direction, PerDirection};
pub use given::{GivenCake, GivenFqCodel};
pub use handle::{Handle, HandleError, MAJOR_BUCKETS};
pub use interface::{Interface, InterfaceError};
pub use leaf::{
    AckFilter, Cake, Diffserv, FlowIsolation, FqCodel, Leaf, LeafKind, LinkLayer, Microseconds, Pfifo, Sfq, SplitGso,
};
pub use operation::{MapWrite, Operation};
pub use plan::{Note, Phase, Plan};
pub use qdisc::{Qdisc, QdiscKind};
pub use state::{InterfaceState, KernelState, Root};
pub use statistics::{CakeTin, ClassStatistics, LeafStatistics, PacketCount, Reason, Statistics, UnknownAddress};
pub use tunnel::{Carried, Endpoint, MarkField, ScatteredMask};
pub use undo::{ClassifierUndo, DeviceUndo, IdentityUndo, InterfaceUndo, Program, UNDO_VERSION, UndoRecord, Was};
