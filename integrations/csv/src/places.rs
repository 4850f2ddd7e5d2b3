//! Finding a site or access point by what a cell calls it.

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use pleach_graph::{Code, GraphBuilder, NodeId, NodeIndex, Problem, Text};

/// Sites and access points by name and by raw id; built once, asked once a row.
#[derive(Debug, Default)]
pub(crate) struct Places {
    by_name: Named,
    by_raw_id: Named,
}

/// Nodes by a text that need not be unique.
#[derive(Debug, Default)]
pub(crate) struct Named(HashMap<Text, Found>);

/// The nodes a text may mean: the one with the smallest id, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) node: NodeIndex,
    pub(crate) holders: u32,
}

impl Named {
    pub(crate) fn add(&mut self, text: &str, node: NodeIndex, builder: &GraphBuilder) {
        if text.is_empty() {
            return;
        }
        match self.0.entry(text.into()) {
            Entry::Vacant(place) => {
                place.insert(Found { node, holders: 1 });
            }
            Entry::Occupied(mut place) if place.get().node != node => {
                let found = place.get_mut();
                found.holders += 1;
                if builder.node(node).id < builder.node(found.node).id {
                    found.node = node;
                }
            }
            Entry::Occupied(_) => {}
        }
    }

    pub(crate) fn find(&self, text: &str) -> Option<Found> {
        self.0.get(text).copied()
    }
}

impl Places {
    pub(crate) fn add(&mut self, node: NodeIndex, builder: &GraphBuilder) {
        let record = builder.node(node);
        self.by_name.add(&record.name, node, builder);
        self.by_raw_id.add(record.id.raw(), node, builder);
    }

    /// Another name of a node; never takes a name from a node that has it as its own.
    pub(crate) fn add_alias(&mut self, alias: &str, node: NodeIndex, builder: &GraphBuilder) {
        if self.by_name.find(alias).is_none() {
            self.by_name.add(alias, node, builder);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_raw_id.0.is_empty()
    }

    /// By name, then by typed id, then by raw id: what a cell for names means.
    pub(crate) fn by_name(&self, text: &str, builder: &GraphBuilder) -> Option<Found> {
        self.by_name.find(text).or_else(|| self.by_id(text, builder))
    }

    /// By typed id, then by raw id: what a cell for ids means.
    pub(crate) fn by_id(&self, text: &str, builder: &GraphBuilder) -> Option<Found> {
        typed(text, builder).or_else(|| self.by_raw_id.find(text))
    }

    /// By typed id, raw id, then name: the end of a link.
    pub(crate) fn by_id_or_name(&self, text: &str, builder: &GraphBuilder) -> Option<Found> {
        self.by_id(text, builder).or_else(|| self.by_name.find(text))
    }
}

/// The node with this typed id, of whatever kind.
pub(crate) fn typed(text: &str, builder: &GraphBuilder) -> Option<Found> {
    let node = builder.find(&text.parse::<NodeId>().ok()?)?;
    Some(Found { node, holders: 1 })
}

/// Whether a parent cell says nothing; LibreQoS writes `none` for that.
pub(crate) fn is_unstated(parent: &str) -> bool {
    parent.is_empty() || parent.eq_ignore_ascii_case("none")
}

/// The warning that a parent's name belongs to several nodes.
pub(crate) fn ambiguous(child: NodeIndex, text: &str, found: Found, builder: &GraphBuilder) -> Problem {
    let (child, taken) = (builder.node(child), builder.node(found.node));
    let message = format!(
        "{} `{}` has the parent `{text}`, the name of {} nodes; `{}` is taken",
        child.kind.as_str(),
        child.name,
        found.holders,
        taken.id
    );
    Problem::new(Code::AmbiguousParent, message)
        .at(builder.document_name(child.origin.document), child.origin.line)
        .record(&child.id)
        .value(text)
        .hint("write the parent's id instead of its name, or give the nodes different names")
}
