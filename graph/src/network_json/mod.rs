//! `network.json`: the tree of sites and access points that LibreQoS shapes by.

mod error;
mod ids;
mod node;
mod read;
mod write;

pub use error::JsonError;
pub use ids::node_id;
pub use node::{JsonNode, NodeType};
pub use read::read;
pub use write::write;

#[cfg(test)]
mod tests;
