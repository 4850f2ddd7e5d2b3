//! Rows of `ShapedDevices.csv` become circuits: rows with one Circuit ID are one circuit.

use hashbrown::HashSet;
use pleach_graph::shaped_devices::{BYPASS_CIRCUIT_ID, Column, Entry, Row, Rows, SetAsideRow};
use pleach_graph::{Code, GraphBuilder, NodeId, NodeIndex, Origin, Problem, Problems, Table};

use crate::ids;
use crate::inputs::Document;
use crate::late_parents::LateParent;
use crate::places::Places;
use crate::statement::{LateLines, State, Stated, StatedParent};

/// The circuits of one file while it is read.
pub(crate) struct Circuits<'a> {
    pub(crate) file: Document<'a>,
    pub(crate) document: u32,
    pub(crate) builder: &'a mut GraphBuilder,
    pub(crate) problems: &'a mut Problems,
    /// Where parents are looked up; none in a flat network.
    pub(crate) places: Option<&'a Places>,
    pub(crate) device_table: Table,
    circuit_table: Table,
    pub(crate) states: Vec<State>,
    /// For each node added here, from `first_node` on, the circuit it belongs to: an index of `states`.
    circuit_of: Vec<u32>,
    first_node: usize,
    pub(crate) late_lines: LateLines,
    pub(crate) late_parents: Vec<LateParent>,
    /// Circuits of rows that were set aside, to be counted unless another of their rows is good.
    set_aside: Vec<(NodeId, Code)>,
    pub(crate) parents_ignored: u32,
}

impl<'a> Circuits<'a> {
    pub(crate) fn new(
        file: Document<'a>,
        builder: &'a mut GraphBuilder,
        places: Option<&'a Places>,
        problems: &'a mut Problems,
    ) -> Self {
        Self {
            file,
            document: builder.document(file.name),
            first_node: builder.node_count(),
            builder,
            problems,
            places,
            device_table: ids::devices(),
            circuit_table: ids::circuits(),
            states: Vec::new(),
            circuit_of: Vec::new(),
            late_lines: LateLines::new(),
            late_parents: Vec::new(),
            set_aside: Vec::new(),
            parents_ignored: 0,
        }
    }

    pub(crate) fn read(&mut self, text: &str) {
        self.reserve(text.len());
        let mut rows = Rows::new(text, self.file.text.long_lines(), self.file.name);
        let layout = rows.layout().clone();
        let names = |column: Column| layout.name(column);
        loop {
            let known = self.problems.len();
            let Some(entry) = rows.next(self.problems) else { break };
            if self.problems.len() > known && !entry.circuit_id().is_empty() {
                let circuit = self.circuit_table.id(entry.circuit_id());
                for problem in &mut self.problems.as_mut_slice()[known..] {
                    problem.record = Some(circuit.clone());
                }
            }
            match entry {
                Entry::Row(row) => self.row(&row, &names),
                Entry::SetAside(row) => self.set_row_aside(row),
            }
        }
    }

    /// Makes room by the length of the text, so that a large file is not copied about while it grows.
    fn reserve(&mut self, bytes: usize) {
        const SHORTEST_USUAL_ROW: usize = 120; // of 141 on average
        let rows = bytes / SHORTEST_USUAL_ROW;
        self.builder.reserve(2 * rows);
        self.circuit_of.reserve(2 * rows);
        self.states.reserve(rows);
    }

