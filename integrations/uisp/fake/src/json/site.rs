//! `Site` of NMS v2.1.

use serde_json::{Value, json};

use super::Scene;
use crate::chance::Chance;
use crate::ids::moment;
use crate::names;
use crate::network::{Client, PLANS, Shaping, Site, Standing};
use crate::quirk::Quirk;

impl Scene<'_> {
    /// A site, with its `ucrm`.
    pub(crate) fn site(&self, number: usize) -> Value {
        let site = &self.network.sites[number];
        let client = site.client.map(|client| &self.network.clients[client]);
        let id = site.id.to_string();
        let record = json!({
            "id": &id,
            "identification": {
                "id": &id,
                "type": if client.is_some() { "endpoint" } else { "site" },
                "name": &site.name,
                "status": status(client),
                "updated": self.updated("site", number),
                "suspended": client.is_some_and(|client| client.standing == Standing::Suspended),
                "parent": site.parent.map(|parent| self.parent(parent)),
            },
            "description": {
                "address": site.client.map(|client| names::address(self.network.options.seed, client)),
                "location": { "latitude": site.place.0, "longitude": site.place.1 },
                "deviceCount": self.index.devices_at.of(number).len(),
            },
            "notifications": { "type": "none", "users": [] },
            "qos": self.qos(site),
            "ucrm": site.client.and_then(|client| self.ucrm(client)),
        });
        self.with(record, || self.rest_of_site(number))
    }

    /// `updated`: a moment of its own for each record.
    pub(crate) fn updated(&self, topic: &str, number: usize) -> String {
        moment(
            Chance::of(self.network.options.seed, "updated", number).between(3_600, 28 * 86_400) + topic.len() as u64,
        )
    }

    fn parent(&self, number: usize) -> Value {
        let site = &self.network.sites[number];
        let grandparent = site.parent.map(|parent| self.network.sites[parent].id.to_string());
        json!({
            "id": site.id.to_string(), "name": &site.name, "type": "site", "status": "active", "parent": grandparent,
        })
    }

    /// Speeds in bit/s, bursts in bytes of bucket depth.
    fn qos(&self, site: &Site) -> Value {
        let Some(number) = site.client else {
            return qos(None, None, [None, None], None);
        };
        let speeds = self.network.clients[number].speeds();
        let mut chance = Chance::of(self.network.options.seed, "qos", number);
        let burst = chance.per_mille(100).then(|| chance.between(1, 100) * 125_000);
        let aggregation = chance.per_mille(100).then(|| *chance.pick(&[1, 2, 4, 10]));
        qos(
            speeds.down,
            speeds.up,
            [burst, burst.map(|bytes| bytes / 5)],
            aggregation.filter(|_| speeds.down.is_some()),
        )
    }

    /// The first service bound to the site, and whose it is.
    fn ucrm(&self, client: usize) -> Option<Value> {
        let service = *self.network.services(client).first()?;
        let record = json!({
            "client": {
                "id": self.ucrm_id(self.account_id(client)),
                "name": names::client(self.network.options.seed, self.network.clients[client].account).shown,
                "isLead": false,
            },
            "service": {
                "id": self.ucrm_id(service.id),
                "name": service.plan.map_or("Custom", |plan| PLANS[plan].name),
                "status": service.status,
                "activeFrom": "2025-03-01T00:00:00.000Z",
                "tariffId": self.ucrm_id(super::crm::plan_id(service.plan)),
                "trafficShapingOverrideEnabled": service.shaping != Shaping::Planned,
            },
        });
        Some(self.with(record, || {
            json!({ "service": {
                "totalPrice": 30, "currencyCode": "EUR", "servicePlanPeriod": 1, "discount": null, "surcharges": [],
            } })
        }))
    }

    /// A number of the CRM as the network side writes it: a text, which is odd enough to be a quirk.
    fn ucrm_id(&self, number: usize) -> Value {
        if self.network.options.quirks.has(Quirk::StringIds) { number.to_string().into() } else { number.into() }
    }

    fn rest_of_site(&self, number: usize) -> Value {
        let site = &self.network.sites[number];
        let mut chance = Chance::of(self.network.options.seed, "rest of site", number);
        let service = site.client.and_then(|client| self.network.services(client).first().copied());
        let endpoints: Vec<_> = self.index.clients_below.of(number).iter().map(|&site| self.endpoint(site)).collect();
        let devices = self.index.devices_at.of(number);
        json!({
            "description": {
                "note": null,
                "contact": {
                    "name": site.client.map(|_| &site.name),
                    "phone": site.client.map(|_| format!("+420 6{:08}", chance.between(0, 100_000_000))),
                    "email": null,
                },
                "height": site.client.is_none().then_some(30),
                "elevation": chance.between(180, 620),
                "endpoints": endpoints,
                "deviceOutageCount": 0,
                "deviceListStatus": "active",
                "regulatoryDomain": "CZ",
                "ucrmId": service.map(|service| self.ucrm_id(service.id)),
                "ipAddresses": devices.iter().filter_map(|&device| self.bare_address(device)).collect::<Vec<_>>(),
                "sla": 0.998,
            },
            "lastSpeedReport": null,
            "isMisconfigured": false,
        })
    }

    /// A client as its tower's `description.endpoints` names it.
    fn endpoint(&self, number: usize) -> Value {
        let site = &self.network.sites[number];
        let client = site.client.map(|client| &self.network.clients[client]);
        json!({
            "id": site.id.to_string(),
            "type": "endpoint",
            "name": &site.name,
            "status": status(client),
            "updated": self.updated("site", number),
            "suspended": client.is_some_and(|client| client.standing == Standing::Suspended),
            "parentId": site.parent.map(|parent| self.network.sites[parent].id.to_string()),
        })
    }
}

pub(super) fn status(client: Option<&Client>) -> &'static str {
    match client.map(|client| client.standing) {
        None | Some(Standing::Active | Standing::Suspended) => "active",
        Some(Standing::Disconnected) => "disconnected",
        Some(Standing::Inactive) => "inactive",
        Some(Standing::Unknown) => "unknown",
    }
}

fn qos(down: Option<u64>, up: Option<u64>, bursts: [Option<u64>; 2], aggregation: Option<u64>) -> Value {
    let enabled = down.is_some() || up.is_some();
    let bursts = bursts.map(|burst| burst.filter(|_| enabled));
    json!({
        "enabled": enabled,
        "propagation": "all",
        "downloadSpeed": down,
        "downloadBurstSize": bursts[0],
        "uploadSpeed": up,
        "uploadBurstSize": bursts[1],
        "aggregation": aggregation,
    })
}
