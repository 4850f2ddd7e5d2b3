//! What is found wrong while records are decoded.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pleach_graph::{Code, NodeId, Problem, Rate, Table};

use crate::raw_id::RawId;
use crate::tables::node_id;
use crate::wire::field::{Field, FieldPath, Number, Text};

/// What is wrong with the records of one part.
pub(crate) struct Notes<'d> {
    document: &'d str,
    what: &'static str,
    taken: Timestamp,
    /// The record that is being decoded.
    record: Option<(&'d Table, RawId)>,
    problems: Vec<Problem>,
    /// By field and word: the smallest id that has it, and how many records do.
    unknown: BTreeMap<(&'static str, String), (NodeId, usize)>,
}

impl<'d> Notes<'d> {
    pub(crate) fn new(document: &'d str, what: &'static str, taken: Timestamp) -> Self {
        Self { document, what, taken, record: None, problems: Vec::new(), unknown: BTreeMap::new() }
    }

    /// What is found from now on is about a record of which nothing is known yet.
    pub(crate) fn begin_unknown(&mut self) {
        self.record = None;
    }

    /// What is found from now on is about this record.
    pub(crate) fn begin(&mut self, table: &'d Table, id: &RawId) {
        self.record = Some((table, id.clone()));
    }

    /// When the records were fetched.
    pub(crate) fn taken(&self) -> Timestamp {
        self.taken
    }

    fn record(&self) -> Option<NodeId> {
        self.record.as_ref().map(|(table, id)| node_id(table, id))
    }

    fn add(&mut self, problem: Problem) {
        let problem = problem.at(self.document, 0);
        let problem = if let Some(id) = self.record() { problem.record(&id) } else { problem };
        self.problems.push(problem);
    }

    /// A record that is set aside. `position` counts from 0; people count from 1.
    pub(crate) fn unreadable(&mut self, position: u32, why: &str) {
        let what = self.what;
        let message = format!("{what} {} of this list cannot be read: {why}; it is set aside", u64::from(position) + 1);
        let hint = format!("look at the {what} in UISP, and save it again");
        self.add(Problem::new(Code::BadRecord, message).hint(hint));
    }

    /// Something else about the record.
    pub(crate) fn found(&mut self, code: Code, message: String, hint: &str) {
        self.add(Problem::new(code, message).hint(hint));
    }

    pub(crate) fn wrong_field(&mut self, path: FieldPath<'_>) {
        let message = format!("`{path}` is not of the kind that it should be; it is taken as not stated");
        let hint = format!("look at the {} in UISP, and save it again", self.what);
        self.add(Problem::new(Code::BadField, message).field(&path.to_string()).hint(hint));
    }

    /// What the word of a field stands for.
    pub(crate) fn word<T>(
        &mut self,
        name: &'static str,
        field: &Field<Text<'_>>,
        of: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let word = field.text()?;
        let known = of(word);
        if known.is_none() {
            self.unknown(name, word);
        }
        known
    }

    /// A word, or a number that stands for one, which is not known here.
    pub(crate) fn unknown(&mut self, name: &'static str, word: &str) {
        let Some(id) = self.record() else { return };
        let (first, count) = self.unknown.entry((name, word.to_owned())).or_insert_with(|| (id.clone(), 0));
        *count += 1;
        if id < *first {
            *first = id;
        }
    }

    /// A status as CRM numbers it: 0 to 8.
    #[expect(clippy::float_cmp, reason = "numbers of one digit are exact")]
    pub(crate) fn status(&mut self, name: &'static str, field: &Field<Number>) -> Option<u8> {
        let number = field.number()?;
        let known = (0..=8).find(|&status: &u8| f64::from(status) == number);
        if known.is_none() {
            self.unknown(name, &number.to_string());
        }
        known
    }

    /// A rate of so many times `unit` bit/s; one that cannot be is named.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and the largest rate")]
    pub(crate) fn rate(&mut self, name: &'static str, field: &Field<Number>, unit: f64) -> Option<Rate> {
        const LARGEST: f64 = 1e15; // `Rate::MAX`
        let number = field.number()?;
        let bit = (number * unit).round();
        if (0.0..=LARGEST).contains(&bit) {
            return Some(Rate::from_bit(bit as u64));
        }
        let message = format!("`{name}` is no rate; it is taken as not stated");
        let problem = Problem::new(Code::BadField, message).field(name).value(&number.to_string());
        self.add(problem.hint("correct the rate in UISP"));
        None
    }

    pub(crate) fn into_problems(mut self) -> Vec<Problem> {
        for ((field, word), (id, count)) in std::mem::take(&mut self.unknown) {
            let what = self.what;
            let many = if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") };
            let message = format!("`{word}` stands in `{field}` of {many}, and is not known here; it is passed over");
            let problem = Problem::new(Code::UnknownValue, message)
                .at(self.document, 0)
                .field(field)
                .value(&word)
                .record(&id)
                .hint("nothing need be done where the customers behind it are placed well");
            self.problems.push(problem);
        }
        self.problems
    }
}
