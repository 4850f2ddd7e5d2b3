//! Addresses that files cannot hold: those that repeat in nets.

use std::collections::HashSet;

use petgraph::graph::NodeIndex;

use crate::census::Census;
use crate::network_graph::NetworkGraph;
use crate::prefix::Prefix;

/// The prefixes of devices in nets that somebody else has too, outside of nets or in a net before: a file has no word for
/// nets, and its reader would take one subscriber's packets for the other's.
pub fn repeated_in_nets(network: &NetworkGraph, census: &Census) -> HashSet<(NodeIndex, Prefix)> {
    let mut repeated = HashSet::new();
    if network.nets().is_empty() {
        return repeated;
    }
    let devices = census.circuits().iter().flat_map(|circuit| network.circuits().devices(circuit.position));
    let claims = || devices.clone().flat_map(|&device| census.prefixes(network, device).map(move |it| (device, it)));
    let is_open = |claim: &(NodeIndex, Prefix)| network.net_of(claim.0, claim.1).is_none();
    let mut taken: HashSet<Prefix> = claims().filter(is_open).map(|(_, prefix)| prefix).collect();
    for claim in claims().filter(|claim| !is_open(claim)) {
        if !taken.insert(claim.1) {
            repeated.insert(claim);
        }
    }
    repeated
}
