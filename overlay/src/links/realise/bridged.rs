//! Nets whose virts and tunnels are in a bridge.

use pleach_tc::Interface;

use super::super::filter::{FilterAction, FilterMatch, Side};
use super::super::layout::{MARK, Part, direct_bridge, host_tunnel, net_link};
use super::super::link::{Isolation, LinkKind};
use super::builder::{Builder, Spot};
use super::{RealiseError, Site};
use crate::network_id::{NetworkId, Vni};
use crate::technology::{Df, UdpPort};

impl Builder {
    pub(super) fn bridged(&mut self, site: &Site<'_>) -> Result<(), RealiseError> {
        let bridge = match site.net.id() {
            NetworkId::Direct(_) => direct_bridge(site.interface()?),
            id => net_link(id, Part::Bridge),
        };
        let bridge = self.link(bridge, LinkKind::Bridge, site.net.mtu);
        match site.net.id() {
            // The interface itself is in the bridge: it is not ours, and only its membership is undone.
            NetworkId::Direct(_) => self.join(site.interface()?, &bridge, Isolation::Open),
            NetworkId::Vlan(id) => {
                let kind = LinkKind::Vlan { parent: site.interface()?.clone(), id };
                self.tunnel_in(site, kind, &bridge);
            }
            NetworkId::Vxlan(id) => self.vxlan(site, id, &bridge)?,
            NetworkId::Geneve(id) => self.geneve(site, id, &bridge),
        }
        for virt in site.local_virts() {
            self.join(virt.interface, &bridge, Isolation::Open);
        }
        Ok(())
    }

    fn tunnel_in(&mut self, site: &Site<'_>, kind: LinkKind, bridge: &Interface) -> Interface {
        let named = net_link(site.net.id(), Part::Tunnel);
        let tunnel = self.tunnel(named, kind, site.net.mtu, site.aggregates());
        self.end_of_tunnel(site, &tunnel, bridge, Isolation::Open);
        tunnel
    }

    fn end_of_tunnel(&mut self, site: &Site<'_>, tunnel: &Interface, bridge: &Interface, isolation: Isolation) {
        self.join(tunnel, bridge, isolation);
        if let Some(marking) = site.marking() {
            let spot = Spot { interface: tunnel, side: Side::Ingress, chain: 0, preference: MARK };
            self.filter(spot, FilterMatch::all(), vec![marking, FilterAction::Continue]);
        }
    }

    fn vxlan(&mut self, site: &Site<'_>, id: Vni, bridge: &Interface) -> Result<(), RealiseError> {
        let group = site.technology.group().map(crate::technology::MulticastGroup::address);
        let port = site.technology.port().unwrap_or(UdpPort::VXLAN);
        let df = group.or(site.phys.ip).and_then(|outer| site.df(outer)).unwrap_or(Df::Unset);
        let kind = LinkKind::Vxlan { id, port, df, parent: site.interface()?.clone(), local: site.phys.ip, group };
        let tunnel = self.tunnel_in(site, kind, bridge);
        if group.is_none() {
            for (_, remote) in &site.remotes {
                self.flood(&tunnel, *remote);
            }
        }
        Ok(())
    }

    /// A tunnel for each host. They are isolated from each other: the sending host has sent to all by itself.
    fn geneve(&mut self, site: &Site<'_>, id: Vni, bridge: &Interface) {
        let port = site.technology.port().unwrap_or(UdpPort::GENEVE);
        let mut remotes: Vec<_> = site.remotes.iter().map(|(_, remote)| *remote).collect();
        remotes.sort_unstable();
        for remote in remotes {
            let name = self.free(|attempt| host_tunnel(id, remote, attempt));
            let kind = LinkKind::Geneve { id, port, df: site.df(remote).unwrap_or(Df::Unset), remote };
            let tunnel = self.tunnel(name, kind, site.net.mtu, site.aggregates());
            self.end_of_tunnel(site, &tunnel, bridge, Isolation::Isolated);
        }
    }
}
