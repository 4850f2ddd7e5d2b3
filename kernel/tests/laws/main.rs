//! The laws of planning and doing, on random states and a simulated kernel.

mod diffs;
mod faults;
mod links;
mod world;
