//! Which addresses are in which net.

use std::collections::HashMap;

use petgraph::graph::NodeIndex;

use crate::builder::GraphBuilder;
use crate::circuits::CircuitIndex;
use crate::id::NodeId;
use crate::net::{Net, NetTag};
use crate::network_graph::NetworkGraph;
use crate::node::Text;
use crate::prefix::Prefix;
use crate::problem::{Code, Problem};
use crate::tree::Tree;

/// The nets of a network, and who is in them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nets {
    pub(crate) all: Vec<Net>,
    /// The nets of a device's prefixes, as indices; what is in none is not there.
    members: HashMap<(NodeIndex, Prefix), usize>,
}

impl Nets {
    /// The net that a prefix of a device is in, by index.
    pub(crate) fn index_of(&self, device: NodeIndex, prefix: Prefix) -> Option<usize> {
        if self.members.is_empty() { None } else { self.members.get(&(device, prefix)).copied() }
    }
}

impl GraphBuilder {
    /// Binds a net. Whether its node is there is found out when the network is built; of two nets at one node the first is
    /// taken.
    pub fn bind(&mut self, net: Net) {
        self.nets.all.push(net);
    }
}

impl NetworkGraph {
    /// The nets that are bound, as they were stated.
    pub fn nets(&self) -> &[Net] {
        &self.nets.all
    }

    /// The net that a prefix of a device is in: that of the nearest node above its circuit, on the best path to the top, whose
    /// net takes the prefix.
    pub fn net_of(&self, device: NodeIndex, prefix: Prefix) -> Option<&Net> {
        self.nets.index_of(device, prefix).map(|index| &self.nets.all[index])
    }

    /// The nets that are bound to a node.
    pub fn nets_at(&self, node: NodeIndex) -> impl Iterator<Item = &Net> {
        self.nets.all.iter().filter(move |net| self.find(&net.at) == Some(node))
    }
}

/// Finds out who is in which net. The builder has its links by now.
pub(crate) fn assign(builder: &mut GraphBuilder, circuits: &mut CircuitIndex, link_ids: &mut Vec<NodeId>) {
    if builder.nets.all.is_empty() {
        return;
    }
    let bound = bound(builder);
    // A tree needs a network: the builder lends it what it has.
    let mut network = NetworkGraph {
        graph: std::mem::take(&mut builder.graph),
        circuits: std::mem::take(circuits),
        link_ids: std::mem::take(link_ids),
        ..NetworkGraph::default()
    };
    crate::junctions::number(&mut network);
    builder.nets.members = members(&Tree::grow(&network, network.top()), &bound, &builder.nets.all);
    builder.graph = std::mem::take(&mut network.graph);
    *circuits = std::mem::take(&mut network.circuits);
    *link_ids = std::mem::take(&mut network.link_ids);
}

/// Each net by the node it is bound to. One whose node is not there, or is no site or access point, takes nobody.
fn bound(builder: &mut GraphBuilder) -> HashMap<NodeIndex, usize> {
    let mut bound = HashMap::new();
    for (index, net) in builder.nets.all.iter().enumerate() {
        let Net { name, at, .. } = net;
        match builder.find(at) {
            // Nothing tells packets in the underlay from others.
            Some(node) if builder.graph[node].is_infrastructure() && net.tag == NetTag::Untagged => {}
            Some(node) if builder.graph[node].is_infrastructure() => {
                bound.entry(node).or_insert(index);
            }
            Some(node) => {
                let kind = builder.graph[node].kind.as_str();
                builder.problems.push(misplaced(name, at, &format!("which is a {kind}")));
            }
            None => builder.problems.push(misplaced(name, at, "which is not in the network")),
        }
    }
    bound
}

fn misplaced(name: &Text, at: &NodeId, why: &str) -> Problem {
    let message = format!("net `{name}` is bound to `{at}`, {why}; no subscriber is in it");
    Problem::new(Code::NoSuchNode, message).record(at).field("at").hint("name a site or access point by its typed id")
}

