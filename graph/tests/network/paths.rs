//! Laws on random networks with rings, parallel links, islands, unknown parents and cycles of parents.

use std::collections::{BTreeMap, HashMap, HashSet};

use pleach_graph::{
    COST_REFERENCE_BIT, Capacity, EdgeIndex, GraphBuilder, Limit, NetworkGraph, NodeId, NodeIndex, NodeKind, Parent,
    PlaceIndex, PlaceKind, Rate, Tree,
};
use proptest::prelude::*;

use crate::drawing::id;

#[derive(Clone, Debug)]
enum Record {
    Node { number: usize, kind: u8, parent: ParentIs, pair: Capacity },
    Link { number: usize, ends: [usize; 2], pair: Capacity, cost: u32 },
}

#[derive(Clone, Copy, Debug)]
enum ParentIs {
    Unstated,
    Top,
    Unknown,
    Node(usize),
}

const NODES: usize = 7;

fn records() -> impl Strategy<Value = Vec<Record>> {
    // Few different values, so that many paths are equally good in cost, in hops, in width.
    let limit =
        || prop::sample::select(vec![None, Some(50), Some(100), Some(200)]).prop_map(|mbit| mbit.map(Rate::from_mbit));
    let pair = || (limit(), limit()).prop_map(|(down, up)| Capacity { down: Limit::from(down), up: Limit::from(up) });
    let parent = prop_oneof![
        3 => Just(ParentIs::Unstated),
        1 => Just(ParentIs::Top),
        1 => Just(ParentIs::Unknown),
        3 => (0..NODES).prop_map(ParentIs::Node),
    ];
    let nodes = prop::collection::vec((0_u8..9, parent, pair()), 1..=NODES);
    let links = prop::collection::vec((0..NODES, 0..NODES, pair(), prop::sample::select(vec![0_u32, 1, 2, 500])), 0..9);
    (nodes, links).prop_map(|(nodes, links)| {
        let count = nodes.len();
        let nodes = nodes.into_iter().enumerate().map(|(number, (kind, parent, pair))| {
            let parent = if let ParentIs::Node(n) = parent { ParentIs::Node(n % count) } else { parent };
            Record::Node { number, kind, parent, pair }
        });
        let links = links.into_iter().enumerate().map(|(number, (from, to, pair, cost))| Record::Link {
            number,
            ends: [from % count, to % count],
            pair,
            cost,
        });
        nodes.chain(links).collect()
    })
}

fn add(network: &mut GraphBuilder, record: &Record) {
    let raw = |number: &usize| id(&number.to_string());
    match record {
        Record::Node { number, kind, parent, pair } => {
            let name = number.to_string();
            let entry = match kind {
                0..=2 => network.site(raw(number), &name),
                3..=4 => network.access_point(raw(number), &name),
                5..=7 => network.client(raw(number), &name),
                _ => network.device(raw(number), &name),
            };
            let entry = entry.capacity(*pair);
            match parent {
                ParentIs::Unstated => entry,
                ParentIs::Top => entry.at_top(),
                ParentIs::Unknown => entry.unknown_parent("gone"),
                ParentIs::Node(parent) => entry.parent(raw(parent)),
            };
        }
        Record::Link { number, ends: [from, to], pair, cost } => {
            network.link(id(&format!("link-{number}")), raw(from), raw(to), *pair).cost(*cost);
        }
    }
}

fn build(records: &[Record]) -> (NetworkGraph, Vec<String>) {
    let mut network = NetworkGraph::builder();
    for record in records {
        add(&mut network, record);
    }
    let (network, problems) = network.build();
    let problems = problems.into_sorted().into_iter().map(|problem| format!("{problem:?}")).collect();
    (network, problems)
}

/// The length of a path in the order that decides: orphan, through the top, customers, cost, hops, and the narrowness.
type Length = (bool, bool, u32, u64, u32, std::cmp::Reverse<Limit>);

/// The oracle: all simple paths, tried one after the other.
struct Oracle<'g> {
    network: &'g NetworkGraph,
    root: NodeIndex,
    best: HashMap<NodeIndex, Length>,
}

impl<'g> Oracle<'g> {
    fn new(network: &'g NetworkGraph, root: NodeIndex) -> Self {
        let mut oracle = Self { network, root, best: HashMap::new() };
        let zero = (false, false, 0, 0, 0, std::cmp::Reverse(Limit::NONE));
        oracle.try_all_from(&[(root, zero)]);
        let is_first = |&node: &NodeIndex| {
            (node == network.top() && network.links_of(node).next().is_some())
                || network.node(node).parent() == Parent::Unknown
        };
        let left: Vec<NodeIndex> = oracle.unreached().into_iter().filter(is_first).collect();
        oracle.try_all_from_orphans(&left);
        let by_rank = |&node: &NodeIndex| (!network.node(node).is_infrastructure(), network.node(node).id.clone());
        while let Some(first) = oracle.unreached().into_iter().filter(|&node| node != network.top()).min_by_key(by_rank)
        {
            oracle.try_all_from_orphans(&[first]);
        }
        oracle
    }

