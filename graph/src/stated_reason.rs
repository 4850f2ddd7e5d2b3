//! Why something is said of a node: what its source went by, or which line of the operator's decided.

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
pub(crate) struct StatedReasons(Vec<(NodeIndex, StatedReason)>);

impl StatedReasons {
    pub(crate) fn add(&mut self, node: NodeIndex, aspect: Aspect, text: &str) {
        self.0.push((node, StatedReason { aspect, text: text.into() }));
    }

    pub(crate) fn renumber(&mut self, place: impl Fn(NodeIndex) -> NodeIndex) {
        for (node, _) in &mut self.0 {
            *node = place(*node);
        }
    }

    /// Puts each node's together; of one aspect they stay in the order they were stated in.
    pub(crate) fn settle(&mut self) {
        self.0.sort_by_key(|(node, reason)| (*node, reason.aspect));
        self.0.dedup();
        self.0.shrink_to_fit();
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(NodeIndex, StatedReason)> {
        self.0.iter()
    }

    pub(crate) fn of(&self, node: NodeIndex) -> impl Iterator<Item = &StatedReason> {
        let from = self.0.partition_point(|(other, _)| *other < node);
        self.0[from..].iter().take_while(move |(other, _)| *other == node).map(|(_, reason)| reason)
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
