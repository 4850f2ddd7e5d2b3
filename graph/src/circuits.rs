//! Circuits in the order they are written in: clients by Circuit ID, each with its devices by id.

use std::collections::HashSet;

use petgraph::Undirected;
use petgraph::graph::{Graph, NodeIndex};

use crate::link::Link;
use crate::node::Node;
use crate::owners::Owners;

/// Every client with its devices, sorted once for all trees and all files.
#[derive(Debug, Default)]
pub struct CircuitIndex {
    clients: Vec<NodeIndex>,
    /// The devices of client `n` are `devices[starts[n]..starts[n + 1]]`.
    starts: Vec<u32>,
    devices: Vec<NodeIndex>,
    /// Clients whose raw id another client has too, and devices alike: these go by their whole typed id.
    shared_raw: HashSet<NodeIndex>,
}

impl CircuitIndex {
    pub(crate) fn new(graph: &Graph<Node, Link, Undirected, u32>, owners: &Owners) -> Self {
        let mut clients: Vec<_> = graph.node_indices().filter(|&index| graph[index].client().is_some()).collect();
        sort_by_text(&mut clients, |&client| graph[client].id.raw());
        let shared_raw: Vec<_> = clients
            .chunk_by(|&a, &b| graph[a].id.raw() == graph[b].id.raw())
            .filter(|same| same.len() > 1)
            .flatten()
            .copied()
            .collect();
        let shared_raw = shared_raw.into_iter().chain(devices_sharing_raw_id(graph)).collect();
        let mut index = Self { clients, starts: Vec::new(), devices: Vec::new(), shared_raw };
        if !index.shared_raw.is_empty() {
            let mut clients = std::mem::take(&mut index.clients);
            clients.sort_by(|&a, &b| index.id_in(graph, a).cmp(index.id_in(graph, b)));
            index.clients = clients;
        }
        index.place_devices(graph, owners);
        index
    }

    fn place_devices(&mut self, graph: &Graph<Node, Link, Undirected, u32>, owners: &Owners) {
        let mut rank = vec![u32::MAX; graph.node_count()];
        for (position, client) in (0..).zip(&self.clients) {
            rank[client.index()] = position;
        }
        let mut owned: Vec<(u32, NodeIndex)> = graph
            .node_indices()
            .filter(|&node| graph[node].device().is_some())
            .filter_map(|device| Some((rank[owners.of(device)?.index()], device)))
            .collect();
        owned.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| self.id_in(graph, a.1).cmp(self.id_in(graph, b.1))));
        self.starts.reserve_exact(self.clients.len() + 1);
        let mut next = 0;
        for position in 0..=self.clients.len() {
            while owned.get(next).is_some_and(|&(rank, _)| (rank as usize) < position) {
                next += 1;
            }
            self.starts.push(u32::try_from(next).expect("invariant: nodes are numbered with u32"));
        }
        self.devices = owned.into_iter().map(|(_, device)| device).collect();
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
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (NodeIndex, &[NodeIndex])> {
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

/// Devices whose raw id a device of another table has too. Within one table ids are unique, so one table needs no search.
fn devices_sharing_raw_id(graph: &Graph<Node, Link, Undirected, u32>) -> Vec<NodeIndex> {
    let devices = || graph.node_indices().filter(|&node| graph[node].device().is_some());
    let table = |node: NodeIndex| (graph[node].id.source(), graph[node].id.table());
    let Some(first) = devices().next() else { return Vec::new() };
    if devices().all(|device| table(device) == table(first)) {
        return Vec::new();
    }
    let mut sorted: Vec<_> = devices().collect();
    sort_by_text(&mut sorted, |&device| graph[device].id.raw());
    let same = sorted.chunk_by(|&a, &b| graph[a].id.raw() == graph[b].id.raw());
    same.filter(|same| same.len() > 1).flatten().copied().collect()
}

/// Sorts by text, comparing mostly integers: the text behind the common prefix decides in nearly all cases by its first
/// 16 bytes, which are read once.
fn sort_by_text<'g, T: Copy>(items: &mut [T], text: impl Fn(&T) -> &'g str) {
    if items.is_sorted_by_key(&text) {
        return;
    }
    let Some(first) = items.first().map(|item| text(item).as_bytes()) else { return };
    let common = items.iter().fold(first.len(), |common, item| {
        let other = text(item).as_bytes();
        first[..common].iter().zip(other).take_while(|(a, b)| a == b).count()
    });
    let mut keyed: Vec<(u128, T)> = items
        .iter()
        .map(|item| {
            let mut key = [0; 16];
            let rest = &text(item).as_bytes()[common..];
            let taken = rest.len().min(16);
            key[..taken].copy_from_slice(&rest[..taken]);
            (u128::from_be_bytes(key), *item)
        })
        .collect();
    keyed.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| text(&a.1).cmp(text(&b.1))));
    for (slot, (_, item)) in items.iter_mut().zip(keyed) {
        *slot = item;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorts_as_text_does(mut texts in proptest::collection::vec("(csv-)?[a-c\\x00é]{0,20}", 0..30)) {
            let mut ours: Vec<&str> = texts.iter().map(String::as_str).collect();
            let borrowed = ours.clone();
            sort_by_text(&mut ours, |text| *text);
            let mut expected = borrowed;
            expected.sort_unstable();
            prop_assert_eq!(ours, expected);
            texts.clear();
        }
    }
}
