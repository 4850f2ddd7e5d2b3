//! Why something is said of a node: what its source went by, or which line of the operator's decided.

use std::collections::{HashMap, HashSet};

use petgraph::graph::NodeIndex;
use serde::{Deserialize, Serialize};

/// What of a node a reason is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// That it is one node though several records speak of it, or that it is there at all.
    Identity,
    /// Its name.
    Name,
    /// What it hangs from.
    Parent,
    /// Its rates.
    Rates,
    /// Its addresses.
    Addresses,
    /// What it can carry.
    Capacity,
    /// Whether it is active, suspended, blocked.
    Status,
    /// The queue it asks for.
    Queue,
}

impl Aspect {
    /// In a word: `parent`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Name => "name",
            Self::Parent => "parent",
            Self::Rates => "rates",
            Self::Addresses => "addresses",
            Self::Capacity => "capacity",
            Self::Status => "status",
            Self::Queue => "queue",
        }
    }
}

/// A reason in words, for `explain`: that an access point is the one which the device itself names, say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StatedReason {
    /// What it is about.
    pub aspect: Aspect,
    /// The reason: lower case, names in backticks.
    pub text: Box<str>,
}

/// The reasons of all nodes.
#[derive(Clone, Debug, Default)]
pub(crate) struct StatedReasons {
    all: Vec<(NodeIndex, StatedReason)>,
    /// Reasons that hold no more: of which node, about what, and how many there were in all by then.
    forgotten: HashMap<(NodeIndex, Aspect), usize>,
}

impl StatedReasons {
    pub(crate) fn add(&mut self, node: NodeIndex, aspect: Aspect, text: impl Into<Box<str>>) {
        self.all.push((node, StatedReason { aspect, text: text.into() }));
    }

    /// What was said so far of this aspect of a node holds no more.
    pub(crate) fn forget(&mut self, node: NodeIndex, aspect: Aspect) {
        self.forgotten.insert((node, aspect), self.all.len());
    }

    pub(crate) fn renumber(&mut self, place: impl Fn(NodeIndex) -> NodeIndex) {
        self.drop_forgotten();
        for (node, _) in &mut self.all {
            *node = place(*node);
        }
    }

    fn drop_forgotten(&mut self) {
        let forgotten = std::mem::take(&mut self.forgotten);
        if forgotten.is_empty() {
            return;
        }
        let mut position = 0;
        self.all.retain(|(node, reason)| {
            position += 1;
            forgotten.get(&(*node, reason.aspect)).is_none_or(|until| position > *until)
        });
    }

    /// Puts each node's together; of one aspect they stay in the order they were stated in. One that is stated again is
    /// the same reason.
    pub(crate) fn settle(&mut self) {
        self.drop_forgotten();
        self.all.sort_by_key(|(node, reason)| (*node, reason.aspect));
        let mut is_new = Vec::with_capacity(self.all.len());
        let mut texts: HashSet<&str> = HashSet::new();
        for alike in self.all.chunk_by(|(a, first), (b, next)| (a, first.aspect) == (b, next.aspect)) {
            if alike.len() == 1 {
                is_new.push(true);
                continue;
            }
            texts.clear();
            is_new.extend(alike.iter().map(|(_, reason)| texts.insert(&reason.text)));
        }
        let mut is_new = is_new.into_iter();
        self.all.retain(|_| is_new.next() == Some(true));
        self.all.shrink_to_fit();
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(NodeIndex, StatedReason)> {
        self.all.iter()
    }

    pub(crate) fn of(&self, node: NodeIndex) -> impl Iterator<Item = &StatedReason> {
        let from = self.all.partition_point(|(other, _)| *other < node);
        self.all[from..].iter().take_while(move |(other, _)| *other == node).map(|(_, reason)| reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NetworkGraph, Table};

    #[test]
    fn reasons_follow_their_node() {
        let table = Table::new("test", "x").expect("a table");
        let id = |name: &str| table.id(name);
        let mut network = NetworkGraph::builder();
        network.client(id("c"), "").parent(id("s")).because(Aspect::Rates, "plan").because(Aspect::Parent, "first");
        network.site(id("s"), "").because(Aspect::Capacity, "the port's speed");
        network.edit(network.find(&id("c")).expect("added")).because(Aspect::Parent, "second");
        network.client(id("c"), "again").because(Aspect::Name, "a copy's reason goes with it");
        let (network, _) = network.build();
        let reasons = |name| {
            let node = network.find(&id(name)).expect("a node");
            network.stated_reasons(node).map(|reason| (reason.aspect.as_str(), &*reason.text)).collect::<Vec<_>>()
        };
        assert_eq!(reasons("c"), [("parent", "first"), ("parent", "second"), ("rates", "plan")]);
        assert_eq!(reasons("s"), [("capacity", "the port's speed")]);
    }
}
