//! A small table with named columns: the node table, the links table.

use pleach_graph::delimited::{ABSENT, Delimiter, Fields, Outcome, Records, looks_like_number, normalised, read_rate};
use pleach_graph::{Code, Limit, Problem, Problems, Rate, Text};

use crate::inputs::Document;

/// A column: its name, the spellings it goes by (normalised), and its position in a table without a header.
pub(crate) struct ColumnSpec {
    pub(crate) name: &'static str,
    pub(crate) spellings: &'static [&'static str],
    pub(crate) position: usize,
    pub(crate) holds: Holds,
}

/// What a column without a header is known by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    Text,
    Number,
}

pub(crate) struct Table<'t, const N: usize> {
    records: Records<'t>,
    document: &'t str,
    positions: [usize; N],
    names: [Text; N],
    header_line: u32,
}

/// Where the problems of a row go.
pub(crate) struct Report<'p> {
    pub(crate) document: &'p str,
    pub(crate) line: u32,
    pub(crate) problems: &'p mut Problems,
}

impl Report<'_> {
    pub(crate) fn push(&mut self, field: &str, problem: Problem) {
        self.problems.push(problem.at(self.document, self.line).field(field));
    }

    /// A capacity cell in the column `field`: no limit where it is blank, or cannot be read, or is zero.
    pub(crate) fn capacity(&mut self, field: &str, text: &str, delimiter: Delimiter) -> Limit {
        let reason = match read_rate(text, delimiter) {
            Ok(Some(Rate::ZERO)) => "is no capacity".to_owned(),
            Ok(rate) => return rate.into(),
            Err(error) => error.to_string(),
        };
        let message = format!("`{text}` {reason}; the capacity is taken as unknown");
        let hint = "write Mbit/s as a number, or leave the cell blank if the capacity is not known";
        self.push(field, Problem::new(Code::BadCapacity, message).value(text).hint(hint));
        Limit::NONE
    }
}

/// A row of a [`Table`].
pub(crate) struct TableRow<'r, const N: usize> {
    pub(crate) line: u32,
    fields: Fields<'r>,
    positions: &'r [usize; N],
}

impl<'r, const N: usize> TableRow<'r, N> {
    /// The cell in a column, empty where the row or the table does not have it.
    pub(crate) fn get(&self, column: usize) -> &'r str {
        self.fields.get(self.positions[column])
    }
}

impl<'t, const N: usize> Table<'t, N> {
    pub(crate) fn new(text: &'t str, document: Document<'t>, columns: &[ColumnSpec; N]) -> Self {
        let long_lines = document.text.long_lines();
        let mut first = Records::new(text, long_lines);
        let mut positions = std::array::from_fn(|column| columns[column].position);
        let mut names = std::array::from_fn(|column| Text::const_new(columns[column].name));
        let mut header_line = 0;
        if let Some(outcome @ Outcome::Record { .. }) = first.advance() {
            let header = first.fields();
            let found = columns
                .each_ref()
                .map(|column| header.iter().position(|name| column.spellings.contains(&normalised(name).as_str())));
            if found.iter().any(Option::is_some) && !is_data(header, columns, first.delimiter()) {
                header_line = outcome.line();
                positions = found.map(|position| position.unwrap_or(ABSENT));
                for (name, position) in names.iter_mut().zip(found) {
                    *name = position.map_or_else(|| name.clone(), |position| header.get(position).into());
                }
            }
        }
        Self { records: Records::new(text, long_lines), document: document.name, positions, names, header_line }
    }

    pub(crate) fn delimiter(&self) -> Delimiter {
        self.records.delimiter()
    }

    /// What the file calls its columns.
    pub(crate) fn names(&self) -> [Text; N] {
        self.names.clone()
    }

    /// The next row that is one; lines that are none are reported.
    pub(crate) fn next(&mut self, problems: &mut Problems) -> Option<TableRow<'_, N>> {
        let line = loop {
            let outcome = self.records.advance()?;
            if let Some(problem) = outcome.problem() {
                problems.push(problem.at(self.document, outcome.line()).value(self.records.fields().get(0)));
            } else if outcome.line() != self.header_line && !self.records.fields().are_blank() {
                break outcome.line();
            }
        };
        Some(TableRow { line, fields: self.records.fields(), positions: &self.positions })
    }
}

/// A first row with numbers where a table without a header has them is data.
fn is_data<const N: usize>(fields: Fields<'_>, columns: &[ColumnSpec; N], delimiter: Delimiter) -> bool {
    let mut numbers = columns.iter().filter(|column| column.holds == Holds::Number);
    numbers.any(|column| looks_like_number(fields.get(column.position), delimiter))
}
