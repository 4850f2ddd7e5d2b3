//! Who is online, and what the address lists say.

use serde_json::{Value, json};

use super::service::{Addressing, Service};
use super::wire::Wire;
use super::{Table, addresses};
use crate::options::{Data, Options};

/// The last ids given out.
#[derive(Default)]
pub(crate) struct Ids {
    session: u64,
    listed: u64,
}

/// Whether the session of a service has an IPv6 address too.
pub(crate) fn has_outer(service: u64) -> bool {
    service.is_multiple_of(3)
}

/// A session of each service that is online, and a row of the address list for each that has its address from there alone.
/// Services with a permanent address are online too, with an address that is not for the shaper to take.
pub(crate) fn rows(service: &Service, options: &Options, ids: &mut Ids) -> Vec<(Table, u64, Value)> {
    match service.addressing {
        Addressing::Offline => Vec::new(),
        Addressing::Listed => {
            ids.listed += 1;
            let mut wire = Wire::new(options.types, options.seed, "listed", ids.listed);
            let row = json!({
                "id": wire.number(ids.listed),
                "ipv4_networks_id": wire.number(1),
                "ip": addresses::pooled(service.id),
                "hostname": "",
                "location_id": wire.number(1),
                "title": "",
                "comment": "",
                "host_category": wire.number(1),
                "is_used": wire.flag(true),
                "status": wire.number(9),
                "last_check": wire.number(0),
                "customer_id": wire.number(service.customer),
                "card_id": wire.reference(None),
                "module": "",
                "module_item_id": wire.reference(None),
            });
            vec![(Table::Ipv4, ids.listed, row)]
        }
        Addressing::Session | Addressing::Permanent => {
            ids.session += 1;
            let is_pooled = service.addressing == Addressing::Session;
            let ipv4 = if is_pooled { addresses::pooled(service.id) } else { addresses::permanent(service.id) };
            let ipv6 = if is_pooled && has_outer(service.id) { addresses::outer(service.id) } else { String::new() };
            let mut row = session(options, ids.session, Some(service.id), service.customer, &ipv4);
            let mut wire = Wire::new(options.types, options.seed, "online", ids.session);
            row["ipv6"] = wire.address(&ipv6);
            row["nas_id"] = wire.reference(service.session_router);
            vec![(Table::Online, ids.session, row)]
        }
    }
}

/// Sessions that are nobody's: of a voucher, and of a service that is no more.
pub(crate) fn strays(options: &Options, ids: &mut Ids) -> Vec<(u64, Value)> {
    if options.data == Data::Clean {
        return Vec::new();
    }
    let of = [None, Some(options.services + 5000)];
    let rows = of.map(|service| {
        ids.session += 1;
        (ids.session, session(options, ids.session, service, 0, "198.51.100.7"))
    });
    rows.into()
}

fn session(options: &Options, id: u64, service: Option<u64>, customer: u64, ipv4: &str) -> Value {
    let mut wire = Wire::new(options.types, options.seed, "session", id);
    json!({
        "id": wire.number(id),
        "customer_id": wire.number(customer),
        "service_id": wire.reference(service),
        "tariff_id": wire.number(1),
        "partner_id": wire.number(1),
        "nas_id": wire.number(1),
        "login": format!("pppoe{:06}", service.unwrap_or(0)),
        "username_real": "",
        "in_bytes": wire.number(id * 1_000_003),
        "out_bytes": wire.number(id * 100_003),
        "start_session": "2025-11-19 08:00:00",
        "ipv4": wire.address(ipv4),
        "ipv6": wire.address(""),
        "ipv6_prefix": wire.address(""),
        "mac": "02:00:5e:00:00:01",
        "call_to": "pppoe-in1",
        "port": "ether1",
        "price": "0.0000",
        "time_on": wire.number(3600),
        "last_change": "2025-11-19 09:00:00",
        "type": "mikrotik_api",
        "login_is": "user",
        "session_id": format!("8{id:07x}"),
        "blocked": wire.flag(false),
        "nas_identifier": "MikroTik",
    })
}
