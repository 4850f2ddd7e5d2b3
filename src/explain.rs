//! Why a circuit or a node is as it is: the facts, the same for text and JSON.

mod nets;

use std::collections::HashSet;

use pleach_graph::reasons::{self, Binding, Direction};
use pleach_graph::{
    Capacity, DeviceMap, Limit, NetworkGraph, NodeId, NodeIndex, NodeKind, PlaceIndex, PlaceKind, Prefix, Problem,
    Rate, ShapedRate, StatedReason, Target,
};
use serde::Serialize;

use crate::lookup::{MatchFacts, match_facts};
use crate::shapers::{Holders, Rooted};
use crate::survey::Survey;

pub use nets::{InnerFacts, NetFacts};
use nets::{Maps, inner_facts, net_facts, nets_of};

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

/// What is known of a circuit beside its place.
#[derive(Debug, Serialize)]
pub struct CircuitFacts {
    /// What became of it, in words.
    pub fate: String,
    /// Download: what is stated and what comes of it.
    pub download: RateFacts,
    /// Upload: the same.
    pub upload: RateFacts,
    /// Its devices and their prefixes.
    pub devices: Vec<DeviceFacts>,
    /// What its maxima, which are of frames on the wire, leave in each of its nets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inner: Vec<InnerFacts>,
}

/// The arithmetic of a rate.
#[derive(Debug, Serialize)]
pub struct RateFacts {
    /// What the source states.
    pub stated_min_bit: Option<Rate>,
    /// What the source states.
    pub stated_max_bit: Option<Rate>,
    /// What is shaped; none if the circuit is not.
    pub shaped: Option<ShapedFacts>,
}

/// Rates as shaped.
#[derive(Debug, Serialize)]
pub struct ShapedFacts {
    /// The minimum.
    pub min_bit: Rate,
    /// The maximum.
    pub max_bit: Rate,
    /// How the two came about.
    pub because: String,
}

/// A device of a circuit.
#[derive(Debug, Serialize)]
pub struct DeviceFacts {
    /// Its id.
    pub id: NodeId,
    /// Where it was read.
    pub origin: Option<OriginFacts>,
    /// Its prefixes.
    pub prefixes: Vec<PrefixFacts>,
}

/// A prefix, and what happens to its addresses.
#[derive(Debug, Serialize)]
pub struct PrefixFacts {
    /// The prefix.
    pub prefix: Prefix,
    /// The net that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net: Option<String>,
    /// Whether the device map holds it for this circuit.
    pub is_shaped: bool,
    /// Wider prefixes: those that it takes addresses from, or, if it is not shaped, those that take its addresses, the
    /// narrowest last.
    pub inside_of: Vec<MatchFacts>,
    /// Longer prefixes that take addresses from it.
    pub shadowed_by: Vec<MatchFacts>,
}

/// A node as one shaper sees it.
#[derive(Debug, Serialize)]
pub struct SeenBy {
    /// The shaper.
    pub shaper: String,
    /// Whether it holds the circuit; none for a node that is no circuit.
    pub holds_circuit: Option<bool>,
    /// The name that its files give as parent; empty at the top.
    pub parent_in_files: String,
    /// The path from the root to the place it hangs from, or that it is.
    pub path: Vec<Hop>,
    /// The ceiling there.
    pub ceiling: CeilingFacts,
}

/// A step of a path.
#[derive(Debug, Serialize)]
pub struct Hop {
    /// What stands there.
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// The link that leads there.
    pub link: Option<String>,
    /// That link's capacity towards subscribers, in bit/s.
    pub link_down_bit: Option<Rate>,
    /// That link's capacity from subscribers, in bit/s.
    pub link_up_bit: Option<Rate>,
    /// An access point's sector, towards its stations, in bit/s.
    pub sector_down_bit: Option<Rate>,
    /// An access point's sector, from its stations, in bit/s.
    pub sector_up_bit: Option<Rate>,
    /// The sum of costs up to here.
    pub cost: u64,
    /// The most that passes here towards subscribers.
    pub ceiling_down_bit: Option<Rate>,
    /// The most that passes here from subscribers.
    pub ceiling_up_bit: Option<Rate>,
    /// Why this path, in words.
    pub because: String,
}

