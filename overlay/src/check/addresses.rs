//! Addresses of physes.

use std::collections::BTreeMap;
use std::net::IpAddr;

use pleach_graph::Code;

use super::Checks;
use crate::name::Name;
use crate::origin::Subject;
use crate::technology::Family;

impl Checks<'_> {
    pub(super) fn addresses(&mut self) {
        self.usable_addresses();
        self.duplicate_addresses();
        self.families();
        self.not_of_this_host();
    }

    /// A tunnel that ends at an address of another host carries nothing, and its host learns nothing of that. Most often it is
    /// the wrong phys.
    fn not_of_this_host(&mut self) {
        let Some(addresses) = &self.host.addresses else { return };
        for (name, phys) in self.model.local_physes() {
            let Some(ip) = phys.ip.filter(|ip| !addresses.contains(ip)) else { continue };
            let mut nets = self.model.nets().iter().filter(|(_, net)| net.attached().contains(name));
            let Some((net, _)) = nets.find(|(_, net)| self.model.technology(net).port().is_some()) else { continue };
            let message = format!(
                "no interface of this host has the address `{ip}` of phys `{name}`, where the tunnels of net `{net}` end"
            );
            let hint = "see whether this host is that phys; at boot, commit once the address is there";
            self.report(Code::NoSuchAddress, &Subject::Phys(name.clone()), "ip", message, hint);
        }
    }

    fn usable_addresses(&mut self) {
        for (name, phys) in self.model.physes() {
            let Some(ip) = phys.ip.filter(|ip| ip.is_multicast() || ip.is_unspecified() || ip.is_loopback()) else {
                continue;
            };
            let message = format!("`{ip}` is not an address that a host has in a network");
            self.report(Code::BadOverlayValue, &Subject::Phys(name.clone()), "ip", message, "");
        }
    }

    fn duplicate_addresses(&mut self) {
        let mut holders: BTreeMap<IpAddr, &Name> = BTreeMap::new();
        for (name, phys) in self.model.physes() {
            let Some(ip) = phys.ip else { continue };
            if let Some(first) = holders.get(&ip) {
                let message = format!("physes `{first}` and `{name}` both have the address `{ip}`");
                let hint = "give each phys its own address: remote hosts tell them apart by it";
                self.report(Code::DuplicateUnderlayAddress, &Subject::Phys(name.clone()), "ip", message, hint);
            } else {
                holders.insert(ip, name);
            }
        }
    }

    /// One family a net: of its group, where it has one, and of all its physes.
    fn families(&mut self) {
        for (net_name, net) in self.model.nets() {
            let group = self.model.technology(net).group();
            let group = group.map(|group| (format!("group `{}`", group.address()), Family::of(group.address())));
            let physes = self.model.attached(net).filter_map(|(name, phys)| Some((name, phys.ip?)));
            let physes = physes.map(|(name, ip)| (format!("phys `{name}`"), Family::of(ip)));
            let ends: Vec<_> = group.into_iter().chain(physes).collect();
            let Some((first, family)) = ends.first() else { continue };
            if let Some((other, unlike)) = ends.iter().find(|(_, of)| of != family) {
                let message = format!("net `{net_name}` has {first} with {family} and {other} with {unlike}");
                let hint = "use one address family for all ends of a net";
                self.report(Code::MixedUnderlay, &Subject::Net(net_name.clone()), "attach", message, hint);
            }
        }
    }
}
