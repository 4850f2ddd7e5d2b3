//! Virts: where they are, and their MAC addresses.

use std::collections::BTreeMap;

use pleach_graph::Code;

use super::Checks;
use crate::mac::Mac;
use crate::model::{Net, Virt, VirtKey};
use crate::name::Name;
use crate::origin::Subject;

impl Checks<'_> {
    pub(super) fn virts(&mut self) {
        for (net_name, net) in self.model.nets() {
            let mut holders: BTreeMap<Mac, &Name> = BTreeMap::new();
            for (name, virt) in net.virts() {
                let subject = Subject::Virt(VirtKey { net: net_name.clone(), virt: name.clone() });
                self.connection(&subject, net_name, net, name, virt);
                let Some(mac) = virt.mac else { continue };
                if mac.is_group() || mac == Mac::ZERO {
                    let message = format!("`{mac}` is not the MAC address of a station");
                    let hint = "the lowest bit of the first byte is clear in a station's address";
                    self.report(Code::BadOverlayValue, &subject, "mac", message, hint);
                }
                if let Some(first) = holders.get(&mac) {
                    let message = format!("virts `{first}` and `{name}` of net `{net_name}` both have `{mac}`");
                    let hint = "MAC addresses are unique in a net; other nets may have the same";
                    self.report(Code::DuplicateMac, &subject, "mac", message, hint);
                } else {
                    holders.insert(mac, name);
                }
            }
        }
    }

    fn connection(&mut self, subject: &Subject, net_name: &Name, net: &Net, name: &Name, virt: &Virt) {
        let Some(connection) = &virt.connection else { return };
        let phys = &connection.phys;
        if !net.attached().contains(phys) {
            let message =
                format!("virt `{name}` is connected at phys `{phys}`, which is not attached to net `{net_name}`");
            self.report(Code::NotAttached, subject, "phys", message, "attach the phys to the net");
        }
        let technology = self.model.technology(net);
        let needs =
            [("interface", connection.interface.is_none()), ("mac", virt.mac.is_none() && technology.is_static())];
        for (field, is_missing) in needs {
            if is_missing {
                let message = format!(
                    "virt `{name}` states no `{field}`, which it needs in net `{net_name}` ({})",
                    technology.type_name()
                );
                self.report(Code::MissingAttribute, subject, field, message, "");
            }
        }
    }
}
