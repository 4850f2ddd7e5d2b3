//! Nets that are bound to the network: what the classifier must know to tell their subscribers.

use std::collections::BTreeMap;

use pleach_graph::{Code, NodeId};

use super::Checks;
use crate::name::Name;
use crate::origin::Subject;

impl Checks<'_> {
    pub(super) fn bindings(&mut self) {
        let mut nodes: BTreeMap<&NodeId, &Name> = BTreeMap::new();
        let mut numbers: BTreeMap<u32, &Name> = BTreeMap::new();
        for (name, net) in self.model.nets() {
            let Some(node) = &net.at else { continue };
            let subject = Subject::Net(name.clone());
            if let Some(first) = nodes.get(node) {
                let message = format!("nets `{first}` and `{name}` are both at `{node}`");
                let hint = "bind each net to a node of its own: which net a subscriber is in follows from the node";
                self.report(Code::BoundTwice, &subject, "at", message, hint);
            } else {
                nodes.insert(node, name);
            }
            if self.model.technology(net).port().is_none() {
                continue;
            }
            if let Some(first) = numbers.get(&net.id().number()) {
                // Within a technology that is said of all nets.
                if self.model.nets()[*first].id() != net.id() {
                    let number = net.id().number();
                    let message =
                        format!("nets `{first}` and `{name}` carry subscribers and have both the number {number}");
                    let hint = "give each of them its own number: subscribers are told by it alone";
                    self.report(Code::DuplicateNetworkId, &subject, "id", message, hint);
                }
            } else {
                numbers.insert(net.id().number(), name);
            }
            self.bound_ends(name);
        }
    }

    /// A tunnel is followed between addresses that are known.
    fn bound_ends(&mut self, name: &Name) {
        let net = &self.model.nets()[name];
        if self.model.technology(net).needs_addresses() {
            return; // that is said of every net of such a type
        }
        for (phys_name, phys) in self.model.attached(net) {
            if phys.ip.is_none() {
                let message = format!("phys `{phys_name}` states no `ip`, by which tunnels of net `{name}` are known");
                self.report(Code::MissingAttribute, &Subject::Phys(phys_name.clone()), "ip", message, "");
            }
        }
    }
}
