//! `network.json`: the tree of sites and access points that LibreQoS shapes by.

mod error;
mod ids;
mod node;
mod read;

pub use error::JsonError;
pub use ids::node_id;
pub use node::{JsonNode, NodeType};
pub use read::read;

#[cfg(test)]
mod tests;
