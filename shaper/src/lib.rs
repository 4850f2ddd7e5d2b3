//! From a tree of subscribers to what the kernel should hold: queue trees, leaves, class ids, the device map.
//!
//! Pure: [`Hierarchy`], [`Settings`], [`Host`] and the ledger go in; a [`pleach_tc::KernelState`], the next ledger and
//! problems come out.

mod hierarchy;
mod settings;

pub use hierarchy::{Circuit, Hierarchy, Node, NodePosition};
pub use settings::{
    CircuitSettings, Control, Host, LeafKind, LeafSettings, Ports, RootSpread, Settings, Share, Unknown,
};
