//! UDP ports that tunnels of one host cannot share.

use std::collections::{BTreeMap, BTreeSet};

use pleach_graph::Code;

use super::Checks;
use crate::name::Name;
use crate::origin::Subject;
use crate::technology::{Technology, UdpPort};

/// What a tunnel does with its port. Two that differ cannot share it: Linux refuses the second.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// A link a net.
    Vxlan,
    /// One link for all nets, which are told apart by metadata.
    VxlanMetadata,
    /// A link a net and remote host.
    Geneve,
    /// One link for all nets.
    GeneveMetadata,
}

impl Use {
    fn of(technology: &Technology) -> Option<Self> {
        match technology {
            Technology::Direct | Technology::Vlan => None,
            Technology::VxlanMulticast(..) | Technology::VxlanE2e(..) => Some(Self::Vxlan),
            Technology::VxlanStatic(..) => Some(Self::VxlanMetadata),
            Technology::Geneve(..) => Some(Self::GeneveMetadata),
            Technology::GeneveE2e(..) => Some(Self::Geneve),
        }
    }
}

impl Checks<'_> {
    pub(super) fn ports(&mut self) {
        let mut reported: BTreeSet<(&Name, &Name)> = BTreeSet::new();
        for host in self.hosts() {
            let mut users: BTreeMap<UdpPort, Vec<(Use, &Name)>> = BTreeMap::new();
            for (net_name, net) in self.model.nets() {
                let technology = self.model.technology(net);
                let (Some(port), Some(what)) = (technology.port(), Use::of(technology)) else { continue };
                let Some((phys, _)) = host.iter().find(|(phys, _)| net.attached().contains(*phys)) else { continue };
                let users = users.entry(port).or_default();
                let settings = net.settings();
                if let Some((_, first)) = users.iter().find(|(other, _)| *other != what)
                    && reported.insert((first.min(&settings), first.max(&settings)))
                {
                    let other = self.model.settings()[*first].type_name();
                    let message = format!(
                        "settings `{settings}` ({}) and `{first}` ({other}) cannot both use UDP port {port} at phys `{phys}`; net `{net_name}` is the second",
                        technology.type_name()
                    );
                    let hint = "give one of them another port, on all hosts";
                    self.report(Code::PortConflict, &Subject::Settings(settings.clone()), "port", message, hint);
                }
                if !users.contains(&(what, settings)) {
                    users.push((what, settings));
                }
            }
        }
    }
}
