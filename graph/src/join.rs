//! Joining records into a graph: ids, parents, links, claims on prefixes.

use std::collections::{HashMap, HashSet};

use petgraph::graph::NodeIndex;

use crate::builder::{GraphBuilder, ParentName};
use crate::capacity::Capacity;
use crate::circuits::CircuitIndex;
use crate::link::{Link, LinkIdIndex};
use crate::network_graph::{LEAF, NetworkGraph, SetAside};
use crate::node::{NodeKind, Origin, Parent};
use crate::problem::{Code, Problem, Problems};
use crate::suggest;

/// For how many unknown names a near miss is looked for: each search walks the whole network.
const SEARCHED_NAMES: usize = 50;

pub(crate) fn join(mut builder: GraphBuilder) -> (NetworkGraph, Problems) {
    name_duplicates(&mut builder);
    resolve_parents(&mut builder);
    crate::parent_cycles::break_all(&mut builder);
    let link_ids = add_links(&mut builder);
    crate::claims::settle(&mut builder);
    let GraphBuilder { graph, ids, documents, set_aside, problems, .. } = builder;
    let circuits = CircuitIndex::new(&graph);
    let mut network = NetworkGraph { graph, ids, link_ids, documents, set_aside, circuits, ..NetworkGraph::default() };
    number_junctions(&mut network);
    (network, problems)
}

/// A record whose id was taken is a copy, or it is named as the loser.
fn name_duplicates(builder: &mut GraphBuilder) {
    for (holder, mut node, parent) in std::mem::take(&mut builder.duplicates) {
        let first = builder.graph[holder].clone();
        let origin = std::mem::replace(&mut node.origin, first.origin);
        let document = builder.document_name(origin.document).to_owned();
        let kind = node.kind.as_str();
        let problem = if node == first && parent == builder.parents[holder.index()] {
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

/// ` in nodes.csv line 3`, or nothing.
pub(crate) fn place_name(builder: &GraphBuilder, origin: Origin) -> String {
    match (builder.document_name(origin.document), origin.line) {
        ("", _) => String::new(),
        (document, 0) => format!(" in `{document}`"),
        (document, line) => format!(" in `{document}` line {line}"),
    }
}

fn resolve_parents(builder: &mut GraphBuilder) {
    let linked: HashSet<NodeIndex> =
        builder.links.iter().flat_map(|record| &record.ends).filter_map(|end| builder.find(end)).collect();
    let top = builder.top();
    let mut unknown: Vec<(NodeIndex, String)> = Vec::new();
    for (index, name) in std::mem::take(&mut builder.parents).into_iter().enumerate().skip(1) {
        let node = NodeIndex::new(index);
        builder.graph[node].parent = match name {
            ParentName::Unstated if linked.contains(&node) => Parent::Unstated,
            ParentName::Unstated => Parent::Node(top),
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
        };
    }
    report_unknown_parents(builder, &unknown);
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
fn add_links(builder: &mut GraphBuilder) -> Vec<crate::NodeId> {
    let mut link_ids = Vec::new();
    let mut stated: HashSet<(NodeIndex, NodeIndex)> = HashSet::new();
    for record in std::mem::take(&mut builder.links) {
        let ends = [0, 1].map(|end| builder.find(&record.ends[end]));
        let trouble = match ends {
            [Some(first), Some(second)] if first != second => {
                link_ids.push(record.id);
                let link = Link { id: Some(LinkIdIndex::new(link_ids.len() - 1)), ..record.link };
                builder.graph.add_edge(first, second, link);
                stated.insert((first.min(second), first.max(second)));
                continue;
            }
            [Some(_), Some(_)] => format!("link `{}` leads from a node to itself", record.id),
            [None, _] => format!("link `{}` starts at `{}`, which is not in the network", record.id, record.ends[0]),
            [_, None] => format!("link `{}` ends at `{}`, which is not in the network", record.id, record.ends[1]),
        };
        let document = builder.document_name(record.origin.document).to_owned();
        let problem = Problem::new(Code::BadLink, trouble).at(&document, record.origin.line).record(&record.id);
        builder.problems.push(problem.hint("correct the link's ends, or remove it"));
    }
    builder.graph.reserve_edges(builder.graph.node_count());
    for child in builder.graph.node_indices() {
        let Parent::Node(parent) = builder.graph[child].parent else { continue };
        if stated.is_empty() || !stated.contains(&(parent.min(child), parent.max(child))) {
            let capacity = match &builder.graph[child].kind {
                NodeKind::Site(site) if !site.is_virtual => site.capacity,
                _ => Capacity::NONE,
            };
            builder.graph.add_edge(parent, child, Link { capacity, stated_cost: None, id: None });
        }
    }
    link_ids
}

/// Numbers the nodes that paths can lead through: sites, access points, and whatever has more links than one, not
/// counting those to devices with nothing behind them.
fn number_junctions(network: &mut NetworkGraph) {
    let mut links = vec![0_u32; network.node_count()];
    for link in network.links() {
        let (first, second) = network.ends(link);
        links[first.index()] += 1;
        links[second.index()] += 1;
    }
    let mut leading_on = links.clone();
    let is_end = |node: NodeIndex| links[node.index()] == 1 && network.node(node).device().is_some();
    for link in network.links() {
        let (first, second) = network.ends(link);
        leading_on[first.index()] -= u32::from(is_end(second));
        leading_on[second.index()] -= u32::from(is_end(first));
    }
    let mut junctions = Vec::new();
    let mut junction_of = vec![LEAF; network.node_count()];
    for (node, record) in network.nodes() {
        let ways = leading_on[node.index()] + u32::from(record.parent() == Parent::Unknown);
        if record.is_infrastructure() || ways > 1 {
            junction_of[node.index()] = u32::try_from(junctions.len()).expect("invariant: nodes are numbered with u32");
            junctions.push(node);
        }
    }
    (network.junctions, network.junction_of) = (junctions, junction_of);
}
