//! Why a tree is as it is: what decided a path, and what sets a ceiling.

use petgraph::graph::{EdgeIndex, NodeIndex};
use serde::Serialize;

use crate::capacity::{Capacity, Limit};
use crate::distance::Distance;
use crate::tree::{PlaceIndex, Tree};

/// What decided between a place's path and the best other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// There is no other path.
    OnlyPath,
    /// The other one leads through the unnamed top.
    AvoidsTop,
    /// The other one leads through more customers.
    AvoidsCustomers,
    /// The sum of its links' costs.
    LeastCost,
    /// The number of its links.
    FewestHops,
    /// Its narrowest link.
    Widest,
    /// All is equal; the link with the smaller id is taken.
    SmallestLinkId,
}

impl Decision {
    /// In words: `least cost`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OnlyPath => "the only path",
            Self::AvoidsTop => "the other path leads through the top",
            Self::AvoidsCustomers => "the other path leads through a customer",
            Self::LeastCost => "least cost",
            Self::FewestHops => "fewest hops",
            Self::Widest => "widest",
            Self::SmallestLinkId => "all is equal, smallest link id",
        }
    }
}

/// Another way to reach a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// Its last link.
    pub link: EdgeIndex,
    /// The node before that link.
    pub via: NodeIndex,
    /// How long it is.
    pub distance: Distance,
}

/// The other ways to reach a place without passing it, the best first.
pub fn alternatives(tree: &Tree<'_>, place: PlaceIndex) -> Vec<Alternative> {
    let here = tree.at(place);
    let network = tree.network();
    let Some(node) = here.kind.node().filter(|_| place != PlaceIndex::ROOT) else { return Vec::new() };
    let mut found: Vec<Alternative> = network
        .links_of(node)
        .filter(|&(link, _)| here.link != Some(link))
        .filter_map(|(link, via)| {
            let before = tree.place_of(via)?;
            if tree.path_up(before).any(|above| above == place) {
                return None;
            }
            Some(Alternative { link, via, distance: tree.step(via, tree.at(before).distance, link) })
        })
        .filter(|other| other.distance.is_orphan == here.distance.is_orphan)
        .collect();
    found
        .sort_by(|a, b| a.distance.cmp(&b.distance).then_with(|| network.link_id(a.link).cmp(network.link_id(b.link))));
    found
}

/// What decided for the path of `place`, against the best of `alternatives`.
pub fn decision(tree: &Tree<'_>, place: PlaceIndex, alternatives: &[Alternative]) -> Decision {
    let Some(other) = alternatives.first() else { return Decision::OnlyPath };
    let (ours, theirs) = (tree.at(place).distance, other.distance);
    if ours.is_through_top != theirs.is_through_top {
        Decision::AvoidsTop
    } else if ours.customers != theirs.customers {
        Decision::AvoidsCustomers
    } else if ours.cost != theirs.cost {
        Decision::LeastCost
    } else if ours.hops != theirs.hops {
        Decision::FewestHops
    } else if ours.width() != theirs.width() {
        Decision::Widest
    } else {
        Decision::SmallestLinkId
    }
}

/// A direction of a ceiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Away from the root.
    Down,
    /// Towards the root.
    Up,
}

/// What sets a ceiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// The shaper's uplink.
    Uplink,
    /// The link that leads to this place.
    Link(PlaceIndex),
    /// The sector of this access point.
    Sector(PlaceIndex),
    /// Nothing is stated anywhere.
    Nothing,
}

