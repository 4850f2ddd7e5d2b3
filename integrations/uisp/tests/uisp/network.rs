//! A generated UISP with every quirk switched on: what its answers are, and which of its customers are known to be what.

use proptest::prelude::*;
use serde_json::{Value, json};

/// The answers, as lists that can be shuffled.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    pub(crate) sites: Vec<Value>,
    pub(crate) devices: Vec<Value>,
    pub(crate) links: Vec<Value>,
    pub(crate) services: Option<Vec<Value>>,
}

/// A choice of quirks for one customer.
#[derive(Clone, Debug)]
pub(crate) struct Quirks {
    pub(crate) attachment: u8,
    pub(crate) addresses: u8,
    pub(crate) plan: u8,
    pub(crate) status: u8,
    pub(crate) record: u8,
}

/// How many towers there are.
const TOWERS: usize = 6;

pub(crate) fn quirks() -> impl Strategy<Value = Vec<Quirks>> {
    let one = (0_u8..10, 0_u8..10, 0_u8..6, 0_u8..12, 0_u8..14);
    let one = one.prop_map(|(attachment, addresses, plan, status, record)| Quirks {
        attachment,
        addresses,
        plan,
        status,
        record,
    });
    proptest::collection::vec(one, 1..40)
}

fn site_id(tower: usize) -> String {
    format!("00000000-0000-4000-8000-0000000000{tower:02}")
}

/// The answers of a UISP with these customers; `links` says how the towers are joined.
pub(crate) fn answers(customers: &[Quirks], links: &[(usize, usize, u8)], has_crm: bool) -> Answers {
    let mut answers =
        Answers { sites: Vec::new(), devices: Vec::new(), links: Vec::new(), services: has_crm.then(Vec::new) };
    for tower in 0..TOWERS {
        add_tower(&mut answers, tower);
    }
    for (number, &(from, to, kind)) in links.iter().enumerate() {
        add_link(&mut answers, number, from % TOWERS, to % TOWERS, kind);
    }
    for (number, quirks) in customers.iter().enumerate() {
        add_customer(&mut answers, number, quirks);
    }
    answers
}

fn add_tower(answers: &mut Answers, tower: usize) {
    let parent = match tower {
        0 => Value::Null,
        4 => json!({"id": site_id(5)}),
        5 => json!({"id": site_id(4)}),
        _ => json!({"id": site_id(tower - 1)}),
    };
    let name = if tower == 2 { "Tower 1".to_owned() } else { format!("Tower {tower}") };
    answers.sites.push(json!({
        "id": site_id(tower),
        "identification": {"id": site_id(tower), "type": "site", "name": name, "parent": parent, "suspended": null},
        "description": {"location": if tower == 3 { json!({"latitude": 120.0, "longitude": 50.0}) } else { Value::Null }},
        "qos": null, "ucrm": null,
    }));
    answers.devices.push(json!({
        "identification": {"id": format!("ap{tower}"), "name": "AP", "role": "ap", "type": "airMax", "site": {"id": site_id(tower)}},
        "ipAddress": "10.0.0.1/24",
        "overview": {"downlinkCapacity": tower * 40_000_000, "uplinkCapacity": 30_000_000, "wirelessMode": "ap-ptmp"},
    }));
    if tower == 0 {
        answers.devices.push(json!({"identification": {"id": "gw", "role": "gateway", "site": {"id": site_id(0)}}}));
        answers.links.push(json!({
            "id": "internet", "canDelete": false, "type": "ethernet", "state": "active",
            "from": {"device": {"identification": {"id": "gw"}}}, "to": {"device": null, "site": null},
        }));
    }
}

fn add_link(answers: &mut Answers, number: usize, from: usize, to: usize, kind: u8) {
    let end = |tower: usize, side: &str| format!("bh{number}-{tower}{side}");
    for (tower, side, role) in [(from, "a", "ap"), (to, "b", "station")] {
        let role = if kind % 7 == 3 { Value::Null } else { json!(role) };
        answers.devices.push(json!({
            "identification": {"id": end(tower, side), "name": end(tower, side), "role": role, "site": {"id": site_id(tower)}},
            "overview": {"downlinkCapacity": u32::from(kind) * 20_000_000, "uplinkCapacity": 80_000_000},
        }));
    }
    let device = |id: String| json!({"device": {"identification": {"id": id}}, "site": null});
    answers.links.push(json!({
        "id": format!("link{number}"), "canDelete": true,
        "type": if kind.is_multiple_of(5) { "ethernet" } else { "wireless" },
        "state": match kind % 6 { 0 => "disconnected", 1 => "proposed", _ => "active" },
        "from": device(end(from, "a")), "to": if kind % 11 == 7 { Value::Null } else { device(end(to, "b")) },
    }));
}

