//! Devices that are odd.

use serde_json::{Value, json};

use super::fields::Fields;
use super::site::{a_year_ago, odd_date, old_name};
use super::{EVERYDAY, NOBODY, RARE, UNCOMMON};
use crate::chance::Chance;
use crate::ids::Uuid;
use crate::json::Scene;
use crate::network::{Device, Wan};
use crate::quirk::{Defects, Quirk};

/// The address that every Ubiquiti radio gives its management network.
const RADIO_MANAGEMENT: &str = "192.168.172.1/24";
/// The inner side of a router that nobody set up.
const INNER_SIDE: &str = "192.168.1.1/24";
/// Texts that are no address a client can have.
const BAD_ADDRESSES: [&str; 7] = ["", "dhcp", "100.64.1.2/33", "0.0.0.0", "0.0.0.0/0", "100.64.1", "fe80::1%eth0"];
/// One device in so many has no site; three at least.
const ONE_HOMELESS_IN: usize = 1_000;
const FEWEST_HOMELESS: usize = 3;

impl Scene<'_> {
    /// A device as the answer has it, and its copies where it is there more than once.
    pub(crate) fn told_device(&self, number: usize) -> (Value, Vec<Value>) {
        let (mut record, defects) = (self.device(number), self.network.defects());
        self.spoil_addresses(number, &mut record, defects);
        let count = self.network.devices.len();
        if let Some(mut chance) = defects.of(Quirk::DuplicateDevices, "device", number, count, RARE) {
            let copies = duplicates(&record, &mut chance);
            return (record, copies);
        }
        self.spoil_device(number, &mut record, defects);
        self.spoil_required(number, &mut record, defects);
        self.spoil_references(number, &mut record, defects);
        (record, Vec::new())
    }

    /// Devices that belong nowhere, where that quirk is on.
    pub(crate) fn homeless_devices(&self) -> Vec<Value> {
        let devices = self.network.devices.len();
        let radio = self.network.devices.iter().position(|device| device.radio.is_some());
        let Some(radio) = radio.filter(|_| self.network.options.quirks.has(Quirk::Homeless)) else {
            return Vec::new();
        };
        let homeless = |number: usize| {
            let mut record = self.device(radio);
            record.set("/identification/id", Uuid::of(self.network.options.seed, "homeless", number).to_string());
            record.set("/ipAddress", Value::Null);
            record.set("/interfaces", json!([]));
            if number % 3 != 1 {
                record.set("/identification/site", Value::Null);
            }
            if !number.is_multiple_of(3) {
                for name in ["name", "displayName", "hostname"] {
                    record.set(&format!("/identification/{name}"), Value::Null);
                }
            }
            record
        };
        (0..(devices / ONE_HOMELESS_IN).max(FEWEST_HOMELESS)).map(homeless).collect()
    }

    /// How a radio tells no capacity, where it does not; data links say the same.
    pub(super) fn missing_capacity(&self, number: usize, defects: Defects) -> Option<Chance> {
        self.network.devices[number].radio?;
        defects.of(Quirk::NoCapacity, "device", number, self.network.devices.len(), EVERYDAY)
    }

    /// What is wrong with every device of a kind.
    fn spoil_addresses(&self, number: usize, record: &mut Value, defects: Defects) {
        let device = &self.network.devices[number];
        if self.network.sites[device.site].client.is_none() {
            return;
        }
        let is_radio = device.radio.is_some();
        if defects.quirks.has(Quirk::RadioManagement) && is_radio {
            add_port(record, "mgmt0", "wlan", RADIO_MANAGEMENT);
        }
        if defects.quirks.has(Quirk::LanAddress) && matches!(device.wan, Wan::Dhcp(..) | Wan::Pppoe(_)) {
            add_port(record, "br0", "br", INNER_SIDE);
        }
        let hit = defects.of(Quirk::RadioManagement, "device", number, self.network.devices.len(), EVERYDAY);
        if hit.is_some() && is_radio && matches!(device.wan, Wan::Dhcp(..)) {
            record.set("/ipAddress", RADIO_MANAGEMENT);
        }
        if defects.quirks.has(Quirk::BlackBoxList) && matches!(device.wan, Wan::Listed { .. }) {
            record.set("/ipAddress", Value::Null);
        }
    }

    /// Capacities, addresses, dates and words.
    fn spoil_device(&self, number: usize, record: &mut Value, defects: Defects) {
        let device = &self.network.devices[number];
        let hit = |quirk, every| defects.of(quirk, "device", number, self.network.devices.len(), every);
        if defects.quirks.has(Quirk::WrongCapacity) && device.model.short == "Wave-AP" {
            record.set("/overview/downlinkCapacity", 2_000_000);
            record.set("/overview/uplinkCapacity", 2_000_000);
        }
        if let Some(chance) = self.missing_capacity(number, defects) {
            remove_capacity(record, "/overview", chance);
        }
        if let Some(mut chance) = hit(Quirk::BadAddress, UNCOMMON) {
            add_bad_address(record, device, &mut chance);
        }
        if let Some(mut chance) = hit(Quirk::Dates, EVERYDAY) {
            record.set("/identification/updated", odd_date(&mut chance));
            record.set("/overview/lastSeen", odd_date(&mut chance));
        }
        if let Some(mut chance) = hit(Quirk::UnknownEnum, UNCOMMON) {
            let at_client = self.network.sites[device.site].client.is_some();
            match (chance.below(4), device.radio.is_some()) {
                (0, false) => record.set("/identification/role", "toaster"),
                (1, false) => record.set("/identification/type", "airQuantum"),
                (2, true) if at_client => record.set("/overview/wirelessMode", "sta-quantum"),
                _ => record.set("/overview/status", "rebooting"),
            }
        }
    }

    /// Fields that are null or missing; never those that hold a client's address.
    fn spoil_required(&self, number: usize, record: &mut Value, defects: Defects) {
        let device = &self.network.devices[number];
        let hit = |quirk, every| defects.of(quirk, "device", number, self.network.devices.len(), every);
        let ours = self.network.sites[device.site].client.is_none();
        if let Some(mut chance) = hit(Quirk::RequiredNull, UNCOMMON) {
            let field = match chance.below(6) {
                0 => "/overview",
                1 => "/identification/name",
                2 => "/identification/hostname",
                3 if ours => "/interfaces",
                4 => "/mode",
                _ => "/identification/updated",
            };
            record.set(field, Value::Null);
        }
        if let Some(mut chance) = hit(Quirk::MissingKey, UNCOMMON) {
            record.remove(match chance.below(6) {
                0 => "/overview",
                1 => "/identification/name",
                2 if !matches!(device.wan, Wan::Listed { .. }) => "/ipAddressList",
                3 if ours => "/interfaces",
                4 => "/mode",
                _ => "/enabled",
            });
        }
    }

    /// The access point is gone from a device's attributes; the data link still names it.
    fn spoil_references(&self, number: usize, record: &mut Value, defects: Defects) {
        let hit = |quirk, every| defects.of(quirk, "reference", number, self.network.devices.len(), every);
        if hit(Quirk::DanglingReference, UNCOMMON).is_some() {
            record.set("/attributes/apDevice/id", NOBODY);
            if record["attributes"]["parentId"].is_string() {
                record.set("/attributes/parentId", NOBODY);
            }
        }
        if hit(Quirk::RequiredNull, UNCOMMON).is_some() {
            record.set("/attributes", Value::Null);
        }
        if hit(Quirk::MissingKey, UNCOMMON).is_some() {
            record.remove("/attributes");
        }
    }
}

