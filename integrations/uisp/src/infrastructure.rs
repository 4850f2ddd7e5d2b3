//! Sites, access points and what carries the paths between them, as nodes and links.

use pleach_graph::{Capacity, Code, GraphBuilder, Limit, NodeId, Origin, Position, Problem};

use crate::attach::Attachment;
use crate::capacity;
use crate::direction::{Direction, direction};
use crate::import::{Context, Document, Nodes};
use crate::links::{Between, End};
use crate::owners::Owner;
use crate::placing::place_sites;
use crate::position::{self, Middle, Stated};
use crate::radios::Radios;
use crate::records::Device;
use crate::settings::PathDevices;
use crate::tables::node_id;
use crate::words::{DeviceType, LinkState, LinkType, Role, WirelessMode};

/// What a path costs that is only taken where there is no other: a link that is down. More than a thousand links of
/// 1 Mbit/s.
const COST_OF_DOWN: u32 = 100_000_000;
/// What a link of unknown capacity costs: as much as one of 1 Gbit/s, so that it is neither sought nor shunned.
const COST_OF_UNKNOWN: u32 = 100;

/// What a device of the operator's is to the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// Nothing: no path leads through it.
    None,
    /// It carries a path.
    Path,
    /// Customers attach to it.
    AccessPoint,
}

/// The operator's network while it is added.
pub(crate) struct Infrastructure<'c, 'b> {
    context: &'c Context<'c>,
    builder: &'b mut GraphBuilder,
    nodes: &'b mut Nodes,
    radios: &'b mut Radios,
}

impl<'c, 'b> Infrastructure<'c, 'b> {
    pub(crate) fn new(
        context: &'c Context<'c>,
        nodes: &'b mut Nodes,
        radios: &'b mut Radios,
        builder: &'b mut GraphBuilder,
    ) -> Self {
        Self { context, builder, nodes, radios }
    }

    /// Adds it all. `attachments` says to what customers attach.
    pub(crate) fn add(mut self, attachments: &[Option<Attachment>]) {
        let sites = self.add_sites();
        self.add_devices(attachments);
        for between in &self.context.links.between {
            self.add_between(between);
        }
        place_sites(self.context, self.nodes, &sites, attachments, self.builder);
    }

    /// Adds the operator's sites; returns them by id.
    fn add_sites(&mut self) -> Vec<usize> {
        let all = &self.context.decoded.sites;
        let mut sites: Vec<usize> = (0..all.all.len()).filter(|&site| !self.context.owners.is_client(site)).collect();
        sites.sort_unstable_by(|&a, &b| all[a].id.cmp(&all[b].id));
        let middle = Middle::of(sites.iter().filter_map(|&site| all[site].location));
        for &site in &sites {
            let record = &all[site];
            let id = node_id(&self.context.tables.sites, &record.id);
            let position = record.location.and_then(|location| self.position(location, middle, &record.called(), &id));
            let origin = Self::origin(self.context.documents.sites);
            let entry = self.builder.site(id, &record.name).position(position).origin(origin);
            self.nodes.sites[site] = Some(entry.index());
        }
        sites
    }

    fn origin(document: Document<'_>) -> Origin {
        Origin { document: document.number, line: 0 } // a position in the list would tell equal lists apart
    }

    /// Where a site stands; what is wrong with how that is stated is said.
    fn position(&mut self, stated: (f64, f64), middle: Option<Middle>, name: &str, id: &NodeId) -> Option<Position> {
        let (position, done) = match position::read(stated, middle) {
            Stated::Right(position) => return Some(position),
            Stated::Turned(position) => (Some(position), "they are each other's, and turned round"),
            Stated::Nowhere => (None, "it has no position"),
        };
        let (latitude, longitude) = stated;
        let message = format!("site `{name}` cannot be at latitude {latitude} and longitude {longitude}; {done}");
        let problem = Problem::new(Code::BadPosition, message)
            .at(self.context.documents.sites.name, 0)
            .field("description.location")
            .record(id)
            .hint("correct the location of the site in UISP");
        self.builder.report(problem);
        position
    }

