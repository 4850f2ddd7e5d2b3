//! What the rows of one circuit state together: the first row that states a value wins, a later different one is named.

use hashbrown::HashMap;
use pleach_graph::shaped_devices::{Column, Row};
use pleach_graph::{Code, NodeId, NodeIndex, Plan, Problem, Rate};

/// What a circuit's rows may state, each once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    Name,
    Parent,
    DownloadMin,
    UploadMin,
    DownloadMax,
    UploadMax,
    Sqm,
}

impl Field {
    pub(crate) const RATES: [Self; 4] = [Self::DownloadMin, Self::UploadMin, Self::DownloadMax, Self::UploadMax];

    fn bit(self) -> u8 {
        1 << self as u8
    }

    /// The column of a field, for the file's own name of it.
    pub(crate) fn column(self) -> Column {
        match self {
            Self::Name => Column::CircuitName,
            Self::Parent => Column::ParentNode,
            Self::DownloadMin => Column::DownloadMin,
            Self::UploadMin => Column::UploadMin,
            Self::DownloadMax => Column::DownloadMax,
            Self::UploadMax => Column::UploadMax,
            Self::Sqm => Column::Sqm,
        }
    }

    /// The field's rate in a plan.
    pub(crate) fn rate(self, plan: &mut Plan) -> Option<&mut Option<Rate>> {
        match self {
            Self::DownloadMin => Some(&mut plan.down.min),
            Self::UploadMin => Some(&mut plan.up.min),
            Self::DownloadMax => Some(&mut plan.down.max),
            Self::UploadMax => Some(&mut plan.up.max),
            Self::Name | Self::Parent | Self::Sqm => None,
        }
    }
}

/// Which fields a circuit's rows have stated so far, and which were reported as disputed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stated {
    stated: u8,
    reported: u8,
}

impl Stated {
    pub(crate) fn has(self, field: Field) -> bool {
        self.stated & field.bit() != 0
    }

    pub(crate) fn add(&mut self, field: Field) {
        self.stated |= field.bit();
    }

    /// Whether a dispute about a field is yet to be reported; it counts as reported from then on.
    pub(crate) fn report_once(&mut self, field: Field) -> bool {
        let is_first = self.reported & field.bit() == 0;
        self.reported |= field.bit();
        is_first
    }

    /// What a circuit's first row states, its parent aside.
    pub(crate) fn by_first_row(row: &Row<'_>) -> Self {
        let mut stated = Self::default();
        let mut plan = row.plan;
        let rates = Field::RATES.into_iter().filter(|field| field.rate(&mut plan).is_some_and(|rate| rate.is_some()));
        rates.for_each(|field| stated.add(field));
        if !row.circuit_name.is_empty() {
            stated.add(Field::Name);
        }
        if row.sqm.is_some() {
            stated.add(Field::Sqm);
        }
        stated
    }
}

/// A circuit while its rows are read.
#[derive(Clone, Copy)]
pub(crate) struct State {
    pub(crate) client: NodeIndex,
    pub(crate) line: u32,
    pub(crate) stated: Stated,
    pub(crate) parent: StatedParent,
}

/// The parent that the first row to state one states.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum StatedParent {
    Unstated,
    Place(NodeIndex),
    /// Index of `late_parents`.
    Late(usize),
}

/// The lines of fields that a later row than a circuit's first was the first to state.
pub(crate) type LateLines = HashMap<(u32, Field), u32>;

/// Two rows of a circuit and what they state.
pub(crate) struct Dispute<'a> {
    pub(crate) circuit: &'a NodeId,
    pub(crate) field: &'a str,
    pub(crate) first: (u32, &'a str),
    pub(crate) later: (u32, &'a str),
}

impl Dispute<'_> {
    pub(crate) fn problem(&self, document: &str) -> Problem {
        let ((first_line, first), (line, later)) = (self.first, self.later);
        let message = format!(
            "circuit `{}` has the {} `{first}` in line {first_line} and `{later}` in line {line}; the first is used",
            self.circuit.raw(),
            self.field
        );
        Problem::new(Code::RowsDisagree, message)
            .at(document, line)
            .field(self.field)
            .value(later)
            .record(self.circuit)
            .hint("write the same in all rows of the circuit, or leave the cell blank in all but one")
    }
}
