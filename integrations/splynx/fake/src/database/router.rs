//! Routers, and the sectors of them: limits that services share.

use serde_json::{Value, json};

use super::addresses;
use super::hardware::{Plan, switch};
use super::wire::Wire;
use crate::options::{Data, Options};

/// The router of a sector.
pub(crate) fn of_sector(sector: u64) -> u64 {
    sector.div_ceil(2)
}

pub(crate) fn row(options: &Options, plan: &Plan, id: u64) -> Value {
    let mut wire = Wire::new(options.types, options.seed, "router", id);
    // The monitoring has a router under the address of its site's switch; it does not have the last one.
    let is_monitored = options.data == Data::Clean || id < plan.routers;
    let ip =
        if is_monitored { addresses::management(switch(1 + (id - 1) % plan.sites)) } else { "192.0.2.1".to_owned() };
    json!({
        "id": wire.number(id),
        "title": format!("Router {id}"),
        "model": "CCR2004",
        "partners_ids": [1],
        "location_id": wire.number(1),
        "address": "",
        "ip": ip,
        "gps": "50.1,14.4;50.2,14.4;50.2,14.5;",
        "gps_point": "50.1,14.4",
        "authorization_method": "ppp_dhcp_radius",
        "accounting_method": "radius",
        "nas_type": wire.number(1),
        "nas_ip": ip,
        "radius_secret": "radius-secret-of-the-fake",
        "status": "ok",
        "pool_ids": [1],
    })
}

pub(crate) fn sector_row(options: &Options, id: u64) -> Value {
    let mut wire = Wire::new(options.types, options.seed, "sector", id);
    json!({
        "id": wire.number(id),
        "router_id": wire.number(of_sector(id)),
        "title": format!("Limit {id}"),
        "speed_down": wire.number(400_000),
        "speed_up": wire.number(100_000),
        "limit_at": wire.number(90),
    })
}
