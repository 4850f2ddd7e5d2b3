//! Whether the underlay can carry what a net sends.

use pleach_graph::{Code, Prefix};

use super::Checks;
use crate::model::{Net, Phys, Place};
use crate::mtu::Mtu;
use crate::name::Name;
use crate::origin::Subject;

impl Checks<'_> {
    pub(super) fn mtus(&mut self) {
        for (net_name, net) in self.model.nets() {
            // The narrowest underlay is the one to name.
            let known = |(name, phys)| Some((self.underlay_mtu(phys)?, name, phys));
            let narrow = self.model.attached(net).filter_map(known).min_by_key(|(underlay, ..)| *underlay);
            let Some((underlay, phys_name, phys)) = narrow else { continue };
            if let Some((message, hint)) = self.too_large((net_name, net), (phys_name, phys), underlay) {
                self.report(Code::MtuTooLarge, &Subject::Net(net_name.clone()), "mtu", message, &hint);
            }
        }
    }

    /// The MTU of the underlay at a phys: what is stated, and on this host no more than its interface has.
    fn underlay_mtu(&self, phys: &Phys) -> Option<Mtu> {
        let interfaces = self.host.interfaces.as_ref().filter(|_| phys.place == Place::Local);
        let real = interfaces.and_then(|interfaces| interfaces.get(phys.interface.as_ref()?)).copied();
        match (phys.mtu, real) {
            (Some(stated), Some(real)) => Some(stated.min(real)),
            (stated, real) => stated.or(real),
        }
    }

    fn too_large(
        &self,
        (net_name, net): (&Name, &Net),
        (phys_name, phys): (&Name, &Phys),
        underlay: Mtu,
    ) -> Option<(String, String)> {
        // Where the family is not known, an address is missing, which is a problem of its own.
        let is_known = self.model.technology(net).port().is_none() || self.model.underlay_family(net, phys).is_some();
        if !is_known {
            return None;
        }
        let recommended = self.model.carried(net, phys, underlay);
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
