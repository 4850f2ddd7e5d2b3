//! Reading `ShapedDevices.csv` row by row: typed rows, and a problem for each row that is set aside.

use crate::delimited::{Fields, Outcome, Records, read_rate};
use crate::node::{Plan, PlanRate};
use crate::problem::{Code, Problem, Problems};
use crate::spreadsheet::unescape;
use crate::sqm::Sqm;

use super::fit::Fit;
use super::header::{Column, Layout, RATE_COLUMNS};

/// The rows of a file. [`Rows::next`] gives them one by one; each borrows the reader until the next.
pub struct Rows<'t> {
    records: Records<'t>,
    layout: Layout,
    document: &'t str,
}

/// A row as it stands in the file: trimmed, formula escapes taken off names and comments, ids as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'r> {
    /// The line it starts at, from 1.
    pub line: u32,
    /// What groups rows into circuits; may be empty.
    pub circuit_id: &'r str,
    /// Name or address; may be empty, as may all that follow.
    pub circuit_name: &'r str,
    /// The device's id.
    pub device_id: &'r str,
    /// The device's name.
    pub device_name: &'r str,
    /// The parent's name.
    pub parent_node: &'r str,
    /// The parent's id.
    pub parent_node_id: &'r str,
    /// MAC address, or RADIUS user name where that cell is empty.
    pub mac: &'r str,
    /// The IPv4 cell: a list of addresses and prefixes.
    pub ipv4: &'r str,
    /// The IPv6 cell: a list of addresses and prefixes.
    pub ipv6: &'r str,
    /// The rates, as far as they are stated.
    pub plan: Plan,
    /// Free text.
    pub comment: &'r str,
    /// The queue asked for, if the cell says so.
    pub sqm: Option<Sqm>,
}

/// A row that cannot be used; its problem has been reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetAsideRow<'r> {
    /// The line, from 1.
    pub line: u32,
    /// Why.
    pub code: Code,
    /// Its Circuit ID, empty if it cannot be told.
    pub circuit_id: &'r str,
    /// Its Device ID, empty if it cannot be told.
    pub device_id: &'r str,
}

/// What a place of the file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry<'r> {
    /// A row.
    Row(Row<'r>),
    /// A row that is set aside.
    SetAside(SetAsideRow<'r>),
}

impl<'r> Entry<'r> {
    /// The Circuit ID; empty if there is none, or it cannot be told.
    pub fn circuit_id(&self) -> &'r str {
        match self {
            Self::Row(row) => row.circuit_id,
            Self::SetAside(row) => row.circuit_id,
        }
    }
}

impl<'t> Rows<'t> {
    /// The rows of `text`, as decoded from a [`RawText`](crate::text::RawText) with these `long_lines`.
    pub fn new(text: &'t str, long_lines: &'t [u32], document: &'t str) -> Self {
        Self { records: Records::new(text, long_lines), layout: Layout::of(text, long_lines), document }
    }

