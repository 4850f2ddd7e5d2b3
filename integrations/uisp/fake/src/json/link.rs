//! `DataLink` of NMS v2.1.

use serde_json::{Value, json};

use super::Scene;
use crate::chance::Chance;
use crate::family::channel;
use crate::ids::mac;
use crate::network::{LinkKind, Radio};

impl Scene<'_> {
    /// A data link.
    pub(crate) fn link(&self, number: usize) -> Value {
        let link = &self.network.links[number];
        let mut chance = Chance::of(self.network.options.seed, "data link", number);
        let radio = link.kind == LinkKind::Wireless;
        let (frequency, _) = channel(self.network.devices[link.ends[0]].model);
        json!({
            "id": link.id.to_string(),
            "from": self.side(link.ends[0], link.kind),
            "to": self.side(link.ends[1], link.kind),
            "type": match link.kind {
                LinkKind::Wireless => "wireless",
                LinkKind::Pon => "pon",
                LinkKind::Ethernet | LinkKind::Internet => "ethernet",
            },
            "state": "active",
            "ssid": radio.then(|| ssid(link.ends[0])),
            "frequency": radio.then_some(frequency),
            "signal": radio.then(|| -40 - i64::try_from(chance.below(35)).unwrap_or_default()),
            "canDelete": link.kind != LinkKind::Internet,
            "sitesDistance": radio.then(|| chance.between(200, 12_000)),
            "devicesDistance": radio.then(|| chance.between(200, 12_000)),
            "origin": if link.kind == LinkKind::Ethernet { "manual" } else { "unms" },
        })
    }

    fn side(&self, number: usize, kind: LinkKind) -> Value {
        let device = &self.network.devices[number];
        let site = &self.network.sites[device.site];
        let record = json!({
            "site": { "identification": {
                "id": site.id.to_string(),
                "name": &site.name,
            } },
            "device": {
                "identification": {
                    "id": device.id.to_string(),
                    "name": &device.name,
                    "role": device.role,
                    "siteId": site.id.to_string(),
                    "type": device.model.kind,
                },
                "overview": device.radio.map_or_else(|| json!({}), overview),
                "status": "active",
            },
            "interface": null,
        });
        self.with(record, || self.rest_of_side(number, kind))
    }

    fn rest_of_side(&self, number: usize, kind: LinkKind) -> Value {
        let device = &self.network.devices[number];
        let site = &self.network.sites[device.site];
        let (frequency, width) = channel(device.model);
        let radio = device.radio.is_some();
        let parent = site.parent.map(|parent| {
            let parent = &self.network.sites[parent];
            json!({ "id": parent.id.to_string(), "name": &parent.name, "type": "site", "status": "active", "parent": null })
        });
        let port = if kind == LinkKind::Wireless { ("wlan0", "wlan", 1) } else { ("eth0", "eth", 0) };
        json!({
            "site": { "identification": {
                "type": if site.client.is_some() { "endpoint" } else { "site" }, "status": "active", "parent": parent,
            } },
            "device": {
                "frequency": radio.then_some(frequency),
                "signal": null,
                "ssid": radio.then(|| ssid(device.upstream.unwrap_or(number))),
                "meta": {},
                "attributes": { "series": device.model.series },
                "identification": {
                    "authorized": true,
                    "category": device.model.category,
                    "displayName": &device.name,
                    "firmwareVersion": "8.7.11",
                    "ipAddress": self.bare_address(number),
                    "mac": mac(number, 0),
                    "model": device.model.short,
                    "platformId": device.model.platform,
                    "serialNumber": mac(number, 0).replace(':', ""),
                    "updated": 1_769_600_000_000_u64,
                },
                "overview": {
                    "antenna": null,
                    "channelWidth": radio.then_some(width),
                    "stationsCount": self.index.stations_of.of(number).len(),
                    "downlinkUtilization": 0.21,
                    "uplinkUtilization": 0.08,
                    "linkScore": { "linkScore": 0.93 },
                    "modulation": null,
                    "mcsIndex": null,
                },
            },
            "interface": { "identification": {
                "name": port.0, "displayName": port.0, "type": port.1, "mac": mac(number, port.2), "position": 0,
                "description": null,
            } },
        })
    }
}

fn overview(radio: Radio) -> Value {
    json!({ "downlinkCapacity": radio.down, "uplinkCapacity": radio.up, "wirelessMode": radio.mode })
}

/// The network name of a radio.
pub(super) fn ssid(access_point: usize) -> String {
    format!("net-{access_point}")
}
