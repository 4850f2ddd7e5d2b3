//! What is kept of UISP's records: a few hundred bytes each, so that the answers need not stay in memory.

use std::net::IpAddr;

use compact_str::CompactString;
use pleach_graph::{Assignment, Rate};
use smallvec::SmallVec;

use crate::raw_id::{IdTable, RawId};
use crate::words::{DeviceType, LinkState, LinkType, Role, SiteType, WirelessMode};

/// A record that others can name by its id.
pub(crate) trait Record {
    fn id(&self) -> &RawId;
    /// Where it stood in its part.
    fn position(&self) -> u32;
}

macro_rules! records {
    ($($name:ident),+) => {$(
        impl Record for $name {
            fn id(&self) -> &RawId {
                &self.id
            }

            fn position(&self) -> u32 {
                self.position
            }
        }
    )+};
}

records!(Site, Device, DataLink, Service);

/// A site of the operator's, or a customer's.
#[derive(Debug)]
#[expect(clippy::struct_field_names, reason = "`type` is what UISP calls it")]
pub(crate) struct Site {
    pub(crate) id: RawId,
    pub(crate) position: u32,
    /// None where UISP has a word for it that is not known here.
    pub(crate) site_type: Option<SiteType>,
    pub(crate) name: CompactString,
    /// The first segment of its address: `1 Example St`.
    pub(crate) street: CompactString,
    pub(crate) parent: Option<RawId>,
    pub(crate) is_suspended: bool,
    /// Latitude and longitude, as they were stated.
    pub(crate) location: Option<(f64, f64)>,
    pub(crate) qos: Qos,
    /// The CRM service that NMS says it is bound to.
    pub(crate) service_id: CompactString,
    pub(crate) service_name: CompactString,
    pub(crate) service_status: Option<u8>,
    pub(crate) addresses: SmallVec<[IpAddr; 2]>,
}

/// A plan as NMS states it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Qos {
    pub(crate) down: Option<Rate>,
    pub(crate) up: Option<Rate>,
    /// Bytes of bucket depth.
    pub(crate) down_burst: Option<u64>,
    pub(crate) up_burst: Option<u64>,
    /// How many times the guaranteed rate is less than the plan.
    pub(crate) aggregation: Option<f64>,
}

/// A device.
#[derive(Debug)]
#[expect(clippy::struct_field_names, reason = "`type` is what UISP calls it")]
pub(crate) struct Device {
    pub(crate) id: RawId,
    pub(crate) position: u32,
    pub(crate) name: CompactString,
    pub(crate) mac: CompactString,
    pub(crate) device_type: Option<DeviceType>,
    pub(crate) role: Option<Role>,
    pub(crate) mode: Option<WirelessMode>,
    pub(crate) family: Family,
    pub(crate) site: Option<RawId>,
    /// The access point that it says it is a station of.
    pub(crate) ap: Option<RawId>,
    /// The OLT that an ONU is behind.
    pub(crate) olt: Option<RawId>,
    pub(crate) uplink: Option<RawId>,
    pub(crate) radio: Radio,
    pub(crate) ports: Ports,
    pub(crate) addresses: SmallVec<[Address; 2]>,
    /// What stands where an address should.
    pub(crate) bad_addresses: Vec<CompactString>,
}

/// What a device's model says of its capacity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Family {
    /// airMAX AC.
    AirMaxAc,
    Ltu,
    Wave,
    Af60,
    Af60LongRange,
    #[default]
    Other,
}

/// What a radio says that it carries.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Radio {
    /// bit/s; negative ones are kept, to be named.
    pub(crate) downlink: Option<f64>,
    pub(crate) uplink: Option<f64>,
    pub(crate) total: Option<f64>,
    pub(crate) states_theoretical_total: bool,
    pub(crate) download_ratio: Option<f64>,
}

/// How fast a device's Ethernet and SFP ports are that are up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ports {
    pub(crate) fastest: Option<Rate>,
    pub(crate) slowest: Option<Rate>,
}

/// An address of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) ip: IpAddr,
    /// The prefix length, where it is stated.
    pub(crate) length: Option<u8>,
    pub(crate) place: AddressPlace,
    pub(crate) assignment: Assignment,
}

/// Where a device's record has an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AddressPlace {
    /// `ipAddress`: the one that UISP itself uses.
    Main,
    /// `ipAddressList`.
    List,
    /// An interface that leads to the operator: the device says so, or the address was given to it from there.
    Wan,
    /// Any other interface.
    Interface,
}

/// A data link.
#[derive(Debug)]
pub(crate) struct DataLink {
    pub(crate) id: RawId,
    pub(crate) position: u32,
    pub(crate) from: LinkEnd,
    pub(crate) to: LinkEnd,
    pub(crate) link_type: Option<LinkType>,
    pub(crate) state: LinkState,
    /// UISP's sign for a link to the internet is that nobody may delete it.
    pub(crate) is_permanent: bool,
}

/// An end of a data link.
#[derive(Clone, Debug, Default)]
pub(crate) struct LinkEnd {
    pub(crate) site: Option<RawId>,
    pub(crate) device: Option<RawId>,
    /// The speed of its port, where that is a cable's.
    pub(crate) port: Option<Rate>,
}

/// A CRM service.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) id: RawId,
    pub(crate) position: u32,
    pub(crate) client: CompactString,
    pub(crate) name: CompactString,
    pub(crate) status: Option<u8>,
    /// Whether its plan is something else than internet access.
    pub(crate) is_general: bool,
    pub(crate) site: Option<RawId>,
    pub(crate) down: ServiceRate,
    pub(crate) up: ServiceRate,
}

/// A rate of a CRM service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServiceRate {
    /// Nothing is stated.
    Unstated,
    /// The plan's.
    Plan(Rate),
    /// One that overrides the plan's.
    Override(Rate),
    /// The plan is overridden by no limit.
    Unlimited,
}

impl Site {
    /// What messages call it.
    pub(crate) fn called(&self) -> CompactString {
        called(&self.name, &self.id)
    }
}

impl Device {
    /// Whether it is built for customers to attach to: a radio that has stations, or an OLT.
    pub(crate) fn is_access_point(&self) -> bool {
        use WirelessMode::{AccessPoint, AccessPointOfTwo};
        self.role == Some(Role::AccessPoint)
            || self.device_type == Some(DeviceType::Olt)
            || matches!(self.mode, Some(AccessPoint | AccessPointOfTwo))
    }

    /// What messages call it.
    pub(crate) fn called(&self) -> CompactString {
        called(&self.name, &self.id)
    }
}

fn called(name: &CompactString, id: &RawId) -> CompactString {
    if name.is_empty() { id.to_text() } else { name.clone() }
}

/// All records of one kind, each id once, and the way from an id to its record.
#[derive(Debug)]
pub(crate) struct Records<T> {
    pub(crate) all: Vec<T>,
    table: IdTable,
}

impl<T: Record> Records<T> {
    /// `all` must have different ids.
    pub(crate) fn new(all: Vec<T>) -> Self {
        let table = IdTable::new(all.iter().map(Record::id));
        Self { all, table }
    }

    /// The index of the record with this id.
    pub(crate) fn find(&self, id: &RawId) -> Option<usize> {
        self.table.find(id, |index| self.all[index as usize].id()).map(|index| index as usize)
    }
}

impl<T> std::ops::Index<usize> for Records<T> {
    type Output = T;
    fn index(&self, index: usize) -> &T {
        &self.all[index]
    }
}
