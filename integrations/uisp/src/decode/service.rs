//! CRM services.

use jiff::Timestamp;
use pleach_graph::Table;

use super::{Decode, Notes};
use crate::moment;
use crate::raw_id::RawId;
use crate::records::{Service, ServiceRate};
use crate::tables::Tables;
use crate::wire;
use crate::wire::field::{Field, Number};

impl Decode for Service {
    type Wire<'a> = wire::Service<'a>;
    const WHAT: &'static str = "service";

    fn id_of<'w>(wire: &'w wire::Service<'_>) -> Option<&'w str> {
        wire.id.text()
    }

    fn table<'t>(_: &wire::Service<'_>, tables: &'t Tables) -> &'t Table {
        &tables.services
    }

    fn updated<'w>(_: &'w wire::Service<'_>) -> Option<&'w str> {
        None
    }

    fn new(id: RawId, position: u32, wire: &wire::Service<'_>, notes: &mut Notes<'_>) -> Self {
        let is_overridden = wire.is_overridden.flag() == Some(true) && !has_ended(wire, notes.taken());
        let mut rate = |[name, override_name]: [&'static str; 2], plan, overriding: &Field<Number>| {
            const MEGABIT: f64 = 1e6;
            match (is_overridden, overriding) {
                (true, Field::Unstated) => ServiceRate::Unlimited,
                (true, _) => {
                    notes.rate(override_name, overriding, MEGABIT).map_or(ServiceRate::Unstated, ServiceRate::Override)
                }
                (false, _) => notes.rate(name, plan, MEGABIT).map_or(ServiceRate::Unstated, ServiceRate::Plan),
            }
        };
        let down = rate(["downloadSpeed", "downloadSpeedOverride"], &wire.download, &wire.download_override);
        let up = rate(["uploadSpeed", "uploadSpeedOverride"], &wire.upload, &wire.upload_override);
        Self {
            position,
            client: wire.client.text().unwrap_or_default().into(),
            name: wire.name.text().or_else(|| wire.plan_name.text()).unwrap_or_default().into(),
            status: notes.status("status", &wire.status),
            is_general: wire.plan_type.text() == Some("general"),
            site: wire.site.text().map(RawId::new),
            down,
            up,
            id,
        }
    }
}

/// Whether the time of a service's overriding rates is over.
fn has_ended(wire: &wire::Service<'_>, taken: Timestamp) -> bool {
    wire.override_end.text().and_then(moment::parse).is_some_and(|end| end <= taken)
}
