//! Whether the underlay can carry what a net sends.

use pleach_graph::{Code, Prefix};

use super::Checks;
use crate::model::{Net, Phys};
use crate::mtu::Mtu;
use crate::name::Name;
use crate::origin::Subject;

impl Checks<'_> {
    pub(super) fn mtus(&mut self) {
        for (net_name, net) in self.model.nets() {
            // The narrowest underlay is the one to name.
            let narrow = self.model.attached(net).filter(|(_, phys)| phys.mtu.is_some());
            let Some((phys_name, phys)) = narrow.min_by_key(|(_, phys)| phys.mtu) else { continue };
            if let Some((message, hint)) = self.too_large(net_name, net, phys_name, phys) {
                self.report(Code::MtuTooLarge, &Subject::Net(net_name.clone()), "mtu", message, &hint);
            }
        }
    }

    fn too_large(&self, net_name: &Name, net: &Net, phys_name: &Name, phys: &Phys) -> Option<(String, String)> {
        // Where the family is not known, an address is missing, which is a problem of its own.
        let is_known = self.model.technology(net).port().is_none() || self.model.underlay_family(net, phys).is_some();
        let underlay = phys.mtu.filter(|_| is_known)?;
        let recommended = self.model.recommended_mtu(net, phys);
        let carries = format!("the underlay at phys `{phys_name}` has an MTU of {underlay}");
        let least = if net.prefixes.iter().copied().all(Prefix::is_ipv4) { Mtu::LEAST } else { Mtu::IPV6_LEAST };
        let needed = net.mtu.unwrap_or(least);
        match recommended {
            Some(_) if self.model.may_fragment(net, phys) => None,
            Some(recommended) if needed > recommended => {
                let hint = format!("state an MTU of at most {recommended}, or raise that of the underlay");
                Some((
                    format!("net `{net_name}` needs an MTU of {needed}, but {carries} and carries {recommended}"),
                    hint,
                ))
            }
            None => Some((
                format!("net `{net_name}` needs an MTU of {needed}, but {carries} and carries no packet of it"),
                "raise the MTU of the underlay".to_owned(),
            )),
            Some(_) => None,
        }
    }
}
