//! Network sites, monitoring devices, routers and sectors.
//!
//! Splynx knows of a device which device it hangs from, and at which site it stands. Both are kept: at one site devices hang from
//! one another, and where a device's parent stands elsewhere, the whole site hangs from that parent. Nothing is guessed by
//! distance.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use hashbrown::{HashMap, HashSet};
use pleach_graph::{Aspect, Capacity, Code, NodeEntry, NodeIndex, Problem, Rate};

use super::{Import, position};
use crate::list::List;
use crate::missing::counted;
use crate::records::{Device, Router, Sector};

impl<'i> Import<'i> {
    pub(super) fn add_hardware(&mut self) {
        self.add_site_nodes();
        self.add_devices();
        self.add_routers();
        self.add_sectors();
    }

    fn add_site_nodes(&mut self) {
        let origin = self.origin(List::NetworkSites);
        for site in self.data.sites.all() {
            let index =
                self.network.site(self.tables.id(List::NetworkSites, site.id), &site.title).origin(origin).index();
            self.set_position(index, &site.gps, List::NetworkSites);
            self.nodes.insert((List::NetworkSites, site.id), index);
        }
    }

    /// Access devices, whatever a service names as its own, and what these hang from. Nobody hangs from the rest: power
    /// supplies, cameras, servers.
    fn add_devices(&mut self) {
        let origin = self.origin(List::Monitoring);
        let named: HashSet<u64> = self.data.services.all().iter().filter_map(|service| service.access_device).collect();
        let shown = self.devices_of_the_network(&named);
        for device in self.data.devices.all().iter().filter(|device| shown.contains(&device.id)) {
            let id = self.tables.id(List::Monitoring, device.id);
            let name = if device.title.is_empty() { &device.ip } else { &device.title };
            let entry = match device.is_access {
                Some(true) => self.network.access_point(id, name),
                None if named.contains(&device.id) => self.network.access_point(id, name),
                _ => self.network.site(id, name),
            };
            let index = entry.origin(origin).index();
            self.set_position(index, &device.gps, List::Monitoring);
            self.nodes.insert((List::Monitoring, device.id), index);
        }
        self.hang_devices(&shown);
    }

    fn devices_of_the_network(&self, named: &HashSet<u64>) -> BTreeSet<u64> {
        let devices = &self.data.devices;
        let access = devices.all().iter().filter(|device| device.is_access == Some(true)).map(|device| device.id);
        let mut open: Vec<u64> = access.chain(named.iter().copied()).collect();
        let mut shown = BTreeSet::new();
        while let Some(id) = open.pop() {
            if let Some(device) = devices.get(id).filter(|_| shown.insert(id)) {
                open.extend(device.parent);
            }
        }
        shown
    }

    fn add_routers(&mut self) {
        let origin = self.origin(List::Routers);
        let site_of = self.sites_by_address();
        let mut at_top = BTreeSet::new();
        for router in self.data.routers.all() {
            let index =
                self.network.site(self.tables.id(List::Routers, router.id), &router.title).origin(origin).index();
            self.set_position(index, &router.gps, List::Routers);
            self.nodes.insert((List::Routers, router.id), index);
            match site_of.get(router.ip.as_str()).copied().flatten() {
                Some((site, device)) if !router.ip.is_empty() => self.hang_router(index, router, site, device),
                _ => drop(at_top.insert(router.id)),
            }
        }
        self.report_routers_at_top(&at_top);
    }

    /// The site of the device that has an address; none where devices of several sites have it.
    fn sites_by_address(&self) -> HashMap<&'i str, Option<(NodeIndex, &'i Device)>> {
        let data = self.data;
        let mut sites: HashMap<&str, Option<(NodeIndex, &Device)>> = HashMap::new();
        for device in data.devices.all() {
            let node = device.site.and_then(|site| self.nodes.get(&(List::NetworkSites, site)).copied());
            let Some(node) = node else { continue };
            let known = sites.entry(&device.ip).or_insert(Some((node, device)));
            if known.is_some_and(|(other, _)| other != node) {
                *known = None;
            }
        }
        sites
    }

    fn hang_router(&mut self, index: NodeIndex, router: &Router, site: NodeIndex, device: &Device) {
        let reason = format!(
            "the monitoring device with its address {} (`{}`) stands at `{}`",
            router.ip,
            self.tables.id(List::Monitoring, device.id),
            self.network.node(site).name
        );
        self.network.edit(index).under(site).because(Aspect::Parent, &reason);
    }

    fn report_routers_at_top(&mut self, at_top: &BTreeSet<u64>) {
        if at_top.is_empty() {
            return;
        }
        let message = format!(
            "no monitoring device at a network site has the address of {}; {} from the top",
            counted(at_top, "router"),
            if at_top.len() == 1 { "it hangs" } else { "they hang" },
        );
        let problem = Problem::new(Code::NoParent, message)
            .at(self.data.document(List::Routers), 0)
            .hint("monitor each router under its own address, and give that device its network site");
        self.network.report(problem);
    }

    fn add_sectors(&mut self) {
        let origin = self.origin(List::Sectors);
        for sector in self.data.sectors.all() {
            let capacity = Capacity { down: sector.down.into(), up: sector.up.into() };
            let id = self.tables.id(List::Sectors, sector.id);
            let entry = self.network.access_point(id, &sector.title).capacity(capacity).origin(origin);
            let index = with_capacity_reason(entry, sector).index();
            self.nodes.insert((List::Sectors, sector.id), index);
            let Some(router) = sector.router else { continue };
            if let Some(&node) = self.nodes.get(&(List::Routers, router)) {
                self.network.edit(index).under(node).because(Aspect::Parent, "its router");
            } else {
                let by = (List::Sectors, sector.id);
                self.missing.add(by, "router_id", (List::Routers, router), "it hangs from the top");
            }
        }
    }

    pub(super) fn set_position(&mut self, index: NodeIndex, gps: &str, list: List) {
        let (position, problem) = position::read(gps, &self.network.node(index).id, self.data.document(list));
        self.network.edit(index).position(position);
        if let Some(problem) = problem {
            self.network.report(problem);
        }
    }
}

fn with_capacity_reason<'b>(entry: NodeEntry<'b>, sector: &Sector) -> NodeEntry<'b> {
    let rate = |rate: Option<Rate>| rate.map_or_else(|| "nothing".to_owned(), |rate| rate.to_string());
    let mut reason = format!("`speed_down` says {}, `speed_up` {}", rate(sector.down), rate(sector.up));
    if let Some(guarantee) = sector.guarantee {
        let _ = write!(reason, "; that {guarantee} % of it are guaranteed (`limit_at`) is not used");
    }
    entry.because(Aspect::Capacity, &reason)
}
