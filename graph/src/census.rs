//! The counting law: every circuit that was read is shaped, quarantined with a named problem, or left out by a named rule.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use petgraph::graph::NodeIndex;
use serde::{Deserialize, Serialize, Serializer};

use crate::address_policy::{AddressPolicy, Dropped};
use crate::network_graph::NetworkGraph;
use crate::node::{Claim, Plan, PlanRate};
use crate::prefix::Prefix;
use crate::problem::{Code, Problem, Problems};
use crate::rate::Rate;

/// What decides which circuits are shaped, and how what they leave open is filled in.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The maximum rate of a circuit that states none: down, up.
    pub default_plan: (Rate, Rate),
    /// Which addresses are shaped.
    pub addresses: AddressPolicy,
    /// Nodes that the operator leaves out; an excluded client is no circuit.
    pub excluded: HashSet<NodeIndex>,
}

impl Default for Policy {
    fn default() -> Self {
        let hundred = Rate::from_mbit(100); // what an operator would sell and notice
        Self { default_plan: (hundred, hundred), addresses: AddressPolicy::default(), excluded: HashSet::new() }
    }
}

/// A derived minimum is the maximum divided by this.
const DERIVED_MIN_DIVISOR: u64 = 10;

/// What became of every circuit that was read. The same for every root.
#[derive(Debug)]
pub struct Census {
    circuits: Vec<Circuit>,
    fates: Vec<Fate>,
    dropped: HashSet<(NodeIndex, Prefix)>,
    bypass: BTreeSet<Prefix>,
    counts: Counts,
    problems: Problems,
}

/// A circuit that is shaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circuit {
    /// Its position in [`CircuitIndex`](crate::CircuitIndex).
    pub position: usize,
    /// Towards the subscriber.
    pub down: ShapedRate,
    /// From the subscriber.
    pub up: ShapedRate,
}

/// The rates of one direction, within the law: at least 0.1 Mbit/s, and the minimum not above the maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShapedRate {
    /// What the circuit gets when all is full.
    pub min: Rate,
    /// What it gets at most.
    pub max: Rate,
    /// Whether the source states the minimum; a derived one is only a weight.
    pub min_is_stated: bool,
}

/// What became of a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "fate", content = "because")]
pub enum Fate {
    /// It is shaped.
    Shaped,
    /// A problem keeps it from being shaped.
    Quarantined(Code),
    /// A rule of the operator leaves it out.
    LeftOut(Rule),
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shaped => f.write_str("shaped"),
            Self::Quarantined(code) => write!(f, "quarantined: {code}"),
            Self::LeftOut(rule) => write!(f, "left out by rule: {}", rule.as_str()),
        }
    }
}

/// A rule that leaves circuits out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The client, or every device of it, is excluded.
    Excluded,
    /// Its addresses lie inside the ignore list, those that are not never shaped anyway.
    Ignored,
    /// One of its addresses lies outside the allow list, and no address is left.
    NotAllowed,
    /// Its source says that it is suspended, and the source's settings leave such circuits out.
    Suspended,
    /// Its source says that its service is not in use: it has ended, or was only quoted.
    NotInService,
}

impl Rule {
    /// Every rule, in the order they are counted in.
    pub const ALL: [Self; 5] = [Self::Excluded, Self::Ignored, Self::NotAllowed, Self::Suspended, Self::NotInService];

    /// The rule's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Excluded => "excluded",
            Self::Ignored => "ignored addresses",
            Self::NotAllowed => "addresses not allowed",
            Self::Suspended => "suspended",
            Self::NotInService => "not in service",
        }
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let known = Self::ALL.into_iter().find(|rule| rule.as_str() == text);
        known.ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no rule that leaves circuits out")))
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Circuits, counted: `read = shaped + quarantined + left_out`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// In the sources.
    pub read: usize,
    /// Shaped.
    pub shaped: usize,
    /// Set aside with a problem.
    pub quarantined: usize,
    /// Left out by a rule.
    pub left_out: usize,
}

impl Census {
    /// Takes the census of a network.
    pub fn take(network: &NetworkGraph, policy: &Policy) -> Self {
        let mut census = Self {
            circuits: Vec::with_capacity(network.circuits().len()),
            fates: Vec::with_capacity(network.circuits().len()),
            dropped: HashSet::new(),
            bypass: network.bypass().clone(),
            counts: Counts::default(),
            problems: Problems::default(),
        };
        for (position, (client, devices)) in network.circuits().iter().enumerate() {
            let fate = census.fate(network, policy, client, devices);
            if fate == Fate::Shaped
                && let Some(record) = network.node(client).client()
            {
                let (down, up) = census.settle_rates(network, policy, client, record.plan);
                census.circuits.push(Circuit { position, down, up });
            }
            census.fates.push(fate);
        }
        census.count(network);
        census
    }

