//! Whose an address is: the matches of the device map, as facts.

use std::net::IpAddr;

use pleach_graph::{DeviceMap, Match, Net, NetworkGraph, NodeId, NodeIndex, Prefix, Target};
use serde::Serialize;

use crate::survey::Survey;

/// A prefix of the device map and whose it is.
#[derive(Debug, Serialize)]
pub struct MatchFacts {
    /// The prefix.
    pub prefix: Prefix,
    /// The circuit; none where it passes unshaped.
    pub circuit: Option<NodeId>,
    /// The circuit's name.
    pub name: String,
}

/// A match with whose it is.
pub fn match_facts(network: &NetworkGraph, found: Match) -> MatchFacts {
    match found.target {
        Target::Bypass => {
            MatchFacts { prefix: found.prefix, circuit: None, name: "bypass, passes unshaped".to_owned() }
        }
        Target::Circuit { position, .. } => {
            let client = network.node(network.circuits().clients()[position]);
            MatchFacts { prefix: found.prefix, circuit: Some(client.id.clone()), name: client.name.to_string() }
        }
    }
}

/// What an address is looked up as: the match that counts, and the wider ones it is taken from.
#[derive(Debug, Serialize)]
pub struct LookupFacts {
    /// The address.
    pub address: IpAddr,
    /// The longest match.
    pub matched: Option<MatchFacts>,
    /// Wider prefixes that hold the address too, the narrowest first.
    pub wider: Vec<MatchFacts>,
}

/// Looks an address up as the shaper will: outside of nets, or in one.
pub fn lookup(survey: &Survey, address: IpAddr, net: Option<&Net>) -> (LookupFacts, Option<NodeIndex>) {
    let map = DeviceMap::of_net(&survey.network, &survey.census, net);
    let mut matches = map.matches(address);
    matches.reverse();
    let node = matches.first().and_then(|found| match found.target {
        Target::Circuit { position, .. } => Some(survey.network.circuits().clients()[position]),
        Target::Bypass => None,
    });
    let mut facts = matches.into_iter().map(|found| match_facts(&survey.network, found));
    (LookupFacts { address, matched: facts.next(), wider: facts.collect() }, node)
}
