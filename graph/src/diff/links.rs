//! How the links of two generations differ, as far as their sources state them.

use petgraph::graph::EdgeIndex;
use serde::Serialize;

use super::facts::{CapacityFacts, Change, Ends, LinkFacts, Named};
use super::pairs::{Pair, pairs};
use super::same::named;
use crate::id::NodeId;
use crate::network_graph::NetworkGraph;

/// What is different about links. One that is on both sides may be in several lists; its name is its id.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LinkChanges {
    /// These are new.
    pub added: Vec<LinkFacts>,
    /// These are no more.
    pub removed: Vec<LinkFacts>,
    /// They lead from or to other nodes.
    pub moved: Vec<Change<Ends>>,
    /// They carry more or less.
    pub capacity: Vec<Change<CapacityFacts>>,
    /// Another cost is stated for them.
    pub cost: Vec<Change<Option<u32>>>,
    /// How many are on both sides, and in one of the lists at least.
    pub changed: usize,
    /// How many are on both sides and the same.
    pub unchanged: usize,
}

impl LinkChanges {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.added.len() + self.removed.len() + self.changed == 0
    }
}

pub(super) fn compare(before: &NetworkGraph, after: &NetworkGraph) -> LinkChanges {
    let (old, new) = (by_id(before), by_id(after));
    let mut changes = LinkChanges::default();
    for pair in pairs(&old, &new, |(id, _)| *id) {
        match pair {
            Pair::Before((_, old)) => changes.removed.push(facts(before, *old)),
            Pair::After((_, new)) => changes.added.push(facts(after, *new)),
            Pair::Both((_, old), (_, new)) => {
                if changes.both(&facts(before, *old), &facts(after, *new)) {
                    changes.changed += 1;
                } else {
                    changes.unchanged += 1;
                }
            }
        }
    }
    changes
}

impl LinkChanges {
    /// Adds what differs of one link; whether anything does.
    fn both(&mut self, old: &LinkFacts, new: &LinkFacts) -> bool {
        let of = || Named { id: new.id.clone(), name: new.id.as_str().into() };
        let is_moved = [&old.ends.first.id, &old.ends.second.id] != [&new.ends.first.id, &new.ends.second.id];
        if is_moved {
            self.moved.push(Change { of: of(), from: old.ends.clone(), to: new.ends.clone() });
        }
        if old.capacity != new.capacity {
            self.capacity.push(Change { of: of(), from: old.capacity, to: new.capacity });
        }
        if old.cost != new.cost {
            self.cost.push(Change { of: of(), from: old.cost, to: new.cost });
        }
        is_moved || old.capacity != new.capacity || old.cost != new.cost
    }
}

/// How many links have an id of their own.
pub(super) fn count(network: &NetworkGraph) -> usize {
    network.links().filter(|link| network.link(*link).id.is_some()).count()
}

/// The links that have an id of their own, by it.
fn by_id(network: &NetworkGraph) -> Vec<(&NodeId, EdgeIndex)> {
    let own = network.links().filter(|link| network.link(*link).id.is_some());
    let mut links: Vec<_> = own.map(|link| (network.link_id(link), link)).collect();
    links.sort_unstable();
    links
}

fn facts(network: &NetworkGraph, link: EdgeIndex) -> LinkFacts {
    let (first, second) = network.ends(link);
    let record = network.link(link);
    LinkFacts {
        id: network.link_id(link).clone(),
        ends: Ends { first: named(network, first), second: named(network, second) },
        capacity: record.capacity.into(),
        cost: record.stated_cost.map(Into::into),
    }
}
