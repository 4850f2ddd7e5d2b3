//! Nets: their numbers, and what they need of their physes.

use std::collections::{BTreeMap, BTreeSet};

use pleach_graph::Code;

use super::Checks;
use crate::model::Place;
use crate::name::Name;
use crate::network_id::NetworkId;
use crate::origin::Subject;

impl Checks<'_> {
    pub(super) fn nets(&mut self) {
        self.duplicate_ids();
        self.phys_attributes();
        self.several_local();
    }

    fn duplicate_ids(&mut self) {
        let mut holders: BTreeMap<NetworkId, &Name> = BTreeMap::new();
        for (name, net) in self.model.nets() {
            // A direct net needs no number.
            if net.id() == NetworkId::Direct(0) {
                continue;
            }
            if let Some(first) = holders.get(&net.id()) {
                let message = format!("nets `{first}` and `{name}` are both {}", net.id());
                let hint = "give each net of a technology its own number";
                self.report(Code::DuplicateNetworkId, &Subject::Net(name.clone()), "id", message, hint);
            } else {
                holders.insert(net.id(), name);
            }
        }
    }

    /// What a phys must state: its interface where it is local, its address where tunnels end there.
    fn phys_attributes(&mut self) {
        let mut reported: BTreeSet<(&Name, &str)> = BTreeSet::new();
        for (net_name, net) in self.model.nets() {
            let technology = self.model.technology(net);
            for (name, phys) in self.model.attached(net) {
                let needs = [
                    ("interface", phys.place == Place::Local && phys.interface.is_none()),
                    ("ip", technology.needs_addresses() && phys.ip.is_none()),
                ];
                for (field, is_missing) in needs {
                    if is_missing && reported.insert((name, field)) {
                        let message = format!(
                            "phys `{name}` states no `{field}`, which it needs for net `{net_name}` ({})",
                            technology.type_name()
                        );
                        self.report(Code::MissingAttribute, &Subject::Phys(name.clone()), field, message, "");
                    }
                }
            }
        }
    }

    fn several_local(&mut self) {
        for (net_name, net) in self.model.nets() {
            let local = self.model.attached(net).filter(|(_, phys)| phys.place == Place::Local);
            let local: Vec<String> = local.map(|(name, _)| format!("`{name}`")).collect();
            if local.len() > 1 {
                let message =
                    format!("net `{net_name}` is attached to several physes of this host: {}", local.join(", "));
                let hint = "attach one of them: frames would come back by the other";
                self.report(Code::SeveralLocalPhyses, &Subject::Net(net_name.clone()), "attach", message, hint);
            }
        }
    }
}
