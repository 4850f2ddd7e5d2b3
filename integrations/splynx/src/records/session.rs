//! Who is online: `customers/customers-online`.

use compact_str::CompactString;

use super::{Fields, Record, wire};
use crate::list::List;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Session {
    /// The record's own, not the customer's.
    pub(crate) id: u64,
    /// A voucher's session has none.
    pub(crate) service: Option<u64>,
    pub(crate) router: Option<u64>,
    pub(crate) ipv4: CompactString,
    pub(crate) ipv6: CompactString,
    pub(crate) ipv6_prefix: CompactString,
    pub(crate) mac: CompactString,
}

wire!(SessionWire { service_id, nas_id, ipv4, ipv6, ipv6_prefix, mac });

impl Record for Session {
    const LIST: List = List::Online;
    type Wire<'a> = SessionWire<'a>;

    fn decode(id: u64, wire: &SessionWire<'_>, fields: &mut Fields<'_>) -> Self {
        Self {
            id,
            service: fields.reference("service_id", &wire.service_id),
            router: fields.reference("nas_id", &wire.nas_id),
            ipv4: fields.list("ipv4", &wire.ipv4),
            ipv6: fields.list("ipv6", &wire.ipv6),
            ipv6_prefix: fields.list("ipv6_prefix", &wire.ipv6_prefix),
            mac: fields.list("mac", &wire.mac),
        }
    }

    fn id(&self) -> u64 {
        self.id
    }
}
