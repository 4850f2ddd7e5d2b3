//! Reading a network: nothing is joined again, and nothing is taken that does not hold together.

use std::collections::HashSet;
use std::io::BufRead;
use std::num::NonZeroU32;

use petgraph::graph::NodeIndex;

use super::error::{Damage, StoredError};
use super::finish::finish;
use super::header::{Counts, Header};
use super::line::{Kind, Line, UNKNOWN_PARENT, rates};
use super::lines::{Lines, damaged, parse};
use super::texts::{Id, Prefixes, Str};
use crate::builder::{GraphBuilder, LinkRecord, top_id};
use crate::id::NodeId;
use crate::link::Link;
use crate::network_graph::{NetworkGraph, SetAside};
use crate::node::{
    AccessPoint, Assignment, Claim, Client, Device, Node, NodeKind, Origin, Parent, Plan, PlanRate, Site, Text,
};

/// What the first line calls the file.
pub(super) const FILE: &str = "network";

/// For how many nodes there is room from the start: a first line may say anything.
const MOST_RESERVED: u64 = 1 << 20;

/// Reads a network that [`write`](super::write) wrote: it is the same in everything that can be asked of it.
pub fn read(input: impl BufRead) -> Result<NetworkGraph, StoredError> {
    let mut lines = Lines::new(input);
    let (_, header) = lines.next()?.ok_or(StoredError::NoHeader { expected: FILE })?;
    let counts = Header::read(header, FILE)?;
    let mut parts = Parts::new(counts);
    while let Some((number, line)) = lines.next()? {
        parse(line).and_then(|line| parts.add(line, number)).map_err(|damage| damaged(number, damage))?;
    }
    counts.check(parts.counts())?;
    finish(parts)
}

/// What has been read so far.
pub(super) struct Parts {
    pub(super) builder: GraphBuilder,
    /// Nodes whose parent stands in a later line, with its id and their own line.
    pub(super) waiting: Vec<(NodeIndex, NodeId, u64)>,
    /// What links that stand for parents cost, by child.
    pub(super) costs: Vec<(NodeId, NonZeroU32)>,
    link_ids: HashSet<NodeId>,
    /// The client that was read last: most devices are its.
    last_client: Option<NodeIndex>,
    reasons: u64,
}

impl Parts {
    fn new(counts: Counts) -> Self {
        let mut parts = Self {
            builder: GraphBuilder::empty(),
            waiting: Vec::new(),
            costs: Vec::new(),
            link_ids: HashSet::new(),
            last_client: None,
            reasons: 0,
        };
        let nodes = counts.nodes.unwrap_or(0).min(MOST_RESERVED);
        let nodes = usize::try_from(nodes).expect("invariant: a million fits");
        parts.builder.reserve(nodes);
        parts
    }

    fn counts(&self) -> Counts {
        let count = |number: usize| Some(number as u64);
        Counts {
            nodes: count(self.builder.graph.node_count()),
            links: count(self.builder.links.len()),
            set_aside: count(self.builder.set_aside.len()),
            bypass: count(self.builder.bypass.len()),
            reasons: Some(self.reasons),
            nets: count(self.builder.nets.all.len()),
            problems: None,
        }
    }

    fn add(&mut self, mut line: Line<'_>, number: u64) -> Result<(), Damage> {
        match line.kind()? {
            Kind::Site => {
                let site = Site { capacity: line.capacity(), is_virtual: line.is_virtual, position: line.position() };
                self.node(line.site.take(), NodeKind::Site(site), &line, number)
            }
            Kind::AccessPoint => {
                let ap = AccessPoint { sector: line.capacity(), position: line.position() };
                self.node(line.access_point.take(), NodeKind::AccessPoint(ap), &line, number)
            }
            Kind::Client => self.node(line.client.take(), NodeKind::Client(client(&line)), &line, number),
            Kind::Device => self.node(line.device.take(), NodeKind::Device(device(&mut line)), &line, number),
            Kind::Link => self.link(line, number),
            Kind::SetAside => {
                let id = line.id.map(|Id(id)| id);
                self.builder.set_aside.extend(line.set_aside.map(|code| SetAside { id, code }));
                Ok(())
            }
            Kind::Bypass => {
                self.builder.bypass.extend(line.bypass);
                Ok(())
            }
            Kind::Documents => {
                self.builder.documents.extend(line.documents.into_iter().flatten().map(|Str(name)| Text::from(name)));
                Ok(())
            }
            Kind::Reason => self.reason(line),
            Kind::Net => {
                self.builder.nets.all.extend(line.net);
                Ok(())
            }
            Kind::Other => Ok(()),
        }
    }

