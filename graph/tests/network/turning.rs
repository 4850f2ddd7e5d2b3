//! The law of rerooting: a tree of parents seen from S is the tree seen from R with the links between them turned around.

use pleach_graph::{Capacity, NetworkGraph, NodeIndex, PlaceKind, Rate, Tree};
use proptest::prelude::*;

use crate::drawing::id;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Site,
    AccessPoint,
    Client,
}

/// A node of the random network: what it is, its pair, and its parent among those before it (0 is the top).
#[derive(Clone, Copy, Debug)]
struct Record {
    kind: Kind,
    pair: Capacity,
    parent: usize,
}

fn records() -> impl Strategy<Value = Vec<Record>> {
    let kind = prop_oneof![3 => Just(Kind::Site), 2 => Just(Kind::AccessPoint), 2 => Just(Kind::Client)];
    let limit = prop::option::weighted(0.8, (1_u64..60).prop_map(Rate::from_mbit));
    let record = (kind, limit.clone(), limit, any::<prop::sample::Index>());
    prop::collection::vec(record, 1..24).prop_map(|records| {
        let record =
            |(before, (kind, down, up, parent)): (usize, (Kind, Option<Rate>, Option<Rate>, prop::sample::Index))| {
                Record { kind, pair: Capacity { down: down.into(), up: up.into() }, parent: parent.index(before + 1) }
            };
        records.into_iter().enumerate().map(record).collect()
    })
}

/// Node `n` of the records is number `n + 1` here; the top is number 0.
fn build(records: &[Record]) -> NetworkGraph {
    let raw = |number: usize| id(&number.to_string());
    let mut network = NetworkGraph::builder();
    for (before, record) in records.iter().enumerate().rev() {
        let number = before + 1;
        let name = number.to_string();
        let node = match record.kind {
            Kind::Site => network.site(raw(number), &name).capacity(record.pair).index(),
            Kind::AccessPoint => network.access_point(raw(number), &name).capacity(record.pair).index(),
            Kind::Client => {
                network.device(id(&format!("d{number}")), "cpe").parent(raw(number));
                network.client(raw(number), &name).plan(Rate::from_bit(1), Rate::from_bit(1)).index()
            }
        };
        match record.parent {
            0 => network.edit(node).at_top(),
            parent => network.edit(node).parent(raw(parent)),
        };
    }
    let (network, problems) = network.build();
    assert!(problems.is_empty(), "{problems:?}");
    network
}

/// The oracle: a tree as four tables, turned one edge at a time.
struct Turned<'r> {
    records: &'r [Record],
    root: usize,
    parent: Vec<usize>,
    /// What the link to the parent carries, down away from the root.
    link: Vec<Capacity>,
    /// An access point's sector, down away from the root.
    sector: Vec<Capacity>,
}

impl<'r> Turned<'r> {
    /// As stated: rooted at the top.
    fn at_top(records: &'r [Record]) -> Self {
        let of = |kind, record: &Record| if record.kind == kind { record.pair } else { Capacity::NONE };
        let table = |kind| std::iter::once(Capacity::NONE).chain(records.iter().map(|r| of(kind, r))).collect();
        let parent = std::iter::once(0).chain(records.iter().map(|record| record.parent)).collect();
        Self { records, root: 0, parent, link: table(Kind::Site), sector: table(Kind::AccessPoint) }
    }

    fn stated_parent(&self, number: usize) -> Option<usize> {
        Some(self.records[number.checked_sub(1)?].parent)
    }

    fn stated_sector(&self, number: usize) -> Capacity {
        match number.checked_sub(1).map(|at| self.records[at]) {
            Some(Record { kind: Kind::AccessPoint, pair, .. }) => pair,
            _ => Capacity::NONE,
        }
    }