    fn row<'n>(&mut self, row: &Row<'_>, names: &impl Fn(Column) -> &'n str) {
        if row.circuit_id.is_empty() {
            let problem = Problem::new(Code::MissingCircuitId, "the row has no Circuit ID; it is quarantined")
                .at(self.file.name, row.line)
                .field(names(Column::CircuitId))
                .hint("give the circuit an id of its own, and the same to all its rows");
            self.problems.push(problem);
            self.builder.set_aside(None, Code::MissingCircuitId);
            return;
        }
        if (row.circuit_id, row.device_id) == (BYPASS_CIRCUIT_ID, BYPASS_CIRCUIT_ID) {
            // Written by Pleach, and no subscriber.
            for prefix in self.addresses(None, row, names) {
                self.builder.bypass(prefix);
            }
            return;
        }
        let id = self.circuit_table.id(row.circuit_id);
        if row.circuit_id == BYPASS_CIRCUIT_ID {
            let message = format!("circuit `{}` has the Circuit ID that is Pleach's own", row.circuit_name);
            let problem = Problem::new(Code::DuplicateId, message)
                .at(self.file.name, row.line)
                .field(names(Column::CircuitId))
                .record(&id)
                .hint("give the circuit another id; this one holds what passes unshaped");
            self.problems.push(problem);
            self.set_aside.push((id, Code::DuplicateId));
            return;
        }
        if row.circuit_id.starts_with('#') {
            let message = format!("Circuit ID `{}` starts with `#`, so LibreQoS would skip the row", row.circuit_id);
            let problem = Problem::new(Code::CommentCircuitId, message)
                .at(self.file.name, row.line)
                .field(names(Column::CircuitId))
                .record(&id)
                .hint("give the circuit an id that does not start with `#`");
            self.problems.push(problem);
            self.set_aside.push((id, Code::CommentCircuitId));
            return;
        }
        match self.builder.find(&id) {
            None => self.first_row(id, row, names),
            Some(node) if self.builder.node(node).client().is_some() => self.later_row(node, row, names),
            Some(node) => self.id_of_a_node(id, node, row),
        }
    }

    fn first_row<'n>(&mut self, id: NodeId, row: &Row<'_>, names: &impl Fn(Column) -> &'n str) {
        let client = self
            .builder
            .client(id, row.circuit_name)
            .plan_rates(row.plan.down, row.plan.up)
            .sqm(row.sqm.unwrap_or_default())
            .origin(Origin { document: self.document, line: row.line })
            .index();
        let circuit = u32::try_from(self.states.len()).expect("invariant: nodes are numbered with u32");
        self.states.push(State {
            client,
            line: row.line,
            stated: Stated::by_first_row(row),
            parent: StatedParent::Unstated,
        });
        self.belongs(client, circuit);
        self.parent(circuit, row, names);
        self.device(circuit, client, row, names);
    }

    fn later_row<'n>(&mut self, client: NodeIndex, row: &Row<'_>, names: &impl Fn(Column) -> &'n str) {
        let circuit = self.circuit_of(client).expect("invariant: every client is added here");
        let mut says_more = self.name(circuit, row, names);
        says_more |= self.rates(circuit, row, names);
        says_more |= self.sqm(circuit, row, names);
        says_more |= self.parent(circuit, row, names);
        says_more |= self.device(circuit, client, row, names);
        if !says_more {
            let id = &self.builder.node(client).id;
            let message = format!("the row says nothing that circuit `{}` does not have; it is dropped", id.raw());
            let problem = Problem::new(Code::DuplicateRow, message).at(self.file.name, row.line).record(id);
            self.problems.push(problem.hint("remove one of the copies"));
        }
    }

    /// A site of network.json has taken this circuit's id: each circuit counts once, whatever its rows.
    fn id_of_a_node(&mut self, id: NodeId, holder: NodeIndex, row: &Row<'_>) {
        let record = self.builder.node(holder);
        let message =
            format!("circuit `{}` has the id of {} `{}`, which is kept", id.raw(), record.kind.as_str(), record.name);
        let problem = Problem::new(Code::DuplicateId, message).at(self.file.name, row.line).record(&id);
        self.problems.push(problem.hint("give the node another id"));
        self.set_aside.push((id, Code::DuplicateId));
    }

    pub(crate) fn belongs(&mut self, node: NodeIndex, circuit: u32) {
        debug_assert_eq!(node.index(), self.first_node + self.circuit_of.len());
        self.circuit_of.push(circuit);
    }

    /// The circuit a node belongs to, if it was added here.
    pub(crate) fn circuit_of(&self, node: NodeIndex) -> Option<u32> {
        node.index().checked_sub(self.first_node).and_then(|at| self.circuit_of.get(at)).copied()
    }

    fn set_row_aside(&mut self, row: SetAsideRow<'_>) {
        match (row.circuit_id, row.device_id) {
            ("", _) => self.builder.set_aside(None, row.code),
            (BYPASS_CIRCUIT_ID, BYPASS_CIRCUIT_ID) => {} // no subscriber; its problem is reported
            (id, _) => self.set_aside.push((self.circuit_table.id(id), row.code)),
        }
    }

    /// Counts what was set aside as a whole, and hands over the parents that are yet to be found.
    pub(crate) fn finish(self) -> Vec<LateParent> {
        let mut counted: HashSet<NodeId> = HashSet::new();
        for (id, code) in self.set_aside {
            let is_shaped = self.builder.find(&id).is_some_and(|node| self.builder.node(node).client().is_some());
            if !is_shaped && counted.insert(id.clone()) {
                self.builder.set_aside(Some(id), code);
            }
        }
        if self.parents_ignored > 0 {
            let rows = self.parents_ignored;
            let message =
                format!("there are no sites, so the network is flat and {rows} Parent Node cells are not used");
            let problem = Problem::new(Code::ParentsIgnored, message).at(self.file.name, 0);
            self.problems.push(problem.hint("name the file of the nodes: `network.json` or a node table"));
        }
        self.late_parents
    }
}