    /// Adds the devices that customers attach to or that paths lead through, each joined to its site by its cable.
    fn add_devices(&mut self, attachments: &[Option<Attachment>]) {
        let uses = self.uses(attachments);
        let devices = &self.context.decoded.devices;
        let mut wanted: Vec<usize> = (0..uses.len()).filter(|&device| uses[device] != Use::None).collect();
        wanted.sort_unstable_by(|&a, &b| devices[a].id.cmp(&devices[b].id));
        let origin = Self::origin(self.context.documents.devices);
        for device in wanted {
            let record = &devices[device];
            let id = node_id(&self.context.tables.devices, &record.id);
            let index = match uses[device] {
                Use::AccessPoint => {
                    let sector = self.radio(device);
                    self.say_unknown_sector(record, sector, &id);
                    self.builder.access_point(id.clone(), &record.name).capacity(sector).origin(origin).index()
                }
                _ if self.context.settings.path_devices == PathDevices::Shown => {
                    self.builder.access_point(id.clone(), &record.name).origin(origin).index()
                }
                _ => self.builder.device(id.clone(), &record.name).origin(origin).index(),
            };
            self.nodes.devices[device] = Some(index);
            self.join_to_site(device, id);
        }
    }

    /// By device: what it is to the network. Customers' own devices are none of it.
    fn uses(&self, attachments: &[Option<Attachment>]) -> Vec<Use> {
        let devices = &self.context.decoded.devices.all;
        let mut uses = vec![Use::None; devices.len()];
        let is_sector = |device: &Device| match (device.device_type, device.role) {
            (Some(DeviceType::Olt), _) => true,
            (_, Some(Role::AccessPoint)) => device.mode == Some(WirelessMode::AccessPoint),
            _ => false,
        };
        for (device, record) in devices.iter().enumerate() {
            if is_sector(record) && matches!(self.context.owners.of_device(device), Owner::Operator(_)) {
                uses[device] = Use::AccessPoint;
            } else if self.context.links.carries_path(device) {
                uses[device] = Use::Path;
            }
        }
        for attachment in attachments.iter().flatten() {
            if let End::Device(device) = attachment.to
                && !matches!(self.context.owners.of_device(device), Owner::Client(_))
            {
                uses[device] = Use::AccessPoint;
            }
        }
        uses
    }

    /// Joins a device to its site: both ways, its fastest port is the limit.
    fn join_to_site(&mut self, device: usize, id: NodeId) {
        let Owner::Operator(site) = self.context.owners.of_device(device) else {
            self.say_nowhere(device);
            return;
        };
        let record = &self.context.decoded.devices[device];
        let cable = capacity::cable(record, self.context.settings);
        let port = node_id(&self.context.tables.ports, &record.id);
        let site = node_id(&self.context.tables.sites, &self.context.decoded.sites[site].id);
        let origin = Self::origin(self.context.documents.devices);
        let _ = self.builder.link(port, site, id, cable).cost(cost(cable)).origin(origin);
    }

    /// A device of which UISP does not say where it stands, nor a data link how to reach it.
    fn say_nowhere(&mut self, device: usize) {
        let is_reached = self.context.links.carries_path(device);
        let Some(node) = self.nodes.devices[device].filter(|_| !is_reached) else { return };
        let record = self.builder.node(node);
        let message =
            format!("access point `{}` stands at no site that UISP lists, and no data link leads to it", record.name);
        let problem = Problem::new(Code::Unreachable, message)
            .at(self.context.documents.devices.name, 0)
            .record(&record.id)
            .hint("assign the device to its site in UISP");
        self.builder.report(problem);
        let _ = self.builder.edit(node).unplaced();
    }

    fn radio(&mut self, device: usize) -> Capacity {
        self.radios.of(device, self.context, self.builder)
    }

