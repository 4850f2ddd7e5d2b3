//! Internet services: `customers/customer/0/internet-services`.

use compact_str::CompactString;

use super::{Fields, Record, wire};
use crate::list::List;
use crate::scalar::Scalar;

/// What a customer has: a circuit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Service {
    pub(crate) id: u64,
    pub(crate) customer: Option<u64>,
    pub(crate) tariff: Option<u64>,
    pub(crate) status: CompactString,
    pub(crate) login: CompactString,
    pub(crate) description: CompactString,
    pub(crate) access_device: Option<u64>,
    pub(crate) sector: Option<u64>,
    pub(crate) router: Option<u64>,
    pub(crate) taking_ipv4: Taking,
    pub(crate) ipv4: CompactString,
    pub(crate) ipv4_route: CompactString,
    pub(crate) taking_ipv6: Taking,
    pub(crate) ipv6: CompactString,
    pub(crate) ipv6_delegated: CompactString,
    pub(crate) mac: CompactString,
}

/// Where the address of a service comes from (`taking_ipv4`, `taking_ipv6`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Taking {
    /// It is the service's own: 1, or not stated.
    Permanent,
    /// It changes: nobody gives it (0), or a pool does (2). What the service states is the one it had last.
    Changing,
}

wire!(ServiceWire {
    customer_id,
    tariff_id,
    status,
    login,
    description,
    access_device,
    sector_id,
    router_id,
    taking_ipv4,
    ipv4,
    ipv4_route,
    taking_ipv6,
    ipv6,
    ipv6_delegated,
    mac,
});

impl Record for Service {
    const LIST: List = List::Services;
    type Wire<'a> = ServiceWire<'a>;

    fn decode(id: u64, wire: &ServiceWire<'_>, fields: &mut Fields<'_>) -> Self {
        Self {
            id,
            customer: fields.reference("customer_id", &wire.customer_id),
            tariff: fields.reference("tariff_id", &wire.tariff_id),
            status: fields.text("status", &wire.status),
            login: fields.text("login", &wire.login),
            description: fields.text("description", &wire.description),
            access_device: fields.reference("access_device", &wire.access_device),
            sector: fields.reference("sector_id", &wire.sector_id),
            router: fields.reference("router_id", &wire.router_id),
            taking_ipv4: taking("taking_ipv4", &wire.taking_ipv4, fields),
            ipv4: fields.list("ipv4", &wire.ipv4),
            ipv4_route: fields.list("ipv4_route", &wire.ipv4_route),
            taking_ipv6: taking("taking_ipv6", &wire.taking_ipv6, fields),
            ipv6: fields.list("ipv6", &wire.ipv6),
            ipv6_delegated: fields.list("ipv6_delegated", &wire.ipv6_delegated),
            mac: fields.list("mac", &wire.mac),
        }
    }

    fn id(&self) -> u64 {
        self.id
    }
}

/// What is not stated, or cannot be read, is permanent: the address counts as it stands.
fn taking(name: &'static str, field: &Scalar<'_>, fields: &mut Fields<'_>) -> Taking {
    match (field, field.id()) {
        (Scalar::Absent, _) | (_, Ok(Some(1))) => Taking::Permanent,
        (_, Ok(_)) => Taking::Changing,
        (_, Err(_)) => {
            fields.reference(name, field);
            Taking::Permanent
        }
    }
}
