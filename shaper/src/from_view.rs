//! The hierarchy of a shaper, from the same view that its files are written from.

use compact_str::ToCompactString;
use pleach_graph::{Capacity, Census, EntryIndex, EntryKind, NetTag, NetworkGraph, NodeIndex, PlaceIndex, View};
use pleach_tc::{DeviceKey, PerDirection, Scope};

use crate::hierarchy::{Circuit, Hierarchy, Node, NodePosition};

impl Hierarchy {
    /// What a shaper shapes whose files would be `view` and `census`. `is_held` says which circuits are its own, by position
    /// in the circuit index.
    ///
    /// Ceilings are those that someone states: where the files must name a stand-in, here is none.
    pub fn from_view(view: &View<'_>, census: &Census, is_held: impl Fn(usize) -> bool) -> Self {
        let tree = view.tree();
        let network = tree.network();
        // Entries stand parent before child, and know their parents by index: an entry's index is its position.
        let position = |wanted: EntryIndex| {
            let place = view.at(wanted).place;
            let at = view.entries().partition_point(|entry| entry.place < place);
            NodePosition(u32::try_from(at).expect("invariant: entries are fewer than places"))
        };
        let nodes = view.entries().iter().map(|entry| {
            let own = match entry.kind {
                EntryKind::VirtualSite => Capacity::NONE,
                EntryKind::Site | EntryKind::AccessPoint => tree.at(entry.place).ceiling.min(view.uplink()),
            };
            Node {
                id: entry.id.clone(),
                name: entry.name.clone(),
                kind: entry.kind,
                parent: entry.parent.map(position),
                ceiling: rates(own),
            }
        });
        let circuits = census.circuits().iter().filter(|circuit| is_held(circuit.position)).map(|circuit| {
            let client = network.node(network.circuits().clients()[circuit.position]);
            let sqm = client.client().map(|client| client.sqm).unwrap_or_default();
            let devices = network.circuits().devices(circuit.position);
            Circuit {
                id: client.id.clone(),
                circuit_id: network.circuits().id(network, network.circuits().clients()[circuit.position]).into(),
                name: client.name.to_compact_string(),
                parent: view.circuit_parent(circuit.position).map(position),
                rates: PerDirection { download: circuit.down, upload: circuit.up },
                queue: PerDirection { download: sqm.down, upload: sqm.up },
                addresses: devices.iter().flat_map(|&device| addresses(network, census, device)).collect(),
            }
        });
        Self {
            root: network.node(tree.root()).id.clone(),
            root_name: tree.place_name(PlaceIndex::ROOT),
            ceiling: rates(tree.at(PlaceIndex::ROOT).ceiling.min(view.uplink())),
            nodes: nodes.collect(),
            circuits: circuits.collect(),
            bypass: census.bypass().iter().copied().collect(),
        }
    }
}

/// A device's addresses, each with the net that it is in.
fn addresses<'n>(
    network: &'n NetworkGraph,
    census: &'n Census,
    device: NodeIndex,
) -> impl Iterator<Item = DeviceKey> + 'n {
    census.prefixes(network, device).map(move |prefix| {
        let scope = network.net_of(device, prefix).map_or(Scope::ANY, |net| scope_of(net.tag));
        DeviceKey { scope, prefix }
    })
}

/// Where addresses of a net count.
pub fn scope_of(tag: NetTag) -> Scope {
    match tag {
        NetTag::Untagged => Scope::ANY,
        NetTag::Vlan(id) => Scope::vlan(id, 0),
        NetTag::Vni(number) => Scope::net(number),
    }
}

fn rates(capacity: Capacity) -> PerDirection<Option<pleach_graph::Rate>> {
    PerDirection { download: capacity.down.rate(), upload: capacity.up.rate() }
}
