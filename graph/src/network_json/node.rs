//! A node of `network.json`, as it stands in the file.

use crate::capacity::Capacity;
use crate::delimited::normalised;
use crate::id::NodeId;
use crate::node::{Position, Text};

/// A node of the file, parents before their children.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonNode {
    /// Its id: stated, or made from its name or path.
    pub id: NodeId,
    /// Its key; may be empty.
    pub name: Text,
    /// The name of the radio it is attached by, which circuits may name as their parent too; often empty.
    pub attachment: Text,
    /// Index of its parent in the list; none at the top.
    pub parent: Option<usize>,
    /// What it is.
    pub node_type: NodeType,
    /// Its pair of rates.
    pub capacity: Capacity,
    /// Where it stands.
    pub position: Option<Position>,
    /// The line of its key, from 1.
    pub line: u32,
}

/// What a file calls a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NodeType {
    /// A site: everything that is nothing else.
    #[default]
    Site,
    /// An access point.
    AccessPoint,
    /// A site that exists for reports only.
    Virtual,
}

impl NodeType {
    /// The type a text stands for, in any case: `ap`, `access point`, `sector`, `virtual`; all else is a site.
    pub fn of(text: &str) -> Self {
        match normalised(text).as_str() {
            "ap" | "accesspoint" | "sector" => Self::AccessPoint,
            "virtual" => Self::Virtual,
            _ => Self::Site,
        }
    }
}
