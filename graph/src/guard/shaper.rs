//! Whether a shaper still stands where it stood, and carries there what it carried.

use std::fmt;

use petgraph::graph::{EdgeIndex, NodeIndex};
use serde::Serialize;

use super::limits::ShareLimit;
use crate::capacity::{Capacity, Limit};
use crate::diff::{Named, named};
use crate::id::NodeId;
use crate::network_graph::NetworkGraph;
use crate::rate::Rate;
use crate::tree::{Place, PlaceIndex, PlaceKind, Tree};

/// A shaper in one of two generations.
#[derive(Clone, Copy, Debug)]
pub struct Carried<'t> {
    /// What it sees.
    pub tree: &'t Tree<'t>,
    /// What its own uplink carries.
    pub uplink: Capacity,
}

/// Why a generation may not be the next one of a shaper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "loss")]
pub enum ShaperRefusal {
    /// What it is told to stand at is another node now.
    Elsewhere {
        /// Which shaper.
        shaper: String,
        /// Where it stood.
        from: Named,
        /// Where it would.
        to: Named,
    },
    /// It would carry less.
    Narrowed {
        /// Which shaper.
        shaper: String,
        /// In which direction.
        direction: &'static str,
        /// What it carried, in bit/s.
        from_bit: Rate,
        /// What it would.
        to_bit: Rate,
        /// How much less may be.
        limit: ShareLimit,
    },
}

impl fmt::Display for ShaperRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elsewhere { shaper, from, to } => {
                let (from, to) = (named(from), named(to));
                write!(
                    f,
                    "shaper `{shaper}` would stand at {to}, and stood at {from}: its root is another node in the sources now"
                )
            }
            Self::Narrowed { shaper, direction, from_bit, to_bit, limit } => {
                let percent = limit.percent;
                write!(
                    f,
                    "shaper `{shaper}` would carry {to_bit} {direction}, and carried {from_bit}: it would lose more than {percent} %"
                )
            }
        }
    }
}

/// Judges one shaper. If its configuration names another root than before, that is meant, and what is carried there has
/// nothing to do with what was carried elsewhere.
pub fn judge_shaper(
    name: &str,
    before: Carried<'_>,
    after: Carried<'_>,
    root: Root,
    limit: ShareLimit,
) -> Vec<ShaperRefusal> {
    let roots = [before, after].map(|side| side.tree.network().node(side.tree.root()));
    let stands_elsewhere = after.tree.network().find(&roots[0].id) != Some(after.tree.root());
    if stands_elsewhere {
        let [from, to] = roots.map(|node| Named { id: node.id.clone(), name: node.name.clone() });
        let elsewhere = ShaperRefusal::Elsewhere { shaper: name.to_owned(), from, to };
        return if root == Root::AsBefore { vec![elsewhere] } else { Vec::new() };
    }
    let (old, new) = carried(before, after);
    let directions = [("down", old.down, new.down), ("up", old.up, new.up)];
    let narrowed = directions.into_iter().filter_map(|(direction, old, new)| {
        let (from_bit, to_bit) = old.rate().zip(new.rate())?;
        let kept = 100_u32.saturating_sub(limit.percent);
        let is_too_much = u128::from(to_bit.bit()) * 100 < u128::from(from_bit.bit()) * u128::from(kept);
        is_too_much.then(|| ShaperRefusal::Narrowed { shaper: name.to_owned(), direction, from_bit, to_bit, limit })
    });
    narrowed.collect()
}

/// What the configuration says of a shaper's root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// The same as before.
    AsBefore,
    /// Something else.
    Changed,
}

