//! Interfaces: one purpose each.

use std::collections::BTreeMap;

use pleach_graph::Code;
use pleach_tc::Interface;

use super::Checks;
use crate::links::layout::LINK_PREFIX;
use crate::model::{Phys, Place, VirtKey};
use crate::name::Name;
use crate::origin::Subject;
use crate::technology::Technology;

/// The virts at each phys: net, name, interface.
type VirtsAt<'m> = BTreeMap<&'m Name, Vec<(&'m Name, &'m Name, &'m Interface)>>;

impl Checks<'_> {
    pub(super) fn interfaces(&mut self) {
        let mut virts: VirtsAt<'_> = BTreeMap::new();
        for (net, _, name, virt) in self.model.virts() {
            let Some(connection) = &virt.connection else { continue };
            if let Some(interface) = &connection.interface {
                virts.entry(&connection.phys).or_default().push((net, name, interface));
            }
        }
        for host in self.hosts() {
            self.reused(&host, &virts);
        }
        self.bridged_physes();
        self.missing_on_this_host();
    }

    /// Interfaces of one host that two physes, two virts, or a phys and a virt have.
    fn reused(&mut self, host: &[(&Name, &Phys)], virts: &VirtsAt<'_>) {
        let mut users: BTreeMap<&Interface, (Subject, String)> = BTreeMap::new();
        let mut found: Vec<(Subject, String)> = Vec::new();
        let mut claim = |interface, subject, words: String| {
            if let Some((_, first)) = users.get(interface) {
                found.push((subject, format!("{first} and {words} both have the interface `{interface}`")));
            } else {
                users.insert(interface, (subject, words));
            }
        };
        for (name, phys) in host {
            if let Some(interface) = &phys.interface {
                claim(interface, Subject::Phys((*name).clone()), format!("phys `{name}`"));
            }
        }
        for (net, name, interface) in host.iter().filter_map(|(phys, _)| virts.get(*phys)).flatten() {
            let key = VirtKey { net: (*net).clone(), virt: (*name).clone() };
            claim(interface, Subject::Virt(key), format!("virt `{name}` of net `{net}`"));
        }
        for (interface, words) in users.iter().filter(|(interface, _)| interface.as_str().starts_with(LINK_PREFIX)) {
            let message = format!(
                "{} has the interface `{interface}`: `{LINK_PREFIX}…` is what Pleach calls its own links",
                words.1
            );
            found.push((words.0.clone(), message));
        }
        for (subject, message) in found {
            let hint = "an interface belongs to one virt, or leads to the underlay";
            self.report(Code::InterfaceReused, &subject, "interface", message, hint);
        }
    }

    /// A phys of a direct net is a port of a bridge: it can be in no other, and its own address no longer answers.
    fn bridged_physes(&mut self) {
        let mut direct: BTreeMap<&Name, &Name> = BTreeMap::new();
        let mut tunnels: BTreeMap<&Name, &Name> = BTreeMap::new();
        let mut found = Vec::new();
        for (net_name, net) in self.model.nets() {
            let technology = self.model.technology(net);
            for phys in net.attached() {
                if *technology == Technology::Direct
                    && let Some(first) = direct.insert(phys, net_name)
                {
                    let message = format!("phys `{phys}` is attached to the direct nets `{first}` and `{net_name}`");
                    found.push((phys, message, "an interface can be in one bridge only: use a VLAN for one of them"));
                }
                if technology.port().is_some() {
                    tunnels.entry(phys).or_insert(net_name);
                }
            }
        }
        for (phys, net) in direct {
            if let Some(tunnel) = tunnels.get(phys) {
                let message = format!(
                    "phys `{phys}` is a bridge's port in the direct net `{net}`, but net `{tunnel}` needs its address"
                );
                found.push((phys, message, "attach the direct net to another interface"));
            }
        }
        for (phys, message, hint) in found {
            self.report(Code::InterfaceReused, &Subject::Phys(phys.clone()), "attach", message, hint);
        }
    }

    fn missing_on_this_host(&mut self) {
        let Some(interfaces) = &self.host.interfaces else { return };
        let hint = "say what it is called on this host, or make it first";
        for (name, phys) in self.model.local_physes() {
            if let Some(interface) = phys.interface.as_ref().filter(|interface| !interfaces.contains_key(*interface)) {
                let message = format!("the interface `{interface}` of phys `{name}` does not exist");
                self.report(Code::NoSuchInterface, &Subject::Phys(name.clone()), "interface", message, hint);
            }
        }
        for (net, _, name, virt) in self.model.virts() {
            let Some(connection) = &virt.connection else { continue };
            let is_local = self.model.physes().get(&connection.phys).is_some_and(|phys| phys.place == Place::Local);
            if let Some(interface) =
                connection.interface.as_ref().filter(|one| is_local && !interfaces.contains_key(*one))
            {
                let message =
                    format!("the interface `{interface}` of virt `{name}` does not exist, so the virt is left out");
                let key = VirtKey { net: net.clone(), virt: name.clone() };
                let hint = "commit again when it is there";
                self.report(Code::AbsentVirt, &Subject::Virt(key), "interface", message, hint);
            }
        }
    }
}
