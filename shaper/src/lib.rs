//! From a tree of subscribers to what the kernel should hold: queue trees, leaves, class ids, the device map.
//!
//! Pure: [`Hierarchy`], [`Settings`], [`Host`] and the [`Ledger`] go in; a [`pleach_tc::KernelState`], the next ledger and
//! problems come out.

mod build;
mod ceilings;
mod class;
mod depth;
mod devices;
mod draw;
mod frame;
mod from_view;
mod hang;
mod hierarchy;
mod identity;
mod layout;
mod leaf;
mod ledger;
mod majors;
mod memory;
mod numbers;
mod outline;
mod packing;
mod plan;
mod rates;
mod rebuild;
mod register;
pub mod render;
mod report;
mod settings;
mod shape;
mod subjects;
mod ways;

pub use from_view::scope_of;
pub use hierarchy::{Circuit, Hierarchy, Node, NodePosition};
pub use layout::Layout;
pub use ledger::{Ledger, LedgerError};
pub use memory::{
    CAKE_BYTES, CLASS_BYTES, FQ_CODEL_BYTES, HeldMemory, MemoryEstimate, MemoryRefused, PFIFO_BYTES, SFQ_BYTES,
};
pub use plan::{PlanError, QueuePlan, plan};
pub use settings::{
    CircuitSettings, Control, Host, LeafSettings, Ports, Rebalance, RootSpread, Settings, Share, Tunnels, Unknown,
};
pub use shape::{LeafShape, LeafShapeError};
pub use subjects::{Subject, Subjects};
