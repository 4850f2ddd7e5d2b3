//! The CSV source: a network kept in files.
//!
//! Subscribers come from `ShapedDevices.csv`, nodes from `network.json` or a node table, and a links table may add what a
//! tree cannot say. [`read`] takes the texts of these files and gives one [`NetworkGraph`](pleach_graph::NetworkGraph)
//! with everything that was found wrong. [`CsvSource`] is the same as a source: it reads the files, and nothing else here
//! touches the file system.
//!
//! ```
//! use pleach_csv::{Document, Inputs};
//! use pleach_graph::text::RawText;
//!
//! let nodes = RawText::table(b"Site Name,Download Mbps,Upload Mbps,Parent Site Name\nTower,1000,500,\n");
//! let rows = RawText::table(b"10017,Jones,1,cpe,Tower,,100.64.0.1,2001:db8::/56,10,5,100,20,\n");
//! let (network, problems) = pleach_csv::read(&Inputs {
//!     shaped_devices: Some(Document { name: "ShapedDevices.csv", text: &rows }),
//!     nodes: Some(Document { name: "nodes.csv", text: &nodes }),
//!     ..Inputs::default()
//! })?;
//! assert_eq!((network.circuits().len(), problems.len()), (1, 0));
//! # Ok::<(), pleach_csv::ReadError>(())
//! ```

mod agreement;
mod circuits;
mod devices;
mod ids;
mod inputs;
mod late_parents;
mod links;
mod nodes;
mod places;
mod source;
mod statement;
mod table;

pub use inputs::{Document, Inputs, ReadError, add, read, read_bytes};
pub use source::{CsvFiles, CsvSource, Role};

#[cfg(test)]
mod tests;