    fn unreached(&self) -> Vec<NodeIndex> {
        let junctions = self.network.nodes().map(|(node, _)| node).filter(|&node| self.network.is_junction(node));
        junctions.filter(|node| !self.best.contains_key(node)).collect()
    }

    fn try_all_from_orphans(&mut self, nodes: &[NodeIndex]) {
        let lengths: Vec<_> = nodes
            .iter()
            .map(|&node| {
                let pair = match &self.network.node(node).kind {
                    NodeKind::Site(site) => site.capacity,
                    _ => Capacity::NONE,
                };
                (node, (true, false, 0, cost(pair, None), 1, std::cmp::Reverse(pair.smaller())))
            })
            .collect();
        self.try_all_from(&lengths);
    }

    fn step(&self, from: NodeIndex, length: Length, link: EdgeIndex) -> Length {
        let (is_orphan, through_top, customers, cost_so_far, hops, width) = length;
        let link = self.network.link(link);
        (
            is_orphan,
            through_top || (from == self.network.top() && from != self.root),
            customers + u32::from(from != self.root && self.network.owner(from).is_some()),
            cost_so_far + cost(link.capacity, link.stated_cost.map(std::num::NonZeroU32::get)),
            hops + 1,
            width.max(std::cmp::Reverse(link.capacity.smaller())),
        )
    }

    fn try_all_from(&mut self, sources: &[(NodeIndex, Length)]) {
        let mut stack: Vec<(Vec<NodeIndex>, Length)> =
            sources.iter().map(|&(node, length)| (vec![node], length)).collect();
        while let Some((path, length)) = stack.pop() {
            let node = path[path.len() - 1];
            let best = self.best.entry(node).or_insert(length);
            *best = length.min(*best);
            for (link, other) in self.network.links_of(node) {
                if !path.contains(&other) {
                    let longer = path.iter().copied().chain([other]).collect();
                    stack.push((longer, self.step(node, length, link)));
                }
            }
        }
    }

    /// Of all last links of best paths to `node`, the one with the smallest id.
    fn last_link(&self, node: NodeIndex) -> Option<(NodeId, EdgeIndex, NodeIndex)> {
        let best = self.best[&node];
        let links = self.network.links_of(node);
        let tight = links.filter(|&(link, before)| {
            self.best.get(&before).is_some_and(|&length| self.step(before, length, link) == best)
        });
        tight.map(|(link, before)| (self.network.link_id(link).clone(), link, before)).min()
    }
}

fn cost(pair: Capacity, stated: Option<u32>) -> u64 {
    match (stated, pair.down.min(pair.up).rate()) {
        (Some(stated), _) => u64::from(stated),
        (None, Some(rate)) => (COST_REFERENCE_BIT / rate.bit()).max(1),
        (None, None) => 1,
    }
}

fn length(tree: &Tree<'_>, place: PlaceIndex) -> Length {
    let distance = tree.at(place).distance;
    let (is_orphan, through_top) = (distance.is_orphan, distance.is_through_top);
    (is_orphan, through_top, distance.customers, distance.cost, distance.hops, std::cmp::Reverse(distance.width()))
}

/// One root, parents before children, everything in one place.
fn is_a_tree(tree: &Tree<'_>) -> Result<(), TestCaseError> {
    let network = tree.network();
    let mut seen = HashSet::new();
    for place in tree.indices() {
        let record = tree.at(place);
        prop_assert_eq!(record.parent.is_none(), place == PlaceIndex::ROOT);
        prop_assert!(record.parent.is_none_or(|parent| parent < place));
        let above = record.parent.map_or(Capacity::NONE, |parent| tree.at(parent).ceiling);
        prop_assert_eq!(
            record.ceiling,
            record.ceiling.min(above).min(record.link_capacity),
            "a ceiling covers all above"
        );
        prop_assert!(seen.insert(tree.place_id(place)), "{} has two places", tree.place_id(place));
        prop_assert!(record.kind.node().is_none_or(|node| tree.place_of(node) == Some(place)));
    }
    for (node, record) in network.nodes().filter(|(_, record)| record.is_infrastructure()) {
        let is_bare_top = node == network.top() && network.links_of(node).next().is_none() && tree.root() != node;
        prop_assert_eq!(tree.place_of(node).is_some(), !is_bare_top, "{} is kept", record.id);
    }
    let mut is_needed = vec![false; tree.places().len()];
    for (position, &client) in network.circuits().clients().iter().enumerate() {
        let place = tree.circuit_place(position);
        if tree.place_of(client).is_some_and(|own| own != place) || tree.at(place).kind != PlaceKind::Relay(client) {
            tree.path_up(place).for_each(|above| is_needed[above.index()] = true);
        }
        prop_assert!(tree.place_of(client).is_none_or(|own| own == place), "a relay hangs from its own site");
    }
    for place in tree.indices() {
        if tree.at(place).kind.node().is_some_and(|node| network.node(node).is_infrastructure()) {
            tree.path_up(place).for_each(|above| is_needed[above.index()] = true);
        }
        if matches!(tree.at(place).kind, PlaceKind::Orphans) {
            is_needed[place.index()] = true;
        }
    }
    is_needed[PlaceIndex::ROOT.index()] = true;
    prop_assert!(is_needed.iter().all(|&needed| needed), "generated sites and devices with nothing behind them");
    Ok(())
}

