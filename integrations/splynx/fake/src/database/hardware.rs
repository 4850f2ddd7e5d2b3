//! Network sites and the devices at them.
//!
//! Each site has a backhaul radio, a switch behind it, four access points behind the switch, and a power supply. The backhaul's
//! parent is the switch of another site; the first site's has none.

use serde_json::{Value, json};

use super::names::HILLS;
use super::wire::Wire;
use super::{Table, addresses, router};
use crate::chance::Chance;
use crate::options::{Data, Options, Sites};

const SERVICES_PER_SITE: u64 = 120;
const DEVICES_PER_SITE: u64 = 7;
const BACKHAUL: u64 = 1;
const SWITCH: u64 = 2;
const FIRST_ACCESS_POINT: u64 = 3;
const ACCESS_POINTS: u64 = 4;
const POWER: u64 = 7;
/// How many sites hang from one.
const FAN_OUT: u64 = 3;

/// How much of everything there is.
pub(crate) struct Plan {
    pub(crate) sites: u64,
    pub(crate) routers: u64,
}

impl Plan {
    pub(crate) fn new(options: &Options) -> Self {
        let sites = options.services / SERVICES_PER_SITE + 2;
        Self { sites, routers: sites / 4 + 2 }
    }

    pub(crate) fn sectors(&self) -> u64 {
        self.routers * 2
    }

    fn devices(&self) -> u64 {
        self.sites * DEVICES_PER_SITE
    }

    /// An access point.
    pub(crate) fn draw_access_point(&self, chance: &mut Chance) -> u64 {
        let site = 1 + chance.below(self.sites);
        device(site, FIRST_ACCESS_POINT + chance.below(ACCESS_POINTS))
    }

    /// An id that no device has.
    pub(crate) fn no_device(&self) -> u64 {
        self.devices() + 1000
    }

    pub(crate) fn rows(&self, options: &Options, mut add: impl FnMut(Table, u64, Value)) {
        for id in 1..=self.sites {
            if options.sites == Sites::Present {
                add(Table::NetworkSites, id, site_row(options, id));
            }
            for role in 1..=DEVICES_PER_SITE {
                add(Table::Monitoring, device(id, role), self.device_row(options, id, role));
            }
        }
        for id in 1..=self.routers {
            add(Table::Routers, id, router::row(options, self, id));
        }
        for id in 1..=self.sectors() {
            add(Table::Sectors, id, router::sector_row(options, id));
        }
    }

    fn parent(&self, options: &Options, site: u64, role: u64) -> Option<u64> {
        let is_last = site == self.sites && options.data == Data::Grown;
        match role {
            BACKHAUL if is_last => Some(device(site, SWITCH)), // with the switch's parent a ring
            BACKHAUL if site == 1 => None,
            BACKHAUL => Some(device((site + FAN_OUT - 2) / FAN_OUT, SWITCH)),
            SWITCH => Some(device(site, BACKHAUL)),
            POWER if options.data == Data::Grown => Some(self.no_device()),
            _ => Some(device(site, SWITCH)),
        }
    }

    fn device_row(&self, options: &Options, site: u64, role: u64) -> Value {
        let id = device(site, role);
        let mut wire = Wire::new(options.types, options.seed, "monitoring", id);
        let is_access = (FIRST_ACCESS_POINT..FIRST_ACCESS_POINT + ACCESS_POINTS).contains(&role);
        let title = match role {
            BACKHAUL => format!("Backhaul {site}"),
            SWITCH => format!("Switch {site}"),
            POWER => format!("UPS {site}"),
            _ if options.data == Data::Grown && site <= 2 => "Sector north".to_owned(),
            _ => format!("AP {site}-{}", role - FIRST_ACCESS_POINT + 1),
        };
        json!({
            "id": wire.number(id),
            "title": title,
            "network_site_id": wire.reference((options.sites == Sites::Present).then_some(site)),
            "parent_id": wire.reference(self.parent(options, site, role)),
            "producer": wire.number(2),
            "model": if is_access { "LTU Rocket" } else { "" },
            "ip": addresses::management(id),
            "snmp_port": wire.number(161),
            "is_ping": wire.flag(true),
            "active": wire.flag(true),
            "snmp_community": "public-of-the-fake",
            "snmp_version": wire.number(2),
            "type": wire.number(if is_access { 5 } else { 2 }),
            "monitoring_group": wire.number(1),
            "partners_ids": [1],
            "location_id": wire.number(1),
            "address": "",
            "send_notifications": wire.flag(true),
            "gps": "50.1,14.4",
            "gps_area": "",
            "delay_timer": wire.number(0),
            "access_device": wire.flag(is_access),
            "snmp_time": wire.number(0),
            "snmp_uptime": wire.number(0),
            "snmp_status": wire.number(9),
            "snmp_state": "up",
            "ping_state": "up",
        })
    }
}

/// The id of a device.
fn device(site: u64, role: u64) -> u64 {
    (site - 1) * DEVICES_PER_SITE + role
}

/// The switch of a site.
pub(crate) fn switch(site: u64) -> u64 {
    device(site, SWITCH)
}

fn site_row(options: &Options, id: u64) -> Value {
    let mut wire = Wire::new(options.types, options.seed, "site", id);
    let hill = HILLS[usize::try_from(id - 1).expect("invariant: sites are few") % HILLS.len()];
    let title = if options.data == Data::Grown { hill.to_owned() } else { format!("{hill} {id}") };
    json!({
        "id": wire.number(id),
        "title": title,
        "description": "",
        "address": format!("{hill} road"),
        "gps": format!("50.{:04},14.{:04}", id % 10_000, id % 10_000),
        "location_id": wire.number(1),
        "partners_ids": [1],
    })
}
