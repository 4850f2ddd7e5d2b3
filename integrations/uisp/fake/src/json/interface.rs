//! `interfaces[]` of a device, and `stations[]` of an access point.

use serde_json::{Value, json};

use super::Scene;
use super::link::ssid;
use crate::addresses::{HOST_NETWORK, delegated, host, management};
use crate::chance::Chance;
use crate::family::channel;
use crate::ids::mac;
use crate::network::{Device, Wan};

/// A port, as its device has it.
struct Port {
    name: &'static str,
    /// `identification.type`.
    kind: &'static str,
    speed: Option<&'static str>,
    addresses: Vec<Listed>,
}

/// An address of a port: in CIDR form, and its `type`.
struct Listed {
    cidr: String,
    kind: &'static str,
}

fn port(name: &'static str, kind: &'static str, speed: impl Into<Option<&'static str>>) -> Port {
    Port { name, kind, speed: speed.into(), addresses: Vec::new() }
}

impl Port {
    fn is_in_use(&self) -> bool {
        self.speed.is_some() || !self.addresses.is_empty()
    }
}

impl Scene<'_> {
    pub(super) fn interfaces(&self, number: usize) -> Vec<Value> {
        let device = &self.network.devices[number];
        let mut ports = self.ports(device, number);
        if !self.is_faithful() {
            ports.retain(|port| port.is_in_use() || (port.kind == "wlan" && device.role != "station"));
        }
        ports.iter().enumerate().map(|(position, port)| self.interface(device, number, position, port)).collect()
    }

    /// What was negotiated on the port toward the wire: one device in seven has only 100 Mbit/s.
    pub(super) fn port_speed(&self, device: &Device, number: usize) -> &'static str {
        let slow = Chance::of(self.network.options.seed, "port", number).below(7) == 0;
        match device.model.category {
            "wireless" if slow => "100-full",
            "optical" if device.role == "gpon" => "10000-full",
            _ => "1000-full",
        }
    }

    fn ports(&self, device: &Device, number: usize) -> Vec<Port> {
        let speed = self.port_speed(device, number);
        let mut ports = match device.model.kind {
            "blackBox" => return Vec::new(),
            "uispr" => vec![port("sfp+1", "sfp", "10000-full"), port("eth1", "eth", speed), port("br0", "br", None)],
            "uisps" => vec![port("sfp+1", "sfp", "10000-full"), port("eth1", "eth", speed), port("eth2", "eth", speed)],
            "uispp" => vec![port("eth0", "eth", "100-full")],
            "olt" => vec![port("sfp+1", "sfp", speed), port("pon1", "pon", None), port("pon2", "pon", None)],
            "onu" => vec![port("eth1", "eth", speed), port("pon0", "pon", None)],
            "erouter" | "airCube" => vec![port("eth0", "eth", speed), port("eth1", "eth", None)],
            _ => vec![port("eth0", "eth", speed), port("wlan0", "wlan", None)],
        };
        if let Wan::Pppoe(address) = device.wan {
            let mut tunnel = port("ppp0", "pppoe", None);
            tunnel.addresses.push(Listed { cidr: format!("{}/32", host(address)), kind: "pppoe" });
            ports.push(tunnel);
        }
        ports[0].addresses = addresses(device, number);
        ports
    }

    fn interface(&self, device: &Device, number: usize, position: usize, port: &Port) -> Value {
        let is_radio = port.kind == "wlan" && device.radio.is_some();
        let mut record = json!({
            "identification": { "name": port.name, "type": port.kind },
            "addresses": port.addresses.iter().map(|address| self.address(address)).collect::<Vec<_>>(),
            "status": {
                "status": if port.speed.is_some() || is_radio { "active" } else { "disconnected" },
                "currentSpeed": port.speed,
            },
        });
        if is_radio {
            record["wireless"] = self.wireless(device, number);
            let stations = self.index.stations_of.of(number);
            if !stations.is_empty() {
                record["stations"] = stations.iter().map(|&station| self.station(station)).collect();
            }
        }
        self.with(record, || {
            json!({
                "identification": {
                    "displayName": port.name, "description": null, "mac": mac(number, position), "position": position,
                },
                "status": { "speed": "auto", "plugged": port.speed.is_some() },
                "enabled": true, "lag": null, "mtu": "1500", "speed": "auto", "vlan": null, "pppoe": null, "switch": null,
                "statistics": {
                    "dropped": 0, "errors": 0, "rxbytes": 7_487_858_302_u64, "rxrate": 3_440_000,
                    "txbytes": 368_737_600, "txrate": 736_000,
                },
            })
        })
    }

    fn address(&self, address: &Listed) -> Value {
        self.with(json!({ "cidr": &address.cidr, "type": address.kind }), || {
            json!({
                "version": if address.kind == "dhcpv6" { "v6" } else { "v4" },
                "origin": match address.kind {
                    "pppoe" => "ppp",
                    "static" => "static",
                    _ => "dhcp",
                },
            })
        })
    }

    fn wireless(&self, device: &Device, number: usize) -> Value {
        let record = json!({ "dlRatio": device.radio.and_then(|radio| radio.frame).map(|(_, ratio)| ratio) });
        self.with(record, || {
            let (frequency, width) = channel(device.model);
            json!({
                "ssid": ssid(device.upstream.unwrap_or(number)), "frequency": frequency, "frequencyBand": "5GHz",
                "channelWidth": width, "noiseFloor": -91, "security": "wpa2", "key": null, "transmitPower": 21,
                "frameLength": 8,
            })
        })
    }

    fn station(&self, number: usize) -> Value {
        let device = &self.network.devices[number];
        let record = json!({ "deviceIdentification": { "id": device.id.to_string() } });
        self.with(record, || {
            let radio = device.radio;
            json!({
                "deviceIdentification": {
                    "name": &device.name, "model": device.model.short, "type": device.model.kind, "role": device.role,
                },
                "connected": true, "mac": mac(number, 1), "ipAddress": self.bare_address(number), "interfaceId": "wlan0",
                "downlinkCapacity": radio.map(|radio| radio.down), "uplinkCapacity": radio.map(|radio| radio.up),
                "latency": 3, "distance": 2_400, "uptime": 5_961_600, "noiseFloor": -91, "rxRate": 3_440_000,
                "txRate": 736_000, "rxSignal": -55, "txSignal": -57, "rxChain": [-58, -58], "txChain": [-60, -60],
                "rxChainMask": 3, "txChainMask": 3,
            })
        })
    }
}

/// What is on a device's first port.
fn addresses(device: &Device, number: usize) -> Vec<Listed> {
    match device.wan {
        Wan::Nothing | Wan::Listed { .. } => Vec::new(),
        Wan::Management | Wan::Pppoe(_) => vec![Listed { cidr: format!("{}/16", management(number)), kind: "static" }],
        Wan::Dhcp(address, prefix) => {
            let kind = ["dhcp", "dynamic", "static"][address % 3];
            let lease = Listed { cidr: format!("{}/{HOST_NETWORK}", host(address)), kind };
            let prefix = prefix.map(|number| Listed { cidr: format!("{}/56", delegated(number)), kind: "dhcpv6" });
            [lease].into_iter().chain(prefix).collect()
        }
    }
}