    /// Makes `child`, which hangs from the root, the root.
    fn turn(&mut self, child: usize) {
        let root = self.root;
        self.link[root] = Capacity { down: self.link[child].up, up: self.link[child].down };
        self.parent[root] = child;
        let sector = self.stated_sector(root);
        let is_entered_from_a_station = self.stated_parent(child) == Some(root);
        self.sector[root] =
            if is_entered_from_a_station { Capacity { down: sector.up, up: sector.down } } else { sector };
        self.sector[child] = self.stated_sector(child);
        self.link[child] = Capacity::NONE;
        self.root = child;
    }

    fn turn_all_the_way_to(&mut self, target: usize) {
        let mut path = vec![target];
        while path[path.len() - 1] != self.root {
            path.push(self.parent[path[path.len() - 1]]);
        }
        for &next in path.iter().rev().skip(1) {
            self.turn(next);
        }
    }

    fn ceiling(&self, number: usize) -> Capacity {
        let (mut node, mut ceiling) = (number, Capacity::NONE);
        while node != self.root {
            let parent = self.parent[node];
            ceiling = ceiling.min(self.link[node]).min(self.sector[node]);
            if parent == self.root && self.stated_parent(node) == Some(parent) {
                ceiling = ceiling.min(self.sector[parent]);
            }
            node = parent;
        }
        ceiling
    }

    /// Whether others can hang from it: a client only where it is the root or leads somewhere.
    fn is_place(&self, number: usize) -> bool {
        let is_client = number.checked_sub(1).is_some_and(|at| self.records[at].kind == Kind::Client);
        !is_client || number == self.root || self.records.iter().any(|record| record.parent == number)
    }
}

fn compare(oracle: &Turned<'_>, tree: &Tree<'_>, nodes: &[NodeIndex]) -> Result<(), TestCaseError> {
    let network = tree.network();
    let place_of = |number: usize| tree.place_of(nodes[number]);
    prop_assert_eq!(tree.places().len(), (0..nodes.len()).filter(|&number| oracle.is_place(number)).count());
    prop_assert!(tree.problems().is_empty());
    for (number, &node) in nodes.iter().enumerate() {
        let is_client = network.node(node).client().is_some();
        if is_client {
            let position = network.circuits().clients().iter().position(|&client| client == node).expect("a circuit");
            let above = if oracle.is_place(number) { number } else { oracle.parent[number] };
            prop_assert_eq!(Some(tree.circuit_place(position)), place_of(above), "circuit {}", number);
        }
        if !oracle.is_place(number) {
            prop_assert_eq!(place_of(number), None, "{} carries nothing", number);
            continue;
        }
        let place = tree.at(place_of(number).expect("a place"));
        let kind = if is_client { PlaceKind::Relay(node) } else { PlaceKind::Node(node) };
        prop_assert_eq!(place.kind, kind);
        let parent = (number != oracle.root).then(|| place_of(oracle.parent[number]).expect("a place"));
        prop_assert_eq!(place.parent, parent, "parent of {} at root {}", number, oracle.root);
        let link = if number == oracle.root { Capacity::NONE } else { oracle.link[number] };
        prop_assert_eq!(place.link_capacity, link, "link of {} at root {}", number, oracle.root);
        prop_assert_eq!(place.ceiling, oracle.ceiling(number), "ceiling of {} at root {}", number, oracle.root);
    }
    Ok(())
}

proptest! {
    #[test]
    fn the_tree_at_s_is_the_tree_at_r_turned_edge_by_edge(records in records(), roots in prop::collection::vec(any::<prop::sample::Index>(), 0..8)) {
        let network = build(&records);
        let find = |number: usize| network.find(&id(&number.to_string())).expect("a node");
        let nodes: Vec<NodeIndex> = std::iter::once(network.top()).chain((1..=records.len()).map(find)).collect();
        let mut oracle = Turned::at_top(&records);
        compare(&oracle, &Tree::grow(&network, network.top()), &nodes)?;
        let jumps = roots.iter().map(|root| root.index(nodes.len()));
        for root in (0..nodes.len()).chain(jumps) {
            oracle.turn_all_the_way_to(root);
            compare(&oracle, &Tree::grow(&network, nodes[root]), &nodes)?;
        }
    }
}