fn add_customer(answers: &mut Answers, number: usize, quirks: &Quirks) {
    let id = format!("c{number}");
    let tower = number % TOWERS;
    let (radio, router) = (format!("{id}-radio"), format!("{id}-router"));
    let attributes = match quirks.attachment {
        0..=3 => json!({"apDevice": {"id": format!("ap{tower}")}}),
        4 => json!({"apDevice": {"id": format!("c{}-radio", number.saturating_sub(1))}}), // behind the one before it
        5 => json!({"apDevice": {"id": "gone"}}),
        _ => Value::Null,
    };
    if quirks.attachment >= 6 {
        let from = if quirks.attachment == 7 {
            json!({"site": {"identification": {"id": id}}})
        } else {
            json!({"device": {"identification": {"id": radio}}})
        };
        answers.links.push(json!({
            "id": format!("line{number}"), "canDelete": true, "type": "wireless", "state": "active",
            "from": from, "to": {"device": {"identification": {"id": format!("ap{}", (tower + 1) % TOWERS)}}},
        }));
    }
    let host = format!("100.64.{}.{}", number / 200, 10 + number % 200);
    let (main, interfaces) = match quirks.addresses {
        0 => (json!("192.168.172.1"), json!([])),
        1 => (json!(format!("{host}/24")), json!([{"addresses": [{"cidr": "192.168.172.1/24", "type": "static"}]}])),
        2 => (json!(format!("203.0.113.{}/29", number % 250)), json!([])),
        3 => (
            json!(host),
            json!([{"addresses": [{"cidr": "192.168.1.1/24", "type": "static"}, {"cidr": format!("2001:db8:{number:x}::1/56")}]}]),
        ),
        4 => (json!("not an address"), Value::Null),
        5 => (Value::Null, Value::Null),
        _ => (json!(host), Value::Null),
    };
    answers.devices.push(json!({
        "identification": {"id": radio, "name": radio, "role": "station", "site": {"id": id}},
        "ipAddress": main, "attributes": attributes, "interfaces": interfaces, "overview": {"wirelessMode": "sta-ptmp"},
    }));
    if quirks.addresses == 6 {
        answers.devices.push(json!({
            "identification": {"id": router, "role": "router", "site": {"id": id}},
            "ipAddress": "100.64.99.1", "ipAddressList": ["198.51.100.0/30", null, 7],
        }));
    }
    add_client_site(answers, number, quirks, &id, tower);
}

fn add_client_site(answers: &mut Answers, number: usize, quirks: &Quirks, id: &str, tower: usize) {
    let qos = match quirks.plan {
        0 => Value::Null,
        1 => json!({"downloadSpeed": 0, "uploadSpeed": null}),
        2 => json!({"downloadSpeed": "fast", "uploadSpeed": "9000000"}),
        _ => json!({"downloadSpeed": 29_400_000, "uploadSpeed": 5_000_000, "aggregation": quirks.plan}),
    };
    let parent = match quirks.record {
        0 => Value::Null,
        1 => json!({"id": "gone"}),
        2 => json!({"id": id}),
        3 => json!({"id": format!("c{}", number + 1)}),
        _ => json!({"id": site_id(tower)}),
    };
    let kind = if quirks.record == 4 { "warehouse" } else { "endpoint" };
    let name = ["Doe, John", "Carol", "Acme, Inc.", ""][number % 4];
    let mut site = json!({
        "id": id,
        "identification": {"id": id, "type": kind, "name": name, "suspended": quirks.status == 9, "parent": parent},
        "description": {"address": format!("{number} Main St, Springfield")},
        "qos": qos, "ucrm": {"service": {"id": id, "name": "x", "status": quirks.status}},
    });
    match quirks.record {
        5 => answers.sites.push(json!(number)),
        6 => {
            let mut older = site.clone();
            older["identification"]["updated"] = json!("2026-01-01");
            older["qos"] = Value::Null;
            site["identification"]["updated"] = json!("2026-01-02T00:00:00.000Z");
            answers.sites.push(older);
        }
        7 => answers.sites.push(site.clone()),
        _ => {}
    }
    answers.sites.push(site);
    if let Some(services) = &mut answers.services {
        for extra in 0..quirks.plan % 3 {
            services.push(json!({
                "id": format!("{number}-{extra}"), "clientId": number, "status": u8::from(extra == 0) * quirks.status,
                "name": "s", "downloadSpeed": 10 + extra, "uploadSpeed": 5.5,
                "unmsClientSiteId": if quirks.record == 8 { Value::Null } else { json!(id) },
            }));
        }
    }
}
