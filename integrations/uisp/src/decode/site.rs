//! Sites and clients' sites.

use std::net::IpAddr;

use pleach_graph::{Rate, Table};

use super::{Decode, Notes};
use crate::raw_id::RawId;
use crate::records::{Qos, Site};
use crate::tables::Tables;
use crate::wire;
use crate::words::SiteType;

impl Decode for Site {
    type Wire<'a> = wire::Site<'a>;
    const WHAT: &'static str = "site";

    fn id_of<'w>(wire: &'w wire::Site<'_>) -> Option<&'w str> {
        wire.id.text().or_else(|| wire.identification.get()?.id.text())
    }

    fn table<'t>(wire: &wire::Site<'_>, tables: &'t Tables) -> &'t Table {
        let site_type = wire.identification.get().and_then(|identification| identification.site_type.text());
        match site_type.and_then(SiteType::of) {
            Some(SiteType::Client) => &tables.clients,
            _ => &tables.sites,
        }
    }

    fn updated<'w>(wire: &'w wire::Site<'_>) -> Option<&'w str> {
        wire.identification.get()?.updated.text()
    }

    fn new(id: RawId, position: u32, wire: &wire::Site<'_>, notes: &mut Notes<'_>) -> Self {
        let (none, nowhere) = Default::default();
        let identification: &wire::SiteIdentification<'_> = wire.identification.get().unwrap_or(&none);
        let description: &wire::SiteDescription<'_> = wire.description.get().unwrap_or(&nowhere);
        let service = wire.ucrm.get().and_then(|crm| crm.service.get());
        let service_id = service.and_then(|service| service.id.text()).or_else(|| description.crm_id.text());
        let location = description.location.get();
        Self {
            position,
            site_type: notes.word("identification.type", &identification.site_type, SiteType::of),
            name: identification.name.text().unwrap_or_default().into(),
            street: description.address.text().map_or("", street).into(),
            parent: identification.parent.get().and_then(|parent| parent.id.text()).map(RawId::new),
            is_suspended: identification.suspended.flag() == Some(true),
            location: location.and_then(|place| Some((place.latitude.number()?, place.longitude.number()?))),
            qos: wire.qos.get().map(|qos| self::qos(qos, notes)).unwrap_or_default(),
            service_id: service_id.unwrap_or_default().into(),
            service_name: service.and_then(|service| service.name.text()).unwrap_or_default().into(),
            service_status: service.and_then(|service| notes.status("ucrm.service.status", &service.status)),
            addresses: description.ip_addresses.items().filter_map(|text| host(&text.0)).collect(),
            id,
        }
    }
}

/// What stands before the first comma of an address.
fn street(address: &str) -> &str {
    address.split(',').next().unwrap_or_default().trim()
}

/// The address of a text such as `100.64.0.10` or `100.64.0.10/24`.
fn host(text: &str) -> Option<IpAddr> {
    text.split('/').next()?.trim().parse().ok()
}

fn qos(qos: &wire::Qos<'_>, notes: &mut Notes<'_>) -> Qos {
    const BIT: f64 = 1.0;
    let mut rate = |name, field| notes.rate(name, field, BIT);
    Qos {
        down: rate("qos.downloadSpeed", &qos.download),
        up: rate("qos.uploadSpeed", &qos.upload),
        down_burst: rate("qos.downloadBurstSize", &qos.download_burst).map(Rate::bit).filter(|&bytes| bytes > 0),
        up_burst: rate("qos.uploadBurstSize", &qos.upload_burst).map(Rate::bit).filter(|&bytes| bytes > 0),
        aggregation: qos.aggregation.number().filter(|&times| times >= 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_street_is_what_tells_two_customers_of_one_name_apart() {
        assert_eq!(street("3 Main St, Springfield, 12345"), "3 Main St");
        assert_eq!(street(" 9 Oak Ave "), "9 Oak Ave");
    }
}
