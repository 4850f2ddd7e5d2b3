//! Nets whose frames find their way by filters.

use pleach_tc::Interface;

use super::super::filter::{FilterAction, FilterMatch, Side, TunnelMatch};
use super::super::layout::{
    COPY_CHAIN, DESTINATIONS, FORWARD_CHAIN, GROUPS, LOCAL_COPIES, MOST_LOCAL_COPIES, MOST_REMOTE_COPIES, ONWARDS,
    Part, REMOTE_COPIES, REST, STATIONS, group_chain, net_link, shared_tunnel, station_chain,
};
use super::super::link::LinkKind;
use super::builder::{Builder, Spot};
use super::{LocalVirt, Site};
use crate::mac::{Mac, MacRange};
use crate::network_id::{NetworkId, Vni};

/// The ends of a net on this host.
struct Ends<'a, 'm> {
    site: &'a Site<'m>,
    id: Vni,
    switch: Interface,
    tunnel: Interface,
    virts: Vec<LocalVirt<'m>>,
}

/// Frames for groups: those with the lowest bit of the first byte set.
fn groups() -> MacRange {
    MacRange::new(Mac::GROUP_BIT, Mac::GROUP_BIT)
}

impl Builder {
    /// `comes_by` says of each virt here which interface its frames come in by.
    pub(super) fn routed(&mut self, site: &Site<'_>, comes_by: &[Interface]) {
        let (NetworkId::Vxlan(id) | NetworkId::Geneve(id)) = site.net.id() else {
            unreachable!("invariant: static nets are VXLAN or Geneve");
        };
        let port = site.technology.port().expect("invariant: a tunnel has a port");
        let kind = match site.net.id() {
            NetworkId::Vxlan(_) => LinkKind::VxlanExternal { port },
            _ => LinkKind::GeneveExternal { port },
        };
        let tunnel = self.tunnel(shared_tunnel(site.net.id(), port), kind, None, site.aggregates());
        let switch = self.link(net_link(site.net.id(), Part::Switch), LinkKind::Dummy, site.net.mtu);
        let ends = Ends { site, id, switch, tunnel, virts: site.local_virts() };
        for (at, (virt, comes_by)) in ends.virts.iter().zip(comes_by).enumerate() {
            self.alone(virt.interface);
            self.frames_of_virt(&ends, comes_by);
            self.copies_of_virt(&ends, at, comes_by);
        }
        self.destinations(&ends);
        self.frames_of_tunnel(&ends);
    }

    fn ingress(
        &mut self,
        interface: &Interface,
        chain: u32,
        preference: u16,
        matches: FilterMatch,
        actions: Vec<FilterAction>,
    ) {
        self.filter(Spot { interface, side: Side::Ingress, chain, preference }, matches, actions);
    }

    fn frames_of_virt(&mut self, ends: &Ends<'_, '_>, virt: &Interface) {
        self.ingress(virt, 0, ONWARDS, FilterMatch::all(), vec![FilterAction::Goto(FORWARD_CHAIN)]);
        let copy = vec![FilterAction::Goto(COPY_CHAIN)];
        self.ingress(virt, FORWARD_CHAIN, GROUPS, FilterMatch::to(groups()), copy);
        let switch = FilterAction::Redirect { to: ends.switch.clone(), side: Side::Ingress };
        self.ingress(virt, FORWARD_CHAIN, STATIONS, FilterMatch::all(), vec![switch]);
    }

