//! Cycles of parents: each is broken at its smallest id, everything behind it stays attached.

use petgraph::Undirected;
use petgraph::graph::{Graph, NodeIndex};

use crate::builder::GraphBuilder;
use crate::link::Link;
use crate::node::{Node, Parent};
use crate::problem::{Code, Problem};

/// How many members of a cycle a message names.
const NAMED: usize = 8;

/// Breaks every cycle of parents: the member with the smallest id hangs from the top instead.
pub(crate) fn break_all(builder: &mut GraphBuilder) {
    let top = builder.top();
    let mut walks = Walks::new(&builder.graph);
    for start in builder.graph.node_indices() {
        let cycle = walks.cycle_above(&builder.graph, start);
        let Some(&broken) = cycle.iter().min_by_key(|&&member| &builder.graph[member].id) else { continue };
        report(builder, broken, &cycle);
        builder.graph[broken].parent = Parent::Node(top);
    }
}

/// The members of a cycle of parents; none where all of them lead up.
pub(crate) fn find(graph: &Nodes) -> Vec<NodeIndex> {
    let mut walks = Walks::new(graph);
    let mut cycles = graph.node_indices().map(|start| walks.cycle_above(graph, start));
    cycles.find(|cycle| !cycle.is_empty()).unwrap_or_default()
}

type Nodes = Graph<Node, Link, Undirected, u32>;

/// Walks from node to parent, each node once.
struct Walks {
    /// 0: not seen; otherwise the number of the walk that saw it.
    seen_by: Vec<u32>,
    walk: u32,
}

impl Walks {
    fn new(graph: &Nodes) -> Self {
        Self { seen_by: vec![0; graph.node_count()], walk: 0 }
    }

    /// The cycle that the parents of `start` lead into, unless an earlier walk has seen it.
    fn cycle_above(&mut self, graph: &Nodes, start: NodeIndex) -> Vec<NodeIndex> {
        self.walk += 1;
        let mut node = start;
        while self.seen_by[node.index()] == 0 {
            self.seen_by[node.index()] = self.walk;
            let Some(parent) = graph[node].parent.node() else { return Vec::new() };
            node = parent;
        }
        if self.seen_by[node.index()] == self.walk { members(graph, node) } else { Vec::new() }
    }
}

/// The cycle that `node` is on.
fn members(graph: &Nodes, node: NodeIndex) -> Vec<NodeIndex> {
    let above = |member: &NodeIndex| graph[*member].parent.node().filter(|parent| *parent != node);
    std::iter::successors(Some(node), above).collect()
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
