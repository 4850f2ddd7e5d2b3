//! Best paths from a root to every junction (Dijkstra's algorithm over what paths can lead through).

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use petgraph::graph::{EdgeIndex, NodeIndex};

use crate::capacity::Capacity;
use crate::distance::{Distance, Through};
use crate::link::Link;
use crate::network_graph::{LEAF, NetworkGraph};
use crate::node::{NodeKind, Parent};
use crate::tree::orphans_id;

/// The best paths of one root, by junction number. Settled in order: a junction stands behind the one before it on its path.
pub(crate) struct Paths<'g> {
    network: &'g NetworkGraph,
    root: NodeIndex,
    best: Vec<Option<Reached>>,
    settled: Vec<bool>,
    /// Junctions in the order they were settled; the root first.
    pub(crate) order: Vec<NodeIndex>,
    heap: BinaryHeap<Reverse<(Distance, usize)>>,
    /// What was offered to hang from `Orphans`; some of it is nearer behind another.
    islands: Vec<NodeIndex>,
}

/// How a junction is reached.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reached {
    pub(crate) distance: Distance,
    /// The last link and the junction before it; none for the root and for what hangs from `Orphans`.
    pub(crate) from: Option<(EdgeIndex, NodeIndex)>,
}

impl<'g> Paths<'g> {
    /// Searches from `root`, then from `Orphans` for what `root` does not reach.
    pub(crate) fn search(network: &'g NetworkGraph, root: NodeIndex) -> Self {
        let slots = network.junctions.len() + 1; // one more for a root that is no junction
        let mut paths = Self {
            network,
            root,
            best: vec![None; slots],
            settled: vec![false; slots],
            order: Vec::with_capacity(slots),
            heap: BinaryHeap::new(),
            islands: Vec::new(),
        };
        paths.offer(root, Reached { distance: Distance::ZERO, from: None });
        paths.drain();
        paths.reach_islands();
        paths
    }

    /// The junctions that hang from `Orphans` themselves.
    pub(crate) fn islands(&self) -> impl Iterator<Item = NodeIndex> + '_ {
        self.islands.iter().copied().filter(|&node| self.reached(node).is_some_and(|reached| reached.from.is_none()))
    }

    /// How `junction` is reached.
    pub(crate) fn reached(&self, junction: NodeIndex) -> Option<Reached> {
        self.best[self.slot(junction)?]
    }

    /// A junction's number; the root has one whatever it is.
    pub(crate) fn slot(&self, node: NodeIndex) -> Option<usize> {
        match self.network.junction_of[node.index()] {
            LEAF if node == self.root => Some(self.network.junctions.len()),
            LEAF => None,
            number => Some(number as usize),
        }
    }

    fn offer(&mut self, node: NodeIndex, offered: Reached) {
        let Some(slot) = self.slot(node) else { return };
        if self.settled[slot] {
            return;
        }
        let order = match &self.best[slot] {
            None => Ordering::Less,
            Some(best) => offered.distance.cmp(&best.distance).then_with(|| self.by_link_id(&offered, best)),
        };
        if order == Ordering::Less {
            self.best[slot] = Some(offered);
            self.heap.push(Reverse((offered.distance, slot)));
        }
    }

    fn by_link_id(&self, a: &Reached, b: &Reached) -> Ordering {
        let key = |reached: &Reached| {
            reached.from.map(|(link, before)| (self.network.link_id(link), &self.network.node(before).id))
        };
        key(a).cmp(&key(b))
    }

    fn drain(&mut self) {
        while let Some(Reverse((distance, slot))) = self.heap.pop() {
            if std::mem::replace(&mut self.settled[slot], true) {
                continue;
            }
            let network = self.network;
            let Some(&node) = network.junctions.get(slot) else {
                self.lead_on(self.root, distance, network.links_of(self.root)); // a root that is no junction
                continue;
            };
            self.lead_on(node, distance, network.ways.of(slot).iter().copied());
        }
    }

    /// Settles `node` and offers what is behind its links.
    fn lead_on(&mut self, node: NodeIndex, distance: Distance, links: impl Iterator<Item = (EdgeIndex, NodeIndex)>) {
        self.order.push(node);
        let through = Through::node(self.network, self.root, node);
        for (link, other) in links {
            let next = distance.over(self.network.link(link), through);
            self.offer(other, Reached { distance: next, from: Some((link, node)) });
        }
    }

    /// What the root does not reach hangs from `Orphans`: the top and the records with an unknown parent first, then of
    /// each island that is left its smallest id. A node that is `Orphans` itself stands before them all.
    fn reach_islands(&mut self) {
        let network = self.network;
        if let Some(orphans) = network.find(&orphans_id()).filter(|&node| self.is_left(node)) {
            self.offer_from_orphans(orphans);
            self.drain();
        }
        let first = |node: &NodeIndex| *node == network.top() || network.node(*node).parent() == Parent::Unknown;
        for node in self.left().into_iter().filter(first) {
            self.offer_from_orphans(node);
        }
        self.drain();
        let mut left = self.left();
        left.sort_by_key(|&node| (!network.node(node).is_infrastructure(), &network.node(node).id));
        for node in left {
            if self.is_left(node) {
                self.offer_from_orphans(node);
                self.drain();
            }
        }
    }

    /// Whether `node` is a junction that nothing has reached. The top that nothing hangs from is not missed.
    fn is_left(&self, node: NodeIndex) -> bool {
        let is_bare_top = || node == self.network.top() && self.network.links_of(node).next().is_none();
        self.slot(node).is_some_and(|slot| !self.settled[slot]) && !is_bare_top()
    }

    fn left(&self) -> Vec<NodeIndex> {
        self.network.junctions.iter().copied().filter(|&node| self.is_left(node)).collect()
    }

    fn offer_from_orphans(&mut self, node: NodeIndex) {
        let capacity = orphan_capacity(self.network, node);
        let distance = Distance::ORPHANS.over(&Link { capacity, stated_cost: None, id: None }, Through::Network);
        self.islands.push(node);
        self.offer(node, Reached { distance, from: None });
    }
}

/// What a node under `Orphans` brings along: a site's pair, which would be its parent link's.
pub(crate) fn orphan_capacity(network: &NetworkGraph, node: NodeIndex) -> Capacity {
    match &network.node(node).kind {
        NodeKind::Site(site) if !site.is_virtual => site.capacity,
        _ => Capacity::NONE,
    }
}