fn members(tree: &Tree<'_>, bound: &HashMap<NodeIndex, usize>, nets: &[Net]) -> HashMap<(NodeIndex, Prefix), usize> {
    let network = tree.network();
    let mut members = HashMap::new();
    for (position, (_, devices)) in network.circuits().iter().enumerate() {
        let above = tree.path_up(tree.circuit_place(position)).filter_map(|place| tree.at(place).kind.node());
        let above: Vec<usize> = above.filter_map(|node| bound.get(&node).copied()).collect();
        if above.is_empty() {
            continue;
        }
        for &device in devices {
            for claim in network.node(device).device().into_iter().flat_map(|device| &device.claims) {
                let net = above.iter().find(|net| nets[**net].takes(claim.prefix));
                members.extend(net.map(|net| ((device, claim.prefix), *net)));
            }
        }
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Table;
    use crate::{Capacity, Census, DeviceMap, Policy, Rate, Target};

    fn net(name: &str, at: &str, number: u32, prefixes: &[&str]) -> Net {
        let sites = Table::new("t", "site").expect("two words");
        Net {
            name: name.into(),
            at: sites.id(at),
            tag: NetTag::Vni(number),
            prefixes: prefixes.iter().map(|text| Prefix::parse(text).expect("a prefix").prefix).collect(),
            tunnel: None,
            overhead: 50,
            mtu: None,
            virts: Vec::new(),
        }
    }

    /// Towers A and B; A1 below A by a link alone. A client `c-x` hangs from `x`.
    fn network(nets: Vec<Net>, clients: &[(&str, &str)]) -> (NetworkGraph, crate::Problems) {
        let [sites, crm, links] = ["site", "client", "link"].map(|table| Table::new("t", table).expect("two words"));
        let mut builder = NetworkGraph::builder();
        let _ = builder.site(sites.id("A"), "A").at_top();
        let _ = builder.site(sites.id("B"), "B").at_top();
        let _ = builder.site(sites.id("A1"), "A1");
        builder.link(links.id("a"), sites.id("A"), sites.id("A1"), Capacity::NONE);
        for (number, (site, address)) in clients.iter().enumerate() {
            let id = crm.id(&number.to_string());
            let _ = builder.client(id.clone(), "").parent(sites.id(site)).plan(Rate::from_mbit(1), Rate::from_mbit(1));
            let _ = builder.device(crm.id(&format!("d{number}")), "").parent(id).addresses(address);
        }
        for net in nets {
            builder.bind(net);
        }
        builder.build()
    }

    /// The net of each client's one address.
    fn told(network: &NetworkGraph) -> Vec<String> {
        let of = |device: &NodeIndex| {
            let claims = &network.node(*device).device().expect("a device").claims;
            let claim = claims.first()?;
            Some(network.net_of(*device, claim.prefix).map_or("none".to_owned(), |net| net.name.to_string()))
        };
        network.circuits().iter().map(|(_, devices)| of(&devices[0]).unwrap_or_default()).collect()
    }

    #[test]
    fn the_nearest_net_above_that_takes_the_address() {
        let nets = vec![net("a", "A", 1, &[]), net("a1", "A1", 2, &["10.0.0.0/8"])];
        let clients = [("A", "10.0.0.1"), ("A1", "10.0.0.1"), ("A1", "11.0.0.1"), ("B", "10.0.0.1")];
        let (network, problems) = network(nets, &clients);
        assert_eq!(told(&network), ["a", "a1", "a", "none"]);
        assert!(problems.is_empty(), "one address in three nets is three addresses: {problems:?}");
    }

    #[test]
    fn in_one_net_an_address_is_one_device_s() {
        let clients = [("A", "10.0.0.1"), ("A1", "10.0.0.1"), ("B", "10.0.0.1")];
        let (network, problems) = network(vec![net("a", "A", 1, &[])], &clients);
        assert_eq!(told(&network), ["a", "", "none"]);
        assert_eq!(problems.as_slice().iter().map(|problem| problem.code).collect::<Vec<_>>(), [Code::DuplicatePrefix]);
    }

    #[test]
    fn a_net_that_is_bound_to_nothing_takes_nobody() {
        let nets = vec![net("a", "Z", 1, &[])];
        let (network, problems) = network(nets, &[("A", "10.0.0.1"), ("A1", "10.0.0.1")]);
        assert_eq!(told(&network), ["none", ""]);
        let codes: Vec<_> = problems.as_slice().iter().map(|problem| problem.code).collect();
        assert_eq!(codes, [Code::NoSuchNode, Code::DuplicatePrefix]);
    }

    #[test]
    fn each_net_has_a_map_of_its_own_and_all_of_it_is_stored() {
        let nets = vec![net("a", "A", 1, &["10.0.0.0/8"])];
        let (network, _) = network(nets, &[("A", "10.0.0.1"), ("B", "10.0.0.1"), ("A", "11.0.0.1")]);
        let mut bytes = Vec::new();
        crate::stored::write(&network, &mut bytes).expect("memory can be written");
        let again = crate::stored::read(&bytes[..]).expect("it reads back");
        assert_eq!(again.nets(), network.nets());
        for network in [&network, &again] {
            assert_eq!(told(network), ["a", "none", "none"]);
            let census = Census::take(network, &Policy::default());
            let whose = |net: Option<&Net>, address: &str| {
                let found = DeviceMap::of_net(network, &census, net).lookup(address.parse().expect("an address"));
                found.map(|found| match found.target {
                    Target::Circuit { position, .. } => position,
                    Target::Bypass => usize::MAX,
                })
            };
            let net = &network.nets()[0];
            assert_eq!([whose(None, "10.0.0.1"), whose(Some(net), "10.0.0.1")], [Some(1), Some(0)]);
            assert_eq!([whose(None, "11.0.0.1"), whose(Some(net), "11.0.0.1")], [Some(2), None]);
        }
    }
}
