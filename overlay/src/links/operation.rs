//! What can be done to a kernel.

use pleach_tc::{Class, Interface, QdiscKind};

use super::filter::{Filter, FilterKey};
use super::link::{Aggregates, Link, Membership};
use super::state::FloodEntry;
use crate::mtu::Mtu;

/// One change of a kernel's state: one request, for [`Operation::AddLink`] and [`Operation::Join`] two at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Makes a link with its alias. One of that name must not be there: it would be somebody else's.
    AddLink {
        /// Its name.
        name: Interface,
        /// What.
        link: Link,
    },
    /// Deletes a link of ours. What hangs on it goes with it.
    DeleteLink {
        /// Its name.
        name: Interface,
    },
    /// Changes the MTU of a link of ours.
    SetMtu {
        /// Its name.
        name: Interface,
        /// To what.
        mtu: Mtu,
    },
    /// Changes what a link of ours does with aggregates.
    SetAggregates {
        /// Its name.
        name: Interface,
        /// To what.
        aggregates: Aggregates,
    },
    /// Puts an interface where it belongs, and sets it up.
    Join {
        /// Which.
        interface: Interface,
        /// Where.
        membership: Membership,
    },
    /// Takes an interface out of our bridge; it stays up.
    Leave {
        /// Which.
        interface: Interface,
    },
    /// Sets an interface down that is not ours: as it was before we came.
    SetDown {
        /// Which.
        interface: Interface,
    },
    /// Makes the clsact qdisc.
    AddClsact {
        /// Where.
        interface: Interface,
    },
    /// Deletes the clsact qdisc.
    DeleteClsact {
        /// Where.
        interface: Interface,
    },
    /// Puts an HTB at the root of what an interface sends, in place of the kernel's default. Until
    /// its class is made, everything passes.
    AddQueue {
        /// Where.
        interface: Interface,
    },
    /// Deletes it with all that is in it; the kernel's default comes back.
    DeleteQueue {
        /// Where.
        interface: Interface,
    },
    /// Makes its class, or changes that in place.
    SetClass {
        /// Where.
        interface: Interface,
        /// What.
        class: Class,
        /// What it was, to be told.
        was: Option<Class>,
    },
    /// Puts a leaf into its class.
    AddLeaf {
        /// Where.
        interface: Interface,
        /// What.
        leaf: QdiscKind,
    },
    /// Changes its leaf in place.
    ChangeLeaf {
        /// Where.
        interface: Interface,
        /// What it becomes.
        leaf: QdiscKind,
    },
    /// Takes its leaf away, whosever it is.
    DeleteLeaf {
        /// Where.
        interface: Interface,
        /// What it was, to be told.
        was: QdiscKind,
    },
    /// Adds a host to those that frames for unknown stations go to.
    AddFlood(FloodEntry),
    /// Removes one.
    DeleteFlood(FloodEntry),
    /// Adds a filter.
    AddFilter {
        /// Where.
        key: FilterKey,
        /// What.
        filter: Filter,
    },
    /// Gives a filter other actions, in one step.
    ReplaceFilter {
        /// Where.
        key: FilterKey,
        /// What it becomes; its match is as it was.
        filter: Filter,
    },
    /// Deletes a filter.
    DeleteFilter {
        /// Where.
        key: FilterKey,
    },
}

impl Operation {
    /// The interface that it changes.
    pub const fn interface(&self) -> &Interface {
        match self {
            Self::AddLink { name, .. }
            | Self::DeleteLink { name }
            | Self::SetMtu { name, .. }
            | Self::SetAggregates { name, .. } => name,
            Self::Join { interface, .. }
            | Self::Leave { interface }
            | Self::SetDown { interface }
            | Self::AddClsact { interface }
            | Self::DeleteClsact { interface }
            | Self::AddQueue { interface }
            | Self::DeleteQueue { interface }
            | Self::SetClass { interface, .. }
            | Self::AddLeaf { interface, .. }
            | Self::ChangeLeaf { interface, .. }
            | Self::DeleteLeaf { interface, .. } => interface,
            Self::AddFlood(entry) | Self::DeleteFlood(entry) => &entry.link,
            Self::AddFilter { key, .. } | Self::ReplaceFilter { key, .. } | Self::DeleteFilter { key } => {
                &key.interface
            }
        }
    }
}
