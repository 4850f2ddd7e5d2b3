//! A node as a shaper sees it: the path from the root, and the ceiling at its end.

use pleach_graph::reasons::{self, Binding, Direction};
use pleach_graph::{Capacity, Limit, NodeId, NodeIndex, NodeKind, PlaceIndex, PlaceKind, Rate};
use serde::Serialize;

use crate::shapers::Rooted;
use crate::survey::Survey;

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

pub(super) fn seen_by(
    survey: &Survey,
    rooted: &Rooted<'_>,
    node: NodeIndex,
    position: Option<usize>,
) -> Option<SeenBy> {
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
