//! Why a circuit or a node is as it is: the facts, the same for text and JSON.

mod circuit;
mod nets;
mod path;

use std::collections::HashSet;

use pleach_graph::{NetworkGraph, NodeId, NodeIndex, Problem, StatedReason};
use serde::Serialize;

use crate::shapers::{Holders, Rooted};
use crate::survey::Survey;

pub use circuit::{CircuitFacts, DeviceFacts, PrefixFacts, RateFacts, ShapedFacts};
pub use nets::{InnerFacts, NetFacts};
pub use path::{CeilingFacts, Hop, SeenBy};

use circuit::circuit;
use nets::net_facts;
use path::seen_by;

/// Everything known about a node.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// Its id.
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: &'static str,
    /// The record it was read from.
    pub origin: Option<OriginFacts>,
    /// The ids of records of other sources that are one with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_ids: Vec<NodeId>,
    /// Why its sources, a rule or an override say what is said of it and of its devices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonFacts>,
    /// The nets that are bound to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nets: Vec<NetFacts>,
    /// What only a circuit has.
    pub circuit: Option<CircuitFacts>,
    /// How each shaper sees it.
    pub shapers: Vec<SeenBy>,
    /// The problems that name it or one of its devices.
    pub problems: Vec<Problem>,
}

/// Where a record was read.
#[derive(Debug, Serialize)]
pub struct OriginFacts {
    /// The document.
    pub document: String,
    /// The line.
    pub line: u32,
}

/// Why something is said of a record.
#[derive(Debug, Serialize)]
pub struct ReasonFacts {
    /// Of which record: the node itself, or a device of the circuit.
    pub record: NodeId,
    /// What is said and why.
    #[serde(flatten)]
    pub reason: StatedReason,
}

/// Explains a node. A device is explained as its circuit.
pub fn explain(survey: &Survey, shapers: &[Rooted<'_>], holders: &Holders, node: NodeIndex) -> Explanation {
    let network = &survey.network;
    let node = network.owner(node).unwrap_or(node);
    let position = network.circuits().clients().iter().position(|&client| client == node);
    let record = network.node(node);
    let mut ids: HashSet<&NodeId> = HashSet::from([&record.id]);
    if let Some(position) = position {
        ids.extend(network.circuits().devices(position).iter().map(|&device| &network.node(device).id));
    }
    let is_about = |problem: &Problem| problem.record.as_ref().is_some_and(|id| ids.contains(id));
    let seen = shapers.iter().enumerate().filter_map(|(index, rooted)| {
        let mut seen = seen_by(survey, rooted, node, position)?;
        seen.holds_circuit = position.map(|position| holders.holds(index, position));
        Some(seen)
    });
    Explanation {
        id: record.id.clone(),
        name: record.name.to_string(),
        kind: if position.is_some() { "circuit" } else { record.kind.as_str() },
        origin: origin(network, node),
        other_ids: network.other_ids(node).into_iter().cloned().collect(),
        reasons: reasons(network, node, position),
        nets: network.nets_at(node).map(net_facts).collect(),
        circuit: position.map(|position| circuit(survey, position)),
        shapers: seen.collect(),
        problems: survey.problems(&survey.views(shapers)).into_iter().filter(is_about).collect(),
    }
}

/// Explains a circuit that has no place in the network, since its rows could not be used: by its id or Circuit ID.
pub fn explain_set_aside(survey: &Survey, subject: &str) -> Option<Explanation> {
    let problems = survey.problems(&[]);
    let set_aside = survey.network.set_aside().iter().filter_map(|set_aside| set_aside.id.as_ref());
    // What the last run set aside, and changed no file for it, is known by its problems alone.
    let ids = set_aside.chain(problems.iter().filter_map(|problem| problem.record.as_ref()));
    let id = ids.into_iter().find(|id| id.as_str() == subject || id.raw() == subject)?;
    Some(Explanation {
        id: id.clone(),
        name: id.raw().to_owned(),
        kind: "circuit set aside",
        origin: None,
        other_ids: Vec::new(),
        reasons: Vec::new(),
        nets: Vec::new(),
        circuit: None,
        shapers: Vec::new(),
        problems: problems.iter().filter(|problem| problem.record.as_ref() == Some(id)).cloned().collect(),
    })
}

/// The reasons for a node, then those for its devices.
fn reasons(network: &NetworkGraph, node: NodeIndex, position: Option<usize>) -> Vec<ReasonFacts> {
    let devices = position.map_or(&[][..], |position| network.circuits().devices(position));
    let of = |&node: &NodeIndex| {
        let record = &network.node(node).id;
        network.stated_reasons(node).map(|reason| ReasonFacts { record: record.clone(), reason: reason.clone() })
    };
    std::iter::once(&node).chain(devices).flat_map(of).collect()
}

fn origin(network: &NetworkGraph, node: NodeIndex) -> Option<OriginFacts> {
    let origin = network.node(node).origin;
    let document = network.documents().get(origin.document as usize)?.to_string();
    Some(OriginFacts { document, line: origin.line })
}
