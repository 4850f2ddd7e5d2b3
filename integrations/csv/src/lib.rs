//! The CSV source: a network kept in files.
//!
//! Subscribers come from `ShapedDevices.csv`, nodes from `network.json` or a node table, and a links table may add what a
//! tree cannot say. [`read`] takes the texts of these files and gives one [`NetworkGraph`](pleach_graph::NetworkGraph)
//! with everything that was found wrong. Nothing here touches the file system.

mod agreement;
mod circuits;
mod devices;
mod ids;
mod inputs;
mod late_parents;
mod links;
mod nodes;
mod places;
mod statement;
mod table;

pub use inputs::{Document, Inputs, ReadError, read, read_bytes};

#[cfg(test)]
mod tests;
