//! Joining records into a graph: ids, parents, links, claims on prefixes.

use std::collections::{HashMap, HashSet};

use petgraph::graph::NodeIndex;

use crate::builder::{GraphBuilder, LinkRecord, ParentName};
use crate::capacity::Capacity;
use crate::circuits::CircuitIndex;
use crate::id::NodeId;
use crate::link::{Link, LinkIdIndex};
use crate::network_graph::{NetworkGraph, SetAside};
use crate::node::{NodeKind, Origin, Parent};
use crate::owners::Owners;
use crate::problem::{Code, Problem, Problems};
use crate::suggest;

/// For how many unknown names a near miss is looked for: each search walks the whole network.
const SEARCHED_NAMES: usize = 50;

pub(crate) fn join(mut builder: GraphBuilder) -> (NetworkGraph, Problems) {
    settle_duplicates(&mut builder);
    crate::shared_client::report(&mut builder);
    crate::claims::sort(&mut builder);
    resolve_parents(&mut builder);
    crate::parent_cycles::break_all(&mut builder);
    let mut owners = Owners::new(&builder.graph);
    mark_lost_addresses(&mut builder, &owners);
    let mut circuits = CircuitIndex::new(&builder.graph, &owners);
    crate::order::by_circuit(&mut builder, &mut circuits, &mut owners);
    let mut link_ids = add_links(&mut builder);
    crate::nets::assign(&mut builder, &mut circuits, &mut link_ids);
    crate::claims::settle(&mut builder, &owners);
    mark_lost_addresses(&mut builder, &owners);
    crate::bypass::settle(&mut builder);
    builder.reasons.settle();
    assemble(builder, circuits, link_ids)
}

/// The network of nodes and links that are joined, and the problems that were found.
pub(crate) fn assemble(
    builder: GraphBuilder,
    circuits: CircuitIndex,
    link_ids: Vec<NodeId>,
) -> (NetworkGraph, Problems) {
    let GraphBuilder { graph, ids, documents, set_aside, bypass, nets, problems, reasons, .. } = builder;
    let mut network = NetworkGraph {
        graph,
        ids,
        link_ids,
        documents,
        set_aside,
        bypass,
        nets,
        circuits,
        reasons,
        ..NetworkGraph::default()
    };
    crate::junctions::number(&mut network);
    (network, problems)
}

fn mark_lost_addresses(builder: &mut GraphBuilder, owners: &Owners) {
    for client in std::mem::take(&mut builder.lost_addresses).into_iter().filter_map(|node| owners.of(node)) {
        if let NodeKind::Client(client) = &mut builder.graph[client].kind {
            client.has_lost_address = true;
        }
    }
}

/// A record whose id was taken is a copy, or it is named as the loser. Whatever changes what records state comes after it:
/// a copy of a changed record would look like another one.
pub(crate) fn settle_duplicates(builder: &mut GraphBuilder) {
    for (holder, mut node, parent) in std::mem::take(&mut builder.duplicates) {
        crate::claims::sort_of(&mut node);
        crate::claims::sort_of(&mut builder.graph[holder]);
        let first = builder.graph[holder].clone();
        let origin = std::mem::replace(&mut node.origin, first.origin);
        let document = builder.document_name(origin.document).to_owned();
        let kind = node.kind.as_str();
        let is_alike = node == first && is_same_parent(builder, &parent, &builder.parents[holder.index()]);
        let problem = if is_alike {
            Problem::new(Code::DuplicateRow, format!("{kind} `{}` is there twice, alike; one copy is dropped", node.id))
        } else {
            if node.client().is_some() {
                builder.set_aside.push(SetAside { id: Some(node.id.clone()), code: Code::DuplicateId });
            }
            let where_first = place_name(builder, first.origin);
            Problem::new(
                Code::DuplicateId,
                format!("{kind} `{}` differs from the record with this id{where_first}, which is kept", node.name),
            )
            .hint("give each record an id of its own, or remove one of them")
        };
        builder.problems.push(problem.at(&document, origin.line).record(&node.id));
    }
}

/// Whether two records mean the same parent, one by its id and the other by its index, say.
fn is_same_parent(builder: &GraphBuilder, a: &ParentName, b: &ParentName) -> bool {
    let node = |name: &ParentName| match name {
        ParentName::Node(node) => Some(*node),
        ParentName::Id(id) => builder.find(id),
        ParentName::Unstated | ParentName::Unknown(_) | ParentName::Unplaced => None,
    };
    a == b || node(a).is_some_and(|parent| Some(parent) == node(b))
}

/// ` in nodes.csv line 3`, or nothing.
pub(crate) fn place_name(builder: &GraphBuilder, origin: Origin) -> String {
    match (builder.document_name(origin.document), origin.line) {
        ("", _) => String::new(),
        (document, 0) => format!(" in `{document}`"),
        (document, line) => format!(" in `{document}` line {line}"),
    }
}

fn resolve_parents(builder: &mut GraphBuilder) {
    let mut unknown: Vec<(NodeIndex, String)> = Vec::new();
    for (index, name) in std::mem::take(&mut builder.parents).into_iter().enumerate().skip(1) {
        let node = NodeIndex::new(index);
        builder.graph[node].parent = match name {
            ParentName::Unstated => Parent::Unstated,
            ParentName::Node(parent) => Parent::Node(parent),
            ParentName::Id(id) => {
                if let Some(parent) = builder.find(&id) {
                    Parent::Node(parent)
                } else {
                    unknown.push((node, id.as_str().to_owned()));
                    Parent::Unknown
                }
            }
            ParentName::Unknown(name) => {
                unknown.push((node, name.into()));
                Parent::Unknown
            }
            ParentName::Unplaced => Parent::Unknown,
        };
    }
    report_unknown_parents(builder, &unknown);
    hang_from_top(builder);
}

