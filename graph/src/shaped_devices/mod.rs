//! `ShapedDevices.csv`: subscribers' devices with their plans, in every dialect LibreQoS has had.

mod fit;
mod header;
mod quoted;
mod read;
mod repeated;
mod write;

pub use header::{Column, Layout, RATE_COLUMNS};
pub use read::{Entry, Row, Rows, SetAsideRow};
pub use repeated::repeated_in_nets;
pub use write::{BYPASS_CIRCUIT_ID, Selection, Written, write};

#[cfg(test)]
mod tests;
