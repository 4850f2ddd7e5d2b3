//! Hardware that Splynx monitors: `networking/monitoring`.

use compact_str::CompactString;

use super::{Fields, Record, wire};
use crate::list::List;
use crate::scalar::Scalar;

/// An access point, a switch, a radio, a power supply.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Device {
    pub(crate) id: u64,
    pub(crate) title: CompactString,
    pub(crate) ip: CompactString,
    pub(crate) gps: CompactString,
    pub(crate) parent: Option<u64>,
    pub(crate) site: Option<u64>,
    /// Whether customers attach to it; older versions do not say.
    pub(crate) is_access: Option<bool>,
}

wire!(DeviceWire { title, ip, gps, parent_id, network_site_id, access_device, r#type });

/// The number of the type *access point*, in versions that do not say what an access device is.
const ACCESS_POINT: u64 = 5;

impl Record for Device {
    const LIST: List = List::Monitoring;
    type Wire<'a> = DeviceWire<'a>;

    fn decode(id: u64, wire: &DeviceWire<'_>, fields: &mut Fields<'_>) -> Self {
        let is_access = match &wire.access_device {
            Scalar::Absent => fields.reference("type", &wire.r#type).map(|number| number == ACCESS_POINT),
            stated => fields.flag("access_device", stated),
        };
        Self {
            id,
            title: fields.text("title", &wire.title),
            ip: fields.list("ip", &wire.ip),
            gps: fields.text("gps", &wire.gps),
            parent: fields.reference("parent_id", &wire.parent_id),
            site: fields.reference("network_site_id", &wire.network_site_id),
            is_access,
        }
    }

    fn id(&self) -> u64 {
        self.id
    }
}
