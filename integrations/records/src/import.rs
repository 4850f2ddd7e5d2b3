//! From records to the network.

use std::collections::BTreeSet;

use pleach_graph::{
    Aspect, Code, GraphBuilder, IdError, NodeEntry, NodeId, NodeIndex, Origin, Problem, Rule, Table, Text,
};
use pleach_source::{Rates, Suspended, walled_garden};

use crate::order;
use crate::record::{Above, CircuitRecord, DeviceRecord, Found, Inner, LinkRecord, NodeRecord, NodeType, Status};

/// The tables of one source: what the ids of its records start with.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    nodes: Table,
    links: Table,
    circuits: Table,
    devices: Table,
    /// What is made here: the walled garden.
    generated: Table,
    /// Devices that stand in their circuit.
    inner: Table,
}

impl Tables {
    pub(crate) fn new(name: &str) -> Result<Self, IdError> {
        let table = |table| Table::new(name, table);
        Ok(Self {
            nodes: table("node")?,
            links: table("link")?,
            circuits: table("circuit")?,
            devices: table("device")?,
            generated: table("generated")?,
            inner: table("circuit-device")?,
        })
    }
}

/// Records, and the document that each of them stands in.
pub(crate) struct Documents {
    pub(crate) found: Vec<(Found, u32)>,
}

/// Adds the records of all documents to a network.
pub(crate) fn add(
    documents: Documents,
    tables: &Tables,
    (suspended, walled): (Suspended, Rates),
    network: &mut GraphBuilder,
) {
    let mut import = Import {
        tables,
        suspended,
        walled,
        walled_garden: None,
        network,
        has_nodes: false,
        nowhere: Names::default(),
        strays: Names::default(),
    };
    let mut all = All::default();
    for (found, document) in documents.found {
        for _ in 0..found.unreadable {
            import.network.set_aside(None, Code::BadRecord);
        }
        all.nodes.extend(found.nodes.into_iter().map(|record| (record, document)));
        all.links.extend(found.links.into_iter().map(|record| (record, document)));
        all.circuits.extend(found.circuits.into_iter().map(|record| (record, document)));
        all.devices.extend(found.devices.into_iter().map(|record| (record, document)));
    }
    import.has_nodes = !all.nodes.is_empty();
    import.network.reserve(all.nodes.len() + all.circuits.len() * 2 + all.devices.len());
    order::sort(&mut all.nodes, |(node, _)| node.id.as_str());
    order::sort(&mut all.circuits, |(circuit, _)| circuit.id.as_str());
    order::sort(&mut all.devices, |(device, _)| device.id.as_str());
    order::sort(&mut all.links, |(link, _)| link.id.as_deref().unwrap_or_default());
    all.nodes.iter().for_each(|(node, document)| import.node(node, *document));
    all.links.iter().for_each(|(link, document)| import.link(link, *document));
    let is_suspended = |(circuit, _): &(CircuitRecord, u32)| circuit.status == Status::Suspended;
    if suspended == Suspended::Walled && all.circuits.iter().any(is_suspended) {
        import.walled_garden = Some(walled_garden(import.network, tables.generated.id("walled-garden"), walled));
    }
    all.circuits.iter().for_each(|(circuit, document)| import.circuit(circuit, *document));
    all.devices.iter().for_each(|(device, document)| import.device(device, *document));
    import.report();
}

#[derive(Default)]
struct All {
    nodes: Vec<(NodeRecord, u32)>,
    links: Vec<(LinkRecord, u32)>,
    circuits: Vec<(CircuitRecord, u32)>,
    devices: Vec<(DeviceRecord, u32)>,
}

/// Where a record comes from. Without its line: where it stands in an answer means nothing, and must not decide anything.
fn origin(document: u32) -> Origin {
    Origin { document, line: 0 }
}

struct Import<'i> {
    tables: &'i Tables,
    suspended: Suspended,
    walled: Rates,
    /// Where suspended circuits hang, if there is one and they are walled.
    walled_garden: Option<NodeIndex>,
    network: &'i mut GraphBuilder,
    has_nodes: bool,
    /// Circuits that name no parent, though there are nodes.
    nowhere: Names,
    /// Devices whose circuit is not there.
    strays: Names,
}

/// Records that share a problem: some by name, all counted.
#[derive(Default)]
struct Names {
    named: BTreeSet<Text>,
    count: usize,
}

/// So many are named in a problem.
const NAMED: usize = 5;

impl Names {
    fn add(&mut self, name: &Text) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.insert(name.clone());
        }
    }

    /// `` `a`, `b`, … ``
    fn list(&self) -> String {
        let mut text = self.named.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        if self.count > self.named.len() {
            text.push_str(", …");
        }
        text
    }
}

