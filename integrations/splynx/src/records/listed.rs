//! The address plan: `networking/ipv4-ip`, `networking/ipv6-ip`. What is in use, and by whom.

use compact_str::{CompactString, format_compact};

use super::{Fields, Record, wire};
use crate::list::List;

/// An IPv4 address in use. Whose service has it is not said, only whose customer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ListedIpv4 {
    pub(crate) id: u64,
    pub(crate) customer: Option<u64>,
    pub(crate) address: CompactString,
}

wire!(ListedIpv4Wire { ip, is_used, customer_id });

impl Record for ListedIpv4 {
    const LIST: List = List::Ipv4;
    type Wire<'a> = ListedIpv4Wire<'a>;

    fn decode(id: u64, wire: &ListedIpv4Wire<'_>, fields: &mut Fields<'_>) -> Self {
        let is_used = fields.flag("is_used", &wire.is_used) != Some(false);
        let customer = fields.reference("customer_id", &wire.customer_id).filter(|_| is_used);
        Self { id, customer, address: fields.list("ip", &wire.ip) }
    }

    fn id(&self) -> u64 {
        self.id
    }
}

/// An IPv6 network in use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ListedIpv6 {
    pub(crate) id: u64,
    pub(crate) service: Option<u64>,
    pub(crate) network: CompactString,
}

wire!(ListedIpv6Wire { ip, prefix, is_used, service_id });

impl Record for ListedIpv6 {
    const LIST: List = List::Ipv6;
    type Wire<'a> = ListedIpv6Wire<'a>;

    fn decode(id: u64, wire: &ListedIpv6Wire<'_>, fields: &mut Fields<'_>) -> Self {
        let is_used = fields.flag("is_used", &wire.is_used) != Some(false);
        let service = fields.reference("service_id", &wire.service_id).filter(|_| is_used);
        let ip = fields.list("ip", &wire.ip);
        let network = match fields.reference("prefix", &wire.prefix) {
            Some(length) if !ip.is_empty() && !ip.contains('/') => format_compact!("{ip}/{length}"),
            _ => ip,
        };
        Self { id, service, network }
    }

    fn id(&self) -> u64 {
        self.id
    }
}
