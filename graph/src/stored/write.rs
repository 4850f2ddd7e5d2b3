//! Writing a network, line by line.

use std::io::{self, Write};

use petgraph::graph::{EdgeIndex, NodeIndex};

use super::header::{Counts, Header};
use super::line::{Line, UNKNOWN_PARENT, capacity_pair, origin_pair, pair, position_pair};
use super::lines::LineWriter;
use super::read::FILE;
use super::texts::{Prefixes, Str};
use crate::network_graph::NetworkGraph;
use crate::node::{Assignment, Client, Device, Node, NodeKind, Parent};
use crate::sqm::Sqm;

/// Writes a network. The same network gives the same bytes; errors are those of `out`.
pub fn write(network: &NetworkGraph, out: impl Write) -> io::Result<()> {
    let mut out = LineWriter::new(out);
    let stated = network.link_ids.len();
    let count = |number: usize| Some(number as u64);
    let counts = Counts {
        nodes: count(network.node_count()),
        links: count(stated),
        set_aside: count(network.set_aside.len()),
        bypass: count(network.bypass.len()),
        reasons: count(network.reasons.len()),
        nets: Some(network.nets.all.len() as u64).filter(|nets| *nets > 0),
        problems: None,
    };
    out.line(&Header::new(FILE, counts))?;
    let documents = network.documents.iter().map(|document| Str::of(document)).collect();
    out.line(&Line { documents: Some(documents), ..Line::default() })?;
    write_nodes(&mut out, network)?;
    for link in network.links().take(stated) {
        write_link(&mut out, network, link)?;
    }
    for set_aside in &network.set_aside {
        let id = set_aside.id.as_ref().map(Into::into);
        out.line(&Line { set_aside: Some(set_aside.code), id, ..Line::default() })?;
    }
    for &prefix in &network.bypass {
        out.line(&Line { bypass: Some(prefix), ..Line::default() })?;
    }
    for (node, reason) in network.reasons.iter() {
        let of = Some((&network.graph[*node].id).into());
        out.line(&Line { reason: Some(Str::of(&reason.text)), of, about: Some(reason.aspect), ..Line::default() })?;
    }
    for net in &network.nets.all {
        out.line(&Line { net: Some(net.clone()), ..Line::default() })?;
    }
    out.finish()
}

fn write_nodes(out: &mut LineWriter<impl Write>, network: &NetworkGraph) -> io::Result<()> {
    // The links that stand for parents come last, in the order of their children.
    let mut parent_links = network.links().skip(network.link_ids.len()).peekable();
    let merged = network.ids.merged_by_node();
    let mut merged = merged.iter().peekable();
    for (index, node) in network.nodes() {
        let own = parent_links.next_if(|link| network.ends(*link).1 == index);
        let cost = own.and_then(|link| network.link(link).stated_cost).map(Into::into);
        let mut line = node_line(network, node, cost);
        while let Some((_, id)) = merged.next_if(|(into, _)| *into == index) {
            line.also.push((*id).into());
        }
        out.line(&line)?;
    }
    Ok(())
}

fn node_line<'n>(network: &'n NetworkGraph, node: &'n Node, cost: Option<u32>) -> Line<'n> {
    let id = Some(Str::of(node.id.as_str()));
    let parent = match node.parent {
        Parent::Unstated => None,
        Parent::Node(parent) => Some(Str::of(network.graph[parent].id.as_str())),
        Parent::Unknown => Some(Str::of(UNKNOWN_PARENT)),
    };
    let is_raw_id = node.id.as_str().ends_with(node.name.as_str()) && node.name == node.id.raw();
    let name = (!is_raw_id).then(|| Str::of(&node.name));
    let line = Line { name, parent, cost, origin: origin_pair(node.origin), ..Line::default() };
    match &node.kind {
        NodeKind::Site(site) => Line {
            site: id,
            capacity_bit: capacity_pair(site.capacity),
            is_virtual: site.is_virtual,
            position: position_pair(site.position),
            ..line
        },
        NodeKind::AccessPoint(ap) => Line {
            access_point: id,
            capacity_bit: capacity_pair(ap.sector),
            position: position_pair(ap.position),
            ..line
        },
        NodeKind::Client(client) => client_line(client, Line { client: id, ..line }),
        NodeKind::Device(device) => device_line(device, Line { device: id, ..line }),
    }
}

fn client_line<'n>(client: &Client, line: Line<'n>) -> Line<'n> {
    let Client { plan, sqm, has_lost_address, left_out } = *client;
    let sqm = Some(sqm).filter(|sqm| *sqm != Sqm::default());
    let (min_bit, max_bit) = (pair([plan.down.min, plan.up.min]), pair([plan.down.max, plan.up.max]));
    Line { max_bit, min_bit, sqm, left_out, has_lost_address, ..line }
}

fn device_line<'n>(device: &'n Device, line: Line<'n>) -> Line<'n> {
    let mut line = Line { mac: Str::unless_empty(&device.mac), comment: Str::unless_empty(&device.comment), ..line };
    for claim in &device.claims {
        prefixes(&mut line, claim.assignment).0.push(claim.prefix);
    }
    line
}

fn prefixes<'l>(line: &'l mut Line<'_>, assignment: Assignment) -> &'l mut Prefixes {
    match assignment {
        Assignment::Override => &mut line.override_,
        Assignment::Static => &mut line.static_,
        Assignment::Session => &mut line.session,
        Assignment::Dhcp => &mut line.dhcp,
        Assignment::Device => &mut line.self_reported,
    }
}

fn write_link(out: &mut LineWriter<impl Write>, network: &NetworkGraph, link: EdgeIndex) -> io::Result<()> {
    let (first, second) = network.ends(link);
    let id = |node: NodeIndex| Some((&network.graph[node].id).into());
    let record = network.link(link);
    out.line(&Line {
        link: Some(Str::of(network.link_id(link).as_str())),
        from: id(first),
        to: id(second),
        capacity_bit: capacity_pair(record.capacity),
        cost: record.stated_cost.map(Into::into),
        ..Line::default()
    })
}