impl Import<'_> {
    fn node(&mut self, record: &NodeRecord, document: u32) {
        let id = self.tables.nodes.id(&record.id);
        let entry = match record.node_type {
            NodeType::Site => self.network.site(id, &record.name),
            NodeType::AccessPoint => self.network.access_point(id, &record.name),
            NodeType::Virtual => self.network.site(id, &record.name).virtual_site(),
        };
        let entry = entry.capacity(record.capacity).position(record.position);
        let entry = entry.origin(origin(document));
        match &record.parent {
            Above::Unstated => {}
            Above::Top => drop(entry.at_top()),
            Above::Node(parent) => drop(entry.parent(self.tables.nodes.id(parent))),
        }
    }

    fn link(&mut self, record: &LinkRecord, document: u32) {
        let ends = record.ends.each_ref().map(|end| self.tables.nodes.id(end));
        for (end, field) in ends.iter().zip(["from", "to"]) {
            if self.network.find(end).is_none() {
                let message = format!("`{}` is no node of this source; the link is set aside", end.raw());
                let name = self.network.document_name(document).to_owned();
                let problem = Problem::new(Code::BadLink, message).at(&name, record.line).field(field);
                self.network.report(problem.hint("state the id of a node, as its own record has it"));
                return;
            }
        }
        let id = match &record.id {
            Some(id) => self.tables.links.id(id),
            None => self.tables.links.id(&format!("{}|{}", record.ends[0], record.ends[1])),
        };
        let [from, to] = ends;
        let origin = origin(document);
        self.network.link(id, from, to, record.capacity).cost(record.cost).origin(origin);
    }

    fn circuit(&mut self, record: &CircuitRecord, document: u32) {
        let id = self.tables.circuits.id(&record.id);
        let is_first = self.network.find(&id).is_none();
        let origin = origin(document);
        let is_suspended = record.status == Status::Suspended;
        let instead = if is_suspended { self.suspended.plan(self.walled) } else { None };
        let (down, up) = instead.unwrap_or((record.down, record.up));
        let mut entry = self.network.client(id, &record.name).plan_rates(down, up).sqm(record.sqm).origin(origin);
        if let Some(garden) = self.walled_garden.filter(|_| is_suspended) {
            entry = entry.under(garden);
        } else if let Some(parent) = &record.parent {
            entry = entry.parent(self.tables.nodes.id(parent));
        } else if self.has_nodes {
            entry = entry.unplaced();
            if is_first && record.status != Status::Inactive {
                self.nowhere.add(&record.id);
            }
        }
        let entry = standing(entry, record.status, self.suspended);
        let client = entry.index();
        if let Some(inner) = record.inner.as_ref().filter(|_| is_first) {
            let id = self.tables.inner.id(&record.id);
            self.add_device(id, "", inner, client, origin);
        }
    }

    fn device(&mut self, record: &DeviceRecord, document: u32) {
        let Some(client) = self.network.find(&self.tables.circuits.id(&record.circuit)) else {
            self.strays.add(&record.id);
            return;
        };
        let origin = origin(document);
        let id: NodeId = self.tables.devices.id(&record.id);
        self.add_device(id, &record.name, &record.inner, client, origin);
    }

    fn add_device(&mut self, id: NodeId, name: &str, inner: &Inner, client: NodeIndex, origin: Origin) {
        let mut entry =
            self.network.device(id, name).under(client).mac(&inner.mac).comment(&inner.comment).origin(origin);
        for prefix in &inner.prefixes {
            entry = entry.prefix(*prefix, pleach_graph::Assignment::Static);
        }
        if inner.has_lost {
            entry.lost_address();
        }
    }

    fn report(&mut self) {
        if self.nowhere.count > 0 {
            let message = match self.nowhere.count {
                1 => format!("the circuit {} names no parent; it hangs", self.nowhere.list()),
                count => format!("{count} circuits name no parent ({}); they hang", self.nowhere.list()),
            };
            let message = format!("{message} from the node `Orphans`");
            self.network.report(Problem::new(Code::NoParent, message).hint("state the id of a node: `parent`"));
        }
        if self.strays.count > 0 {
            let message = match self.strays.count {
                1 => format!("the device {} names a circuit that is not there; it is set aside", self.strays.list()),
                count => format!(
                    "{count} devices name circuits that are not there ({}); they are set aside",
                    self.strays.list()
                ),
            };
            let hint = "state the id of a circuit of the same source, or add its record";
            self.network.report(Problem::new(Code::MissingRecord, message).hint(hint));
        }
    }
}

/// What a circuit's status does to it.
fn standing(entry: NodeEntry<'_>, status: Status, suspended: Suspended) -> NodeEntry<'_> {
    match (status, suspended) {
        (Status::Active, _) => entry,
        (Status::Suspended, Suspended::None) => entry.because(Aspect::Status, "it is suspended, and shaped as usual"),
        (Status::Suspended, Suspended::Slow) => {
            entry.because(Aspect::Status, "it is suspended, and gets the smallest rate")
        }
        (Status::Suspended, Suspended::Ignore) => {
            entry.leave_out(Rule::Suspended).because(Aspect::Status, "it is suspended, and left out")
        }
        (Status::Suspended, Suspended::Walled) => {
            entry.because(Aspect::Status, "it is suspended, and hangs from the walled garden")
        }
        (Status::Inactive, _) => entry.leave_out(Rule::NotInService).because(Aspect::Status, "it is not in use"),
    }
}
