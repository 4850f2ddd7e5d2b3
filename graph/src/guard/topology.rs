//! Which nodes and links of a network are lost in the next one.
//!
//! What a source states counts, not where paths lead: when a link fails, paths turn round by themselves, and that is what the
//! network is for. A node that another one of its kind replaces under its old parent's roof is no loss, nor is a link in the
//! place of another: both only got new ids.

use std::collections::BTreeMap;
use std::mem::{Discriminant, discriminant};

use hashbrown::HashMap;
use petgraph::graph::{EdgeIndex, NodeIndex};

use super::tally::Lost;
use crate::diff::Named;
use crate::id::NodeId;
use crate::network_graph::NetworkGraph;
use crate::node::{NodeKind, Parent};

/// Nodes or links of a source, and which of them are lost.
#[derive(Debug, Default)]
pub(super) struct Counted {
    /// How many there were.
    pub(super) before: usize,
    pub(super) lost: Lost,
}

impl Counted {
    /// Adds those of another source.
    pub(super) fn add(&mut self, other: &Self) {
        self.before += other.before;
        let unnamed = other.lost.count - other.lost.first.len();
        for name in &other.lost.first {
            self.lost.add(|| name.clone());
        }
        self.lost.count += unnamed;
    }
}

/// Sites and access points by source: those that are gone, and those that are stated to hang from another node.
pub(super) fn nodes<'n>(before: &'n NetworkGraph, after: &NetworkGraph) -> BTreeMap<&'n str, Counted> {
    let is_place = |index: &NodeIndex| {
        *index != before.top() && matches!(before.node(*index).kind, NodeKind::Site(_) | NodeKind::AccessPoint(_))
    };
    let places: Vec<NodeIndex> = before.nodes().map(|(index, _)| index).filter(is_place).collect();
    let mut replaced = Replaced::between(before, after);
    let is_lost = |&old: &NodeIndex| match after.find(&before.node(old).id) {
        None => !replaced.takes(old),
        Some(new) => has_moved(before, before.node(old).parent(), after, after.node(new).parent()),
    };
    let named = |old: NodeIndex| Named { id: before.node(old).id.clone(), name: before.node(old).name.clone() };
    counted(places, |&old| &before.node(old).id, is_lost, named)
}

/// How many nodes are new, and may be those that are gone under other ids: of the same kind, under the same parent.
struct Replaced<'n> {
    before: &'n NetworkGraph,
    after: &'n NetworkGraph,
    new: HashMap<(Discriminant<NodeKind>, Roof), usize>,
}

/// What a node is stated to hang from, as far as both networks have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Roof {
    /// This node of the network after.
    Standing(NodeIndex),
    /// One that only one of the networks has: under a new id, if it is a place of the other.
    Renamed,
    /// None that is known.
    None,
}

impl<'n> Replaced<'n> {
    fn between(before: &'n NetworkGraph, after: &'n NetworkGraph) -> Self {
        let mut new: HashMap<_, usize> = HashMap::new();
        for (_, node) in after.nodes().filter(|(_, node)| before.find(&node.id).is_none()) {
            let roof = node.parent().node().map_or(Roof::None, |parent| {
                before.find(&after.node(parent).id).map_or(Roof::Renamed, |_| Roof::Standing(parent))
            });
            *new.entry((discriminant(&node.kind), roof)).or_default() += 1;
        }
        Self { before, after, new }
    }

    /// Whether a node that is gone is one of those that are new; a new one stands for one that is gone.
    fn takes(&mut self, old: NodeIndex) -> bool {
        let old = self.before.node(old);
        let roof = old.parent().node().map_or(Roof::None, |parent| {
            self.after.find(&self.before.node(parent).id).map_or(Roof::Renamed, Roof::Standing)
        });
        let left = self.new.get_mut(&(discriminant(&old.kind), roof)).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    }
}