/// A ceiling, and what sets it.
#[derive(Debug, Serialize)]
pub struct CeilingFacts {
    /// Towards subscribers.
    pub down_bit: Option<Rate>,
    /// What sets it.
    pub down_because: String,
    /// From subscribers.
    pub up_bit: Option<Rate>,
    /// What sets it.
    pub up_because: String,
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

fn circuit(survey: &Survey, position: usize) -> CircuitFacts {
    let network = &survey.network;
    let client = network.circuits().clients()[position];
    let plan = network.node(client).client().map(|client| client.plan).unwrap_or_default();
    let shaped = survey.census.circuits().iter().find(|circuit| circuit.position == position);
    let rate = |stated: pleach_graph::PlanRate, shaped: Option<ShapedRate>| RateFacts {
        stated_min_bit: stated.min,
        stated_max_bit: stated.max,
        shaped: shaped.map(|rate| ShapedFacts { min_bit: rate.min, max_bit: rate.max, because: because(stated, rate) }),
    };
    let devices = network.circuits().devices(position);
    let nets = nets_of(network, devices);
    let maps = Maps::new(survey, &nets);
    CircuitFacts {
        fate: survey.census.fate_of(position).to_string(),
        download: rate(plan.down, shaped.map(|circuit| circuit.down)),
        upload: rate(plan.up, shaped.map(|circuit| circuit.up)),
        devices: devices.iter().map(|&device| device_facts(survey, &maps, device)).collect(),
        inner: shaped.map_or_else(Vec::new, |circuit| nets.iter().map(|net| inner_facts(net, circuit)).collect()),
    }
}

fn because(stated: pleach_graph::PlanRate, shaped: ShapedRate) -> String {
    let max = match stated.max {
        None => "the default plan's maximum".to_owned(),
        Some(max) if max != shaped.max => format!("the stated maximum of {max} raised to the least that is shaped"),
        Some(_) => "the stated maximum".to_owned(),
    };
    let min = match stated.min {
        None if shaped.min == Rate::SUBSCRIBER_MIN => "the least that is shaped as minimum".to_owned(),
        None => "a tenth of it as minimum".to_owned(),
        Some(min) if min > shaped.min => format!("the stated minimum of {min} lowered to it"),
        Some(min) if min < shaped.min => format!("the stated minimum of {min} raised to the least that is shaped"),
        Some(_) => "the stated minimum".to_owned(),
    };
    format!("{max}, {min}")
}

fn device_facts(survey: &Survey, maps: &Maps, device: NodeIndex) -> DeviceFacts {
    let network = &survey.network;
    let shaped: Vec<Prefix> = survey.census.prefixes(network, device).collect();
    let claims = network.node(device).device().map_or(&[][..], |device| &device.claims);
    let mut prefixes: Vec<Prefix> = claims.iter().map(|claim| claim.prefix).collect();
    prefixes.sort_unstable();
    let prefix = |prefix: Prefix| {
        let net = network.net_of(device, prefix);
        let map = maps.of(net);
        let wider = map.matches(prefix.net().addr()).into_iter();
        let is_shaped = shaped.contains(&prefix) && survey_holds(map, prefix, device);
        let wider = wider.filter(|found| found.prefix != prefix && found.prefix.contains(prefix));
        PrefixFacts {
            prefix,
            net: net.map(|net| net.name.to_string()),
            is_shaped,
            inside_of: wider.map(|found| match_facts(network, found)).collect(),
            shadowed_by: map.inside(prefix).into_iter().map(|found| match_facts(network, found)).collect(),
        }
    };
    DeviceFacts {
        id: network.node(device).id.clone(),
        origin: origin(network, device),
        prefixes: prefixes.into_iter().map(prefix).collect(),
    }
}

fn survey_holds(map: &DeviceMap, prefix: Prefix, device: NodeIndex) -> bool {
    let held = map.matches(prefix.net().addr()).into_iter().find(|found| found.prefix == prefix);
    held.is_some_and(|found| matches!(found.target, Target::Circuit { device: holder, .. } if holder == device))
}

fn seen_by(survey: &Survey, rooted: &Rooted<'_>, node: NodeIndex, position: Option<usize>) -> Option<SeenBy> {
    let tree = &rooted.tree;
    let place = match position {
        Some(position) => tree.circuit_place(position),
        None => tree.place_of(node)?,
    };
    let view = rooted.view(&survey.census, &survey.nodes);
    let above = match position {
        Some(position) => view.circuit_parent(position),
        None => tree.at(place).parent.and_then(|parent| view.shown_under(parent)),
    };
    let mut path: Vec<Hop> = tree.path_up(place).map(|at| hop(rooted, at)).collect();
    path.reverse();
    let uplink = rooted.shaper.uplink.capacity();
    let ceiling = tree.at(place).ceiling.min(uplink);
    Some(SeenBy {
        shaper: rooted.shaper.name.clone(),
        holds_circuit: None,
        parent_in_files: above.map(|entry| view.at(entry).name.clone()).unwrap_or_default(),
        path,
        ceiling: CeilingFacts {
            down_bit: ceiling.down.rate(),
            down_because: set_by(rooted, place, uplink.down, Direction::Down),
            up_bit: ceiling.up.rate(),
            up_because: set_by(rooted, place, uplink.up, Direction::Up),
        },
    })
}

fn set_by(rooted: &Rooted<'_>, place: PlaceIndex, uplink: Limit, direction: Direction) -> String {
    let tree = &rooted.tree;
    match reasons::binding(tree, place, uplink, direction) {
        Binding::Uplink => format!("set by the uplink of shaper `{}`", rooted.shaper.name),
        Binding::Link(at) => format!("set by the link to `{}`", tree.place_name(at)),
        Binding::Sector(at) => format!("set by the sector of `{}`", tree.place_name(at)),
        Binding::Nothing => "nothing is stated on its path".to_owned(),
    }
}

fn hop(rooted: &Rooted<'_>, place: PlaceIndex) -> Hop {
    let tree = &rooted.tree;
    let at = tree.at(place);
    let ceiling = at.ceiling.min(rooted.shaper.uplink.capacity());
    let sector = match at.kind.node().map(|node| &tree.network().node(node).kind) {
        Some(NodeKind::AccessPoint(ap)) => ap.sector,
        _ => Capacity::NONE,
    };
    Hop {
        id: tree.place_id(place),
        name: tree.place_name(place),
        link: at.link.map(|link| tree.network().link_id(link).to_string()),
        link_down_bit: at.link_capacity.down.rate(),
        link_up_bit: at.link_capacity.up.rate(),
        sector_down_bit: sector.down.rate(),
        sector_up_bit: sector.up.rate(),
        cost: at.distance.cost,
        ceiling_down_bit: ceiling.down.rate(),
        ceiling_up_bit: ceiling.up.rate(),
        because: why(rooted, place),
    }
}

fn why(rooted: &Rooted<'_>, place: PlaceIndex) -> String {
    let tree = &rooted.tree;
    if place == PlaceIndex::ROOT {
        return "the root".to_owned();
    }
    if tree.at(place).kind == PlaceKind::Orphans {
        return "holds what has no path to the root".to_owned();
    }
    let others = reasons::alternatives(tree, place);
    let decision = reasons::decision(tree, place, &others).as_str();
    match others.first() {
        None => decision.to_owned(),
        Some(other) => {
            let via = &tree.network().node(other.via).name;
            format!("{decision}; over `{via}` the cost is {}, {} hops", other.distance.cost, other.distance.hops)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pleach_graph::PlanRate;

    #[test]
    fn the_arithmetic_in_words() {
        let mbit = Rate::from_mbit;
        let shaped = |min, max| ShapedRate { min, max, min_is_stated: true };
        let stated = |min, max| PlanRate { min, max };
        for (stated, shaped, expected) in [
            (
                stated(None, Some(mbit(100))),
                shaped(mbit(10), mbit(100)),
                "the stated maximum, a tenth of it as minimum",
            ),
            (stated(Some(mbit(5)), None), shaped(mbit(5), mbit(100)), "the default plan's maximum, the stated minimum"),
            (
                stated(Some(mbit(9)), Some(mbit(8))),
                shaped(mbit(8), mbit(8)),
                "the stated maximum, the stated minimum of 9 Mbit/s lowered to it",
            ),
        ] {
            assert_eq!(because(stated, shaped), expected);
        }
    }
}
