//! What decides which circuits of a network are shaped: the configuration's part of it, in the network's own terms, so that
//! it can be kept beside the network and gives the same census next year.

use std::collections::HashSet;

use pleach_graph::overrides::Applied;
use pleach_graph::{AddressPolicy, NetworkGraph, NeverShape, NodeId, NodeIndex, Policy, Prefix, Problems, Rate};
use serde::{Deserialize, Serialize};

use crate::config::{Addresses, Config};
use crate::shapers::{ListedNodes, find_listed};

/// What decides which circuits are shaped, and which nodes files leave out or show at the top.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkPolicy {
    /// The maximum rate towards a subscriber who states none, in bit/s.
    pub default_down_bit: u64,
    /// The maximum rate from a subscriber who states none, in bit/s.
    pub default_up_bit: u64,
    /// If not empty, only prefixes inside these are shaped.
    pub allow: Vec<Prefix>,
    /// Prefixes inside these are not shaped.
    pub ignore: Vec<Prefix>,
    /// Whether the built-in list of addresses that no subscriber has is used.
    pub never_shape: bool,
    /// Nodes that are left out.
    pub exclude: Vec<NodeId>,
    /// Nodes that are shown at the top.
    pub promote: Vec<NodeId>,
}

impl NetworkPolicy {
    /// What the configuration says of this network; a node that it names and that is not there is a problem.
    pub fn of(config: &Config, network: &NetworkGraph) -> (Self, Problems) {
        let (exclude, mut problems) = find_listed(network, &config.network.exclude, "exclude");
        let (promote, trouble) = find_listed(network, &config.network.promote, "promote");
        problems.extend(trouble);
        let Addresses { allow, ignore, never_shape } = config.addresses.clone();
        let policy = Self {
            default_down_bit: config.default_plan.down.bit(),
            default_up_bit: config.default_plan.up.bit(),
            allow,
            ignore,
            never_shape,
            exclude: ids(network, &exclude),
            promote: ids(network, &promote),
        };
        (policy, problems)
    }

    /// Adds what overrides decide.
    pub fn add(&mut self, applied: &Applied) {
        for (list, more) in [(&mut self.exclude, &applied.excluded), (&mut self.promote, &applied.promoted)] {
            list.extend(more.iter().cloned());
            list.sort_unstable();
            list.dedup();
        }
    }

    /// As the census takes it, and the nodes that are listed.
    pub fn resolve(&self, network: &NetworkGraph) -> (Policy, ListedNodes) {
        let find = |ids: &[NodeId]| -> HashSet<NodeIndex> { ids.iter().filter_map(|id| network.find(id)).collect() };
        let nodes = ListedNodes { excluded: find(&self.exclude), promoted: find(&self.promote) };
        let never_shape = if self.never_shape { NeverShape::BuiltIn } else { NeverShape::Off };
        let addresses = AddressPolicy::new(self.allow.iter().copied(), self.ignore.iter().copied(), never_shape);
        let default_plan = (Rate::from_bit(self.default_down_bit), Rate::from_bit(self.default_up_bit));
        (Policy { default_plan, addresses, excluded: nodes.excluded.clone() }, nodes)
    }
}

fn ids(network: &NetworkGraph, nodes: &HashSet<NodeIndex>) -> Vec<NodeId> {
    let mut ids: Vec<NodeId> = nodes.iter().map(|&node| network.node(node).id.clone()).collect();
    ids.sort_unstable();
    ids
}
