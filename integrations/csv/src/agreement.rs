//! Later rows of a circuit against what its earlier rows have stated. Each method says whether the row had anything new.

use pleach_graph::shaped_devices::{Column, Row};
use pleach_graph::{Plan, Text};

use crate::circuits::Circuits;
use crate::late_parents::LateParent;
use crate::places::{Found, ambiguous, is_unstated};
use crate::statement::{Dispute, Field, StatedParent};

impl Circuits<'_> {
    pub(crate) fn name<'n>(&mut self, circuit: u32, row: &Row<'_>, names: &impl Fn(Column) -> &'n str) -> bool {
        let client = self.states[circuit as usize].client;
        if row.circuit_name.is_empty() {
            return false;
        }
        if self.states_first(circuit, Field::Name, row.line) {
            let _ = self.builder.edit(client).name(row.circuit_name);
            return true;
        }
        let stated = &self.builder.node(client).name;
        if stated == row.circuit_name {
            return false;
        }
        let stated = stated.clone();
        self.dispute(circuit, Field::Name, &stated, (row.line, row.circuit_name), names);
        true
    }

    pub(crate) fn rates<'n>(&mut self, circuit: u32, row: &Row<'_>, names: &impl Fn(Column) -> &'n str) -> bool {
        let client = self.states[circuit as usize].client;
        let mut stated: Plan = self.builder.node(client).client().map(|client| client.plan).unwrap_or_default();
        let mut later = row.plan;
        if stated == later {
            return false;
        }
        let mut says_more = false;
        for field in Field::RATES {
            let (Some(first), Some(&mut Some(rate))) = (field.rate(&mut stated), field.rate(&mut later)) else {
                continue;
            };
            if self.states_first(circuit, field, row.line) {
                *first = Some(rate);
                says_more = true;
            } else if let Some(first) = *first
                && first != rate
            {
                let [first, rate] = [first, rate].map(|rate| rate.mbit().to_string());
                self.dispute(circuit, field, &first, (row.line, &rate), names);
                says_more = true;
            }
        }
        let _ = self.builder.edit(client).plan_rates(stated.down, stated.up);
        says_more
    }

    pub(crate) fn sqm<'n>(&mut self, circuit: u32, row: &Row<'_>, names: &impl Fn(Column) -> &'n str) -> bool {
        let client = self.states[circuit as usize].client;
        let Some(sqm) = row.sqm else { return false };
        if self.states_first(circuit, Field::Sqm, row.line) {
            let _ = self.builder.edit(client).sqm(sqm);
            return true;
        }
        let stated = self.builder.node(client).client().map(|client| client.sqm).unwrap_or_default();
        if stated != sqm {
            self.dispute(circuit, Field::Sqm, &stated.to_string(), (row.line, &sqm.to_string()), names);
        }
        stated != sqm
    }

    /// Takes a row's parent, `Parent Node ID` before `Parent Node`, if it is the first that is stated.
    pub(crate) fn parent<'n>(&mut self, circuit: u32, row: &Row<'_>, names: &impl Fn(Column) -> &'n str) -> bool {
        let cells = [row.parent_node_id, row.parent_node];
        if cells.iter().all(|cell| is_unstated(cell)) {
            return false;
        }
        let Some(places) = self.places else {
            self.parents_ignored += 1;
            return false;
        };
        let by_id = |cell| places.by_id(cell, self.builder).filter(|_| !is_unstated(cell));
        let by_name = |cell| places.by_name(cell, self.builder).filter(|_| !is_unstated(cell));
        let found = by_id(row.parent_node_id).or_else(|| by_name(row.parent_node));
        let text = if is_unstated(row.parent_node) { row.parent_node_id } else { row.parent_node };
        let state = self.states[circuit as usize];
        if self.states_first(circuit, Field::Parent, row.line) {
            self.take_parent(circuit, text, found);
            return true;
        }
        let (is_same, stated) = match state.parent {
            StatedParent::Place(node) => {
                (found.is_some_and(|found| found.node == node), self.builder.node(node).name.clone())
            }
            StatedParent::Late(at) => {
                let stated = &self.late_parents[at].text;
                (found.is_none() && stated == text, stated.clone())
            }
            StatedParent::Unstated => (true, Text::default()),
        };
        if !is_same {
            self.dispute(circuit, Field::Parent, &stated, (row.line, text), names);
        }
        !is_same
    }

    fn take_parent(&mut self, circuit: u32, text: &str, found: Option<Found>) {
        let child = self.states[circuit as usize].client;
        let parent = if let Some(found) = found {
            if found.holders > 1 {
                self.problems.push(ambiguous(child, text, found, self.builder));
            }
            let _ = self.builder.edit(child).under(found.node);
            StatedParent::Place(found.node)
        } else {
            self.late_parents.push(LateParent { child, text: text.into() });
            StatedParent::Late(self.late_parents.len() - 1)
        };
        self.states[circuit as usize].parent = parent;
    }

    /// Whether no row has stated this field yet; then this line does.
    fn states_first(&mut self, circuit: u32, field: Field, line: u32) -> bool {
        let state = &mut self.states[circuit as usize];
        if state.stated.has(field) {
            return false;
        }
        state.stated.add(field);
        if line != state.line {
            self.late_lines.insert((circuit, field), line);
        }
        true
    }

    fn dispute<'n>(
        &mut self,
        circuit: u32,
        field: Field,
        first: &str,
        later: (u32, &str),
        names: &impl Fn(Column) -> &'n str,
    ) {
        let state = &mut self.states[circuit as usize];
        if !state.stated.report_once(field) {
            return;
        }
        let line = self.late_lines.get(&(circuit, field)).copied().unwrap_or(state.line);
        let circuit = &self.builder.node(state.client).id;
        let dispute = Dispute { circuit, field: names(field.column()), first: (line, first), later };
        self.problems.push(dispute.problem(self.file.name));
    }
}
