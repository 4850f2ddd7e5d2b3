//! Nets of a node, and what a circuit's rates leave in its own.

use std::collections::BTreeMap;

use pleach_graph::{Circuit, DeviceMap, Net, NetVirt, NetworkGraph, NodeIndex, Prefix, Rate, TunnelSide};
use serde::Serialize;

use crate::survey::Survey;

/// A net that is bound to a site or access point.
#[derive(Debug, Serialize)]
pub struct NetFacts {
    /// Its name.
    pub name: String,
    /// What tells its packets: `VXLAN 5001`.
    pub told_by: String,
    /// Which addresses below are in it; none: all.
    pub prefixes: Vec<Prefix>,
    /// What it connects.
    pub virts: Vec<NetVirt>,
}

/// What a circuit's rate leaves for frames in its net.
#[derive(Debug, Serialize)]
pub struct InnerFacts {
    /// The net.
    pub net: String,
    /// What tells its packets.
    pub told_by: String,
    /// The size of the packets that it is computed for, in bytes.
    pub packet: u16,
    /// Of the maximum towards the subscriber.
    pub down_bit: Rate,
    /// Of the maximum from it.
    pub up_bit: Rate,
}

pub(super) fn net_facts(net: &Net) -> NetFacts {
    NetFacts {
        name: net.name.to_string(),
        told_by: net.told_by(),
        prefixes: net.prefixes.clone(),
        virts: net.virts.clone(),
    }
}

pub(super) fn inner_facts(net: &Net, circuit: &Circuit) -> InnerFacts {
    let packet = net.largest_packet();
    // What comes out of a tunnel here goes on without it.
    let tunnel = net.tunnel.as_ref().filter(|tunnel| tunnel.ends_here);
    let is_bare = |away_from| tunnel.is_some_and(|tunnel| tunnel.side == away_from);
    let left = |rate, is_bare| if is_bare { rate } else { net.inner_rate(rate, packet) };
    InnerFacts {
        net: net.name.to_string(),
        told_by: net.told_by(),
        packet,
        down_bit: left(circuit.down.max, is_bare(TunnelSide::Internet)),
        up_bit: left(circuit.up.max, is_bare(TunnelSide::Subscribers)),
    }
}

/// The nets that addresses of these devices are in, by name.
pub(super) fn nets_of<'n>(network: &'n NetworkGraph, devices: &[NodeIndex]) -> Vec<&'n Net> {
    let claims = devices.iter().flat_map(|&device| {
        let claims = network.node(device).device().map_or(&[][..], |record| &record.claims);
        claims.iter().map(move |claim| (device, claim.prefix))
    });
    let mut nets: Vec<&Net> = claims.filter_map(|(device, prefix)| network.net_of(device, prefix)).collect();
    nets.sort_by(|one, other| one.name.cmp(&other.name));
    nets.dedup_by(|one, other| one.name == other.name);
    nets
}

/// The device maps outside of nets, and in those that are asked about.
pub(super) struct Maps {
    open: DeviceMap,
    in_nets: BTreeMap<String, DeviceMap>,
}

impl Maps {
    pub(super) fn new(survey: &Survey, nets: &[&Net]) -> Self {
        let map = |net| DeviceMap::of_net(&survey.network, &survey.census, net);
        let in_nets = nets.iter().map(|net| (net.name.to_string(), map(Some(net)))).collect();
        Self { open: map(None), in_nets }
    }

    pub(super) fn of(&self, net: Option<&Net>) -> &DeviceMap {
        net.and_then(|net| self.in_nets.get(net.name.as_str())).unwrap_or(&self.open)
    }
}
