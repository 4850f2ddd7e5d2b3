//! network.json: the nodes that circuits hang from, nested.

mod write;

pub use write::write;
