//! The tables of a Splynx: what the ids of its records start with. Splynx numbers each of them from 1.

use pleach_graph::{IdError, NodeId, Table};

use crate::list::List;

/// The tables of one Splynx.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    lists: [Table; List::ALL.len()],
    /// What a service's addresses belong to: one for each service, under its number.
    devices: Table,
    /// Ways to a network site beyond the first.
    uplinks: Table,
    /// What Pleach adds.
    generated: Table,
}

impl Tables {
    /// The tables of the Splynx of this name.
    pub(crate) fn new(source: &str) -> Result<Self, IdError> {
        let table = |name| Table::new(source, name);
        let mut lists = Vec::with_capacity(List::ALL.len());
        for list in List::ALL {
            lists.push(table(match list {
                List::Tariffs => "tariff",
                List::Customers => "customer",
                List::Services => "service",
                List::Online => "session",
                List::Routers => "router",
                List::Sectors => "sector",
                List::Monitoring => "monitoring",
                List::NetworkSites => "network-site",
                List::Ipv4 => "ipv4",
                List::Ipv6 => "ipv6",
            })?);
        }
        Ok(Self {
            lists: lists.try_into().expect("invariant: one for each list"),
            devices: table("device")?,
            uplinks: table("uplink")?,
            generated: table("generated")?,
        })
    }

    /// The id of a list's record.
    pub(crate) fn id(&self, list: List, number: u64) -> NodeId {
        self.lists[list as usize].id(&number.to_string())
    }

    /// The id of the device of a service.
    pub(crate) fn device(&self, service: u64) -> NodeId {
        self.devices.id(&service.to_string())
    }

    /// The id of the way from a monitoring device to a network site.
    pub(crate) fn uplink(&self, site: u64, device: u64) -> NodeId {
        self.uplinks.id(&format!("{site}-{device}"))
    }

    /// The id of the walled garden.
    pub(crate) fn walled_garden(&self) -> NodeId {
        self.generated.id("walled-garden")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_has_a_table_of_its_own() {
        let tables = Tables::new("splynx").expect("a word");
        let ids: std::collections::BTreeSet<NodeId> = List::ALL.into_iter().map(|list| tables.id(list, 11)).collect();
        assert_eq!(ids.len(), List::ALL.len());
        assert!(ids.contains(&"splynx:network-site:11".parse().expect("an id")));
    }
}
