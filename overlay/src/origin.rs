//! Where in which file an object of the model was stated, for messages.

use std::collections::{BTreeMap, BTreeSet};

use compact_str::{CompactString, format_compact};
use pleach_graph::{Code, NodeId, Problem, Table};

use crate::model::VirtKey;
use crate::name::Name;

/// A line of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The file.
    pub document: CompactString,
    /// The line, from 1; 0 where there is none.
    pub line: u32,
}

/// An object of a model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Settings.
    Settings(Name),
    /// A phys.
    Phys(Name),
    /// A net.
    Net(Name),
    /// A virt.
    Virt(VirtKey),
}

impl Subject {
    /// The id by which problems name it: `overlay:net:Bookstore`, `overlay:virt:Bookstore/web`.
    pub fn id(&self) -> NodeId {
        let (table, raw) = match self {
            Self::Settings(name) => ("settings", name.as_str().into()),
            Self::Phys(name) => ("phys", name.as_str().into()),
            Self::Net(name) => ("net", name.as_str().into()),
            Self::Virt(key) => ("virt", format_compact!("{}/{}", key.net, key.virt)),
        };
        Table::new("overlay", table).expect("invariant: the names of tables are words").id(&raw)
    }
}

/// Where the objects of a model were stated. What was stated twice, as when a virt moves, has its last place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    places: BTreeMap<Subject, Origin>,
    /// Objects and fields of which a value could not be used, and that was said.
    spoiled: BTreeSet<(Subject, CompactString)>,
}

impl Origins {
    /// Says where an object was stated.
    pub fn put(&mut self, subject: Subject, origin: Origin) {
        self.places.insert(subject, origin);
    }

    /// Where an object was stated.
    pub fn place(&self, subject: &Subject) -> Option<&Origin> {
        self.places.get(subject)
    }

    /// Says that a value could not be used: that it is missing is no other problem. Without a field, all of the object.
    pub fn spoil(&mut self, subject: Subject, field: &str) {
        self.spoiled.insert((subject, field.into()));
    }

    /// Whether that was said.
    pub fn is_spoiled(&self, subject: &Subject, field: &str) -> bool {
        self.spoiled.contains(&(subject.clone(), field.into()))
    }

    /// A problem of an object, with its place and id.
    pub fn problem(&self, code: Code, subject: &Subject, message: impl Into<String>) -> Problem {
        let problem = Problem::new(code, message).record(&subject.id());
        match self.places.get(subject) {
            Some(origin) => problem.at(&origin.document, origin.line),
            None => problem,
        }
    }
}
