//! Parents that are no site or access point: subscribers that others stand behind. They are known only once all rows
//! are read.

use pleach_graph::{GraphBuilder, NodeIndex, Text};

use crate::places::{Found, Named, Places, ambiguous, typed};

/// A node whose parent was not among the sites and access points.
#[derive(Debug)]
pub(crate) struct LateParent {
    pub(crate) child: NodeIndex,
    pub(crate) text: Text,
}

/// Resolves each by typed id, by a circuit's name, then by a device's name; the rest are unknown.
pub(crate) fn resolve(late: Vec<LateParent>, builder: &mut GraphBuilder, places: &Places) {
    if late.is_empty() {
        return;
    }
    let (mut circuits, mut devices) = (Named::default(), Named::default());
    for index in (0..builder.node_count()).map(NodeIndex::new) {
        let record = builder.node(index);
        if record.client().is_some() {
            circuits.add(&record.name, index, builder);
        } else if record.device().is_some() {
            devices.add(&record.name, index, builder);
        }
    }
    for LateParent { child, text } in late {
        let found = [places.by_name(&text, builder), typed(&text, builder), circuits.find(&text), devices.find(&text)]
            .into_iter()
            .flatten()
            .find(|found| !is_own(*found, child, builder));
        let Some(found) = found else {
            let _ = builder.edit(child).unknown_parent(&text);
            continue;
        };
        if found.holders > 1 {
            builder.report(ambiguous(child, &text, found, builder));
        }
        let _ = builder.edit(child).under(found.node);
    }
}

/// A circuit that is named like its missing parent does not stand behind itself or its own device.
fn is_own(found: Found, child: NodeIndex, builder: &GraphBuilder) -> bool {
    let is_device = builder.node(found.node).device().is_some();
    found.node == child || is_device && builder.stated_parent(found.node) == Some(child)
}
