//! The ids of nodes that state none: by name, and by path where a name is shared.

use std::collections::HashMap;

use compact_str::{CompactString, format_compact};

use crate::id::{NodeId, Table};

/// How many names a path holds; what is above them is told by a hash. Keeps the ids of a deep chain of namesakes short.
const MOST_NAMES: usize = 32;

/// The id that a file of nodes means by `text`: a typed id as it is, anything else in the table `csv:node`.
pub fn node_id(text: &str) -> NodeId {
    text.parse().unwrap_or_else(|_| nodes_table().id(text))
}

fn nodes_table() -> Table {
    Table::new("csv", "node").expect("invariant: both words are lower-case letters")
}

/// What is known of a node before it has an id. Its parent comes before it.
pub(super) struct Unnamed<'a> {
    pub(super) name: &'a str,
    pub(super) stated: Option<&'a str>,
    pub(super) parent: Option<usize>,
}

/// One id for each node: what it states, else its name, else, for every holder of a name, the path of names that leads
/// to it. Duplicate keys in one object even share that; the file's order is all that tells these apart.
pub(super) fn settle(nodes: &[Unnamed<'_>]) -> Vec<NodeId> {
    let mut holders: HashMap<&str, u32> = HashMap::new();
    for node in nodes.iter().filter(|node| node.stated.is_none()) {
        *holders.entry(node.name).or_default() += 1;
    }
    let table = nodes_table();
    let mut paths: HashMap<CompactString, u32> = HashMap::new();
    let mut hashes: Vec<u64> = Vec::with_capacity(nodes.len());
    let mut ids = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.iter().enumerate() {
        hashes.push(hash(node.parent.map_or(FNV_OFFSET, |parent| hashes[parent]), node.name));
        ids.push(match node.stated {
            Some(stated) => node_id(stated),
            None if holders[node.name] == 1 && !node.name.is_empty() => table.id(node.name),
            None => {
                let path = path(nodes, &hashes, index);
                let seen = paths.entry(path.clone()).or_default();
                *seen += 1;
                if *seen == 1 { table.id(&path) } else { table.id(&format_compact!("{path}#{seen}")) }
            }
        });
    }
    ids
}

/// `Tower/AP North`; at most [`MOST_NAMES`] names, behind a hash of what is above.
fn path(nodes: &[Unnamed<'_>], hashes: &[u64], index: usize) -> CompactString {
    let mut names = Vec::new();
    let mut next = Some(index);
    while let Some(at) = next
        && names.len() < MOST_NAMES
    {
        names.push(nodes[at].name);
        next = nodes[at].parent;
    }
    let mut path = next.map_or_else(CompactString::default, |above| format_compact!("~{:016x}", hashes[above]));
    for name in names.into_iter().rev() {
        if !path.is_empty() || name.is_empty() {
            path.push('/');
        }
        path.push_str(name);
    }
    path
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a of the path: the same on every machine and in every version, as an id must be.
fn hash(parent: u64, name: &str) -> u64 {
    const PRIME: u64 = 0x0100_0000_01b3;
    let separated = (parent ^ u64::from(b'/')).wrapping_mul(PRIME);
    name.bytes().fold(separated, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}
