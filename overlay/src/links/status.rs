//! What a host's counters mean: for each net, what passed and what was dropped, by reason.

use pleach_tc::{Interface, MarkField, PacketCount};
use serde::Serialize;

use super::counters::{Counters, QueueCount, less, plus};
use super::filter::{FilterAction, FilterKey, Side};
use super::found::Found;
use super::layout::{FORWARD_CHAIN, LIMIT, ONWARDS, Part, REST, RULES, net_link, station_chain};
use super::link::LinkKind;
use super::operation::Operation;
use super::plan::LinkPlan;
use super::realise::{RealiseError, wanted_of_net};
use super::state::LinkState;
use crate::check::Checked;
use crate::model::Net;
use crate::name::Name;
use crate::network_id::NetworkId;
use crate::rule::Direction;

/// A net on this host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NetStatus {
    /// Its name.
    pub net: Name,
    /// The phys by which it is here.
    pub phys: Name,
    /// The network type.
    #[serde(rename = "type")]
    pub technology: &'static str,
    /// Its number; 0 for a direct net without one.
    pub id: u32,
    /// How many operations of a commit would be about it.
    pub differences: usize,
    /// Its links. Static nets of one technology and port have their tunnel in common.
    pub links: Vec<LinkStatus>,
    /// Frames for stations that nobody stated; nothing in a net that learns.
    pub unknown_stations: Option<UnknownStations>,
    /// The virts that are here.
    pub virts: Vec<VirtStatus>,
}

/// Frames for stations that nobody stated, which were dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UnknownStations {
    /// Those that virts of this host sent.
    pub from_virts: PacketCount,
    /// Those that came through the tunnel, from hosts that are in the net.
    pub from_hosts: PacketCount,
}

/// A link of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkStatus {
    /// Its name.
    pub link: Interface,
    /// What it is.
    pub kind: String,
    /// How it is.
    pub condition: Condition,
    /// What it received.
    pub received: PacketCount,
    /// What it sent.
    pub sent: PacketCount,
    /// Packets that it should have sent and did not: those that are too long for the underlay, and those for hosts that cannot be
    /// reached.
    pub unsent: u64,
    /// Of a tunnel of static nets: frames of hosts that are in no net of that number, which were dropped.
    pub strangers: Option<PacketCount>,
}

/// How an interface is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    /// Set up.
    Up,
    /// Set down.
    Down,
    /// Not there.
    Missing,
}

/// A virt of this host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VirtStatus {
    /// Its name.
    pub virt: Name,
    /// Its interface.
    pub interface: Interface,
    /// How that is.
    pub condition: Condition,
    /// What goes into it.
    #[serde(rename = "in")]
    pub into: WayStatus,
    /// What comes out of it.
    pub out: WayStatus,
}

/// One direction of a virt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WayStatus {
    /// What passed its rules and its limit.
    pub passed: PacketCount,
    /// Its rules, in the order in which they are asked.
    pub rules: Vec<RuleStatus>,
    /// What its policer dropped.
    pub policed: Option<PacketCount>,
    /// What its queue did.
    pub queue: Option<QueueCount>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleStatus {
    /// Its priority.
    pub priority: u16,
    /// `drop` or `accept`.
    pub action: &'static str,
    /// What it matches, in `tc`'s words; empty for everything.
    pub matches: String,
    /// What it was applied to.
    pub applied: PacketCount,
}

/// All nets of this host's physes. `plan` is what a commit would do.
pub fn statuses(
    checked: Checked<'_>,
    mark: MarkField,
    (found, plan): (&Found, &LinkPlan),
    counters: &Counters,
) -> Result<Vec<NetStatus>, RealiseError> {
    let model = checked.model();
    let mut all = Vec::new();
    for (phys, _) in model.local_physes() {
        for (name, net) in model.nets().iter().filter(|(_, net)| net.attached().contains(phys)) {
            let wanted = wanted_of_net(checked, phys, name, mark)?;
            let here = Here { wanted: &wanted, found, counters };
            all.push(NetStatus {
                net: name.clone(),
                phys: phys.clone(),
                technology: model.technology(net).type_name(),
                id: net.id().number(),
                differences: plan.operations.iter().filter(|operation| here.is_about(operation)).count(),
                links: wanted.links.iter().map(|(name, link)| here.link(name, &link.kind)).collect(),
                unknown_stations: model.technology(net).is_static().then(|| here.unknown_stations(net.id())),
                virts: here.virts(net, phys),
            });
        }
    }
    Ok(all)
}

/// What a net should have here, what is there, and what that counted.
struct Here<'a> {
    wanted: &'a LinkState,
    found: &'a Found,
    counters: &'a Counters,
}