    fn fate(&mut self, network: &NetworkGraph, policy: &Policy, client: NodeIndex, devices: &[NodeIndex]) -> Fate {
        if network.circuits().id(network, client).starts_with('#') {
            let message =
                format!("circuit `{}` has a Circuit ID that readers take for a comment", network.node(client).name);
            self.report(
                network,
                client,
                Problem::new(Code::CommentCircuitId, message).hint("give it an id that does not start with `#`"),
            );
            return Fate::Quarantined(Code::CommentCircuitId);
        }
        if policy.excluded.contains(&client) {
            return Fate::LeftOut(Rule::Excluded);
        }
        if let Some(rule) = network.node(client).client().and_then(|client| client.left_out) {
            return Fate::LeftOut(rule);
        }
        let mut rule = None;
        let mut shaped = 0_usize;
        for &device in devices {
            let claims = network.node(device).device().map_or(&[][..], |device| &device.claims);
            if policy.excluded.contains(&device) {
                self.dropped.extend(claims.iter().map(|claim| (device, claim.prefix)));
                rule = rule.max(Some(Rule::Excluded));
                continue;
            }
            for claim in claims {
                if let Some(why) = policy.addresses.drops(claim.prefix) {
                    self.drop_prefix(network, device, claim.prefix, why);
                    rule = rule.max(match why {
                        Dropped::Ignored(_) => Some(Rule::Ignored),
                        Dropped::NotAllowed => Some(Rule::NotAllowed),
                        Dropped::NeverShaped(_) => None,
                    });
                } else {
                    shaped += 1;
                    if !claim.prefix.is_host() {
                        self.bypass.extend(policy.addresses.ignored_inside(claim.prefix));
                    }
                }
            }
        }
        let has_lost_address = network.node(client).client().is_some_and(|client| client.has_lost_address);
        match (shaped, rule) {
            (1.., _) => Fate::Shaped,
            (0, Some(rule)) if !has_lost_address => Fate::LeftOut(rule),
            (0, _) => {
                let message =
                    format!("circuit `{}` has no usable address and is not shaped", network.node(client).name);
                self.report(
                    network,
                    client,
                    Problem::new(Code::NoAddress, message).hint("give one of its devices an address"),
                );
                Fate::Quarantined(Code::NoAddress)
            }
        }
    }

    fn drop_prefix(&mut self, network: &NetworkGraph, device: NodeIndex, prefix: Prefix, why: Dropped) {
        let reason = match why {
            Dropped::Ignored(listed) => format!("lies inside `{listed}` of the ignore list"),
            Dropped::NeverShaped(listed) => format!("lies inside `{listed}`, which is never shaped"),
            Dropped::NotAllowed => "lies outside the allow list".to_owned(),
        };
        let problem = Problem::new(Code::IgnoredAddress, format!("`{prefix}` {reason}")).value(&prefix.to_string());
        self.report(network, device, problem);
        self.dropped.insert((device, prefix));
    }

    fn settle_rates(
        &mut self,
        network: &NetworkGraph,
        policy: &Policy,
        client: NodeIndex,
        plan: Plan,
    ) -> (ShapedRate, ShapedRate) {
        let mut settle = |direction, stated: PlanRate, default| {
            let (rate, troubles) = settle(stated, default);
            for (code, what) in troubles {
                let message = format!("circuit `{}` {direction}: {what}", network.node(client).name);
                self.report(network, client, Problem::new(code, message).hint(hint(code)));
            }
            rate
        };
        (settle("download", plan.down, policy.default_plan.0), settle("upload", plan.up, policy.default_plan.1))
    }

    fn report(&mut self, network: &NetworkGraph, node: NodeIndex, problem: Problem) {
        self.problems.push(network.locate(node, problem));
    }

    fn count(&mut self, network: &NetworkGraph) {
        let left_out = self.fates.iter().filter(|fate| matches!(fate, Fate::LeftOut(_))).count();
        let read = self.fates.len() + network.set_aside().len();
        let shaped = self.circuits.len();
        self.counts = Counts { read, shaped, quarantined: read - shaped - left_out, left_out };
    }

    /// The circuits that are shaped, in the order they are written in.
    pub fn circuits(&self) -> &[Circuit] {
        &self.circuits
    }

    /// What became of the circuit at `position` of the circuit index.
    pub fn fate_of(&self, position: usize) -> Fate {
        self.fates[position]
    }

    /// How many circuits each rule leaves out.
    pub fn left_out(&self) -> impl Iterator<Item = (Rule, usize)> + '_ {
        let count = |rule| self.fates.iter().filter(|&&fate| fate == Fate::LeftOut(rule)).count();
        Rule::ALL.into_iter().map(move |rule| (rule, count(rule))).filter(|(_, n)| *n > 0)
    }

    /// The prefixes of a device that are shaped.
    pub fn prefixes<'a>(&'a self, network: &'a NetworkGraph, device: NodeIndex) -> impl Iterator<Item = Prefix> + 'a {
        let claims = network.node(device).device().map_or(&[][..], |device| device.claims.as_slice());
        let is_shaped =
            move |claim: &&Claim| self.dropped.is_empty() || !self.dropped.contains(&(device, claim.prefix));
        claims.iter().filter(is_shaped).map(|claim| claim.prefix)
    }

    /// Ignored prefixes inside a wider shaped one, and what an earlier export says of them: these pass unshaped, whatever
    /// the wider one says.
    pub fn bypass(&self) -> &BTreeSet<Prefix> {
        &self.bypass
    }

    /// The circuits, counted.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// What was found.
    pub fn problems(&self) -> &Problems {
        &self.problems
    }
}

