//! What an override can set.

use std::fmt;
use std::num::NonZeroU32;

use serde::{Serialize, Serializer};

use crate::capacity::Limit;
use crate::id::NodeId;
use crate::node::Text;
use crate::prefix::Prefix;
use crate::rate::Rate;
use crate::sqm::Sqm;

/// One thing that an override sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// A client's minimum towards the subscriber.
    MinDown(Rate),
    /// A client's minimum from the subscriber.
    MinUp(Rate),
    /// A client's maximum towards the subscriber.
    MaxDown(Rate),
    /// A client's maximum from the subscriber.
    MaxUp(Rate),
    /// The queue that a client asks for.
    Sqm(#[serde(serialize_with = "as_text")] Sqm),
    /// What a node hangs from.
    Parent(NodeId),
    /// Its name.
    Rename(Text),
    /// Prefixes beside those that a client or device has.
    Prefixes(Vec<Prefix>),
    /// Whether it is left out.
    Exclude(bool),
    /// Whether a site or access point is shown at the top.
    Promote(bool),
    /// What a site's link to its parent, an access point's sector, or a link carries down; zero: no limit is known.
    CapacityDown(Rate),
    /// The same, up.
    CapacityUp(Rate),
    /// What using a link costs.
    Cost(NonZeroU32),
}

impl Setting {
    /// The key it stands under.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::MinDown(_) => "min.down",
            Self::MinUp(_) => "min.up",
            Self::MaxDown(_) => "max.down",
            Self::MaxUp(_) => "max.up",
            Self::Sqm(_) => "sqm",
            Self::Parent(_) => "parent",
            Self::Rename(_) => "rename",
            Self::Prefixes(_) => "prefixes",
            Self::Exclude(_) => "exclude",
            Self::Promote(_) => "promote",
            Self::CapacityDown(_) => "capacity.down",
            Self::CapacityUp(_) => "capacity.up",
            Self::Cost(_) => "cost",
        }
    }

    /// Whether it is of a link, or of the one between a node and its parent.
    pub(super) const fn is_of_link(&self) -> bool {
        matches!(self, Self::CapacityDown(_) | Self::CapacityUp(_) | Self::Cost(_))
    }
}

impl fmt::Display for Setting {
    /// The value, as a message has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MinDown(rate) | Self::MinUp(rate) | Self::MaxDown(rate) | Self::MaxUp(rate) => rate.fmt(f),
            Self::CapacityDown(rate) | Self::CapacityUp(rate) => Limit::of(*rate).fmt(f),
            Self::Sqm(sqm) => write!(f, "`{sqm}`"),
            Self::Parent(id) => write!(f, "`{id}`"),
            Self::Rename(name) => write!(f, "`{name}`"),
            Self::Prefixes(prefixes) => {
                let texts: Vec<String> = prefixes.iter().map(|prefix| format!("`{prefix}`")).collect();
                f.write_str(&texts.join(", "))
            }
            Self::Exclude(is_set) | Self::Promote(is_set) => is_set.fmt(f),
            Self::Cost(cost) => cost.fmt(f),
        }
    }
}

fn as_text<S: Serializer>(value: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