/// `null`, 0, or nothing.
pub(super) fn remove_capacity(record: &mut Value, overview: &str, mut chance: Chance) {
    let way = chance.below(3);
    for capacity in ["downlinkCapacity", "uplinkCapacity", "totalCapacity", "theoreticalTotalCapacity"] {
        let path = format!("{overview}/{capacity}");
        match way {
            0 => record.set(&path, Value::Null),
            1 => record.set(&path, 0),
            _ => record.remove(&path),
        }
    }
}

/// One more port, like the first one.
fn add_port(record: &mut Value, name: &str, kind: &str, address: &str) {
    let Some(interfaces) = record["interfaces"].as_array_mut() else { return };
    let Some(mut port) = interfaces.first().cloned() else { return };
    port.set("/identification/name", name);
    port.set("/identification/displayName", name);
    port.set("/identification/type", kind);
    port.set("/addresses", json!([static_address(address)]));
    interfaces.push(port);
}

fn add_bad_address(record: &mut Value, device: &Device, chance: &mut Chance) {
    let text = *chance.pick(&BAD_ADDRESSES);
    let (list, item) = match device.wan {
        Wan::Listed { .. } => ("/ipAddressList", text.into()),
        _ => ("/interfaces/0/addresses", static_address(text)),
    };
    if let Some(list) = record.pointer_mut(list).and_then(Value::as_array_mut) {
        list.push(item);
    }
}

fn static_address(cidr: &str) -> Value {
    json!({ "cidr": cidr, "type": "static" })
}

/// The record once or twice more: as it is, and as it was a year ago.
fn duplicates(record: &Value, chance: &mut Chance) -> Vec<Value> {
    let mut older = record.clone();
    older.set("/identification/updated", a_year_ago(chance));
    older.set("/identification/name", old_name(record));
    older.set("/overview/downlinkCapacity", 10_000_000);
    match chance.below(3) {
        0 => vec![record.clone()],
        1 => vec![older],
        _ => vec![older, record.clone()],
    }
}