/// A direction's rates within the law, and what had to be changed.
fn settle(stated: PlanRate, default: Rate) -> (ShapedRate, Vec<(Code, String)>) {
    let mut troubles = Vec::new();
    let mut max = stated.max.unwrap_or_else(|| {
        troubles.push((Code::BlankRate, format!("no maximum rate is stated, the default of {default} is used")));
        default
    });
    if max < Rate::SUBSCRIBER_MIN {
        troubles.push((Code::LowRate, format!("the maximum of {max} is raised to {}", Rate::SUBSCRIBER_MIN)));
        max = Rate::SUBSCRIBER_MIN;
    }
    let mut min = stated.min.unwrap_or_else(|| max.scaled(1, DERIVED_MIN_DIVISOR).max(Rate::SUBSCRIBER_MIN));
    if min < Rate::SUBSCRIBER_MIN {
        troubles.push((Code::LowRate, format!("the minimum of {min} is raised to {}", Rate::SUBSCRIBER_MIN)));
        min = Rate::SUBSCRIBER_MIN;
    }
    if min > max {
        troubles.push((Code::MinAboveMax, format!("the minimum of {min} is lowered to the maximum of {max}")));
        min = max;
    }
    (ShapedRate { min, max, min_is_stated: stated.min.is_some() }, troubles)
}

fn hint(code: Code) -> &'static str {
    match code {
        Code::BlankRate => "state the plan's rate, or set another `default_plan`",
        Code::LowRate => "state a rate of at least 0.1 Mbit/s; to stop service, remove the circuit",
        _ => "state a minimum that is not above the maximum",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Table;

    fn mbit(min: u64, max: u64) -> PlanRate {
        PlanRate { min: Some(Rate::from_mbit(min)), max: Some(Rate::from_mbit(max)) }
    }

    #[test]
    fn minimums_are_stated_or_a_tenth() {
        let (rate, troubles) = settle(PlanRate { min: None, ..mbit(0, 100) }, Rate::from_mbit(50));
        assert_eq!((rate.min, rate.max, rate.min_is_stated), (Rate::from_mbit(10), Rate::from_mbit(100), false));
        assert!(troubles.is_empty());
        let (rate, _) = settle(PlanRate { min: None, max: Some(Rate::from_bit(500_000)) }, Rate::ZERO);
        assert_eq!(rate.min, Rate::SUBSCRIBER_MIN);
    }

    #[test]
    fn what_is_outside_the_law_is_changed_and_said() {
        let codes =
            |stated| settle(stated, Rate::from_mbit(100)).1.into_iter().map(|(code, _)| code).collect::<Vec<_>>();
        assert_eq!(codes(PlanRate::default()), [Code::BlankRate]);
        assert_eq!(codes(mbit(0, 0)), [Code::LowRate, Code::LowRate]);
        assert_eq!(codes(mbit(20, 10)), [Code::MinAboveMax]);
    }

    #[test]
    fn read_is_shaped_and_quarantined_and_left_out() {
        let table = Table::new("test", "x").expect("a table");
        let mut net = NetworkGraph::builder();
        for (client, address) in [
            ("shaped", "100.64.0.1"),
            ("nothing", ""),
            ("radio", "192.168.172.1"),
            ("ignored", "10.9.0.1"),
            ("#4", "100.64.0.4"),
        ] {
            let _ = net.client(table.id(client), client).plan(Rate::from_mbit(10), Rate::from_mbit(10));
            let _ = net.device(table.id(&format!("{client} device")), "").parent(table.id(client)).addresses(address);
        }
        let _ = net.client(table.id("gone"), "gone").leave_out(Rule::NotInService);
        let _ = net.device(table.id("gone device"), "").parent(table.id("gone")).addresses("100.64.0.1");
        net.set_aside(None, Code::MissingCircuitId);
        let (network, problems) = net.build();
        assert!(problems.is_empty(), "who is left out claims nothing: {problems:?}");
        let ignore = Prefix::parse("10.9.0.0/16").expect("a prefix").prefix;
        let policy =
            Policy { addresses: AddressPolicy::new([], [ignore], crate::NeverShape::BuiltIn), ..Policy::default() };
        let census = Census::take(&network, &policy);
        assert_eq!(census.counts(), Counts { read: 7, shaped: 1, quarantined: 4, left_out: 2 });
        assert_eq!(census.left_out().collect::<Vec<_>>(), [(Rule::Ignored, 1), (Rule::NotInService, 1)]);
    }
}