    /// An access point that states nothing leaves its customers to what is above it.
    fn say_unknown_sector(&mut self, record: &Device, sector: Capacity, id: &NodeId) {
        let states_nothing = record.radio.downlink.is_none() && record.radio.uplink.is_none();
        if record.role != Some(Role::AccessPoint) || sector != Capacity::NONE || !states_nothing {
            return;
        }
        let message = format!("access point `{}` states no capacity; what is above it is the limit", record.name);
        let problem = Problem::new(Code::BadCapacity, message)
            .at(self.context.documents.devices.name, 0)
            .record(id)
            .hint("see whether the access point is up, and reports to UISP");
        self.builder.report(problem);
    }

    /// Adds a link between two sites.
    fn add_between(&mut self, between: &Between) {
        let record = &self.context.decoded.links[between.link];
        let is_down = record.state == LinkState::Disconnected;
        let wireless = match record.link_type {
            Some(link_type) => link_type == LinkType::Wireless,
            None => between.ends.iter().all(|&end| self.is_radio(end)),
        };
        let id = node_id(&self.context.tables.links, &record.id);
        let (ends, capacity) = if wireless {
            self.over_the_air(between, &id)
        } else {
            let port = [record.from.port, record.to.port].into_iter().flatten().min();
            let limit = Limit::from(port.map(|port| self.context.settings.ethernet_headroom.of(port)));
            (between.ends, Capacity { down: limit, up: limit })
        };
        let [first, second] = ends.map(|end| self.end_id(end));
        let cost = if is_down { COST_OF_DOWN } else { cost(capacity) };
        let origin = Self::origin(self.context.documents.links);
        let _ = self.builder.link(id, first, second, capacity).cost(cost).origin(origin);
    }

    fn is_radio(&self, end: End) -> bool {
        matches!(end, End::Device(device) if self.context.decoded.devices[device].mode.is_some())
    }

    fn end_id(&self, end: End) -> NodeId {
        match end {
            End::Device(device) => node_id(&self.context.tables.devices, &self.context.decoded.devices[device].id),
            End::Site(site) => node_id(&self.context.tables.sites, &self.context.decoded.sites[site].id),
        }
    }

    /// A radio link from its access point to its station, and what both of them carry.
    fn over_the_air(&mut self, between: &Between, id: &NodeId) -> ([End; 2], Capacity) {
        let [first, second] = between.ends.map(|end| if let End::Device(device) = end { Some(device) } else { None });
        let devices = &self.context.decoded.devices;
        let records = [first, second].map(|device| device.map(|device| &devices[device]));
        let radios = [first, second].map(|device| device.map_or(Capacity::NONE, |device| self.radio(device)));
        let both = radios[0].min(radios[1]);
        if both == Capacity::NONE {
            self.say_link(Code::BadCapacity, id, "states no capacity at either end; other limits hold");
        }
        match direction(records) {
            Direction::FirstIsAccessPoint => (between.ends, both),
            Direction::SecondIsAccessPoint => ([between.ends[1], between.ends[0]], both),
            Direction::Unknown => {
                if both != Capacity::NONE {
                    let what = "does not say which end is the access point; the smaller direction is used for both";
                    self.say_link(Code::LinkDirection, id, what);
                }
                let limit = both.smaller();
                (between.ends, Capacity { down: limit, up: limit })
            }
        }
    }

    fn say_link(&mut self, code: Code, id: &NodeId, what: &str) {
        let problem = Problem::new(code, format!("data link `{}` {what}", id.raw()))
            .at(self.context.documents.links.name, 0)
            .record(id)
            .hint("see whether both radios are up, and report to UISP");
        self.builder.report(problem);
    }
}

/// What a link costs that states no cost; 0 leaves it to its capacity.
fn cost(capacity: Capacity) -> u32 {
    if capacity.smaller() == Limit::NONE { COST_OF_UNKNOWN } else { 0 }
}