    /// Where the columns are and what the file calls them.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The next row; what is wrong with it goes to `problems`.
    pub fn next(&mut self, problems: &mut Problems) -> Option<Entry<'_>> {
        let mut outcome = self.records.advance()?;
        loop {
            let fields = self.records.fields();
            let is_header = matches!(outcome, Outcome::Record { line, .. } if line == self.layout.header_line());
            if is_header || fields.are_blank() {
                outcome = self.records.advance()?;
                continue;
            }
            if let Some(problem) = outcome.problem() {
                return Some(self.broken_line(outcome.line(), problem, problems));
            }
            let needed = self.layout.needed();
            if fields.len() >= needed && !(outcome.spans_lines() && self.records.joins_rows(needed)) {
                return Some(self.row(outcome.line(), problems));
            }
            if !outcome.spans_lines() {
                return Some(self.short_row(outcome.line(), problems));
            }
            outcome = self.records.split_lines();
        }
    }

    fn row(&self, line: u32, problems: &mut Problems) -> Entry<'_> {
        let fields = self.records.fields();
        let fit = Fit::of(&self.layout, fields, self.records.delimiter());
        let layout = if let Fit::AsIn(narrower) = &fit { narrower } else { &self.layout };
        let get = |column| fields.get(layout.position(column));
        let circuit_id = get(Column::CircuitId);
        if let Fit::Shifted(by) = fit {
            problems.push(self.shifted_row(line, fields, by));
            return Entry::SetAside(SetAsideRow {
                line,
                code: Code::BadRate,
                circuit_id,
                device_id: get(Column::DeviceId),
            });
        }
        let Some(plan) = self.plan(line, fields, layout, problems) else {
            return Entry::SetAside(SetAsideRow {
                line,
                code: Code::BadRate,
                circuit_id,
                device_id: get(Column::DeviceId),
            });
        };
        let mac = match get(Column::Mac) {
            "" => get(Column::UserName),
            mac => mac,
        };
        Entry::Row(Row {
            line,
            circuit_id,
            circuit_name: unescape(get(Column::CircuitName)),
            device_id: get(Column::DeviceId),
            device_name: unescape(get(Column::DeviceName)),
            parent_node: unescape(get(Column::ParentNode)),
            parent_node_id: get(Column::ParentNodeId),
            mac,
            ipv4: get(Column::Ipv4),
            ipv6: get(Column::Ipv6),
            plan,
            comment: unescape(get(Column::Comment)),
            sqm: self.sqm(line, get(Column::Sqm), problems),
        })
    }

    /// The rates of a row, or nothing if one of them is no rate: each such cell is reported.
    fn plan(&self, line: u32, fields: Fields<'_>, layout: &Layout, problems: &mut Problems) -> Option<Plan> {
        let mut is_good = true;
        let [down_min, up_min, down_max, up_max] = RATE_COLUMNS.map(|column| {
            let text = fields.get(layout.position(column));
            match read_rate(text, self.records.delimiter()) {
                Ok(rate) => rate,
                Err(error) => {
                    is_good = false;
                    let problem = Problem::new(Code::BadRate, format!("rate `{text}` {error}; the row is set aside"))
                        .at(self.document, line)
                        .field(self.layout.name(column))
                        .value(text)
                        .hint(self.rate_hint(fields.len()));
                    problems.push(problem);
                    None
                }
            }
        });
        let (down, up) = (PlanRate { min: down_min, max: down_max }, PlanRate { min: up_min, max: up_max });
        is_good.then_some(Plan { down, up })
    }

    fn shifted_row(&self, line: u32, fields: Fields<'_>, by: isize) -> Problem {
        let (side, hint) = if by > 0 {
            ("right", "put quotes around a field that has a comma in it")
        } else {
            ("left", "add the missing column; a field may be blank, but its comma must be there")
        };
        let message =
            format!("the rates stand {} further {side} than their columns; the row is set aside", by.unsigned_abs());
        Problem::new(Code::BadRate, message)
            .at(self.document, line)
            .field(self.layout.name(Column::DownloadMin))
            .value(fields.get(self.layout.position(Column::DownloadMin)))
            .hint(hint)
    }

    fn rate_hint(&self, fields: usize) -> String {
        let first = if self.layout.header_line() > 0 { "header" } else { "first row" };
        match self.layout.width() {
            Some(width) if width != fields => {
                format!("the {first} has {width} columns and this row {fields}: see whether a column is missing")
            }
            _ => "write Mbit/s as a number, such as `100` or `59.5`, or leave the cell blank".to_owned(),
        }
    }

    fn sqm(&self, line: u32, text: &str, problems: &mut Problems) -> Option<Sqm> {
        if text.is_empty() {
            return None;
        }
        match text.parse() {
            Ok(sqm) => Some(sqm),
            Err(error) => {
                let problem = Problem::new(Code::BadSqm, format!("`{text}` {error}; the default queue is used"))
                    .at(self.document, line)
                    .field(self.layout.name(Column::Sqm))
                    .value(text)
                    .hint(
                        "write `cake`, `fq_codel`, `none` or a pair such as `cake/fq_codel`, or leave the cell blank",
                    );
                problems.push(problem);
                None
            }
        }
    }

    fn short_row(&self, line: u32, problems: &mut Problems) -> Entry<'_> {
        let fields = self.records.fields();
        let needed = self.layout.needed();
        let message = format!("the row has {} columns and needs at least {needed}; it is set aside", fields.len());
        let problem = Problem::new(Code::ShortRow, message)
            .at(self.document, line)
            .value(fields.get(0))
            .hint("add the missing columns; a rate may be blank, but its column must be there");
        problems.push(problem);
        Entry::SetAside(SetAsideRow {
            line,
            code: Code::ShortRow,
            circuit_id: self.complete_circuit_id(),
            device_id: "",
        })
    }

    fn broken_line(&self, line: u32, problem: Problem, problems: &mut Problems) -> Entry<'_> {
        let code = problem.code;
        problems.push(problem.at(self.document, line).value(self.records.fields().get(0)));
        Entry::SetAside(SetAsideRow { line, code, circuit_id: self.complete_circuit_id(), device_id: "" })
    }

    /// The Circuit ID of a row that ends too soon, unless that is the field it ends in.
    fn complete_circuit_id(&self) -> &str {
        let fields = self.records.fields();
        let position = self.layout.position(Column::CircuitId);
        if position < fields.len().saturating_sub(1) { fields.get(position) } else { "" }
    }
}
