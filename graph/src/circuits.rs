//! Circuits in the order they are written in: clients by Circuit ID, each with its devices by id.

use std::collections::HashSet;

use petgraph::Undirected;
use petgraph::graph::{Graph, NodeIndex};

use crate::link::Link;
use crate::node::{Node, NodeKind};
use crate::owners::Owners;
use crate::text_order::sort_by_text;

/// Every client with its devices, sorted once for all trees and all files.
#[derive(Debug, Default)]
pub struct CircuitIndex {
    clients: Vec<NodeIndex>,
    /// The devices of client `n` are `devices[starts[n]..starts[n + 1]]`.
    starts: Vec<u32>,
    devices: Vec<NodeIndex>,
    /// Clients whose raw id another client has too, or goes by, and devices alike: these go by their whole typed id.
    shared_raw: HashSet<NodeIndex>,
}

impl CircuitIndex {
    pub(crate) fn new(graph: &Graph<Node, Link, Undirected, u32>, owners: &Owners) -> Self {
        let (mut clients, mut devices) = (Vec::new(), Vec::new());
        for index in graph.node_indices() {
            match graph[index].kind {
                NodeKind::Client(_) => clients.push(index),
                NodeKind::Device(_) => devices.push(index),
                NodeKind::Site(_) | NodeKind::AccessPoint(_) => {}
            }
        }
        let alike = sort_by_text(&mut clients, |client| graph[client].id.raw());
        let alike = alike.into_iter().flat_map(|range| clients[range].to_vec()).collect();
        let mut shared_raw = with_lookalikes(graph, &clients, alike);
        shared_raw.extend(with_lookalikes(graph, &devices, devices_sharing_raw_id(graph, &devices)));
        let mut index = Self { clients, starts: Vec::new(), devices: Vec::new(), shared_raw };
        if !index.shared_raw.is_empty() {
            let mut clients = std::mem::take(&mut index.clients);
            sort_by_text(&mut clients, |client| index.id_in(graph, client));
            index.clients = clients;
        }
        index.place_devices(graph, owners, &devices);
        index
    }

    /// Gives each node the number that `place` says.
    pub(crate) fn renumber(&mut self, place: impl Fn(NodeIndex) -> NodeIndex) {
        self.clients.iter_mut().chain(&mut self.devices).for_each(|node| *node = place(*node));
        self.shared_raw = self.shared_raw.iter().map(|&node| place(node)).collect();
    }

    /// Puts each device behind its client: counts them, then fills each client's share.
    fn place_devices(&mut self, graph: &Graph<Node, Link, Undirected, u32>, owners: &Owners, devices: &[NodeIndex]) {
        let mut rank = vec![0_u32; graph.node_count()];
        for (position, client) in (0..).zip(&self.clients) {
            rank[client.index()] = position;
        }
        let owned: Vec<(u32, NodeIndex)> =
            devices.iter().filter_map(|&device| Some((rank[owners.of(device)?.index()], device))).collect();
        self.starts = vec![0; self.clients.len() + 1];
        for (rank, _) in &owned {
            self.starts[*rank as usize + 1] += 1;
        }
        for position in 1..self.starts.len() {
            self.starts[position] += self.starts[position - 1];
        }
        let mut next = self.starts.clone();
        self.devices = vec![NodeIndex::end(); owned.len()];
        for (rank, device) in owned {
            let slot = &mut next[rank as usize];
            self.devices[*slot as usize] = device;
            *slot += 1;
        }
        for position in 0..self.clients.len() {
            let share = self.starts[position] as usize..self.starts[position + 1] as usize;
            if share.len() > 1 {
                let mut share_of_client = self.devices[share.clone()].to_vec();
                share_of_client.sort_by_key(|&device| self.id_in(graph, device));
                self.devices[share].copy_from_slice(&share_of_client);
            }
        }
    }

    /// How many clients there are.
    pub fn len(&self) -> usize {
        self.clients.len()
    }

    /// Whether there is no client.
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// The clients in order.
    pub fn clients(&self) -> &[NodeIndex] {
        &self.clients
    }

    /// The devices of the client at `position` in [`CircuitIndex::clients`], in order.
    pub fn devices(&self, position: usize) -> &[NodeIndex] {
        &self.devices[self.starts[position] as usize..self.starts[position + 1] as usize]
    }

    /// Each client with its devices.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (NodeIndex, &[NodeIndex])> + Clone {
        self.clients.iter().enumerate().map(|(position, &client)| (client, self.devices(position)))
    }

    /// The Circuit ID of a client or the Device ID of a device: its source's own id, or the whole typed id where another
    /// table has the same one.
    pub fn id<'g>(&self, graph: &'g crate::NetworkGraph, node: NodeIndex) -> &'g str {
        self.id_in(&graph.graph, node)
    }

    fn id_in<'g>(&self, graph: &'g Graph<Node, Link, Undirected, u32>, node: NodeIndex) -> &'g str {
        let id = &graph[node].id;
        if self.shared_raw.contains(&node) { id.as_str() } else { id.raw() }
    }
}

/// The nodes of `shared`, and those of `all` whose raw id is the whole typed id that one of them goes by.
fn with_lookalikes(
    graph: &Graph<Node, Link, Undirected, u32>,
    all: &[NodeIndex],
    shared: Vec<NodeIndex>,
) -> HashSet<NodeIndex> {
    let mut found: HashSet<NodeIndex> = shared.into_iter().collect();
    let mut last = found.clone();
    while !last.is_empty() {
        let taken: HashSet<&str> = last.iter().map(|&node| graph[node].id.as_str()).collect();
        let is_taken = |node: &NodeIndex| !found.contains(node) && taken.contains(graph[*node].id.raw());
        last = all.iter().copied().filter(is_taken).collect();
        found.extend(&last);
    }
    found
}

/// Devices whose raw id a device of another table has too. Within one table ids are unique, so one table needs no search.
fn devices_sharing_raw_id(graph: &Graph<Node, Link, Undirected, u32>, devices: &[NodeIndex]) -> Vec<NodeIndex> {
    let table = |node: NodeIndex| (graph[node].id.source(), graph[node].id.table());
    if devices.windows(2).all(|pair| table(pair[0]) == table(pair[1])) {
        return Vec::new();
    }
    let mut sorted = devices.to_vec();
    let alike = sort_by_text(&mut sorted, |device| graph[device].id.raw());
    alike.into_iter().flat_map(|range| sorted[range].to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use crate::{NetworkGraph, Table};

    #[test]
    fn an_id_that_looks_like_another_whole_one_is_told_apart_too() {
        let table = |source| Table::new(source, "service").expect("two words");
        let mut builder = NetworkGraph::builder();
        // Both 1 go by their whole ids; so must whoever is called like one of these, and who is called like that.
        let first = table("crm").id("1");
        let second = table("radius").id(first.as_str());
        for id in [first, table("radius").id("1"), table("radius").id(second.as_str()), second] {
            builder.client(id, "");
        }
        let (network, _) = builder.build();
        let circuits = network.circuits();
        let ids: Vec<&str> = circuits.clients().iter().map(|&client| circuits.id(&network, client)).collect();
        let expected = [
            "crm:service:1",
            "radius:service:1",
            "radius:service:crm:service:1",
            "radius:service:radius:service:crm:service:1",
        ];
        assert_eq!(ids, expected);
    }
}
