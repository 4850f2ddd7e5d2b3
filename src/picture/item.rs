//! What a picture is made of: the things drawn and the links between them, without positions.

use pleach_graph::Capacity;

/// What is drawn at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Site,
    VirtualSite,
    AccessPoint,
    /// A device that carries a path.
    Device,
    /// The generated site of a relay customer.
    Relay,
    /// What has no path to the root hangs from it.
    Orphans,
    /// A client, or a client that is the root.
    Client,
    /// An interface that a net connects, at the node that the net is bound to.
    Virt,
}

impl Kind {
    /// In the order they are counted and explained in.
    pub(super) const ALL: [Self; 8] = [
        Self::Site,
        Self::VirtualSite,
        Self::AccessPoint,
        Self::Device,
        Self::Relay,
        Self::Client,
        Self::Virt,
        Self::Orphans,
    ];

    /// In words.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::VirtualSite => "virtual site",
            Self::AccessPoint => "access point",
            Self::Device => "device",
            Self::Relay => "relay",
            Self::Orphans => "orphans",
            Self::Client => "client",
            Self::Virt => "virt",
        }
    }

    /// As a class of the style sheet and the name of its symbol.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::VirtualSite => "virtual",
            Self::AccessPoint => "ap",
            Self::Device => "device",
            Self::Relay => "relay",
            Self::Orphans => "orphans",
            Self::Client => "client",
            Self::Virt => "virt",
        }
    }
}

/// The worst problem of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    Error,
    Warning,
}

/// What joins a thing to what it hangs from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    /// A link of the network.
    Link,
    /// Nothing: it has no path to the root.
    None,
}

/// How many circuits hang from a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Circuits {
    /// From the place itself.
    pub(super) own: usize,
    /// From it and from all below.
    pub(super) total: usize,
}

/// One thing drawn.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) kind: Kind,
    /// Index of what it hangs from; none for the root.
    pub(super) parent: Option<usize>,
    pub(super) id: String,
    pub(super) name: String,
    /// The least of all limits from the root to here; a client's plan.
    pub(super) ceiling: Capacity,
    /// What its line is as wide as: its link's capacity, or the sector's limit where that is smaller.
    pub(super) line: Capacity,
    pub(super) joint: Joint,
    pub(super) circuits: Circuits,
    pub(super) mark: Option<Mark>,
    /// What is shown when it is pointed at, line by line.
    pub(super) tooltip: String,
}

/// A link that no path uses.
#[derive(Clone, Debug)]
pub(super) struct Standby {
    pub(super) ends: [usize; 2],
    pub(super) capacity: Capacity,
    pub(super) tooltip: String,
}

/// The children of every item, in the items' order.
#[derive(Clone, Debug)]
pub(super) struct Children {
    starts: Vec<usize>,
    all: Vec<usize>,
}

impl Children {
    /// `parents` gives, item by item, the index of its parent; those without are nobody's child.
    pub(super) fn new(parents: &[Option<usize>]) -> Self {
        let mut starts = vec![0; parents.len() + 1];
        for &parent in parents.iter().flatten() {
            starts[parent + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut all = vec![0; starts[parents.len()]];
        for (child, parent) in parents.iter().enumerate() {
            if let Some(parent) = *parent {
                all[next[parent]] = child;
                next[parent] += 1;
            }
        }
        Self { starts, all }
    }

    pub(super) fn of(&self, parent: usize) -> &[usize] {
        &self.all[self.starts[parent]..self.starts[parent + 1]]
    }
}