    fn node(&mut self, id: Option<Str<'_>>, kind: NodeKind, line: &Line<'_>, number: u64) -> Result<(), Damage> {
        let Some(Str(id)) = id else { return Ok(()) };
        let id = NodeId::from_stored(&id)?;
        let graph = &self.builder.graph;
        let node = NodeIndex::new(graph.node_count());
        if node == self.builder.top() {
            check_top(&id, &kind, line)?;
        }
        if self.builder.ids.find_or_claim(graph, &id, node).is_some() {
            return Err(Damage::Duplicate(id));
        }
        let name = match &line.name {
            Some(Str(name)) if !name.is_empty() => Text::from(&**name),
            _ => id.raw().into(),
        };
        if let Some(cost) = line.cost.and_then(NonZeroU32::new) {
            self.costs.push((id.clone(), cost));
        }
        for Id(other) in &line.also {
            if *other == id || self.builder.ids.find(&self.builder.graph, other).is_some() {
                return Err(Damage::Duplicate(other.clone()));
            }
            self.builder.ids.merge(other.clone(), node);
        }
        let is_client = matches!(kind, NodeKind::Client(_));
        self.builder.graph.add_node(Node { id, name, origin: line.origin(), kind, parent: Parent::Unstated });
        self.builder.graph[node].parent = self.parent(line.parent.as_ref(), node, number)?;
        if is_client {
            self.last_client = Some(node);
        }
        Ok(())
    }

    /// The parent of `node`, which waits where that stands in a later line.
    fn parent(&mut self, text: Option<&Str<'_>>, node: NodeIndex, number: u64) -> Result<Parent, Damage> {
        let text = match text {
            None => return Ok(Parent::Unstated),
            Some(Str(text)) if text == UNKNOWN_PARENT => return Ok(Parent::Unknown),
            Some(Str(text)) => text,
        };
        let graph = &self.builder.graph;
        if let Some(client) = self.last_client.filter(|client| graph[*client].id.as_str() == text) {
            return Ok(Parent::Node(client));
        }
        let id = NodeId::from_stored(text)?;
        match self.builder.ids.find(graph, &id) {
            Some(parent) if parent == node => Err(Damage::ParentCycle(id)),
            Some(parent) => Ok(Parent::Node(parent)),
            None => {
                self.waiting.push((node, id, number));
                Ok(Parent::Unknown)
            }
        }
    }

    fn link(&mut self, line: Line<'_>, number: u64) -> Result<(), Damage> {
        let capacity = line.capacity();
        let Some(Str(id)) = line.link else { return Ok(()) };
        let id = NodeId::from_stored(&id)?;
        let (Some(Id(first)), Some(Id(second))) = (line.from, line.to) else { return Err(Damage::LooseLink(id)) };
        if first == second {
            return Err(Damage::Loop(id));
        }
        for end in [&first, &second] {
            self.find(end)?;
        }
        if !self.link_ids.insert(id.clone()) {
            return Err(Damage::Duplicate(id));
        }
        let record = Link { capacity, stated_cost: line.cost.and_then(NonZeroU32::new), id: None };
        let origin = Origin { line: u32::try_from(number).unwrap_or(0), ..Origin::default() };
        self.builder.links.push(LinkRecord { ends: [first, second], link: record, id, origin });
        Ok(())
    }

    fn reason(&mut self, line: Line<'_>) -> Result<(), Damage> {
        let (Some(Str(text)), Some(Id(of)), Some(about)) = (line.reason, line.of, line.about) else {
            return Err(Damage::LooseReason);
        };
        let node = self.find(&of)?;
        self.builder.reasons.add(node, about, &*text);
        self.reasons += 1;
        Ok(())
    }

    fn find(&self, id: &NodeId) -> Result<NodeIndex, Damage> {
        self.builder.find(id).ok_or_else(|| Damage::UnknownNode(id.clone()))
    }
}

fn check_top(id: &NodeId, kind: &NodeKind, line: &Line<'_>) -> Result<(), Damage> {
    match &line.parent {
        _ if *id != top_id() || !matches!(kind, NodeKind::Site(_)) => Err(Damage::NotTheTop(id.clone())),
        Some(Str(parent)) => Err(Damage::TopWithParent(parent.to_string())),
        None => Ok(()),
    }
}

fn client(line: &Line<'_>) -> Client {
    let ([down_max, up_max], [down_min, up_min]) = (rates(line.max_bit), rates(line.min_bit));
    let plan = Plan { down: PlanRate { min: down_min, max: down_max }, up: PlanRate { min: up_min, max: up_max } };
    Client { plan, sqm: line.sqm.unwrap_or_default(), has_lost_address: line.has_lost_address, left_out: line.left_out }
}

/// A device, whose claims are sorted by prefix and one a prefix.
fn device(line: &mut Line<'_>) -> Device {
    let text = |text: &Option<Str<'_>>| text.as_ref().map(|Str(text)| Text::from(&**text)).unwrap_or_default();
    let mut device = Device { mac: text(&line.mac), comment: text(&line.comment), ..Device::default() };
    let lists = [
        (&line.override_, Assignment::Override),
        (&line.static_, Assignment::Static),
        (&line.session, Assignment::Session),
        (&line.dhcp, Assignment::Dhcp),
        (&line.self_reported, Assignment::Device),
    ];
    for (Prefixes(prefixes), assignment) in lists {
        device.claims.extend(prefixes.iter().map(|&prefix| Claim { prefix, assignment }));
    }
    if !device.claims.is_sorted_by(|a, b| a.prefix < b.prefix) {
        device.claims.sort_unstable_by_key(|claim| (claim.prefix, claim.assignment));
        device.claims.dedup_by_key(|claim| claim.prefix);
    }
    device
}