fn takes_best_paths(tree: &Tree<'_>) -> Result<(), TestCaseError> {
    let oracle = Oracle::new(tree.network(), tree.root());
    for place in tree.indices() {
        let record = tree.at(place);
        let Some(node) = record.kind.node() else { continue };
        prop_assert_eq!(length(tree, place), oracle.best[&node], "the way to {}", tree.place_id(place));
        if let Some(link) = record.link {
            let (_, best_link, before) = oracle.last_link(node).expect("a path of several nodes");
            prop_assert_eq!(Some(before), record.parent.and_then(|parent| tree.at(parent).kind.node()));
            prop_assert_eq!(link, best_link);
        }
    }
    Ok(())
}

/// The way from r to v through u is the way from r to u and then the way from u to v.
fn parts_of_best_paths_are_best(tree: &Tree<'_>) -> Result<(), TestCaseError> {
    let network = tree.network();
    let connected = || tree.indices().filter(|&place| !tree.at(place).distance.is_orphan);
    for (middle, at_middle) in connected().filter_map(|place| Some((place, tree.at(place).kind.node()?))) {
        let from_middle = Tree::grow(network, at_middle);
        for end in connected().filter(|&end| tree.path_up(end).any(|above| above == middle)) {
            let Some(there) = tree.at(end).kind.node().and_then(|node| from_middle.place_of(node)) else { continue };
            let (first, second) = (tree.at(middle).distance, from_middle.at(there).distance);
            let whole = tree.at(end).distance;
            prop_assert_eq!(whole.cost, first.cost + second.cost);
            prop_assert_eq!(whole.hops, first.hops + second.hops);
            prop_assert_eq!(whole.width(), first.width().min(second.width()));
        }
    }
    Ok(())
}

/// Everything a tree says, by ids.
fn facts(tree: &Tree<'_>) -> BTreeMap<String, String> {
    let network = tree.network();
    let places = tree.indices().map(|place| {
        let record = tree.at(place);
        let parent = record.parent.map(|parent| tree.place_id(parent));
        let link = record.link.map(|link| network.link_id(link).clone());
        let facts =
            format!("{parent:?} {link:?} {:?} {:?} {:?}", record.distance, record.link_capacity, record.ceiling);
        (tree.place_id(place).to_string(), facts)
    });
    let circuits = network.circuits().clients().iter().enumerate().map(|(position, &client)| {
        let place = tree.place_id(tree.circuit_place(position));
        (format!("circuit {}", network.node(client).id), place.to_string())
    });
    let problems = format!("{:?}", tree.problems().clone().into_sorted());
    let mut standby: Vec<_> = tree.standby_links().map(|link| network.link_id(link)).collect();
    standby.sort();
    let others = [("problems".to_owned(), problems), ("standby".to_owned(), format!("{standby:?}"))];
    places.chain(circuits).chain(others).collect()
}

fn roots(network: &NetworkGraph) -> Vec<NodeId> {
    network.nodes().map(|(_, node)| node.id.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_root_gives_a_tree_of_best_paths(records in records()) {
        let (network, _) = build(&records);
        for root in roots(&network) {
            let tree = Tree::grow(&network, network.find(&root).expect("a node"));
            is_a_tree(&tree)?;
            takes_best_paths(&tree)?;
            parts_of_best_paths_are_best(&tree)?;
        }
    }

    #[test]
    fn the_order_of_records_changes_nothing((records, shuffled) in records().prop_flat_map(|records| {
        (Just(records.clone()), Just(records).prop_shuffle())
    })) {
        let (network, problems) = build(&records);
        let (again, its_problems) = build(&shuffled);
        prop_assert_eq!(problems, its_problems);
        for root in roots(&network) {
            let tree = Tree::grow(&network, network.find(&root).expect("a node"));
            let other = Tree::grow(&again, again.find(&root).expect("a node"));
            prop_assert_eq!(facts(&tree), facts(&other), "at root {}", root);
        }
    }

    #[test]
    fn each_circuit_without_a_way_to_the_root_is_under_orphans_and_named(records in records()) {
        let (network, problems) = build(&records);
        for root in roots(&network) {
            let tree = Tree::grow(&network, network.find(&root).expect("a node"));
            let orphans = tree.orphans_place();
            let is_orphan = |place| tree.path_up(place).any(|above| Some(above) == orphans);
            let someone = (0..network.circuits().len()).any(|position| is_orphan(tree.circuit_place(position)));
            prop_assert!(!someone || !tree.problems().is_empty() || problems.iter().any(|p| p.contains("UnknownParent")));
        }
    }
}
