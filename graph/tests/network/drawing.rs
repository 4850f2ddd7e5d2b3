//! Short ids and rates, and a tree drawn as text, so that a test reads like the network it is about.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use pleach_graph::{
    Capacity, Code, GraphBuilder, Limit, NetworkGraph, NodeId, PlaceIndex, PlaceKind, Problem, Problems, Rate, Tree,
};

/// The id `test:node:<raw>`.
pub(crate) fn id(raw: &str) -> NodeId {
    format!("test:node:{raw}").parse().expect("an id")
}

/// A pair in Mbit/s.
pub(crate) fn pair(down: u64, up: u64) -> Capacity {
    Capacity::from_mbit(down, up)
}

/// Adds a client with one device under `parent`.
pub(crate) fn customer(network: &mut GraphBuilder, client: &str, parent: &str) {
    network.client(id(client), client).parent(id(parent)).plan(Rate::from_mbit(10), Rate::from_mbit(2));
    network.device(id(&format!("{client}-cpe")), "cpe").parent(id(client));
}

/// The tree at the node with this raw id; `Internet` is the top.
pub(crate) fn grow<'g>(network: &'g NetworkGraph, root: &str) -> Tree<'g> {
    let root = if root == "Internet" { network.top() } else { network.find(&id(root)).expect("a node") };
    Tree::grow(network, root)
}

/// A tree as indented lines, children by id: sites and access points by raw id, generated sites as `(client)`, devices
/// as `<device>`, circuits as `* client`; behind each place its ceiling in Mbit/s, down/up, where it has one.
pub(crate) fn draw(tree: &Tree<'_>) -> String {
    let mut children: BTreeMap<PlaceIndex, BTreeSet<(NodeId, PlaceIndex)>> = BTreeMap::new();
    let mut circuits: BTreeMap<PlaceIndex, BTreeSet<&str>> = BTreeMap::new();
    for (place, record) in places(tree) {
        if let Some(parent) = record {
            children.entry(parent).or_default().insert((tree.place_id(place), place));
        }
    }
    for (position, &client) in tree.network().circuits().clients().iter().enumerate() {
        circuits.entry(tree.circuit_place(position)).or_default().insert(tree.network().node(client).id.raw());
    }
    let mut text = String::new();
    let mut stack = vec![(0, PlaceIndex::ROOT)];
    while let Some((depth, place)) = stack.pop() {
        let indent = "  ".repeat(depth);
        let _ = writeln!(text, "{indent}{}{}", label(tree, place), ceiling(tree, place));
        for circuit in circuits.get(&place).into_iter().flatten() {
            let _ = writeln!(text, "{indent}  * {circuit}");
        }
        stack.extend(children.get(&place).into_iter().flatten().rev().map(|&(_, child)| (depth + 1, child)));
    }
    text
}

/// Every place with its parent.
pub(crate) fn places<'t>(tree: &'t Tree<'_>) -> impl Iterator<Item = (PlaceIndex, Option<PlaceIndex>)> + 't {
    tree.indices().map(|place| (place, tree.at(place).parent))
}

fn label(tree: &Tree<'_>, place: PlaceIndex) -> String {
    let network = tree.network();
    match tree.at(place).kind {
        PlaceKind::Orphans => "Orphans".to_owned(),
        PlaceKind::Relay(client) => format!("({})", network.node(client).id.raw()),
        PlaceKind::Node(node) if node == network.top() => "Internet".to_owned(),
        PlaceKind::Node(node) if network.node(node).device().is_some() => format!("<{}>", network.node(node).id.raw()),
        PlaceKind::Node(node) => network.node(node).id.raw().to_owned(),
    }
}

fn ceiling(tree: &Tree<'_>, place: PlaceIndex) -> String {
    let limit = |limit: Limit| limit.rate().map_or("-".to_owned(), |rate| rate.mbit().to_string());
    match tree.at(place).ceiling {
        Capacity::NONE => String::new(),
        Capacity { down, up } => format!(" {}/{}", limit(down), limit(up)),
    }
}

/// Asserts that the tree at `root` looks like `expected`: the root's line, and the rest indented as far as one likes.
#[track_caller]
pub(crate) fn assert_drawn(network: &NetworkGraph, root: &str, expected: &str) {
    let lines: Vec<&str> = expected.lines().filter(|line| !line.trim().is_empty()).collect();
    let behind = &lines[1..];
    let margin = behind.iter().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let behind = behind.iter().map(|line| format!("  {}\n", &line[margin..]));
    let expected: String = std::iter::once(format!("{}\n", lines[0].trim())).chain(behind).collect();
    let drawn = draw(&grow(network, root));
    assert!(drawn == expected, "at root `{root}`, drawn:\n{drawn}expected:\n{expected}");
}

/// Each problem as `code raw-id`, in their stable order.
pub(crate) fn codes(problems: &Problems) -> Vec<String> {
    let raw = |problem: &Problem| problem.record.as_ref().map_or(String::new(), |id| id.raw().to_owned());
    problems.clone().into_sorted().iter().map(|problem| format!("{} {}", problem.code, raw(problem))).collect()
}

/// How many problems have this code.
pub(crate) fn count(problems: &Problems, code: Code) -> usize {
    problems.as_slice().iter().filter(|problem| problem.code == code).count()
}
