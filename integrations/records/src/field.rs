//! What a record can state.

use pleach_graph::suggest::nearest;
use serde::{Deserialize, Serialize};

/// What a record is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordKind {
    /// A site or an access point.
    Node,
    /// What joins two nodes.
    Link,
    /// A customer's service.
    Circuit,
    /// What has a circuit's addresses.
    Device,
}

macro_rules! fields {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $name:literal $kinds:expr),* $(,)?) => {
        /// One thing that a record can state.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field { $($(#[doc = $meaning])+ $variant,)* }

        impl Field {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// What the schema calls it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The field of this name.
            pub fn of_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }

            /// The kinds of records that can state it.
            pub const fn kinds(self) -> &'static [RecordKind] {
                match self { $(Self::$variant => $kinds,)* }
            }
        }
    };
}

use RecordKind::{Circuit, Device, Link, Node};

fields! {
    /// Its id, unique among the records of its kind.
    Id = "id" &[Node, Link, Circuit, Device],
    /// What people call it.
    Name = "name" &[Node, Circuit, Device],
    /// `site`, `access point` or `virtual`.
    Kind = "kind" &[Node],
    /// The id of the node it hangs from.
    Parent = "parent" &[Node, Circuit],
    /// The id of the device's circuit.
    OfCircuit = "circuit" &[Device],
    /// Towards the subscriber: a capacity, or the plan.
    Down = "down" &[Node, Link, Circuit],
    /// From the subscriber.
    Up = "up" &[Node, Link, Circuit],
    /// What the plan guarantees, towards the subscriber.
    MinDown = "min_down" &[Circuit],
    /// What the plan guarantees, from the subscriber.
    MinUp = "min_up" &[Circuit],
    /// `active`, `suspended` or `inactive`.
    Status = "status" &[Circuit],
    /// The queue it asks for.
    Sqm = "sqm" &[Circuit],
    /// Addresses and prefixes.
    Addresses = "addresses" &[Circuit, Device],
    /// A MAC address, or a user name.
    Mac = "mac" &[Circuit, Device],
    /// Free text.
    Comment = "comment" &[Circuit, Device],
    /// The id of the node that a link begins at: downwards is away from it.
    From = "from" &[Link],
    /// The id of the node that a link ends at.
    To = "to" &[Link],
    /// What using a link costs, from 1.
    Cost = "cost" &[Link],
    /// Degrees north.
    Latitude = "latitude" &[Node],
    /// Degrees east.
    Longitude = "longitude" &[Node],
}

impl Field {
    /// Whether records of a kind can state it.
    pub fn is_of(self, kind: RecordKind) -> bool {
        self.kinds().contains(&kind)
    }

    /// The field of a kind that a misspelt name may have meant.
    pub(crate) fn like(name: &str, kind: RecordKind) -> Option<&'static str> {
        let known = Self::ALL.iter().filter(|field| field.is_of(kind)).map(|field| field.name());
        nearest(name, known).first().copied()
    }
}

impl RecordKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Node, Link, Circuit, Device];

    /// In a word: `circuit`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Link => "link",
            Self::Circuit => "circuit",
            Self::Device => "device",
        }
    }

    /// The kind of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}