/// Whether a node hangs from another one now. A parent that is found at last is none; nor is one that is new where the
/// one before is gone: it is the same place under a new id.
fn has_moved(before: &NetworkGraph, old: Parent, after: &NetworkGraph, new: Parent) -> bool {
    match (old, new) {
        (Parent::Node(old), Parent::Node(new)) => {
            let (old_id, new_id) = (&before.node(old).id, &after.node(new).id);
            let is_same = after.find(old_id) == Some(new);
            let is_renamed = after.find(old_id).is_none() && before.find(new_id).is_none();
            !is_same && !is_renamed
        }
        (Parent::Unknown, _) => false,
        (old, new) => old != new,
    }
}

/// Links that their source states, by source: those that are gone.
pub(super) fn links<'n>(before: &'n NetworkGraph, after: &NetworkGraph) -> BTreeMap<&'n str, Counted> {
    let stated = before.links().filter(|link| before.link(*link).id.is_some()).collect();
    let mut gone = GoneLinks::between(before, after);
    let named = |link: EdgeIndex| {
        let id = before.link_id(link);
        Named { id: id.clone(), name: id.as_str().into() }
    };
    counted(stated, |&link| before.link_id(link), |&link| gone.takes(link), named)
}

/// Counts by the source of ids, in their order.
fn counted<'n, T: Copy>(
    mut items: Vec<T>,
    id: impl Fn(&T) -> &'n NodeId,
    mut is_lost: impl FnMut(&T) -> bool,
    named: impl Fn(T) -> Named,
) -> BTreeMap<&'n str, Counted> {
    items.sort_unstable_by_key(|item| id(item));
    let mut sources: BTreeMap<&str, Counted> = BTreeMap::new();
    for item in items {
        let counted = sources.entry(id(&item).source()).or_default();
        counted.before += 1;
        if is_lost(&item) {
            counted.lost.add(|| named(item));
        }
    }
    sources
}

/// How many links lead between two nodes no more. Which of parallel links is gone does not matter, nor what they are called, nor
/// that a node at an end has a new id.
struct GoneLinks<'n> {
    before: &'n NetworkGraph,
    after: &'n NetworkGraph,
    missing: HashMap<Ends, usize>,
}

/// The two nodes of a link in the network before, the smaller index first; none for one that only one of the networks has.
type Ends = [Option<NodeIndex>; 2];

impl<'n> GoneLinks<'n> {
    fn between(before: &'n NetworkGraph, after: &'n NetworkGraph) -> Self {
        let mut gone = Self { before, after, missing: HashMap::new() };
        let leads_on = |link: EdgeIndex| before.link(link).id.is_some();
        for link in before.links().filter(|link| leads_on(*link)) {
            *gone.missing.entry(gone.ends(link)).or_default() += 1;
        }
        let links = if gone.missing.is_empty() { None } else { Some(after.links()) };
        for link in links.into_iter().flatten() {
            let (first, second) = after.ends(link);
            // Most links only stand for the parent of a client that leads nowhere.
            if after.link(link).id.is_none() && !(after.is_junction(first) && after.is_junction(second)) {
                continue;
            }
            let old = |node| before.find(&after.node(node).id);
            if let Some(missing) = gone.missing.get_mut(&sorted([old(first), old(second)])) {
                *missing = missing.saturating_sub(1);
            }
        }
        gone
    }

    fn ends(&self, link: EdgeIndex) -> Ends {
        let (first, second) = self.before.ends(link);
        sorted([first, second].map(|node| self.after.find(&self.before.node(node).id).map(|_| node)))
    }

    /// Whether the link is one of those that are gone; the next one between the same nodes may be another.
    fn takes(&mut self, link: EdgeIndex) -> bool {
        let ends = self.ends(link);
        let missing = self.missing.get_mut(&ends);
        missing.filter(|missing| **missing > 0).map(|missing| *missing -= 1).is_some()
    }
}

fn sorted([first, second]: Ends) -> Ends {
    [first.min(second), first.max(second)]
}
