//! Which access point each customer hangs from, and what says so.

use std::fmt::Write as _;

use compact_str::CompactString;
use pleach_graph::{Code, Problem};

use crate::decode::Decoded;
use crate::import::Context;
use crate::links::{End, Links};
use crate::owners::{Owner, Owners};
use crate::records::Record;
use crate::tables::{Tables, node_id};
use crate::words::LinkState;

/// What says where a customer is attached, the clearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Evidence {
    /// The radio itself names its access point.
    AccessPointOfDevice,
    /// A data link of a device.
    LinkOfDevice,
    /// A data link of the customer's site.
    LinkOfSite,
    /// The ONU names its OLT.
    OltOfDevice,
    /// UISP's guess at what a device's traffic leaves through.
    UplinkOfDevice,
}

/// One statement of where a customer is attached.
#[derive(Clone, Copy, Debug)]
struct Statement {
    client: usize,
    evidence: Evidence,
    /// Whether it is another customer's device: a relay.
    is_relay: bool,
    /// Whether it is a link that is down.
    is_down: bool,
    to: End,
    /// The device or data link that says it.
    by: usize,
}

/// Where a customer is attached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attachment {
    /// A site is the operator's or, for what is behind another customer, that one's.
    pub(crate) to: End,
    /// What says so.
    pub(crate) reason: String,
}

/// By site: where it is attached, for customers of whom anything says it. Those attached to several access points are
/// named.
pub(crate) fn attachments(context: &Context<'_>, problems: &mut Vec<Problem>) -> Vec<Option<Attachment>> {
    let Context { decoded, owners, links, tables, documents, .. } = *context;
    let mut statements = of_devices(decoded, owners);
    statements.extend(of_links(decoded, owners, links));
    statements.sort_unstable_by(|a, b| {
        let key = |s: &Statement| (s.client, s.is_down, s.evidence, s.is_relay);
        key(a).cmp(&key(b)).then_with(|| id_of(a.to, decoded).cmp(id_of(b.to, decoded))).then(a.by.cmp(&b.by))
    });
    let mut attachments = vec![None; decoded.sites.all.len()];
    for of_client in statements.chunk_by(|a, b| a.client == b.client) {
        let best = of_client[0];
        if let Some(problem) = several(of_client, decoded, tables) {
            problems.push(problem.at(documents.sites.name, 0));
        }
        attachments[best.client] = Some(settle(best, context));
    }
    attachments
}

/// A customer on a port of a device that carries the path to its site, and is no access point, hangs from that site: as an
/// access point, the device would stand above its own site.
fn settle(best: Statement, context: &Context<'_>) -> Attachment {
    let reason = reason(best, context.decoded);
    if let End::Device(device) = best.to
        && let Owner::Operator(site) = context.owners.of_device(device)
        && !context.decoded.devices[device].is_access_point()
        && context.links.carries_path(device)
    {
        let reason = format!("{reason}: `{}`, which carries the path to its site", name_of(best.to, context.decoded));
        return Attachment { to: End::Site(site), reason };
    }
    Attachment { to: best.to, reason }
}

/// What the customers' devices say of themselves.
fn of_devices<'d>(decoded: &'d Decoded, owners: &'d Owners) -> Vec<Statement> {
    let mut statements = Vec::new();
    for (by, device) in decoded.devices.all.iter().enumerate() {
        let Owner::Client(client) = owners.of_device(by) else { continue };
        let named = [
            (Evidence::AccessPointOfDevice, &device.ap),
            (Evidence::OltOfDevice, &device.olt),
            (Evidence::UplinkOfDevice, &device.uplink),
        ];
        for (evidence, id) in named {
            let Some(to) = id.as_ref().and_then(|id| decoded.devices.find(id)) else { continue };
            let owner = owners.of_device(to);
            if owner != Owner::Client(client) {
                let is_relay = matches!(owner, Owner::Client(_));
                statements.push(Statement { client, evidence, is_relay, is_down: false, to: End::Device(to), by });
            }
        }
    }
    statements
}

/// What data links say.
fn of_links<'d>(decoded: &'d Decoded, owners: &'d Owners, links: &'d Links) -> impl Iterator<Item = Statement> + 'd {
    links.lines.iter().map(|line| {
        let evidence = if line.device.is_some() { Evidence::LinkOfDevice } else { Evidence::LinkOfSite };
        let is_relay = crate::links::client_site(line.other, owners).is_some();
        let is_down = decoded.links[line.link].state == LinkState::Disconnected;
        Statement { client: line.client, evidence, is_relay, is_down, to: line.other, by: line.link }
    })
}

fn id_of(end: End, decoded: &Decoded) -> &crate::raw_id::RawId {
    match end {
        End::Device(device) => decoded.devices[device].id(),
        End::Site(site) => decoded.sites[site].id(),
    }
}

fn name_of(end: End, decoded: &Decoded) -> CompactString {
    match end {
        End::Device(device) => decoded.devices[device].called(),
        End::Site(site) => decoded.sites[site].called(),
    }
}

fn reason(best: Statement, decoded: &Decoded) -> String {
    let by_device = || name_of(End::Device(best.by), decoded);
    let mut text = match best.evidence {
        Evidence::AccessPointOfDevice => {
            format!("its device `{}` is a station of it (`attributes.apDevice`)", by_device())
        }
        Evidence::OltOfDevice => format!("its device `{}` is behind it (`attributes.parentId`)", by_device()),
        Evidence::UplinkOfDevice => format!("its device `{}` has it as `uplinkDevice`", by_device()),
        Evidence::LinkOfDevice => {
            format!("data link `{}` leads from its device to it", decoded.links[best.by].id.to_text())
        }
        Evidence::LinkOfSite => {
            format!("data link `{}` leads from its site to it", decoded.links[best.by].id.to_text())
        }
    };
    if best.is_down {
        text.push_str(", though that link is down");
    }
    text
}

/// Says that a customer is attached to several access points of the operator's at once, by radios or links that are up.
fn several(statements: &[Statement], decoded: &Decoded, tables: &Tables) -> Option<Problem> {
    let best = statements[0];
    let is_attachment = |s: &&Statement| {
        s.evidence <= Evidence::LinkOfSite && !s.is_relay && !s.is_down && matches!(s.to, End::Device(_))
    };
    let mut others: Vec<End> = Vec::new();
    for statement in statements.iter().filter(is_attachment) {
        if statement.to != best.to && !others.contains(&statement.to) {
            others.push(statement.to);
        }
    }
    if others.is_empty() || !is_attachment(&&best) {
        return None;
    }
    let client = &decoded.sites[best.client];
    let mut message = format!("client `{}` is attached to `{}`", client.called(), name_of(best.to, decoded));
    for other in others {
        let _ = write!(message, ", `{}`", name_of(other, decoded)); // writing to a String cannot fail
    }
    let _ = write!(message, "; the first is taken, because {}", reason(best, decoded));
    let hint = "if it has two lines, give each its own client site in UISP; else correct what is stale";
    Some(Problem::new(Code::SeveralParents, message).record(&node_id(&tables.clients, &client.id)).hint(hint))
}
