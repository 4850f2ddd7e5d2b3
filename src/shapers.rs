//! Shapers: each one's tree, and which circuits it holds.

use std::collections::HashSet;

use pleach_graph::{Census, Distance, FindError, NetworkGraph, NodeIndex, Problem, Problems, Tree, View, ViewOptions};

use crate::config::{Scope, Shaper};

/// A shaper whose root leads to no one node.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("shaper `{shaper}`: {reason}")]
pub struct RootError {
    /// Which shaper.
    pub shaper: String,
    /// Why.
    pub reason: FindError,
}

/// The nodes of a list in the configuration; one that is not there is a problem, not an error.
pub fn find_listed(network: &NetworkGraph, names: &[String], list: &str) -> (HashSet<NodeIndex>, Problems) {
    let mut problems = Problems::default();
    let mut nodes = HashSet::new();
    for name in names {
        match network.find_named(name) {
            Ok(node) => {
                nodes.insert(node);
            }
            Err(error) => problems.push(
                Problem::new(pleach_graph::Code::NoSuchNode, format!("`{list}`: {error}"))
                    .value(name)
                    .hint("correct the name, or remove it from the list"),
            ),
        }
    }
    (nodes, problems)
}

/// A shaper with the tree it sees.
#[derive(Debug)]
pub struct Rooted<'n> {
    /// Its configuration.
    pub shaper: Shaper,
    /// Its tree.
    pub tree: Tree<'n>,
}

impl<'n> Rooted<'n> {
    /// Grows the shaper's tree.
    pub fn new(network: &'n NetworkGraph, shaper: Shaper) -> Result<Self, FindError> {
        let root = shaper.root.as_deref().map_or(Ok(network.top()), |name| network.find_named(name))?;
        Ok(Self { shaper, tree: Tree::grow(network, root) })
    }

    /// What its files show.
    pub fn view<'t>(&'t self, census: &Census, nodes: &ListedNodes) -> View<'t> {
        let options = ViewOptions {
            projection: self.shaper.projection,
            virtual_nodes: self.shaper.dialect.virtual_nodes(),
            uplink: self.shaper.uplink.capacity(),
            excluded: Some(&nodes.excluded),
            promoted: Some(&nodes.promoted),
        };
        View::new(&self.tree, census, &options)
    }
}

/// The nodes that the configuration's lists name.
#[derive(Debug, Default)]
pub struct ListedNodes {
    /// Left out.
    pub excluded: HashSet<NodeIndex>,
    /// Shown at the top.
    pub promoted: HashSet<NodeIndex>,
}

/// Which shapers hold each circuit, by position in the circuit index.
#[derive(Debug)]
pub struct Holders {
    /// For each circuit the one shaper of scope `nearest` that holds it, as an index.
    nearest: Vec<Option<u32>>,
    scopes: Vec<Scope>,
}

impl Holders {
    /// Settles who holds what: of the shapers with scope `nearest` the one with the shortest path, of equals the one
    /// with the smaller name.
    pub fn settle(shapers: &[Rooted<'_>]) -> Self {
        let scopes: Vec<Scope> = shapers.iter().map(|rooted| rooted.shaper.scope).collect();
        let circuits = shapers.first().map_or(0, |rooted| rooted.tree.network().circuits().len());
        let mut nearest: Vec<Option<(Distance, u32)>> = vec![None; circuits];
        let mut by_name: Vec<(u32, &Rooted<'_>)> = (0..).zip(shapers).collect();
        by_name.sort_by(|a, b| a.1.shaper.name.cmp(&b.1.shaper.name));
        for (index, rooted) in by_name.into_iter().filter(|(_, rooted)| rooted.shaper.scope == Scope::Nearest) {
            for (position, best) in nearest.iter_mut().enumerate() {
                let distance = rooted.tree.at(rooted.tree.circuit_place(position)).distance;
                if best.is_none_or(|(shortest, _)| distance < shortest) {
                    *best = Some((distance, index));
                }
            }
        }
        Self { nearest: nearest.into_iter().map(|best| best.map(|(_, index)| index)).collect(), scopes }
    }

    /// Whether the shaper at `shaper` holds the circuit at `position`.
    pub fn holds(&self, shaper: usize, position: usize) -> bool {
        match self.scopes[shaper] {
            Scope::All => true,
            Scope::Nearest => self.nearest[position].is_some_and(|index| index as usize == shaper),
        }
    }

    /// How many shapers hold the circuit at `position`.
    pub fn count(&self, position: usize) -> usize {
        (0..self.scopes.len()).filter(|&shaper| self.holds(shaper, position)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pleach_graph::{Rate, Table};

    fn network() -> NetworkGraph {
        let site = Table::new("test", "site").expect("a table");
        let client = Table::new("test", "client").expect("a table");
        let mut net = NetworkGraph::builder();
        let _ = net.site(site.id("1"), "Tower A");
        let _ = net.site(site.id("2"), "Tower B").parent(site.id("1"));
        let _ = net.site(site.id("3"), "Twin").parent(site.id("2"));
        let _ = net.site(site.id("4"), "Twin").parent(site.id("2"));
        let _ = net.client(client.id("1"), "Jones").parent(site.id("1")).plan(Rate::from_mbit(1), Rate::from_mbit(1));
        let _ = net.client(client.id("2"), "Tower B").parent(site.id("3")).plan(Rate::from_mbit(1), Rate::from_mbit(1));
        net.build().0
    }

    #[test]
    fn nearest_holds_each_circuit_once() {
        let network = network();
        let shaper = |name: &str, root: &str, scope| {
            let shaper = Shaper { scope, ..Shaper::named(name, Some(root.to_owned())) };
            Rooted::new(&network, shaper).expect("a root")
        };
        let shapers = [
            shaper("b", "Tower B", Scope::Nearest),
            shaper("a", "Tower A", Scope::Nearest),
            shaper("all", "Tower A", Scope::All),
        ];
        let holders = Holders::settle(&shapers);
        for position in 0..network.circuits().len() {
            assert_eq!(holders.count(position), 2);
        }
        assert!(holders.holds(1, 0), "Jones hangs from Tower A");
        assert!(holders.holds(0, 1), "the other one is behind Tower B");
    }
}
