//! From records to the network.

mod addresses;
mod hardware;
mod place;
mod plan;
mod position;
mod services;
mod sites;
mod status;

use std::thread;

use hashbrown::HashMap;
use pleach_graph::{GraphBuilder, NodeIndex, Origin};
use pleach_source::{ReadError, Snapshot};

use crate::list::List;
use crate::missing::Missing;
use crate::reading::{Reading, Records};
use crate::records::{Customer, Device, ListedIpv4, ListedIpv6, NetworkSite, Router, Sector, Service, Session, Tariff};
use crate::settings::SplynxSettings;
use crate::tables::Tables;

/// All records of a snapshot.
struct Data {
    tariffs: Records<Tariff>,
    customers: Records<Customer>,
    services: Records<Service>,
    sessions: Records<Session>,
    routers: Records<Router>,
    sectors: Records<Sector>,
    devices: Records<Device>,
    sites: Records<NetworkSite>,
    ipv4: Records<ListedIpv4>,
    ipv6: Records<ListedIpv6>,
}

/// What becomes of the records.
struct Import<'i> {
    data: &'i Data,
    settings: &'i SplynxSettings,
    tables: &'i Tables,
    network: &'i mut GraphBuilder,
    missing: Missing,
    documents: HashMap<List, u32>,
    nodes: Nodes,
}

/// The nodes of the network that services may hang from, by list and number.
type Nodes = HashMap<(List, u64), NodeIndex>;

/// Adds what a snapshot says to a network.
pub(crate) fn read(
    snapshot: &Snapshot,
    settings: &SplynxSettings,
    tables: &Tables,
    network: &mut GraphBuilder,
) -> Result<(), ReadError> {
    let reading = Reading { snapshot, tables, kilobit: settings.kilobit };
    let data = Data::read(reading, network)?;
    let mut import = Import {
        data: &data,
        settings,
        tables,
        network,
        missing: Missing::default(),
        documents: HashMap::new(),
        nodes: Nodes::new(),
    };
    import.add_hardware();
    import.add_services();
    let Import { missing, network, .. } = import;
    missing.report(network, |list| data.document(list).to_owned());
    Ok(())
}

impl Data {
    /// Reads all lists: the services, which are half of the bytes, beside the rest.
    fn read(reading: Reading<'_>, network: &mut GraphBuilder) -> Result<Self, ReadError> {
        thread::scope(|scope| {
            let services = scope.spawn(|| reading.list());
            let tariffs = reading.list()?.into(network);
            let customers = reading.list()?.into(network);
            let sessions = reading.list()?.into(network);
            let routers = reading.list()?.into(network);
            let sectors = reading.list()?.into(network);
            let devices = reading.list()?.into(network);
            let sites = reading.list()?.into(network);
            let ipv4 = reading.list()?.into(network);
            let ipv6 = reading.list()?.into(network);
            let services = services.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?.into(network);
            Ok(Self { tariffs, customers, services, sessions, routers, sectors, devices, sites, ipv4, ipv6 })
        })
    }

    /// Where a list was read.
    fn document(&self, list: List) -> &str {
        match list {
            List::Tariffs => &self.tariffs.document,
            List::Customers => &self.customers.document,
            List::Services => &self.services.document,
            List::Online => &self.sessions.document,
            List::Routers => &self.routers.document,
            List::Sectors => &self.sectors.document,
            List::Monitoring => &self.devices.document,
            List::NetworkSites => &self.sites.document,
            List::Ipv4 => &self.ipv4.document,
            List::Ipv6 => &self.ipv6.document,
        }
    }
}

impl Import<'_> {
    /// Where the records of a list come from. Without a line: where a record stands in an answer means nothing, and must not
    /// decide anything.
    fn origin(&mut self, list: List) -> Origin {
        let Self { documents, network, data, .. } = self;
        let document = *documents.entry(list).or_insert_with(|| network.document(data.document(list)));
        Origin { document, line: 0 }
    }
}
