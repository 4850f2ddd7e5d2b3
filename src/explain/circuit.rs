//! A circuit's own facts: its rates, and what becomes of its devices' prefixes.

use pleach_graph::{DeviceMap, NodeId, NodeIndex, Prefix, Rate, ShapedRate, Target};
use serde::Serialize;

use super::nets::{InnerFacts, Maps, inner_facts, nets_of};
use super::{OriginFacts, origin};
use crate::lookup::{MatchFacts, match_facts};
use crate::survey::Survey;

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

pub(super) fn circuit(survey: &Survey, position: usize) -> CircuitFacts {
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
