//! Who has which class: what a plan and `show` call it.

use std::collections::BTreeMap;

use compact_str::CompactString;
use pleach_graph::EntryKind;
use pleach_tc::{Direction, Handle, Interface};
use serde::{Deserialize, Serialize};

/// Who has which class, by interface and class. Holds the classes of the new plan, and those of the ledger that are no
/// longer in it: a plan has to name what it deletes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subjects {
    interfaces: BTreeMap<Interface, BTreeMap<Handle, Subject>>,
}

/// Whose class it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Subject {
    /// What everything of a queue and a direction is under.
    Link {
        /// Which direction.
        direction: Direction,
    },
    /// What the network itself runs on.
    Control {
        /// Which direction.
        direction: Direction,
    },
    /// Addresses that nobody has.
    Unknown {
        /// Which direction.
        direction: Direction,
    },
    /// The permanent child of a node's class.
    Keeper {
        /// The node's name.
        node: CompactString,
    },
    /// A site or an access point.
    Node {
        /// Its typed id; none where only a former plan knew it.
        id: Option<CompactString>,
        /// Its name.
        name: CompactString,
        /// Whether it is an access point.
        #[serde(skip)]
        entry: Option<EntryKind>,
    },
    /// A subscriber.
    Circuit {
        /// The Circuit ID.
        circuit_id: CompactString,
        /// Its name; empty where only a former plan knew it.
        name: CompactString,
        /// The name of the node it hangs from; empty at the top.
        parent: CompactString,
    },
}

impl Subjects {
    /// Whose class it is.
    pub fn get(&self, interface: &Interface, class: Handle) -> Option<&Subject> {
        self.interfaces.get(interface)?.get(&class)
    }

    /// All classes of an interface.
    pub fn of(&self, interface: &Interface) -> impl Iterator<Item = (Handle, &Subject)> {
        self.interfaces.get(interface).into_iter().flatten().map(|(handle, subject)| (*handle, subject))
    }

    /// All of them, by interface and class.
    pub fn iter(&self) -> impl Iterator<Item = (&Interface, Handle, &Subject)> {
        self.interfaces
            .iter()
            .flat_map(|(interface, classes)| classes.iter().map(move |(handle, subject)| (interface, *handle, subject)))
    }

    pub(crate) fn set(&mut self, interface: Interface, classes: BTreeMap<Handle, Subject>) {
        self.interfaces.insert(interface, classes);
    }
}