/// What sets the ceiling of `place` in one direction: of equals the one nearest to the root.
pub fn binding(tree: &Tree<'_>, place: PlaceIndex, uplink: Limit, direction: Direction) -> Binding {
    let limit = |place: PlaceIndex| pick(tree.at(place).ceiling, direction);
    if limit(place) == Limit::NONE && uplink == Limit::NONE {
        return Binding::Nothing;
    }
    if uplink <= limit(place) {
        return Binding::Uplink;
    }
    let path: Vec<PlaceIndex> = tree.path_up(place).collect();
    let first = path.iter().rev().copied().find(|&at| limit(at) == limit(place)).unwrap_or(place);
    let at = tree.at(first);
    let sector = at.kind.node().map_or(Capacity::NONE, |node| tree.sector_towards_children(node, at.link));
    if pick(at.link_capacity, direction) == limit(place) {
        Binding::Link(first)
    } else if pick(sector, direction) == limit(place) {
        Binding::Sector(first)
    } else {
        Binding::Sector(PlaceIndex::ROOT) // which binds what hangs from the root, not the root itself
    }
}

fn pick(capacity: Capacity, direction: Direction) -> Limit {
    match direction {
        Direction::Down => capacity.down,
        Direction::Up => capacity.up,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NetworkGraph, Rate, Table};

    #[test]
    fn a_ring_says_why() {
        let site = Table::new("test", "site").expect("a table");
        let link = Table::new("test", "link").expect("a table");
        let gigabit = Capacity::of(Rate::from_gbit(1), Rate::from_gbit(1));
        let mut net = NetworkGraph::builder();
        for name in ["a", "b", "c"] {
            let _ = net.site(site.id(name), name);
        }
        let _ = net.link(link.id("ab"), site.id("a"), site.id("b"), gigabit).cost(10);
        let _ = net.link(link.id("bc"), site.id("b"), site.id("c"), gigabit).cost(10);
        let _ = net
            .link(link.id("ca"), site.id("c"), site.id("a"), Capacity::of(Rate::from_mbit(300), Rate::from_mbit(200)))
            .cost(15);
        let (network, _) = net.build();
        let node = |name| network.find(&site.id(name)).expect("a site");
        let tree = Tree::grow(&network, node("a"));
        let c = tree.place_of(node("c")).expect("a place");
        let others = alternatives(&tree, c);
        assert_eq!(others.iter().map(|other| (other.via, other.distance.cost)).collect::<Vec<_>>(), [(node("b"), 20)]);
        assert_eq!(decision(&tree, c, &others), Decision::LeastCost);
        assert_eq!(
            tree.at(c).ceiling,
            Capacity::of(Rate::from_mbit(200), Rate::from_mbit(300)),
            "turned: a is its second end"
        );
        assert_eq!(binding(&tree, c, Limit::NONE, Direction::Down), Binding::Link(c));
        assert_eq!(binding(&tree, c, Limit::of(Rate::from_mbit(100)), Direction::Down), Binding::Uplink);
        assert_eq!(binding(&tree, PlaceIndex::ROOT, Limit::NONE, Direction::Up), Binding::Nothing);
    }

    #[test]
    fn a_sector_at_the_root_binds_what_hangs_from_it() {
        let table = Table::new("test", "node").expect("a table");
        let mut net = NetworkGraph::builder();
        let _ = net.access_point(table.id("ap"), "AP").capacity(Capacity::from_mbit(100, 20));
        let _ = net.site(table.id("farm"), "Farm").parent(table.id("ap"));
        let _ =
            net.access_point(table.id("barn"), "Barn").parent(table.id("farm")).capacity(Capacity::from_mbit(50, 40));
        let (network, _) = net.build();
        let node = |name| network.find(&table.id(name)).expect("a node");
        let tree = Tree::grow(&network, node("ap"));
        let place = |name| tree.place_of(node(name)).expect("a place");
        let barn = |direction| binding(&tree, place("barn"), Limit::NONE, direction);
        assert_eq!(binding(&tree, place("farm"), Limit::NONE, Direction::Down), Binding::Sector(PlaceIndex::ROOT));
        assert_eq!(barn(Direction::Down), Binding::Sector(place("barn")));
        assert_eq!(barn(Direction::Up), Binding::Sector(PlaceIndex::ROOT));
    }
}
