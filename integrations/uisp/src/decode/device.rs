//! Devices.

use compact_str::CompactString;
use pleach_graph::{Assignment, Rate, Table};
use smallvec::SmallVec;

use super::{Decode, Notes};
use crate::raw_id::RawId;
use crate::records::{Address, AddressPlace, Device, Family, Ports, Radio};
use crate::tables::Tables;
use crate::wire;
use crate::wire::field::{Field, Text};
use crate::words::{AddressType, DeviceType, Role, WirelessMode};

impl Decode for Device {
    type Wire<'a> = wire::Device<'a>;
    const WHAT: &'static str = "device";

    fn id_of<'w>(wire: &'w wire::Device<'_>) -> Option<&'w str> {
        wire.identification.get().and_then(|identification| identification.id.text()).or_else(|| wire.id.text())
    }

    fn table<'t>(_: &wire::Device<'_>, tables: &'t Tables) -> &'t Table {
        &tables.devices
    }

    fn updated<'w>(wire: &'w wire::Device<'_>) -> Option<&'w str> {
        wire.identification.get()?.updated.text()
    }

    fn new(id: RawId, position: u32, wire: &wire::Device<'_>, notes: &mut Notes<'_>) -> Self {
        let none = wire::DeviceIdentification::default();
        let identification = wire.identification.get().unwrap_or(&none);
        let attributes = wire.attributes.get();
        let reference = |reference: &Field<wire::Reference<'_>>| reference.get()?.id.text().map(RawId::new);
        let mode = wire.overview.get().map(|overview| &overview.wireless_mode);
        let (addresses, bad_addresses) = addresses(wire, identification.wan_interface.text(), notes);
        Self {
            position,
            name: name(identification).into(),
            mac: identification.mac.text().unwrap_or_default().into(),
            device_type: notes.word("identification.type", &identification.device_type, DeviceType::of),
            role: notes.word("identification.role", &identification.role, Role::of),
            mode: mode.and_then(|mode| notes.word("overview.wirelessMode", mode, self::mode)),
            family: family(identification),
            site: reference(&identification.site),
            ap: attributes.and_then(|attributes| reference(&attributes.ap_device)),
            olt: attributes.and_then(|attributes| attributes.parent.text()).map(RawId::new),
            uplink: wire.uplink_device.get().and_then(wire::Identified::raw_id),
            radio: radio(wire),
            ports: ports(wire),
            addresses,
            bad_addresses,
            id,
        }
    }
}

fn name<'w>(identification: &'w wire::DeviceIdentification<'_>) -> &'w str {
    let names = [&identification.name, &identification.display_name, &identification.hostname, &identification.mac];
    names.into_iter().find_map(Field::text).unwrap_or_default()
}

/// Firmware adds words for new kinds of sectors; all begin alike.
fn mode(word: &str) -> Option<WirelessMode> {
    WirelessMode::of(word).or_else(|| word.starts_with("ap-ptmp").then_some(WirelessMode::AccessPoint))
}

fn family(identification: &wire::DeviceIdentification<'_>) -> Family {
    let models = || [&identification.model, &identification.model_name].into_iter().filter_map(Field::text);
    let is_called = |part| models().any(|model: &str| model.contains(part));
    match identification.model.text() {
        Some("AF60-LR") => Family::Af60LongRange,
        Some("AF60") => Family::Af60,
        _ if is_called("5AC") => Family::AirMaxAc,
        _ if is_called("LTU") => Family::Ltu,
        _ if is_called("Wave") || identification.device_type.text() == Some("wave") => Family::Wave,
        _ => Family::Other,
    }
}

fn radio(wire: &wire::Device<'_>) -> Radio {
    let download_ratio =
        wire.interfaces.items().find_map(|interface| interface.wireless.get()?.download_ratio.number());
    let Some(overview) = wire.overview.get() else { return Radio { download_ratio, ..Radio::default() } };
    Radio {
        downlink: overview.downlink.number(),
        uplink: overview.uplink.number(),
        total: overview.total.number(),
        states_theoretical_total: overview.theoretical_total.number().is_some(),
        download_ratio,
    }
}

fn ports(wire: &wire::Device<'_>) -> Ports {
    let speeds = || wire.interfaces.items().filter(|interface| is_cable(interface)).filter_map(port_speed);
    Ports { fastest: speeds().max(), slowest: speeds().min() }
}