/// What passes at the root: no more than the uplink carries, nor than the ways down from it together.
///
/// Only ways count that both sides have: one that failed has its customers behind another one now, and that is no loss,
/// though the other one may lead to the same node. If one of them has no known limit, then or now, the uplink alone counts:
/// to learn a limit is no loss.
///
/// An uplink is what an operator wrote. Where it was changed, its smaller value holds on both sides: that much less, or more,
/// is meant.
fn carried(before: Carried<'_>, after: Carried<'_>) -> (Capacity, Capacity) {
    let [old_network, new_network] = [before.tree.network(), after.tree.network()];
    let in_both = |place: &Place| {
        let node = new_network.find(&old_network.node(place.kind.node()?).id)?;
        let is_way = |place: &&Place| place.parent == Some(PlaceIndex::ROOT);
        let new = Some(after.tree.at(after.tree.place_of(node)?)).filter(is_way)?;
        let is_same = match (place.link, new.link) {
            (Some(old), Some(new)) => is_same_link((old_network, old), (new_network, new)),
            (old, new) => old == new,
        };
        is_same.then_some(new.link_capacity)
    };
    let both: Vec<(Capacity, Capacity)> = ways(before.tree)
        .into_iter()
        .filter_map(|place| match place {
            Some(place) => in_both(place).map(|new| (place.link_capacity, new)),
            None => Some((Capacity::NONE, Capacity::NONE)),
        })
        .collect();
    let down = together(both.iter().map(|(old, new)| (old.down, new.down)));
    let up = together(both.iter().map(|(old, new)| (old.up, new.up)));
    let (old, new) = (Capacity { down: down.0, up: up.0 }, Capacity { down: down.1, up: up.1 });
    (old.min(before.uplink).min(after.uplink), new.min(after.uplink))
}

/// Whether a link between two nodes is the one that was there before. Ids may hold the capacity: one with a new id is still it
/// where as many lead between the two as before, and neither was beside the other, then or now.
fn is_same_link(before: (&NetworkGraph, EdgeIndex), after: (&NetworkGraph, EdgeIndex)) -> bool {
    let [then, now] = [before, after].map(|(network, link)| ids_between(network, network.ends(link)));
    let (old, new) = (before.0.link_id(before.1), after.0.link_id(after.1));
    old == new || (then.len() == now.len() && !then.contains(&new) && !now.contains(&old))
}

/// The ids of all links between two nodes.
fn ids_between(network: &NetworkGraph, (first, second): (NodeIndex, NodeIndex)) -> Vec<&NodeId> {
    let between = network.links_of(first).filter(|(_, other)| *other == second);
    between.map(|(link, _)| network.link_id(link)).collect()
}

/// The places right below the root that circuits hang from or below; none for the root itself, where some hang from it.
fn ways<'t>(tree: &'t Tree<'_>) -> Vec<Option<&'t Place>> {
    let mut carries = vec![false; tree.places().len()];
    for position in 0..tree.network().circuits().len() {
        let mut at = Some(tree.circuit_place(position));
        while let Some(place) = at.filter(|place| !std::mem::replace(&mut carries[place.index()], true)) {
            // What hangs from the root itself says nothing of it.
            at = tree.at(place).parent.filter(|parent| *parent != PlaceIndex::ROOT);
        }
    }
    let is_way = |place: &Place| place.parent == Some(PlaceIndex::ROOT) && place.kind != PlaceKind::Orphans;
    let places = tree.places().iter().zip(&carries).filter(|(_, carries)| **carries).map(|(place, _)| place);
    places.filter(|place| place.parent.is_none() || is_way(place)).map(|place| place.parent.map(|_| place)).collect()
}

/// The sums, before and after; no limit where one of the ways has none on either side.
fn together(ways: impl Iterator<Item = (Limit, Limit)>) -> (Limit, Limit) {
    let sum = ways.map(|(old, new)| old.rate().zip(new.rate())).try_fold((0_u64, 0_u64), |(old, new), way| {
        way.map(|way| (old.saturating_add(way.0.bit()), new.saturating_add(way.1.bit())))
    });
    let limit = |bit| Limit::of(Rate::from_bit(bit));
    sum.map_or((Limit::NONE, Limit::NONE), |(old, new)| (limit(old), limit(new)))
}
