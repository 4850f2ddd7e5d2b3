//! Customers that others are behind: their own lines limit those too.

use pleach_graph::{Capacity, GraphBuilder, NodeId};

use crate::attach::Attachment;
use crate::import::{Context, Nodes};
use crate::links::End;
use crate::owners::Owner;
use crate::radios::Radios;
use crate::tables::node_id;

/// Adds what the lines of relay customers carry: of the line to their access point, and of the radio that others attach to.
pub(crate) fn add_links(
    context: &Context<'_>,
    attachments: &[Option<Attachment>],
    nodes: &Nodes,
    radios: &mut Radios,
    builder: &mut GraphBuilder,
) {
    let mut relays: Vec<usize> = Vec::new();
    let mut sectors: Vec<usize> = Vec::new();
    for attachment in attachments.iter().flatten() {
        match attachment.to {
            End::Device(device) => {
                if let Owner::Client(site) = context.owners.of_device(device) {
                    sectors.push(device);
                    relays.push(site);
                }
            }
            End::Site(site) if context.owners.is_client(site) => relays.push(site),
            End::Site(_) => {}
        }
    }
    for list in [&mut relays, &mut sectors] {
        list.sort_unstable();
        list.dedup();
    }
    for relay in relays {
        line(context, relay, attachments, nodes, radios, builder);
    }
    for device in sectors {
        sector(context, device, radios, builder);
    }
}

/// The line from a relay customer's access point: what its own station carries.
fn line(
    context: &Context<'_>,
    relay: usize,
    attachments: &[Option<Attachment>],
    nodes: &Nodes,
    radios: &mut Radios,
    builder: &mut GraphBuilder,
) {
    let Some(Attachment { to: End::Device(ap), .. }) = &attachments[relay] else { return };
    let ap_id = &context.decoded.devices[*ap].id;
    let station =
        context.owners.devices_at(relay).find(|&device| context.decoded.devices[device].ap.as_ref() == Some(ap_id));
    let (Some(station), Some(above)) = (station, nodes.devices[*ap]) else { return };
    let carried = radios.of(station, context, builder);
    if carried != Capacity::NONE {
        let client = node_id(&context.tables.clients, &context.decoded.sites[relay].id);
        let above = builder.node(above).id.clone();
        add(node_id(&context.tables.ports, &context.decoded.devices[station].id), above, client, carried, builder);
    }
}

/// The radio of a relay customer that others attach to.
fn sector(context: &Context<'_>, device: usize, radios: &mut Radios, builder: &mut GraphBuilder) {
    let Owner::Client(site) = context.owners.of_device(device) else { return };
    let carried = radios.of(device, context, builder);
    if carried != Capacity::NONE {
        let record = &context.decoded.devices[device];
        let client = node_id(&context.tables.clients, &context.decoded.sites[site].id);
        let port = node_id(&context.tables.ports, &record.id);
        add(port, client, node_id(&context.tables.devices, &record.id), carried, builder);
    }
}

fn add(id: NodeId, from: NodeId, to: NodeId, capacity: Capacity, builder: &mut GraphBuilder) {
    let _ = builder.link(id, from, to, capacity);
}