    /// What a virt sends to groups: a copy to all others here, and to every host.
    fn copies_of_virt(&mut self, ends: &Ends<'_, '_>, from: usize, virt: &Interface) {
        let others = ends.virts.iter().enumerate().filter(|(at, _)| *at != from).map(|(_, other)| other.interface);
        self.local_copies(virt, COPY_CHAIN, others);
        let Some(source) = ends.site.phys.ip else { return };
        let mut remotes: Vec<_> = ends.site.remotes.iter().map(|(_, remote)| *remote).collect();
        remotes.sort_unstable();
        for (preference, some) in (REMOTE_COPIES..).zip(remotes.chunks(MOST_REMOTE_COPIES)) {
            let mut actions = Vec::with_capacity(2 * some.len() + 1);
            for &destination in some {
                actions.push(FilterAction::SetTunnel {
                    source,
                    destination,
                    id: ends.id,
                    df: ends.site.df(destination),
                });
                actions.push(FilterAction::Mirror(ends.tunnel.clone()));
            }
            actions.push(FilterAction::Continue);
            self.ingress(virt, COPY_CHAIN, preference, FilterMatch::all(), actions);
        }
        self.ingress(virt, COPY_CHAIN, REST, FilterMatch::all(), vec![FilterAction::Drop]);
    }

    fn local_copies<'i>(&mut self, on: &Interface, chain: u32, targets: impl Iterator<Item = &'i Interface>) {
        let targets: Vec<&Interface> = targets.collect();
        for (preference, some) in (LOCAL_COPIES..).zip(targets.chunks(MOST_LOCAL_COPIES)) {
            let mut actions: Vec<_> = some.iter().map(|target| FilterAction::Mirror((*target).clone())).collect();
            actions.push(FilterAction::Continue);
            self.ingress(on, chain, preference, FilterMatch::all(), actions);
        }
    }

    /// The switch: every station that is known, here or elsewhere. Frames for others are dropped, and counted.
    fn destinations(&mut self, ends: &Ends<'_, '_>) {
        self.local_destinations(ends, &ends.switch, 0);
        let source = ends.site.phys.ip;
        for (mac, destination) in ends.site.remote_virts() {
            let Some(source) = source else { continue };
            let actions = vec![
                FilterAction::SetTunnel { source, destination, id: ends.id, df: ends.site.df(destination) },
                FilterAction::Redirect { to: ends.tunnel.clone(), side: Side::Egress },
            ];
            self.ingress(&ends.switch, 0, DESTINATIONS, FilterMatch::to(MacRange::single(mac)), actions);
        }
        self.ingress(&ends.switch, 0, REST, FilterMatch::all(), vec![FilterAction::Drop]);
    }

    fn local_destinations(&mut self, ends: &Ends<'_, '_>, on: &Interface, chain: u32) {
        for LocalVirt { interface, virt } in &ends.virts {
            let Some(mac) = virt.mac else { continue };
            let action = FilterAction::Redirect { to: (*interface).clone(), side: Side::Egress };
            self.ingress(on, chain, DESTINATIONS, FilterMatch::to(MacRange::single(mac)), vec![action]);
        }
    }

    /// The tunnel: frames of this net from hosts that are in it. Others are dropped, and counted.
    fn frames_of_tunnel(&mut self, ends: &Ends<'_, '_>) {
        let (group_chain, station_chain) = (group_chain(ends.id), station_chain(ends.id));
        for (_, remote) in &ends.site.remotes {
            let tunnel = Some(TunnelMatch { id: ends.id, source: *remote });
            let to_groups = FilterMatch { tunnel, ..FilterMatch::to(groups()) };
            let goto = |chain| ends.site.marking().into_iter().chain([FilterAction::Goto(chain)]).collect();
            self.ingress(&ends.tunnel, 0, GROUPS, to_groups, goto(group_chain));
            let to_stations = FilterMatch { tunnel, ..FilterMatch::all() };
            self.ingress(&ends.tunnel, 0, STATIONS, to_stations, goto(station_chain));
        }
        self.ingress(&ends.tunnel, 0, REST, FilterMatch::all(), vec![FilterAction::Drop]);
        self.local_copies(&ends.tunnel, group_chain, ends.virts.iter().map(|virt| virt.interface));
        self.local_destinations(ends, &ends.tunnel, station_chain);
        for chain in [group_chain, station_chain] {
            self.ingress(&ends.tunnel, chain, REST, FilterMatch::all(), vec![FilterAction::Drop]);
        }
    }
}
