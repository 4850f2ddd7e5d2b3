//! Customers: `customers/customer`.

use compact_str::CompactString;

use super::{Fields, Record, wire};
use crate::list::List;

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Customer {
    pub(crate) id: u64,
    pub(crate) name: CompactString,
    pub(crate) status: CompactString,
}

wire!(CustomerWire { name, login, status });

impl Record for Customer {
    const LIST: List = List::Customers;
    type Wire<'a> = CustomerWire<'a>;

    fn decode(id: u64, wire: &CustomerWire<'_>, fields: &mut Fields<'_>) -> Self {
        let name = fields.text("name", &wire.name);
        let name = if name.is_empty() { fields.text("login", &wire.login) } else { name };
        Self { id, name, status: fields.text("status", &wire.status) }
    }

    fn id(&self) -> u64 {
        self.id
    }
}
