//! The tables of the CSV source: what its ids start with.

use pleach_graph::{NodeId, Table};

/// `csv:circuit`, by Circuit ID.
pub(crate) fn circuits() -> Table {
    table("circuit")
}

/// `csv:device`, by Device ID.
pub(crate) fn devices() -> Table {
    table("device")
}

/// `csv:node`, by the id, name or path of a site or access point.
pub(crate) fn nodes() -> Table {
    table("node")
}

/// `csv:link`, by id or content.
pub(crate) fn links() -> Table {
    table("link")
}

/// A node as a link's id names it: by its raw id alone where it is of this source's own table.
pub(crate) fn short(node: &NodeId) -> &str {
    if (node.source(), node.table()) == ("csv", "node") { node.raw() } else { node.as_str() }
}

fn table(name: &str) -> Table {
    Table::new("csv", name).expect("invariant: table names here are lower-case words")
}
