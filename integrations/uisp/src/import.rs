//! From a snapshot to the network: the steps in their order.

use pleach_graph::{Code, GraphBuilder, NodeIndex, Problem};
use pleach_source::{ReadError, Snapshot};

use crate::attach;
use crate::clients::Clients;
use crate::decode::{self, Decoded};
use crate::infrastructure::Infrastructure;
use crate::links::Links;
use crate::owners::Owners;
use crate::parts;
use crate::radios::Radios;
use crate::relays;
use crate::services::{self, Bound};
use crate::settings::UispSettings;
use crate::tables::{Tables, node_id};

/// What every step looks at.
pub(crate) struct Context<'c> {
    pub(crate) decoded: &'c Decoded,
    pub(crate) owners: &'c Owners,
    pub(crate) links: &'c Links,
    pub(crate) settings: &'c UispSettings,
    pub(crate) tables: &'c Tables,
    pub(crate) documents: Documents<'c>,
}

/// The parts that records come from, as the graph numbers them and problems call them.
#[derive(Clone, Copy)]
pub(crate) struct Documents<'c> {
    pub(crate) sites: Document<'c>,
    pub(crate) devices: Document<'c>,
    pub(crate) links: Document<'c>,
}

/// A part.
#[derive(Clone, Copy)]
pub(crate) struct Document<'c> {
    pub(crate) number: u32,
    pub(crate) name: &'c str,
}

/// Where each site and device is in the graph that is being built.
pub(crate) struct Nodes {
    pub(crate) sites: Vec<Option<NodeIndex>>,
    pub(crate) devices: Vec<Option<NodeIndex>>,
}

/// Adds what a snapshot says to the network.
pub(crate) fn import(
    snapshot: &Snapshot,
    settings: &UispSettings,
    tables: &Tables,
    builder: &mut GraphBuilder,
) -> Result<(), ReadError> {
    let mut decoded = decode::decode(snapshot, tables)?;
    let mut problems = std::mem::take(&mut decoded.problems);
    for _ in 0..decoded.unreadable_sites {
        builder.set_aside(None, Code::BadRecord);
    }
    let document = |name, builder: &mut GraphBuilder| {
        let name = snapshot.part(name).map_or(name, |part| part.address.as_str());
        Document { number: builder.document(name), name }
    };
    let documents = Documents {
        sites: document(parts::SITES, builder),
        devices: document(parts::DEVICES, builder),
        links: document(parts::DATA_LINKS, builder),
    };
    let owners = Owners::new(&decoded);
    let links = Links::sort(&decoded, &owners, tables, documents.links.name, &mut problems);
    let context = Context { decoded: &decoded, owners: &owners, links: &links, settings, tables, documents };
    let bound = Bound::join(&decoded, &owners, &settings.status);
    set_unbound_aside(snapshot, &context, &bound, builder);
    let attachments = attach::attachments(&context, &mut problems);
    let mut nodes =
        Nodes { sites: vec![None; decoded.sites.all.len()], devices: vec![None; decoded.devices.all.len()] };
    let mut radios = Radios::default();
    Infrastructure::new(&context, &mut nodes, &mut radios, builder).add(&attachments);
    Clients::new(&context, &mut nodes, &bound, builder).add(&attachments);
    relays::add_links(&context, &attachments, &nodes, &mut radios, builder);
    for problem in problems {
        builder.report(problem);
    }
    Ok(())
}

/// Services in use of which nothing says whose addresses they are for: each is a subscriber who is not shaped.
fn set_unbound_aside(snapshot: &Snapshot, context: &Context<'_>, bound: &Bound, builder: &mut GraphBuilder) {
    let Some(all) = &context.decoded.services else { return };
    let wanted: Vec<&str> = bound.unbound.iter().map(|&service| all[service].client.as_str()).collect();
    let names = decode::crm_names(snapshot, &wanted);
    for &service in &bound.unbound {
        let service = &all[service];
        let name = names.iter().find(|(id, _)| *id == service.client).map(|(_, name)| name.as_str());
        let problem: Problem = services::unbound(service, name, context.tables);
        builder.set_aside(Some(node_id(&context.tables.services, &service.id)), Code::NoAddress);
        builder.report(problem);
    }
}
