//! Records, decoded field by field: what one field holds cannot lose the others.

mod customer;
mod device;
mod fields;
mod listed;
mod router;
mod service;
mod session;
mod site;
mod tariff;

use serde::Deserialize;

use crate::list::List;
use crate::scalar::Scalar;

pub(crate) use customer::Customer;
pub(crate) use device::Device;
pub(crate) use fields::{Fields, Thousandths};
pub(crate) use listed::{ListedIpv4, ListedIpv6};
pub(crate) use router::{Router, Sector};
pub(crate) use service::{Service, Taking};
pub(crate) use session::Session;
pub(crate) use site::NetworkSite;
pub(crate) use tariff::{Burst, Guarantee, Tariff};

/// A record of a list. Records of one id are ordered by what they hold, so that which of them is kept does not depend on the
/// order they came in.
pub(crate) trait Record: Ord + Sized {
    /// The list it is of.
    const LIST: List;
    /// Its fields as they came.
    type Wire<'a>: Deserialize<'a> + Identified;

    /// Its fields; the id has been read.
    fn decode(id: u64, wire: &Self::Wire<'_>, fields: &mut Fields<'_>) -> Self;

    /// Its id.
    fn id(&self) -> u64;
}

/// The wire form of a record.
pub(crate) trait Identified {
    /// Its field `id`.
    fn id(&self) -> &Scalar<'_>;
}

/// The wire form of a record: a struct of scalars, each of which may be missing.
macro_rules! wire {
    ($name:ident { $($field:ident),* $(,)? }) => {
        #[derive(Debug, Default, serde::Deserialize)]
        #[serde(default)]
        pub(crate) struct $name<'a> {
            #[serde(borrow)]
            id: $crate::scalar::Scalar<'a>,
            $(#[serde(borrow)] pub(super) $field: $crate::scalar::Scalar<'a>,)*
        }

        impl $crate::records::Identified for $name<'_> {
            fn id(&self) -> &$crate::scalar::Scalar<'_> {
                &self.id
            }
        }
    };
}
use wire;
