//! Shaping with this host's kernel: what verbs do between reading a network and printing what came of it.
//!
//! Everything here takes the kernel as [`pleach_kernel::Kernel`], so that tests put a simulated one in its place.

pub mod capabilities;
pub mod change;
pub mod decide;
pub mod flow_table;
pub mod flows;
pub mod guard;
pub mod owner;
pub mod trace;
pub mod watcher;
