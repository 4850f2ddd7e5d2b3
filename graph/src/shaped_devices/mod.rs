//! `ShapedDevices.csv`: subscribers' devices with their plans, in every dialect LibreQoS has had.

mod header;
mod read;

pub use header::{Column, Layout, RATE_COLUMNS};
pub use read::{Entry, Row, Rows, SetAsideRow};

#[cfg(test)]
mod tests;
