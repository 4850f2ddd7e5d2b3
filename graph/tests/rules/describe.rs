//! A network as text: everything that joins and overrides may change, by id.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use pleach_graph::overrides::Applied;
use pleach_graph::{
    Capacity, Census, Limit, NetworkGraph, NodeIndex, NodeKind, Parent, PlanRate, Policy, Problem, Problems, Sqm,
};

/// The counting law, what is left out and promoted, the nodes, their links, the problems.
pub(crate) fn describe(network: &NetworkGraph, problems: Problems, applied: &Applied) -> String {
    let mut text = counts(network, applied);
    for (what, ids) in [("left out", &applied.excluded), ("promoted", &applied.promoted)] {
        text.extend(ids.iter().map(|id| format!("{what} {id}\n")));
    }
    text += &nodes(network, Reasons::Shown);
    for problem in problems.into_sorted() {
        text += &self::problem(&problem);
    }
    text
}

/// Whether reasons are part of a description.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Reasons {
    Shown,
    Hidden,
}

/// Every node and link, by id.
pub(crate) fn nodes(network: &NetworkGraph, reasons: Reasons) -> String {
    let mut nodes: Vec<NodeIndex> = network.nodes().map(|(node, _)| node).skip(1).collect();
    nodes.sort_by_key(|&node| &network.node(node).id);
    let mut text = String::new();
    for node in nodes {
        self::node(&mut text, network, node, reasons);
    }
    let lines = network.links().filter_map(|link| {
        let [first, second] = <[NodeIndex; 2]>::from(network.ends(link)).map(|end| network.node(end).id.to_string());
        let is_plain = network.node(network.ends(link).1).id == *network.link_id(link);
        let stated = network.link(link).stated_cost.map(|cost| format!(", cost {cost}")).unwrap_or_default();
        let capacity = pair(network.link(link).capacity);
        // What a parent implies is clear from the child.
        (!is_plain || !stated.is_empty())
            .then(|| format!("link {} from {first} to {second}, {capacity}{stated}\n", network.link_id(link)))
    });
    text.extend(lines.collect::<BTreeSet<_>>());
    text
}

fn node(text: &mut String, network: &NetworkGraph, node: NodeIndex, reasons: Reasons) {
    let record = network.node(node);
    let _ = write!(text, "{} {} `{}`", record.kind.as_str(), record.id, record.name);
    let _ = match record.parent() {
        Parent::Unstated => write!(text, ""),
        Parent::Unknown => write!(text, " under nothing known"),
        Parent::Node(parent) if parent == network.top() => write!(text, " at the top"),
        Parent::Node(parent) => write!(text, " under {}", network.node(parent).id),
    };
    let _ = match &record.kind {
        NodeKind::Site(site) if site.is_virtual => write!(text, ", virtual"),
        NodeKind::Site(site) if site.capacity == Capacity::NONE => write!(text, ""),
        NodeKind::AccessPoint(ap) if ap.sector == Capacity::NONE => write!(text, ""),
        NodeKind::Site(site) => write!(text, ", {}", pair(site.capacity)),
        NodeKind::AccessPoint(ap) => write!(text, ", {}", pair(ap.sector)),
        NodeKind::Client(client) => {
            let sqm = if client.sqm == Sqm::default() { String::new() } else { format!(", {}", client.sqm) };
            write!(text, ", {} down, {} up{sqm}", rates(client.plan.down), rates(client.plan.up))
        }
        NodeKind::Device(device) => {
            let claims = device.claims.iter().map(|claim| format!("{} {:?}", claim.prefix, claim.assignment));
            let mut facts: Vec<String> = claims.collect();
            facts.extend((!device.mac.is_empty()).then(|| device.mac.to_string()));
            write!(text, ", {}", facts.join(", "))
        }
    };
    text.push('\n');
    for other in network.other_ids(node) {
        let _ = writeln!(text, "  is {other}");
    }
    if reasons == Reasons::Shown {
        for reason in network.stated_reasons(node) {
            let _ = writeln!(text, "  {}: {}", reason.aspect.as_str(), reason.text);
        }
    }
}

fn pair(capacity: Capacity) -> String {
    let limit = |limit: Limit| limit.rate().map_or("-".to_owned(), |rate| rate.mbit().to_string());
    format!("{}/{}", limit(capacity.down), limit(capacity.up))
}

fn rates(rate: PlanRate) -> String {
    let text = |rate: Option<pleach_graph::Rate>| rate.map_or("?".to_owned(), |rate| rate.mbit().to_string());
    format!("{} to {}", text(rate.min), text(rate.max))
}

fn counts(network: &NetworkGraph, applied: &Applied) -> String {
    let excluded = applied.excluded.iter().filter_map(|id| network.find(id)).collect();
    let counts = Census::take(network, &Policy { excluded, ..Policy::default() }).counts();
    format!(
        "read {} = shaped {} + quarantined {} + left out {}\n",
        counts.read, counts.shaped, counts.quarantined, counts.left_out
    )
}

fn problem(problem: &Problem) -> String {
    let mut text = problem.code.to_string();
    if let Some(document) = &problem.document {
        let _ = write!(text, " {document}");
    }
    if let Some(line) = problem.line {
        let _ = write!(text, ":{line}");
    }
    if let Some(field) = &problem.field {
        let _ = write!(text, ", {field}");
    }
    if let Some(record) = &problem.record {
        let _ = write!(text, " ({record})");
    }
    format!("{text}\n  {}\n  hint: {}\n", problem.message, problem.hint)
}
