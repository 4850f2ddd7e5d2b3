//! `overview` of a device.

use serde_json::{Value, json};

use super::Scene;
use crate::chance::Chance;
use crate::family::channel;
use crate::network::{Device, Standing};

impl Scene<'_> {
    pub(super) fn overview(&self, device: &Device, number: usize) -> Value {
        let standing = self.network.sites[device.site].client.map(|client| self.network.clients[client].standing);
        let status = match standing {
            Some(Standing::Disconnected) => "disconnected",
            Some(Standing::Unknown) => "unknown",
            _ => "active",
        };
        let Some(radio) = device.radio else {
            return json!({ "status": status });
        };
        let mut overview = json!({
            "status": status,
            "downlinkCapacity": radio.down,
            "uplinkCapacity": radio.up,
            "wirelessMode": radio.mode,
        });
        if let Some((total, _)) = radio.frame {
            overview["totalCapacity"] = total.into();
            overview["theoreticalTotalCapacity"] = (total * 6 / 5).into();
        }
        self.with(overview, || {
            let (frequency, width) = channel(device.model);
            let mut chance = Chance::of(self.network.options.seed, "radio", number);
            json!({
                "theoreticalDownlinkCapacity": radio.down * 6 / 5, "theoreticalUplinkCapacity": radio.up * 6 / 5,
                "downlinkUtilization": 0.21, "uplinkUtilization": 0.08, "frequency": frequency, "channelWidth": width,
                "signal": -40 - i64::try_from(chance.below(35)).unwrap_or_default(), "signalMax": -38,
                "remoteSignalMax": -39, "distance": chance.between(200, 12_000), "transmitPower": 21,
                "linkScore": { "score": 0.9, "scoreMax": 1, "airTime": 0.12, "linkScore": 0.93, "linkScoreHint": null },
            })
        })
    }
}
