//! Which end of a radio link is its access point: down is from there.

use crate::records::Device;
use crate::words::{Role, WirelessMode};

/// Which end of a link is the access point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    FirstIsAccessPoint,
    SecondIsAccessPoint,
    /// Neither end says it, or both say it of themselves.
    Unknown,
}

/// By what a station names as its access point, else by their roles, else by their wireless modes.
pub(crate) fn direction(ends: [Option<&Device>; 2]) -> Direction {
    let names = |station: usize, ap: usize| match (ends[station], ends[ap]) {
        (Some(station), Some(ap)) => station.ap.as_ref() == Some(&ap.id),
        _ => false,
    };
    let by = |first: bool, second: bool| match (first, second) {
        (true, false) => Some(Direction::FirstIsAccessPoint),
        (false, true) => Some(Direction::SecondIsAccessPoint),
        _ => None,
    };
    let role = |end: usize, role| ends[end].is_some_and(|device| device.role == Some(role));
    let mode = |end: usize, modes: [WirelessMode; 2]| {
        ends[end].and_then(|device| device.mode).is_some_and(|mode| modes.contains(&mode))
    };
    let (ap, station) = (
        [WirelessMode::AccessPoint, WirelessMode::AccessPointOfTwo],
        [WirelessMode::Station, WirelessMode::StationOfTwo],
    );
    by(names(1, 0), names(0, 1))
        .or_else(|| by(role(0, Role::AccessPoint), role(1, Role::AccessPoint)))
        .or_else(|| by(role(1, Role::Station), role(0, Role::Station)))
        .or_else(|| by(mode(0, ap), mode(1, ap)))
        .or_else(|| by(mode(1, station), mode(0, station)))
        .unwrap_or(Direction::Unknown)
}
