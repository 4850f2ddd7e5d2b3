//! Network sites: `networking/network-sites`.

use compact_str::CompactString;

use super::{Fields, Record, wire};
use crate::list::List;

/// A tower, a building.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NetworkSite {
    pub(crate) id: u64,
    pub(crate) title: CompactString,
    pub(crate) gps: CompactString,
}

wire!(NetworkSiteWire { title, description, address, gps });

impl Record for NetworkSite {
    const LIST: List = List::NetworkSites;
    type Wire<'a> = NetworkSiteWire<'a>;

    fn decode(id: u64, wire: &NetworkSiteWire<'_>, fields: &mut Fields<'_>) -> Self {
        let names = [("title", &wire.title), ("description", &wire.description), ("address", &wire.address)];
        let mut title = CompactString::default();
        for (name, field) in names {
            if title.is_empty() {
                title = fields.text(name, field);
            }
        }
        Self { id, title, gps: fields.text("gps", &wire.gps) }
    }

    fn id(&self) -> u64 {
        self.id
    }
}