/// A node without a parent hangs from the top, unless its links say where it is. Links to its own children don't: they
/// say more of the children's links and nothing of its own.
fn hang_from_top(builder: &mut GraphBuilder) {
    let mut linked: HashSet<NodeIndex> = HashSet::new();
    for [first, second] in builder.links.iter().filter_map(|record| usable_ends(builder, record)) {
        for (node, other) in [(first, second), (second, first)] {
            if builder.graph[other].parent != Parent::Node(node) {
                linked.insert(node);
            }
        }
    }
    let top = builder.top();
    for node in builder.graph.node_indices().skip(1) {
        let parent = &mut builder.graph[node].parent;
        if *parent == Parent::Unstated && !linked.contains(&node) {
            *parent = Parent::Node(top);
        }
    }
}

/// The nodes that a link joins, if they are two and in the network.
fn usable_ends(builder: &GraphBuilder, record: &LinkRecord) -> Option<[NodeIndex; 2]> {
    let [first, second] = &record.ends;
    let ends = [builder.find(first)?, builder.find(second)?];
    (ends[0] != ends[1]).then_some(ends)
}

fn report_unknown_parents(builder: &mut GraphBuilder, unknown: &[(NodeIndex, String)]) {
    let mut hints: HashMap<&str, String> = HashMap::new();
    for (node, name) in unknown {
        let searched = hints.len();
        let hint = hints.entry(name).or_insert_with(|| {
            if searched >= SEARCHED_NAMES {
                return "add the node, or correct the parent".to_owned();
            }
            let infrastructure = builder.graph.node_weights().filter(|node| node.is_infrastructure());
            let known = infrastructure.flat_map(|node| [node.name.as_str(), node.id.as_str()]);
            match suggest::nearest(name, known).as_slice() {
                [] => "add the node, or correct the parent".to_owned(),
                near => format!("did you mean {}?", suggest::list(near)),
            }
        });
        let record = &builder.graph[*node];
        let message =
            format!("{} `{}` has the parent `{name}`, which is not in the network", record.kind.as_str(), record.name);
        let problem = Problem::new(Code::UnknownParent, message)
            .at(builder.document_name(record.origin.document), record.origin.line)
            .record(&record.id)
            .value(name)
            .hint(hint.as_str());
        builder.problems.push(problem);
    }
}

/// Adds the stated links, then one link for each parent that has no stated link to its child.
pub(crate) fn add_links(builder: &mut GraphBuilder) -> Vec<NodeId> {
    let mut kept: Vec<LinkRecord> = Vec::new();
    let mut by_id: HashMap<NodeId, usize> = HashMap::new();
    let mut stated: HashSet<(NodeIndex, NodeIndex)> = HashSet::new();
    for record in std::mem::take(&mut builder.links) {
        let Some([first, second]) = usable_ends(builder, &record) else {
            report_unusable(builder, &record);
            continue;
        };
        if let Some(&holder) = by_id.get(&record.id) {
            report_duplicate(builder, &record, &kept[holder]);
            continue;
        }
        by_id.insert(record.id.clone(), kept.len());
        builder.graph.add_edge(first, second, Link { id: Some(LinkIdIndex::new(kept.len())), ..record.link });
        stated.insert((first.min(second), first.max(second)));
        kept.push(record);
    }
    builder.graph.reserve_edges(builder.graph.node_count());
    for child in builder.graph.node_indices() {
        let Parent::Node(parent) = builder.graph[child].parent else { continue };
        if stated.is_empty() || !stated.contains(&(parent.min(child), parent.max(child))) {
            let capacity = match &builder.graph[child].kind {
                NodeKind::Site(site) if !site.is_virtual => site.capacity,
                _ => Capacity::NONE,
            };
            let stated_cost = builder.costs_to_parent.get(&child).copied();
            builder.graph.add_edge(parent, child, Link { capacity, stated_cost, id: None });
        }
    }
    kept.into_iter().map(|record| record.id).collect()
}

fn report_unusable(builder: &mut GraphBuilder, record: &LinkRecord) {
    let LinkRecord { ends: [first, second], id, origin, .. } = record;
    let trouble = match (builder.find(first), builder.find(second)) {
        (Some(_), Some(_)) if first != second => {
            format!("link `{id}` leads from `{first}` to `{second}`, which are one node")
        }
        (Some(_), Some(_)) => format!("link `{id}` leads from a node to itself"),
        (None, _) => format!("link `{id}` starts at `{first}`, which is not in the network"),
        (_, None) => format!("link `{id}` ends at `{second}`, which is not in the network"),
    };
    let problem = Problem::new(Code::BadLink, trouble).at(builder.document_name(origin.document), origin.line);
    builder.problems.push(problem.record(id).hint("correct the link's ends, or remove it"));
}

fn report_duplicate(builder: &mut GraphBuilder, record: &LinkRecord, kept: &LinkRecord) {
    let LinkRecord { ends, link, id, origin } = record;
    let problem = if (ends, link) == (&kept.ends, &kept.link) {
        Problem::new(Code::DuplicateRow, format!("link `{id}` is there twice, alike; one copy is dropped"))
    } else {
        let place = place_name(builder, kept.origin);
        Problem::new(Code::DuplicateId, format!("link `{id}` differs from the link with this id{place}, which is kept"))
            .hint("give each link an id of its own, or remove one of them")
    };
    builder.problems.push(problem.at(builder.document_name(origin.document), origin.line).record(id));
}
