//! How the circuits of two generations differ.

use petgraph::graph::NodeIndex;
use serde::Serialize;

use super::facts::{Change, CircuitFacts, Exchange, FromTo, Named, Rates, Reach, StatedParent};
use super::pairs::{Pair, pairs};
use super::same::SameParents;
use super::side::{CircuitPlace, Side, SideCircuit};
use crate::census::Fate;
use crate::id::NodeId;
use crate::network_graph::NetworkGraph;
use crate::node::{Node, Text};
use crate::prefix::Prefix;
use crate::sqm::Sqm;

/// What is different about circuits. One that is on both sides may be in several lists.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CircuitChanges {
    /// These are new.
    pub added: Vec<CircuitFacts>,
    /// These are no more.
    pub removed: Vec<CircuitFacts>,
    /// What became of them is another: shaped, quarantined, left out.
    pub fate: Vec<Change<Fate>>,
    /// The orphans hold them now, or no longer.
    pub reach: Vec<Change<Reach>>,
    /// Their source states another parent.
    pub moved: Vec<Change<StatedParent>>,
    /// Their rates are others: as they are shaped, or as they are stated where one of the sides does not shape them.
    pub rates: Vec<Change<Rates>>,
    /// Other prefixes of theirs are shaped.
    pub addresses: Vec<Exchange<Prefix>>,
    /// They ask for another queue.
    pub queue: Vec<Change<Sqm>>,
    /// They have other names.
    pub renamed: Vec<Change<Text>>,
    /// They have other devices, or devices with another name, MAC address or comment.
    pub devices: Vec<Exchange<NodeId>>,
    /// How many are on both sides, and in one of the lists at least.
    pub changed: usize,
    /// How many are on both sides and the same.
    pub unchanged: usize,
    /// Circuits set aside that have no id, or one that another circuit has: nobody can say which of them is which.
    pub nameless: FromTo,
}

impl CircuitChanges {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.added.len() + self.removed.len() + self.changed == 0 && self.nameless.from == self.nameless.to
    }
}

pub(super) fn compare(before: &Side<'_>, after: &Side<'_>) -> CircuitChanges {
    let mut comparison = Comparison {
        before,
        after,
        parents: SameParents::new(before.network, after.network),
        changes: CircuitChanges::default(),
    };
    for pair in pairs(before.circuits(), after.circuits(), |circuit| circuit.id) {
        match pair {
            Pair::Before(old) => comparison.changes.removed.push(before.facts(old)),
            Pair::After(new) => comparison.changes.added.push(after.facts(new)),
            Pair::Both(old, new) => comparison.both(old, new),
        }
    }
    comparison.changes.nameless = FromTo { from: before.nameless, to: after.nameless };
    comparison.changes
}

struct Comparison<'s, 'n> {
    before: &'s Side<'n>,
    after: &'s Side<'n>,
    parents: SameParents<'n>,
    changes: CircuitChanges,
}

/// A circuit that is on both sides, in the network of each.
#[derive(Clone, Copy)]
struct Both<'s, 'n> {
    circuit: &'s SideCircuit<'n>,
    old: CircuitPlace,
    new: CircuitPlace,
}

impl Comparison<'_, '_> {
    fn both(&mut self, old: &SideCircuit<'_>, new: &SideCircuit<'_>) {
        let mut is_changed = old.fate != new.fate;
        if is_changed {
            let of = Side::newer_name((self.before, old), (self.after, new));
            self.changes.fate.push(Change { of, from: old.fate, to: new.fate });
        }
        if let (Some(old), Some(place)) = (old.place, new.place) {
            let both = Both { circuit: new, old, new: place };
            let clients = (self.before.client(old), self.after.client(place));
            // All of them, whatever the first ones say.
            is_changed |= self.records(both, clients) | self.rates(both) | self.reach(both);
            is_changed |= self.addresses(both) | self.devices(both);
        }
        *(if is_changed { &mut self.changes.changed } else { &mut self.changes.unchanged }) += 1;
    }

    fn of(&self, both: Both<'_, '_>) -> Named {
        self.after.named(both.circuit)
    }

