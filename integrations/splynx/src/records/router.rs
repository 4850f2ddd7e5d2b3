//! Routers and their sectors: `networking/routers`, `networking/routers-sectors`.

use compact_str::CompactString;
use pleach_graph::Rate;

use super::{Fields, Record, Thousandths, wire};
use crate::list::List;

/// A router.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Router {
    pub(crate) id: u64,
    pub(crate) title: CompactString,
    pub(crate) ip: CompactString,
    pub(crate) gps: CompactString,
}

wire!(RouterWire { title, ip, gps_point });

impl Record for Router {
    const LIST: List = List::Routers;
    type Wire<'a> = RouterWire<'a>;

    fn decode(id: u64, wire: &RouterWire<'_>, fields: &mut Fields<'_>) -> Self {
        Self {
            id,
            title: fields.text("title", &wire.title),
            ip: fields.list("ip", &wire.ip),
            gps: fields.text("gps_point", &wire.gps_point),
        }
    }

    fn id(&self) -> u64 {
        self.id
    }
}

/// A limit at a router that services share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sector {
    pub(crate) id: u64,
    pub(crate) title: CompactString,
    pub(crate) router: Option<u64>,
    pub(crate) down: Option<Rate>,
    pub(crate) up: Option<Rate>,
    /// What of its speed is guaranteed to it, in percent.
    pub(crate) guarantee: Option<Thousandths>,
}

wire!(SectorWire { title, router_id, speed_down, speed_up, limit_at });

impl Record for Sector {
    const LIST: List = List::Sectors;
    type Wire<'a> = SectorWire<'a>;

    fn decode(id: u64, wire: &SectorWire<'_>, fields: &mut Fields<'_>) -> Self {
        Self {
            id,
            title: fields.text("title", &wire.title),
            router: fields.reference("router_id", &wire.router_id),
            down: fields.rate("speed_down", &wire.speed_down),
            up: fields.rate("speed_up", &wire.speed_up),
            guarantee: fields.thousandths("limit_at", &wire.limit_at),
        }
    }

    fn id(&self) -> u64 {
        self.id
    }
}