impl Here<'_> {
    /// Whether an operation is about this net. The tunnel that nets share is about all of them, its filters are about one.
    fn is_about(&self, operation: &Operation) -> bool {
        let interface = operation.interface();
        let is_ours = self.wanted.links.get(interface);
        match operation {
            Operation::AddFilter { key, .. }
            | Operation::ReplaceFilter { key, .. }
            | Operation::DeleteFilter { key }
                if is_ours.is_some_and(|link| is_shared(&link.kind)) =>
            {
                self.wanted.filters.contains_key(key)
            }
            _ => is_ours.is_some() || self.wanted.members.contains_key(interface),
        }
    }

    fn condition(&self, interface: &Interface) -> Condition {
        let Found { state, others, .. } = self.found;
        let is_up = match others.get(interface) {
            Some(other) => Some(other.is_up),
            None => state.links.get(interface).map(|_| state.members.contains_key(interface)),
        };
        match is_up {
            Some(true) => Condition::Up,
            Some(false) => Condition::Down,
            None => Condition::Missing,
        }
    }

    fn link(&self, name: &Interface, kind: &LinkKind) -> LinkStatus {
        let count = self.counters.links.get(name).copied().unwrap_or_default();
        LinkStatus {
            link: name.clone(),
            kind: kind.to_string(),
            condition: self.condition(name),
            received: count.received,
            sent: count.sent,
            unsent: count.send_dropped + count.send_errors,
            strangers: is_shared(kind).then(|| self.rest(name, 0)),
        }
    }

    /// What the filter behind all others of a chain dropped.
    fn rest(&self, interface: &Interface, chain: u32) -> PacketCount {
        self.dropped(|key| key.interface == *interface && key.chain == chain && key.preference == REST)
    }

    fn dropped(&self, which: impl Fn(&FilterKey) -> bool) -> PacketCount {
        let filters = self.found.state.filters.iter().filter(|(key, _)| which(key));
        filters.map(|(key, filter)| self.counters.dropped(key, filter)).fold(PacketCount::default(), plus)
    }

    fn unknown_stations(&self, id: NetworkId) -> UnknownStations {
        let (NetworkId::Vxlan(vni) | NetworkId::Geneve(vni)) = id else { return UnknownStations::default() };
        let (switch, _) = net_link(id, Part::Switch);
        let tunnels = self.wanted.links.iter().filter(|(_, link)| is_shared(&link.kind));
        UnknownStations {
            from_virts: self.rest(&switch, 0),
            from_hosts: tunnels.map(|(name, _)| self.rest(name, station_chain(vni))).fold(PacketCount::default(), plus),
        }
    }

    fn virts(&self, net: &Net, phys: &Name) -> Vec<VirtStatus> {
        let here = |(name, virt): (&Name, &crate::model::Virt)| {
            let connection = virt.connection.as_ref().filter(|connection| connection.phys == *phys)?;
            let interface = connection.interface.clone()?;
            let [into, out] = Direction::BOTH.map(|direction| self.way(&interface, direction));
            let condition = self.condition(&interface);
            Some(VirtStatus { virt: name.clone(), interface, condition, into, out })
        };
        net.virts().iter().filter_map(here).collect()
    }

    fn way(&self, interface: &Interface, direction: Direction) -> WayStatus {
        let side = match direction {
            Direction::In => Side::Egress,
            Direction::Out => Side::Ingress,
        };
        let is_here = |key: &FilterKey| key.interface == *interface && key.side == side;
        let filters = || self.found.state.filters.iter().filter(|(key, _)| is_here(key));
        let is_rule = |key: &FilterKey| key.chain == 0 && (RULES..ONWARDS).contains(&key.preference);
        let rules = filters().filter(|(key, _)| is_rule(key)).map(|(key, filter)| RuleStatus {
            priority: key.preference - RULES,
            action: if filter.actions.contains(&FilterAction::Drop) { "drop" } else { "accept" },
            matches: filter.matches.to_string(),
            applied: self.counters.matched(key),
        });
        let limit = filters().find(|(key, _)| key.chain == FORWARD_CHAIN && key.preference == LIMIT);
        let is_policed = |action: &FilterAction| matches!(action, FilterAction::Police(_));
        let policed = limit.filter(|(_, filter)| filter.actions.iter().any(is_policed));
        let shaped_on = match direction {
            Direction::In => Some(interface),
            Direction::Out => limit.and_then(|(_, filter)| filter.actions.iter().find_map(FilterAction::target)),
        };
        let shaped_on = shaped_on.filter(|name| self.found.state.queues.contains_key(*name));
        let queue = shaped_on.map(|name| self.counters.queues.get(name).copied().unwrap_or_default());
        let count = self.counters.links.get(interface).copied().unwrap_or_default();
        let passed = match (direction, queue) {
            (Direction::In, _) => count.sent,
            (Direction::Out, Some(queue)) => queue.sent,
            (Direction::Out, None) => {
                less(count.received, self.dropped(|key| is_here(key) && (is_rule(key) || key.preference == LIMIT)))
            }
        };
        WayStatus {
            passed,
            rules: rules.collect(),
            policed: policed.map(|(key, filter)| self.counters.dropped(key, filter)),
            queue,
        }
    }
}

/// Whether nets have a tunnel of this kind in common.
const fn is_shared(kind: &LinkKind) -> bool {
    matches!(kind, LinkKind::VxlanExternal { .. } | LinkKind::GeneveExternal { .. })
}

#[cfg(test)]
mod tests;
