//! What is found wrong with the records of a document.

use std::collections::BTreeMap;

use pleach_graph::{Code, Problem, Problems};

use crate::field::{Field, RecordKind};
use crate::raw::Scalar;

/// Problems while a document is read. What many records share is said once.
#[derive(Debug)]
pub(crate) struct Notes<'d> {
    document: &'d str,
    problems: Problems,
    shared: BTreeMap<Shared, Seen>,
}

/// What many records may have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shared {
    /// A field that there is not.
    UnknownField { kind: RecordKind, name: String },
    /// A field that records of this kind do not have.
    MisplacedField { kind: RecordKind, field: Field },
    /// A word that nobody knows.
    UnknownWord { kind: RecordKind, field: Field, word: String, known: &'static str },
    /// A rate whose unit is not said.
    NoUnit { kind: RecordKind, field: Field },
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    records: usize,
    line: u32,
}

/// The record that is being read: where it stands, and what messages call it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'r> {
    pub(crate) kind: RecordKind,
    pub(crate) id: &'r str,
    pub(crate) line: u32,
}

impl<'d> Notes<'d> {
    pub(crate) fn new(document: &'d str) -> Self {
        Self { document, problems: Problems::default(), shared: BTreeMap::new() }
    }

    /// A record that cannot be used.
    pub(crate) fn unreadable(&mut self, line: u32, why: &str, hint: &str) {
        let message = format!("the record {why}; it is set aside");
        self.problems.push(Problem::new(Code::BadRecord, message).at(self.document, line).hint(hint));
    }

    /// Something about a field of a record.
    pub(crate) fn field(&mut self, at: At<'_>, field: Field, problem: Problem) {
        self.problems.push(problem.at(self.document, at.line).field(field.name()));
    }

    /// A field that holds something else than it should: it counts as not stated.
    pub(crate) fn wrong(&mut self, at: At<'_>, field: Field, value: &Scalar<'_>, wanted: &str) {
        let (kind, id) = (at.kind.as_str(), at.id);
        let message = format!(
            "`{}` of the {kind} `{id}` is {}, and not {wanted}; it is taken as not stated",
            field.name(),
            value.quoted()
        );
        self.field(at, field, Problem::new(Code::BadField, message).hint(format!("write {wanted}, or leave it out")));
    }

    pub(crate) fn unknown_field(&mut self, at: At<'_>, name: &str) {
        let (kind, name) = (at.kind, name.to_owned());
        self.seen(Shared::UnknownField { kind, name }, at.line);
    }

    pub(crate) fn misplaced(&mut self, at: At<'_>, field: Field) {
        self.seen(Shared::MisplacedField { kind: at.kind, field }, at.line);
    }

    pub(crate) fn unknown_word(&mut self, at: At<'_>, field: Field, word: &str, known: &'static str) {
        let (kind, word) = (at.kind, word.to_owned());
        self.seen(Shared::UnknownWord { kind, field, word, known }, at.line);
    }

    pub(crate) fn no_unit(&mut self, at: At<'_>, field: Field) {
        self.seen(Shared::NoUnit { kind: at.kind, field }, at.line);
    }

    fn seen(&mut self, what: Shared, line: u32) {
        self.add(what, Seen { records: 1, line });
    }

    fn add(&mut self, what: Shared, seen: Seen) {
        let all = self.shared.entry(what).or_insert(Seen { records: 0, line: seen.line });
        all.records += seen.records;
        all.line = all.line.min(seen.line);
    }

    /// Takes over what was found in a later piece of the document.
    pub(crate) fn append(&mut self, later: Self) {
        self.problems.extend(later.problems);
        for (what, seen) in later.shared {
            self.add(what, seen);
        }
    }

    /// All problems.
    pub(crate) fn into_problems(self) -> Problems {
        let Self { document, mut problems, shared } = self;
        for (what, seen) in shared {
            problems.push(what.problem(seen).at(document, seen.line));
        }
        problems
    }
}

impl Shared {
    fn problem(self, seen: Seen) -> Problem {
        let records = |kind: RecordKind| match seen.records {
            1 => format!("1 {} record", kind.as_str()),
            count => format!("{count} {} records", kind.as_str()),
        };
        match self {
            Self::UnknownField { kind, name } => {
                let message = format!("there is no field `{name}`; it is ignored in {}", records(kind));
                let hint = match Field::like(&name, kind) {
                    Some(like) => format!("did you mean `{like}`?"),
                    None => format!("leave it out; docs/records.md has the fields of a {}", kind.as_str()),
                };
                Problem::new(Code::BadField, message).field(&name).hint(hint)
            }
            Self::MisplacedField { kind, field } => {
                let name = field.name();
                let message = format!("a {} has no `{name}`; it is ignored in {}", kind.as_str(), records(kind));
                let kinds: Vec<&str> = field.kinds().iter().map(|kind| kind.as_str()).collect();
                let hint = format!("`{name}` belongs into records of {}", kinds.join(", "));
                Problem::new(Code::BadField, message).field(name).hint(hint)
            }
            Self::UnknownWord { kind, field, word, known } => {
                let name = field.name();
                let message =
                    format!("`{word}` is no `{name}` that is known; it is taken as not stated in {}", records(kind));
                Problem::new(Code::UnknownValue, message).field(name).value(&word).hint(format!("write {known}"))
            }
            Self::NoUnit { kind, field } => {
                let name = field.name();
                let message =
                    format!("`{name}` is a number without a unit; it is taken as not stated in {}", records(kind));
                let hint = "write the unit with it, such as `100 Mbit/s`; a mapping can say it: `unit = \"Mbit/s\"`";
                Problem::new(Code::BadField, message).field(name).hint(hint)
            }
        }
    }
}
