//! What monitoring devices and network sites hang from.

use std::collections::{BTreeMap, BTreeSet};

use pleach_graph::{Aspect, Capacity, NodeIndex};

use super::Import;
use crate::list::List;
use crate::records::Device;

/// For each site the devices elsewhere that devices at it hang from, each with the smallest that says so.
type Uplinks = BTreeMap<u64, BTreeMap<u64, u64>>;

/// What a further way to a site costs: more than any chain of parents, each of which costs 1, so that the tree follows what
/// devices say of their parents, and takes this way where it is seen from the other end.
const STANDBY: u32 = 1000;

impl<'i> Import<'i> {
    pub(super) fn hang_devices(&mut self, shown: &BTreeSet<u64>) {
        let mut uplinks = Uplinks::new();
        for device in self.data.devices.all().iter().filter(|device| shown.contains(&device.id)) {
            self.hang_device(device, &mut uplinks);
        }
        for (site, parents) in uplinks {
            self.hang_site(site, &parents);
        }
    }

    fn hang_device(&mut self, device: &Device, uplinks: &mut Uplinks) {
        let index = self.nodes[&(List::Monitoring, device.id)];
        let site = self.site_of(device);
        let parent = self.parent_of(device);
        let reason = match (parent, site) {
            (Some(parent), Some((number, _))) if parent.site != Some(number) => {
                uplinks.entry(number).or_default().entry(parent.id).or_insert(device.id);
                "its network site; its parent device stands elsewhere"
            }
            (Some(parent), _) => {
                let node = self.nodes[&(List::Monitoring, parent.id)];
                self.network.edit(index).under(node).because(Aspect::Parent, "its parent device");
                return;
            }
            (None, Some(_)) => "its network site; it has no parent device",
            (None, None) => return,
        };
        if let Some((_, node)) = site {
            self.network.edit(index).under(node).because(Aspect::Parent, reason);
        }
    }

    fn site_of(&mut self, device: &Device) -> Option<(u64, NodeIndex)> {
        let site = device.site?;
        let node = self.nodes.get(&(List::NetworkSites, site)).copied();
        if node.is_none() {
            let by = (List::Monitoring, device.id);
            self.missing.add(by, "network_site_id", (List::NetworkSites, site), "it stands at no site");
        }
        Some((site, node?))
    }

    fn parent_of(&mut self, device: &Device) -> Option<&'i Device> {
        let data = self.data;
        let parent = data.devices.get(device.parent?);
        if parent.is_none() {
            let (by, wanted) = ((List::Monitoring, device.id), (List::Monitoring, device.parent?));
            self.missing.add(by, "parent_id", wanted, "its site alone says where it is");
        }
        parent
    }

    /// Puts a site behind what its devices hang from: the smallest device is its parent, and the others are further ways to it, which stand by.
    fn hang_site(&mut self, site: u64, parents: &BTreeMap<u64, u64>) {
        let index = self.nodes[&(List::NetworkSites, site)];
        for (number, (&parent, &by)) in parents.iter().enumerate() {
            let node = self.nodes[&(List::Monitoring, parent)];
            let reason = format!(
                "`{}` at it has the parent device `{}`",
                self.network.node(self.nodes[&(List::Monitoring, by)]).name,
                self.network.node(node).name
            );
            if number == 0 {
                self.network.edit(index).under(node).because(Aspect::Parent, &reason);
            } else {
                let [first, second] = [node, index].map(|node| self.network.node(node).id.clone());
                self.network.link(self.tables.uplink(site, parent), first, second, Capacity::NONE).cost(STANDBY);
                self.network.edit(index).because(Aspect::Parent, &format!("{reason}: another way, which stands by"));
            }
        }
    }
}
