//! Data links.

use pleach_graph::Table;

use super::device::{is_cable, port_speed};
use super::{Decode, Notes};
use crate::raw_id::RawId;
use crate::records::{DataLink, LinkEnd};
use crate::tables::Tables;
use crate::wire;
use crate::wire::field::Field;
use crate::words::{LinkState, LinkType};

impl Decode for DataLink {
    type Wire<'a> = wire::DataLink<'a>;
    const WHAT: &'static str = "data link";

    fn id_of<'w>(wire: &'w wire::DataLink<'_>) -> Option<&'w str> {
        wire.id.text()
    }

    fn table<'t>(_: &wire::DataLink<'_>, tables: &'t Tables) -> &'t Table {
        &tables.links
    }

    fn updated<'w>(_: &'w wire::DataLink<'_>) -> Option<&'w str> {
        None
    }

    fn new(id: RawId, position: u32, wire: &wire::DataLink<'_>, notes: &mut Notes<'_>) -> Self {
        Self {
            position,
            from: end(&wire.from),
            to: end(&wire.to),
            link_type: notes.word("type", &wire.link_type, LinkType::of),
            state: notes.word("state", &wire.state, LinkState::of).unwrap_or(LinkState::Active),
            is_permanent: wire.can_delete.flag() == Some(false),
            id,
        }
    }
}

fn end(end: &Field<wire::LinkEnd<'_>>) -> LinkEnd {
    let Some(end) = end.get() else { return LinkEnd::default() };
    LinkEnd {
        site: end.site.get().and_then(wire::Identified::raw_id),
        device: end.device.get().and_then(wire::Identified::raw_id),
        port: end.interface.get().filter(|interface| is_cable(interface)).and_then(port_speed),
    }
}
