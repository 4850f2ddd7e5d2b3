//! Addresses that nobody else has.

use std::net::{Ipv4Addr, Ipv6Addr};

fn v4(base: [u8; 4], offset: u64) -> Ipv4Addr {
    Ipv4Addr::from(
        u32::from_be_bytes(base) + u32::try_from(offset).expect("invariant: services are counted in millions"),
    )
}

/// The permanent address of a service.
pub(crate) fn permanent(service: u64) -> String {
    v4([100, 64, 0, 0], service).to_string()
}

/// What a service gets from a pool.
pub(crate) fn pooled(service: u64) -> String {
    v4([100, 96, 0, 0], service).to_string()
}

/// A network routed to a service.
pub(crate) fn routed(service: u64) -> String {
    format!("{}/29", v4([10, 0, 0, 0], service * 8))
}

/// A prefix delegated to a service.
pub(crate) fn delegated(service: u64) -> String {
    format!("{}/56", Ipv6Addr::from((0x2001_0db8_u128 << 96) + (u128::from(service) << 72)))
}

/// The address of the outer side of a service's router.
pub(crate) fn outer(service: u64) -> String {
    Ipv6Addr::from((0x2001_0db9_u128 << 96) + u128::from(service)).to_string()
}

/// The management address of a monitored device.
pub(crate) fn management(device: u64) -> String {
    v4([172, 16, 0, 0], device).to_string()
}
