//! Brings problems to the things they are about.

use std::collections::HashMap;

use pleach_graph::{NodeId, NodeIndex, Problem, Severity, Tree};

use super::gather::NOT_DRAWN;
use super::item::{Item, Mark};

/// How many problems a tooltip lists: more does not fit a screen.
const MOST_LISTED: usize = 8;

/// The problems of every item.
pub(super) struct Marks<'t> {
    tree: &'t Tree<'t>,
    item_of_place: &'t [usize],
    /// Only looked up, never walked.
    item_of_id: HashMap<String, usize>,
    /// By node, the position of a client among the circuits.
    position_of: HashMap<NodeIndex, usize>,
    notes: Vec<Notes>,
}

#[derive(Clone, Default)]
struct Notes {
    mark: Option<Mark>,
    lines: Vec<String>,
    not_listed: usize,
    /// Problems of circuits that hang from here and are not drawn.
    of_circuits: usize,
}

impl<'t> Marks<'t> {
    pub(super) fn new(tree: &'t Tree<'t>, items: &[Item], item_of_place: &'t [usize]) -> Self {
        let mut item_of_id = HashMap::new();
        let drawn = tree.places().iter().zip(item_of_place).filter(|&(_, &at)| at != NOT_DRAWN);
        for (place, &at) in drawn {
            item_of_id.insert(items[at].id.clone(), at);
            if let Some(node) = place.kind.node() {
                item_of_id.insert(tree.network().node(node).id.to_string(), at);
            }
        }
        for (at, item) in items.iter().enumerate() {
            item_of_id.entry(item.id.clone()).or_insert(at);
        }
        let clients = tree.network().circuits().clients();
        let position_of = clients.iter().enumerate().map(|(position, &client)| (client, position)).collect();
        Self { tree, item_of_place, item_of_id, position_of, notes: vec![Notes::default(); items.len()] }
    }

    /// Notes `problem` at the item it is about; at the place of its circuit, where that is not drawn.
    pub(super) fn add(&mut self, problem: &Problem) {
        let Some(record) = &problem.record else { return };
        if let Some(at) = self.item_of(record) {
            let notes = &mut self.notes[at];
            let mark = match problem.code.severity() {
                Severity::Error => Some(Mark::Error),
                Severity::Warning => Some(Mark::Warning),
                Severity::Note => None,
            };
            notes.mark = [notes.mark, mark].into_iter().flatten().min();
            if notes.lines.len() < MOST_LISTED {
                notes.lines.push(line(problem));
            } else {
                notes.not_listed += 1;
            }
        } else if let Some(at) = self.place_of_circuit(record) {
            self.notes[at].of_circuits += 1;
        }
    }

    fn item_of(&self, record: &NodeId) -> Option<usize> {
        let drawn = |id: &str| self.item_of_id.get(id).copied();
        drawn(record.as_str()).or_else(|| drawn(self.tree.network().node(self.client_of(record)?).id.as_str()))
    }

    fn client_of(&self, record: &NodeId) -> Option<NodeIndex> {
        let node = self.tree.network().find(record)?;
        if self.position_of.contains_key(&node) { Some(node) } else { self.tree.network().owner(node) }
    }

    fn place_of_circuit(&self, record: &NodeId) -> Option<usize> {
        let position = self.position_of.get(&self.client_of(record)?)?;
        Some(self.item_of_place[self.tree.circuit_place(*position).index()])
    }

    /// Marks the items and adds the problems to their tooltips.
    pub(super) fn put_on(self, items: &mut [Item]) {
        for (item, notes) in items.iter_mut().zip(self.notes) {
            item.mark = notes.mark;
            for line in &notes.lines {
                item.tooltip.push_str("\n\n");
                item.tooltip.push_str(line);
            }
            if notes.not_listed > 0 {
                push!(item.tooltip, "\n\nand {} more problems", notes.not_listed);
            }
            if notes.of_circuits > 0 {
                push!(item.tooltip, "\nproblems of circuits here: {}", notes.of_circuits);
            }
        }
    }
}

fn line(problem: &Problem) -> String {
    let severity = match problem.code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let origin = match (&problem.document, problem.line) {
        (Some(document), Some(line)) => format!(" ({document}:{line})"),
        (Some(document), None) if !document.is_empty() => format!(" ({document})"),
        _ => String::new(),
    };
    format!("{severity} {}: {}{origin}", problem.code, problem.message)
}
