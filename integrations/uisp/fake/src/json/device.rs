//! `DeviceStatusOverview` of NMS v2.1: a device of the list.

use serde_json::{Value, json};

use super::link::ssid;
use super::site::status;
use super::{Scene, merge};
use crate::addresses::{HOST_NETWORK, host, management, subnet};
use crate::ids::mac;
use crate::network::{Device, Wan};

impl Scene<'_> {
    /// A device, with its interfaces.
    pub(crate) fn device(&self, number: usize) -> Value {
        let device = &self.network.devices[number];
        let mut record = json!({
            "enabled": true,
            "identification": {
                "id": device.id.to_string(),
                "name": &device.name,
                "mac": mac(number, 0),
                "model": device.model.short,
                "type": device.model.kind,
                "role": device.role,
                "site": self.site_of_device(device),
                "updated": self.updated("device", number),
            },
            "ipAddress": ip_address(device, number),
            "attributes": self.attributes(device, number),
            "mode": match (device.wan, device.role) {
                (Wan::Dhcp(..) | Wan::Pppoe(_), _) | (_, "router" | "gateway") => "router",
                _ => "bridge",
            },
            "overview": self.overview(device, number),
            "interfaces": self.interfaces(number),
        });
        let list = address_list(device);
        if self.is_faithful() || !list.is_empty() {
            record["ipAddressList"] = list.into();
        }
        self.with(record, || self.rest_of_device(device, number))
    }

    /// The address of a device without a prefix length.
    pub(crate) fn bare_address(&self, number: usize) -> Option<String> {
        let address = ip_address(&self.network.devices[number], number)?;
        Some(address.split('/').next().unwrap_or_default().to_owned())
    }

    fn site_of_device(&self, device: &Device) -> Value {
        let site = &self.network.sites[device.site];
        let record = json!({
            "id": site.id.to_string(),
            "type": if site.client.is_some() { "endpoint" } else { "site" },
            "status": status(site.client.map(|client| &self.network.clients[client])),
        });
        self.with(record, || {
            let parent = site.parent.map(|parent| json!({ "id": self.network.sites[parent].id.to_string() }));
            json!({ "name": &site.name, "parent": parent })
        })
    }

    /// What names the device above: `apDevice` of a radio, `parentId` of an ONU.
    fn attributes(&self, device: &Device, number: usize) -> Value {
        let mut record = json!({});
        if device.radio.is_some() {
            record["ssid"] = ssid(device.upstream.unwrap_or(number)).into();
        }
        if let Some(upstream) = device.upstream {
            let above = &self.network.devices[upstream];
            if device.radio.is_none() {
                record["parentId"] = above.id.to_string().into();
            } else {
                record["apDevice"] = self.with(json!({ "id": above.id.to_string() }), || {
                    json!({
                        "name": &above.name, "type": above.model.kind, "model": above.model.short,
                        "series": above.model.series, "siteId": self.network.sites[above.site].id.to_string(),
                    })
                });
            }
        }
        let mut rest = json!({
            "ssid": null, "apDevice": null, "parentId": null, "series": device.model.series, "secondarySsid": null,
            "gatewayId": null, "country": "Czech Republic", "countryCode": 203, "isAxCompatible": false,
            "hasGatewayInterfaceAvailable": false, "isGatewaySupported": device.role == "gateway",
        });
        if self.is_faithful() {
            merge(&mut rest, record);
            record = rest;
        }
        record
    }
}

/// `ipAddress`: in CIDR form where the device knows its network, bare on black boxes.
fn ip_address(device: &Device, number: usize) -> Option<String> {
    match device.wan {
        Wan::Nothing => None,
        Wan::Management | Wan::Pppoe(_) => Some(format!("{}/16", management(number))),
        Wan::Dhcp(address, _) => Some(format!("{}/{HOST_NETWORK}", host(address))),
        Wan::Listed { host: Some(address), .. } => Some(host(address).to_string()),
        Wan::Listed { host: None, subnet: number } => number.map(|number| format!("{}/29", subnet(number))),
    }
}

/// `ipAddressList`: what a black box has.
fn address_list(device: &Device) -> Vec<String> {
    let Wan::Listed { host: address, subnet: number } = device.wan else {
        return Vec::new();
    };
    let hosts = address.map(|address| host(address).to_string());
    hosts.into_iter().chain(number.map(|number| format!("{}/29", subnet(number)))).collect()
}
