//! One line of a stored network, whatever it is about: the one place where the format's keys stand.

use serde::{Deserialize, Serialize};

use super::error::Damage;
use super::texts::{Id, Prefixes, Str};
use crate::capacity::{Capacity, Limit};
use crate::census::Rule;
use crate::net::Net;
use crate::node::{Origin, Position};
use crate::prefix::Prefix;
use crate::problem::Code;
use crate::rate::Rate;
use crate::sqm::Sqm;
use crate::stated_reason::Aspect;

/// A line. The first keys name its kind, and one of them is there; the others are the kind's own.
///
/// Keys are only ever added, each with a meaning for "missing" that older files bear. What a node has beside what its
/// kind says, such as other ids that it goes by, belongs below `parent`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Line<'a> {
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) site: Option<Str<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) access_point: Option<Str<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) client: Option<Str<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) device: Option<Str<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) link: Option<Str<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) set_aside: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bypass: Option<Prefix>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) documents: Option<Vec<Str<'a>>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<Str<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) net: Option<Net>,

    /// Of a node; its raw id where it is missing.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<Str<'a>>,
    /// Of a node: the id of what it hangs from, or [`UNKNOWN_PARENT`].
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) parent: Option<Str<'a>>,
    /// Of a node: the ids of records that have been made one with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) also: Vec<Id>,
    /// Of a node: document and line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) origin: Option<[u32; 2]>,

    /// Of a link: its ends, down from the first to the second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<Id>,
    /// Of a link, and of a node for the link that stands for its parent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cost: Option<u32>,

    /// Of a link, a site or an access point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) capacity_bit: Option<Pair>,
    /// Of a site.
    #[serde(rename = "virtual", skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_virtual: bool,
    /// Of a site or an access point: degrees north and east.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) position: Option<[f64; 2]>,

    /// Of a client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_bit: Option<Pair>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) min_bit: Option<Pair>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sqm: Option<Sqm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) left_out: Option<Rule>,
    #[serde(rename = "lost_address", skip_serializing_if = "std::ops::Not::not")]
    pub(super) has_lost_address: bool,

    /// Of a device: its prefixes, by how it came by them.
    #[serde(rename = "override", skip_serializing_if = "Prefixes::is_empty")]
    pub(super) override_: Prefixes,
    #[serde(rename = "static", skip_serializing_if = "Prefixes::is_empty")]
    pub(super) static_: Prefixes,
    #[serde(skip_serializing_if = "Prefixes::is_empty")]
    pub(super) session: Prefixes,
    #[serde(skip_serializing_if = "Prefixes::is_empty")]
    pub(super) dhcp: Prefixes,
    #[serde(skip_serializing_if = "Prefixes::is_empty")]
    pub(super) self_reported: Prefixes,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) mac: Option<Str<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) comment: Option<Str<'a>>,

    /// Of a circuit set aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<Id>,

    /// Of a reason: its node, and what of it the reason is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) of: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<Aspect>,
}

/// What stands for a parent that the network does not hold; an id has two colons.
pub(super) const UNKNOWN_PARENT: &str = "unknown";

/// Down and up in bit/s, each as far as it is stated.
type Pair = [Option<u64>; 2];

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Site,
    AccessPoint,
    Client,
    Device,
    Link,
    SetAside,
    Bypass,
    Documents,
    Reason,
    Net,
    /// A kind of a later version.
    Other,
}

impl Line<'_> {
    /// What it is about.
    pub(super) fn kind(&self) -> Result<Kind, Damage> {
        let kinds = [
            ("site", Kind::Site, self.site.is_some()),
            ("access_point", Kind::AccessPoint, self.access_point.is_some()),
            ("client", Kind::Client, self.client.is_some()),
            ("device", Kind::Device, self.device.is_some()),
            ("link", Kind::Link, self.link.is_some()),
            ("set_aside", Kind::SetAside, self.set_aside.is_some()),
            ("bypass", Kind::Bypass, self.bypass.is_some()),
            ("documents", Kind::Documents, self.documents.is_some()),
            ("reason", Kind::Reason, self.reason.is_some()),
            ("net", Kind::Net, self.net.is_some()),
        ];
        let mut there = kinds.into_iter().filter(|(.., is_there)| *is_there);
        match (there.next(), there.next()) {
            (None, _) => Ok(Kind::Other),
            (Some((_, kind, _)), None) => Ok(kind),
            (Some((first, ..)), Some((second, ..))) => Err(Damage::TwoKinds { first, second }),
        }
    }

    pub(super) fn capacity(&self) -> Capacity {
        let [down, up] = rates(self.capacity_bit).map(Limit::from);
        Capacity { down, up }
    }

    pub(super) fn origin(&self) -> Origin {
        self.origin.map_or(Origin::default(), |[document, line]| Origin { document, line })
    }

    pub(super) fn position(&self) -> Option<Position> {
        self.position.and_then(|[latitude, longitude]| Position::new(latitude, longitude))
    }
}

pub(super) fn rates(pair: Option<Pair>) -> [Option<Rate>; 2] {
    pair.unwrap_or_default().map(|bit| bit.map(Rate::from_bit))
}

/// The pair, unless neither is stated.
pub(super) fn pair(rates: [Option<Rate>; 2]) -> Option<Pair> {
    rates.iter().any(Option::is_some).then(|| rates.map(|rate| rate.map(Rate::bit)))
}

pub(super) fn capacity_pair(capacity: Capacity) -> Option<Pair> {
    pair([capacity.down.rate(), capacity.up.rate()])
}

pub(super) fn position_pair(position: Option<Position>) -> Option<[f64; 2]> {
    position
        .map(|Position { latitude, longitude }| [latitude, longitude])
        .filter(|pair| pair.iter().all(|n| n.is_finite()))
}

pub(super) fn origin_pair(origin: Origin) -> Option<[u32; 2]> {
    (origin != Origin::default()).then_some([origin.document, origin.line])
}