    /// Name, parent and queue: what the client's record says.
    fn records(&mut self, both: Both<'_, '_>, (old, new): (&Node, &Node)) -> bool {
        let is_renamed = old.name != new.name;
        if is_renamed {
            let change = Change { of: self.of(both), from: old.name.clone(), to: new.name.clone() };
            self.changes.renamed.push(change);
        }
        let is_moved = !self.parents.are_same(old.parent(), new.parent());
        if is_moved {
            let (from, to) = (self.before.parent(both.old), self.after.parent(both.new));
            self.changes.moved.push(Change { of: self.of(both), from, to });
        }
        let [from, to] = [old, new].map(|node| node.client().map(|client| client.sqm).unwrap_or_default());
        if from != to {
            self.changes.queue.push(Change { of: self.of(both), from, to });
        }
        is_renamed || is_moved || from != to
    }

    fn rates(&mut self, both: Both<'_, '_>) -> bool {
        let shaped = (self.before.shaped_rates(both.old), self.after.shaped_rates(both.new));
        let (from, to) = match shaped {
            (Some(from), Some(to)) => (from, to),
            _ => (self.before.stated_rates(both.old), self.after.stated_rates(both.new)),
        };
        if from != to {
            self.changes.rates.push(Change { of: self.of(both), from, to });
        }
        from != to
    }

    fn reach(&mut self, both: Both<'_, '_>) -> bool {
        let (from, to) = (self.before.reach(both.old), self.after.reach(both.new));
        if from != to {
            self.changes.reach.push(Change { of: self.of(both), from, to });
        }
        from != to
    }

    fn addresses(&mut self, both: Both<'_, '_>) -> bool {
        let (before, after) = (self.before, self.after);
        let (old, new) = (before.devices(both.old), after.devices(both.new));
        let is_same = |(old, new): (&NodeIndex, &NodeIndex)| before.prefixes(*old).eq(after.prefixes(*new));
        if old.len() == new.len() && old.iter().zip(new).all(is_same) {
            return false;
        }
        let all = |side: &Side<'_>, devices: &[NodeIndex]| {
            let mut prefixes: Vec<Prefix> = devices.iter().flat_map(|&device| side.prefixes(device)).collect();
            prefixes.sort_unstable();
            prefixes
        };
        let mut exchange = Exchange::none(self.of(both));
        for pair in pairs(&all(before, old), &all(after, new), |prefix| prefix) {
            match pair {
                Pair::Before(prefix) => exchange.removed.push(*prefix),
                Pair::After(prefix) => exchange.added.push(*prefix),
                Pair::Both(..) => {}
            }
        }
        exchange.push_to(&mut self.changes.addresses)
    }

    fn devices(&mut self, both: Both<'_, '_>) -> bool {
        let (old, new) = (self.before.devices(both.old), self.after.devices(both.new));
        let (before, after) = (self.before.network, self.after.network);
        let is_same = |(old, new): (&NodeIndex, &NodeIndex)| is_same_device(before.node(*old), after.node(*new));
        if old.len() == new.len() && old.iter().zip(new).all(is_same) {
            return false;
        }
        let mut exchange = Exchange::none(self.of(both));
        for pair in pairs(&by_id(before, old), &by_id(after, new), |node| &node.id) {
            match pair {
                Pair::Before(node) => exchange.removed.push(node.id.clone()),
                Pair::After(node) => exchange.added.push(node.id.clone()),
                Pair::Both(old, new) if is_same_device(old, new) => {}
                Pair::Both(_, new) => exchange.changed.push(new.id.clone()),
            }
        }
        exchange.push_to(&mut self.changes.devices)
    }
}

/// Whether two devices are the same, their prefixes aside: id, name, MAC address, comment.
fn is_same_device(old: &Node, new: &Node) -> bool {
    old.id == new.id && old.name == new.name && texts(old) == texts(new)
}

fn texts(node: &Node) -> Option<(&Text, &Text)> {
    node.device().map(|device| (&device.mac, &device.comment))
}

fn by_id<'n>(network: &'n NetworkGraph, devices: &[NodeIndex]) -> Vec<&'n Node> {
    let mut devices: Vec<&Node> = devices.iter().map(|&device| network.node(device)).collect();
    devices.sort_unstable_by_key(|device| &device.id);
    devices
}
