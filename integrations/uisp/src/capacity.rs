//! What a radio carries: what it states, derated, and believed only so far.

use pleach_graph::{Capacity, Limit, Rate};

use crate::multiplier::Multiplier;
use crate::records::{Device, Family};
use crate::settings::UispSettings;
use crate::words::{DeviceType, Role, WirelessMode};

/// The most that an AF60 or AF60-LR carries over the air, whatever it states.
const AF60_MOST: Rate = Rate::from_mbit(950);
/// The Ethernet port of an AF60-LR, which does not state it.
const AF60_LONG_RANGE_PORT: Rate = Rate::from_mbit(1_000);
/// A Wave access point that states less than the first is taken to carry the second: until a station has joined, it
/// states as little as 2 Mbit/s.
const WAVE_LEAST: Rate = Rate::from_mbit(500);
const WAVE_USUAL: Rate = Rate::from_mbit(2_450);
/// No radio carries more: 1 Tbit/s.
const MOST: f64 = 1e12;

/// What a radio carries, down towards its stations, and what is doubtful about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RadioCapacity {
    pub(crate) capacity: Capacity,
    pub(crate) doubts: Vec<Doubt>,
}

/// What is doubtful about a capacity, by direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It is zero, negative, or more than any radio carries: it is taken as unknown.
    Impossible(&'static str),
    /// It is so little that it was raised.
    Low(&'static str, Rate, Rate),
}

const DOWN: &str = "downlinkCapacity";
const UP: &str = "uplinkCapacity";

/// What `device` carries over the air.
pub(crate) fn radio(device: &Device, settings: &UispSettings) -> RadioCapacity {
    let mut doubts = Vec::new();
    let mut believe = |name, stated| {
        let rate = possible(name, stated, &mut doubts)?;
        Some((name, rate))
    };
    let (down, up) = if let Some((down, up)) = flexible_frame(device, settings) {
        (Some((DOWN, down)), Some((UP, up)))
    } else {
        let factors = factors(device, settings);
        let derate = |stated: Option<(&'static str, Rate)>| {
            stated.map(|(name, rate)| (name, factors.iter().fold(rate, |rate, factor| factor.of(rate))))
        };
        (derate(believe(DOWN, device.radio.downlink)), derate(believe(UP, device.radio.uplink)))
    };
    let mut limit = |direction: Option<(&'static str, Rate)>| {
        Limit::from(direction.map(|(name, rate)| bounded(device, name, rate, settings.capacity_floor, &mut doubts)))
    };
    let capacity = Capacity { down: limit(down), up: limit(up) };
    RadioCapacity { capacity, doubts }
}

/// What an airMAX access point whose frame is flexible has for each direction: a share of what it carries in all.
fn flexible_frame(device: &Device, settings: &UispSettings) -> Option<(Rate, Rate)> {
    let radio = &device.radio;
    let is_sector = device.device_type == Some(DeviceType::AirMax)
        && device.role == Some(Role::AccessPoint)
        && device.mode == Some(WirelessMode::AccessPoint);
    if !is_sector || (radio.download_ratio.is_none() && !radio.states_theoretical_total) {
        return None;
    }
    let larger = radio.downlink.into_iter().chain(radio.uplink).fold(0.0, f64::max);
    let stated = radio.total.filter(|&total| total > 0.0).unwrap_or(larger);
    let total = settings.derating.airmax.of(possible("", Some(stated), &mut Vec::new())?);
    let stated_share = radio.download_ratio.and_then(Multiplier::share);
    let down = stated_share.unwrap_or(settings.derating.flexible_frame_download).of(total).min(total);
    Some((down, Rate::from_bit(total.bit() - down.bit())))
}

/// What the stated capacity is multiplied by.
fn factors(device: &Device, settings: &UispSettings) -> Vec<Multiplier> {
    let by_family = match device.family {
        Family::AirMaxAc => Some(settings.derating.airmax),
        Family::Ltu => Some(settings.derating.ltu),
        _ => None,
    };
    let by_mode = device.mode.filter(|mode| mode.is_of_two()).map(|_| settings.derating.ptp);
    by_family.into_iter().chain(by_mode).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 10^12")]
fn possible(name: &'static str, stated: Option<f64>, doubts: &mut Vec<Doubt>) -> Option<Rate> {
    let stated = stated?;
    if (1.0..=MOST).contains(&stated) {
        return Some(Rate::from_bit(stated as u64));
    }
    doubts.push(Doubt::Impossible(name));
    None
}

/// The rate within what is believed of such a radio.
fn bounded(device: &Device, name: &'static str, rate: Rate, floor: Rate, doubts: &mut Vec<Doubt>) -> Rate {
    let is_wave_sector = device.family == Family::Wave
        && device.role == Some(Role::AccessPoint)
        && device.mode != Some(WirelessMode::AccessPointOfTwo);
    let raised = if is_wave_sector && rate < WAVE_LEAST { WAVE_USUAL } else { rate.max(floor) };
    if raised > rate {
        doubts.push(Doubt::Low(name, rate, raised));
    }
    if matches!(device.family, Family::Af60 | Family::Af60LongRange) { raised.min(AF60_MOST) } else { raised }
}

/// What a device's cables carry in either direction: its fastest port that is up, with room for frames.
pub(crate) fn cable(device: &Device, settings: &UispSettings) -> Capacity {
    let by_model = (device.family == Family::Af60LongRange).then_some(AF60_LONG_RANGE_PORT);
    let port = device.ports.fastest.map(|fastest| settings.ethernet_headroom.of(fastest)).or(by_model);
    let limit = Limit::from(port);
    Capacity { down: limit, up: limit }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw_id::RawId;
    use crate::records::{Ports, Radio};

    fn device(device_type: DeviceType, role: Role, mode: WirelessMode, family: Family, radio: Radio) -> Device {
        Device {
            id: RawId::new("1"),
            position: 0,
            name: "".into(),
            mac: "".into(),
            device_type: Some(device_type),
            role: Some(role),
            mode: Some(mode),
            family,
            site: None,
            ap: None,
            olt: None,
            uplink: None,
            radio,
            ports: Ports::default(),
            addresses: smallvec::SmallVec::default(),
            bad_addresses: Vec::new(),
        }
    }

    fn mbit(down: f64, up: f64) -> Radio {
        Radio { downlink: Some(down * 1e6), uplink: Some(up * 1e6), ..Radio::default() }
    }

    fn capacity(device: &Device) -> Capacity {
        radio(device, &UispSettings::default()).capacity
    }

    #[test]
    fn a_flexible_frame_is_divided_by_its_ratio() {
        let sector =
            |radio| device(DeviceType::AirMax, Role::AccessPoint, WirelessMode::AccessPoint, Family::AirMaxAc, radio);
        let ratio = |ratio| sector(Radio { total: Some(200e6), download_ratio: Some(ratio), ..Radio::default() });
        assert_eq!(capacity(&ratio(67.0)), Capacity::from_mbit(134, 66));
        assert_eq!(capacity(&ratio(50.0)), Capacity::from_mbit(100, 100));
        let unstated = Radio { states_theoretical_total: true, ..mbit(150.0, 100.0) };
        assert_eq!(capacity(&sector(unstated)), Capacity::from_mbit(120, 30), "four fifths of the larger");
        assert_eq!(capacity(&sector(mbit(150.0, 100.0))), Capacity::from_mbit(150, 100), "not flexible");
    }

    #[test]
    fn what_can_be_had_depends_on_what_it_is_built_as() {
        let mut settings = UispSettings::default();
        settings.derating.airmax = Multiplier::from_millionths(650_000);
        settings.derating.ltu = Multiplier::from_millionths(900_000);
        settings.derating.ptp = Multiplier::from_millionths(500_000);
        let of = |family, mode| {
            let device = device(DeviceType::AirMax, Role::AccessPoint, mode, family, mbit(200.0, 100.0));
            radio(&device, &settings).capacity
        };
        let (sector, of_two) = (WirelessMode::AccessPoint, WirelessMode::AccessPointOfTwo);
        assert_eq!(of(Family::AirMaxAc, sector), Capacity::from_mbit(130, 65));
        assert_eq!(of(Family::AirMaxAc, of_two), Capacity::of(Rate::from_mbit(65), Rate::from_bit(32_500_000)));
        assert_eq!(of(Family::Ltu, sector), Capacity::from_mbit(180, 90));
        assert_eq!(of(Family::Other, sector), Capacity::from_mbit(200, 100));
    }

    #[test]
    fn what_cannot_be_is_not_believed() {
        let sector =
            |family, radio| device(DeviceType::Wave, Role::AccessPoint, WirelessMode::AccessPoint, family, radio);
        let wave = radio(&sector(Family::Wave, mbit(2.0, 1_000.0)), &UispSettings::default());
        assert_eq!(wave.capacity, Capacity::from_mbit(2_450, 1_000));
        assert_eq!(wave.doubts, [Doubt::Low(DOWN, Rate::from_mbit(2), WAVE_USUAL)]);
        let low = radio(&sector(Family::Other, mbit(2.0, 0.0)), &UispSettings::default());
        assert_eq!(low.capacity, Capacity { down: Limit::of(Rate::from_mbit(15)), up: Limit::NONE });
        assert_eq!(low.doubts.len(), 2);
        assert_eq!(capacity(&sector(Family::Other, mbit(1e7, -5.0))), Capacity::NONE);
        assert_eq!(capacity(&sector(Family::Af60, mbit(1_900.0, 900.0))), Capacity::from_mbit(950, 900));
    }

    #[test]
    fn a_cable_carries_what_its_fastest_port_does() {
        let mut device =
            device(DeviceType::AirFiber, Role::Other, WirelessMode::Other, Family::Af60LongRange, mbit(1.0, 1.0));
        assert_eq!(cable(&device, &UispSettings::default()), Capacity::from_mbit(1_000, 1_000));
        device.ports.fastest = Some(Rate::from_mbit(100));
        assert_eq!(cable(&device, &UispSettings::default()), Capacity::from_mbit(94, 94));
    }
}
