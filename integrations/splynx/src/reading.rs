//! From the answers of a list to its records: decoded one by one, in the order of their ids, each id once.

use pleach_graph::{Code, GraphBuilder, NodeId, Problem, Problems};
use pleach_source::{Part, ReadError, Snapshot};
use serde_json::error::Category;

use crate::list::List;
use crate::records::{Fields, Identified, Record};
use crate::settings::Kilobit;
use crate::tables::Tables;

/// What all records are read with.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'r> {
    pub(crate) snapshot: &'r Snapshot,
    pub(crate) tables: &'r Tables,
    pub(crate) kilobit: Kilobit,
}

/// A list, and what was found while it was read.
pub(crate) struct Found<R> {
    records: Records<R>,
    problems: Problems,
    /// Services that cannot be read, or came twice.
    set_aside: Vec<(Option<NodeId>, Code)>,
}

impl<R> Found<R> {
    /// The records; what was found goes into the network.
    pub(crate) fn into(self, network: &mut GraphBuilder) -> Records<R> {
        for (id, code) in self.set_aside {
            network.set_aside(id, code);
        }
        for problem in self.problems {
            network.report(problem);
        }
        self.records
    }
}

/// The records of a list.
pub(crate) struct Records<R> {
    all: Vec<R>,
    /// Where they were read.
    pub(crate) document: String,
}

impl<R: Record> Records<R> {
    /// All, by id.
    pub(crate) fn all(&self) -> &[R] {
        &self.all
    }

    pub(crate) fn get(&self, id: u64) -> Option<&R> {
        self.all.binary_search_by_key(&id, R::id).ok().map(|at| &self.all[at])
    }
}

impl<'r> Reading<'r> {
    /// Reads a list. A record that is none, or has no id, is set aside with a problem; a service then counts as a circuit.
    pub(crate) fn list<R: Record>(self) -> Result<Found<R>, ReadError> {
        let (mut problems, mut set_aside) = (Problems::default(), Vec::new());
        let (mut all, mut document) = (Vec::new(), String::new());
        for part in self.parts(R::LIST) {
            if document.is_empty() {
                without_query(&part.address).clone_into(&mut document);
            }
            let mut elements = part.body.elements();
            let unreadable = |reason: String| ReadError {
                address: part.address.clone(),
                reason,
                hint: "take another snapshot: this one is damaged".to_owned(),
            };
            while let Some(element) = elements.next_element().map_err(|error| unreadable(error.to_string()))? {
                match self.decode::<R>(element.bytes, &document, &mut problems) {
                    Ok(record) => all.push(record),
                    Err(why) => {
                        problems.push(bad_record(R::LIST, &why, &document));
                        if R::LIST == List::Services {
                            set_aside.push((None, Code::BadRecord));
                        }
                    }
                }
            }
        }
        let mut found = Found { records: Records { all: Vec::new(), document }, problems, set_aside };
        self.each_once(all, &mut found);
        Ok(found)
    }

    /// The answers of a list: one a page.
    fn parts(self, list: List) -> impl Iterator<Item = &'r Part> {
        let is_of = move |part: &&Part| {
            let rest = part.name.strip_prefix(list.name());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.snapshot.parts.iter().filter(is_of)
    }

    /// The record, or why it is none.
    fn decode<R: Record>(self, bytes: &[u8], document: &str, problems: &mut Problems) -> Result<R, String> {
        let wire: R::Wire<'_> = pleach_source::decode(bytes).map_err(|error| no_record(&error))?;
        let id = wire.id().id().ok().flatten().ok_or_else(|| format!("has no id (`{}`)", wire.id()))?;
        let (record, kind) = (self.tables.id(R::LIST, id), R::LIST.record());
        Ok(R::decode(id, &wire, &mut Fields { record, kind, document, kilobit: self.kilobit, problems }))
    }

    /// Keeps one record of each id, and names the others. A list that changes while its pages are read may give one twice.
    fn each_once<R: Record>(self, mut all: Vec<R>, found: &mut Found<R>) {
        all.sort_unstable_by(|a, b| a.id().cmp(&b.id()).then_with(|| a.cmp(b)));
        let kind = R::LIST.record();
        all.dedup_by(|later, first| {
            if later.id() != first.id() {
                return false;
            }
            let id = self.tables.id(R::LIST, first.id());
            let problem = if later == first {
                Problem::new(
                    Code::DuplicateRow,
                    format!("{kind} `{}` came twice, alike; one copy is dropped", id.raw()),
                )
            } else {
                if R::LIST == List::Services {
                    found.set_aside.push((Some(id.clone()), Code::DuplicateId));
                }
                Problem::new(
                    Code::DuplicateId,
                    format!("{kind} `{}` came twice, and differs; one of them is kept", id.raw()),
                )
                .hint("it was changed while it was read: the next run will have it once")
            };
            found.problems.push(problem.at(&found.records.document, 0).record(&id));
            true
        });
        found.records.all = all;
    }
}

/// What is wrong, without what stands there: it may hold a customer's password.
fn no_record(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Data => "is no object".to_owned(),
        _ => "is no JSON".to_owned(),
    }
}

fn bad_record(list: List, why: &str, document: &str) -> Problem {
    let kind = list.record();
    Problem::new(Code::BadRecord, format!("a {kind} {why}; it is set aside"))
        .at(document, 0)
        .hint(format!("look for the {kind} in Splynx; if it is well there, tell the makers of Pleach"))
}

/// An address without what was asked there.
fn without_query(address: &str) -> &str {
    address.split('?').next().unwrap_or(address)
}
