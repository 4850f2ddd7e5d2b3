//! Cycles of parents: each is broken at its smallest id, everything behind it stays attached.

use petgraph::graph::NodeIndex;

use crate::builder::GraphBuilder;
use crate::node::Parent;
use crate::problem::{Code, Problem};

/// How many members of a cycle a message names.
const NAMED: usize = 8;

/// Breaks every cycle of parents: the member with the smallest id hangs from the top instead.
pub(crate) fn break_all(builder: &mut GraphBuilder) {
    let top = builder.top();
    // 0: not seen; otherwise the number of the walk that saw it.
    let mut seen_by = vec![0_u32; builder.graph.node_count()];
    for (walk, start) in (1..).zip(builder.graph.node_indices()) {
        let mut node = start;
        while seen_by[node.index()] == 0 {
            seen_by[node.index()] = walk;
            let Some(parent) = builder.graph[node].parent.node() else { break };
            node = parent;
        }
        if seen_by[node.index()] != walk || builder.graph[node].parent.node().is_none() {
            continue;
        }
        let cycle = members(builder, node);
        if cycle.is_empty() {
            continue;
        }
        let broken =
            *cycle.iter().min_by_key(|&&member| &builder.graph[member].id).expect("invariant: a cycle has members");
        report(builder, broken, &cycle);
        builder.graph[broken].parent = Parent::Node(top);
    }
}

/// The cycle that `node` is on, or nothing where its parents lead to the top.
fn members(builder: &GraphBuilder, node: NodeIndex) -> Vec<NodeIndex> {
    let mut cycle = vec![node];
    let mut next = builder.graph[node].parent.node();
    while let Some(member) = next {
        if member == node {
            return cycle;
        }
        cycle.push(member);
        next = builder.graph[member].parent.node();
    }
    Vec::new()
}

fn report(builder: &mut GraphBuilder, broken: NodeIndex, cycle: &[NodeIndex]) {
    let record = &builder.graph[broken];
    let message = if cycle.len() == 1 {
        format!("{} `{}` is its own parent; it now hangs from the top", record.kind.as_str(), record.name)
    } else {
        let from = cycle.iter().position(|&member| member == broken).unwrap_or(0);
        let order = cycle[from..].iter().chain(&cycle[..from]);
        let mut names: Vec<String> =
            order.take(NAMED).map(|&member| format!("`{}`", builder.graph[member].name)).collect();
        names.push(if cycle.len() > NAMED { format!("{} more", cycle.len() - NAMED) } else { names[0].clone() });
        format!("parents form a cycle, {}; `{}` now hangs from the top", names.join(" under "), record.name)
    };
    let problem = Problem::new(Code::ParentCycle, message)
        .at(builder.document_name(record.origin.document), record.origin.line)
        .record(&record.id)
        .hint(format!("give `{}` its real parent, or leave it empty", record.name));
    builder.problems.push(problem);
}