/// Whether an interface is an Ethernet or SFP port. What it is called counts only where it does not say what it is.
pub(super) fn is_cable(interface: &wire::Interface<'_>) -> bool {
    let identification = interface.identification.get();
    let kind = identification.and_then(|it| it.interface_type.text().or_else(|| it.name.text())).unwrap_or_default();
    ["eth", "sfp"].into_iter().any(|word| kind.starts_with(word))
}

/// The speed of a port that is up.
pub(super) fn port_speed(interface: &wire::Interface<'_>) -> Option<Rate> {
    let status = interface.status.get()?;
    let is_up = match (status.status.text(), status.plugged.flag()) {
        (Some(word), _) => word == "active",
        (None, plugged) => plugged != Some(false),
    };
    let speed = [&status.current_speed, &status.speed].into_iter().filter_map(Field::text).find_map(speed);
    speed.filter(|_| is_up)
}

/// The speed that a text such as `1000-full` states, in Mbit/s; a bare large number is in bit/s.
fn speed(text: &str) -> Option<Rate> {
    const LARGEST_MBIT: u64 = 1_000_000; // 1 Tbit/s
    let digits = text.split(|c: char| !c.is_ascii_digit()).next()?;
    match digits.parse().ok()? {
        0 => None,
        mbit if mbit <= LARGEST_MBIT => Some(Rate::from_mbit(mbit)),
        bit => Some(Rate::from_bit(bit)).filter(|&rate| rate <= Rate::MAX),
    }
}

/// The addresses of a device, and what stands where one should.
fn addresses(
    wire: &wire::Device<'_>,
    wan: Option<&str>,
    notes: &mut Notes<'_>,
) -> (SmallVec<[Address; 2]>, Vec<CompactString>) {
    let (mut read, mut bad) = (SmallVec::new(), Vec::new());
    let mut add = |text: &str, place, assignment| match address(text) {
        Some((ip, length)) => read.push(Address { ip, length, place, assignment }),
        None if text.trim().is_empty() => {}
        None => bad.push(text.trim().into()),
    };
    if let Some(text) = wire.ip_address.text() {
        add(text, AddressPlace::Main, Assignment::Device);
    }
    for Text(text) in wire.ip_address_list.items() {
        add(text, AddressPlace::List, Assignment::Static);
    }
    for interface in wire.interfaces.items() {
        let name = interface.identification.get().and_then(|identification| identification.name.text());
        for address in interface.addresses.items() {
            let Some(text) = address.cidr.text() else { continue };
            let way = notes.word("interfaces.addresses.type", &address.address_type, AddressType::of);
            let (assignment, is_given) = match way {
                None => (Assignment::Device, false),
                Some(AddressType::Static) => (Assignment::Static, false),
                Some(AddressType::Dhcp) => (Assignment::Dhcp, true),
                Some(AddressType::Session) => (Assignment::Session, true),
            };
            let is_wan = is_given || (wan.is_some() && wan == name);
            add(text, if is_wan { AddressPlace::Wan } else { AddressPlace::Interface }, assignment);
        }
    }
    (read, bad)
}

/// An address, and the length of its prefix where there is one.
fn address(text: &str) -> Option<(std::net::IpAddr, Option<u8>)> {
    let (ip, length) = match text.split_once('/') {
        None => (text, None),
        Some((ip, length)) => (ip, Some(length.trim())),
    };
    let ip: std::net::IpAddr = ip.trim().parse().ok()?;
    let most = if ip.is_ipv4() { 32 } else { 128 };
    let length = length
        .map(|length| length.parse().ok().filter(|&length: &u8| length <= most))
        .map_or(Some(None), |length| length.map(Some))?;
    Some((ip, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_of_ports() {
        for (text, mbit) in [("1000-full", 1_000), ("100-half", 100), ("10000", 10_000), ("1000000000", 1_000)] {
            assert_eq!(speed(text), Some(Rate::from_mbit(mbit)), "{text}");
        }
        assert_eq!(["auto", "", "0-full", "-1"].map(speed), [None; 4]);
    }

    #[test]
    fn addresses_with_and_without_length() {
        let read = |text| address(text).map(|(ip, length)| (ip.to_string(), length));
        assert_eq!(read("100.64.0.10/24"), Some(("100.64.0.10".to_owned(), Some(24))));
        assert_eq!(read("2001:db8::1"), Some(("2001:db8::1".to_owned(), None)));
        assert_eq!(["100.64.0.10/33", "100.64.0.10/", "dhcp"].map(read), [None, None, None]);
    }
}
