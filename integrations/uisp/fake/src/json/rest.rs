//! What the documentation lists of a device, and an importer does not need.

use serde_json::{Value, json};

use super::Scene;
use crate::ids::mac;
use crate::network::Device;

impl Scene<'_> {
    pub(super) fn rest_of_device(&self, device: &Device, number: usize) -> Value {
        let updated = self.updated("device", number);
        let site = &self.network.sites[device.site];
        json!({
            "identification": {
                "authorized": true, "category": device.model.category, "displayName": &device.name,
                "hostname": &device.name, "firmwareVersion": "8.7.11", "ip": self.bare_address(number),
                "modelName": device.model.name, "systemName": "Linux", "vendor": "Ubiquiti",
                "platformId": device.model.platform, "serialNumber": mac(number, 0).replace(':', ""),
                "started": "2025-11-20T06:12:40.000Z", "status": "active", "wanInterfaceId": "eth0",
            },
            "overview": {
                "canUpgrade": false, "consumption": null, "cpu": 11, "ram": 43, "temperature": 41, "voltage": null,
                "createdAt": "2024-05-02T09:00:00.000Z", "lastSeen": &updated, "uptime": 5_961_600,
                "serviceUptime": 5_961_000, "serviceTime": 5_961_600, "isLocateRunning": false, "powerStatus": null,
                "outputPower": null, "runningOnBattery": false, "batteryCapacity": null, "outageScore": 1,
                "stationsCount": self.index.stations_of.of(number).len(),
                "mainInterfaceSpeed": { "interfaceId": "eth0", "availableSpeed": self.port_speed(device, number) },
            },
            "firmware": {
                "compatible": true, "current": "8.7.11", "latest": "8.7.11", "latestOnCurrentMajorVersion": "8.7.11",
                "latestOver": null, "upgradeRecommendedToVersion": null, "prospective": null,
            },
            "meta": {
                "alias": null, "customIpAddress": null, "failedMessageDecryption": false, "maintenance": false,
                "note": null, "restartTimestamp": null, "firmwareCompatibility": "compatible",
            },
            "features": {
                "has60GhzRadio": device.model.series == Some("G60"), "hasBackupAntenna": false,
                "isUdapiSpeedTestSupported": true, "isUsingUdapiUpdaters": false, "isSupportRouter": true,
            },
            "location": {
                "latitude": site.place.0, "longitude": site.place.1, "altitude": 12, "elevation": 310, "heading": null,
                "magneticHeading": null, "tilt": null, "roll": null,
            },
            "configuration": { "status": "applied" },
            "latestBackup": { "timestamp": "2026-01-02T03:00:00.000Z", "id": "autobackup-1" },
            "upgrade": null,
            "uplinkDevice": device.upstream.map(|upstream| self.uplink_device(upstream)),
        })
    }

    fn uplink_device(&self, number: usize) -> Value {
        let device = &self.network.devices[number];
        json!({ "identification": {
            "id": device.id.to_string(), "name": &device.name, "mac": mac(number, 0), "model": device.model.short,
            "type": device.model.kind, "role": device.role, "category": device.model.category, "authorized": true,
            "status": "active",
        } })
    }
}
