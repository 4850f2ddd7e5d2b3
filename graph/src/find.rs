//! Finding a node by what a person calls it.

use petgraph::Undirected;
use petgraph::graph::{Graph, NodeIndex};

use crate::builder::GraphBuilder;
use crate::id::NodeId;
use crate::link::Link;
use crate::network_graph::{IdIndex, NetworkGraph};
use crate::node::Node;
use crate::suggest;

/// A name that leads to no one node.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FindError {
    /// There is no such node.
    #[error("there is no node `{name}` in the network{}", near(suggestions))]
    Unknown {
        /// What was asked for.
        name: String,
        /// Names and ids like it.
        suggestions: Vec<String>,
    },
    /// Several nodes have this name.
    #[error("`{name}` is the name of several nodes; use an id: {}", ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", "))]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// Their ids.
        ids: Vec<NodeId>,
    },
}

fn near(suggestions: &[String]) -> String {
    let names: Vec<&str> = suggestions.iter().map(String::as_str).collect();
    if names.is_empty() { String::new() } else { format!("; did you mean {}?", suggest::list(&names)) }
}

impl NetworkGraph {
    /// The node that a typed id or a unique name means; sites and access points before clients and devices.
    pub fn find_named(&self, name: &str) -> Result<NodeIndex, FindError> {
        find_named(&self.graph, &self.ids, name)
    }
}

impl GraphBuilder {
    /// The node that a typed id or a unique name means, of those that have been added; see [`NetworkGraph::find_named`].
    pub fn find_named(&self, name: &str) -> Result<NodeIndex, FindError> {
        find_named(&self.graph, &self.ids, name)
    }
}

/// Looks for what an id may have meant that is not in the network. Each search walks all sites and access points, so only
/// so many are made: a file of outdated ids is no typing mistake.
pub(crate) struct NearMisses {
    left: usize,
}

impl Default for NearMisses {
    fn default() -> Self {
        Self { left: 20 }
    }
}

impl NearMisses {
    /// What to do about an id that is not in the network; `otherwise` where it is like no other.
    pub(crate) fn hint(&mut self, builder: &GraphBuilder, id: &NodeId, otherwise: &str) -> String {
        if builder.set_aside.iter().any(|set_aside| set_aside.id.as_ref() == Some(id)) {
            return "another problem says why its record was set aside".to_owned();
        }
        if self.left == 0 {
            return otherwise.to_owned();
        }
        self.left -= 1;
        let ids = || builder.graph.node_weights().filter(|node| node.is_infrastructure()).map(|node| &node.id);
        let of_table = ids().filter(|other| other.whole_table() == id.whole_table());
        let near = suggest::nearest(id.raw(), of_table.map(NodeId::raw)).into_iter();
        let mut near: Vec<String> = near.map(|raw| format!("{}:{raw}", id.whole_table())).collect();
        if near.is_empty() {
            near.extend(ids().filter(|other| other.raw() == id.raw()).map(NodeId::to_string));
            near.sort_unstable();
            near.truncate(3); // as many as of the same table
        }
        let near: Vec<&str> = near.iter().map(String::as_str).collect();
        if near.is_empty() { otherwise.to_owned() } else { format!("did you mean {}?", suggest::list(&near)) }
    }
}

fn find_named(graph: &Graph<Node, Link, Undirected, u32>, ids: &IdIndex, name: &str) -> Result<NodeIndex, FindError> {
    if let Some(node) = name.parse().ok().and_then(|id: NodeId| ids.find(graph, &id)) {
        return Ok(node);
    }
    let mut named: Vec<NodeIndex> = graph.node_indices().filter(|&node| graph[node].name == name.trim()).collect();
    if named.iter().any(|&node| graph[node].is_infrastructure()) {
        named.retain(|&node| graph[node].is_infrastructure());
    }
    match named.as_slice() {
        [node] => Ok(*node),
        [] => {
            let infrastructure = graph.node_weights().filter(|node| node.is_infrastructure());
            let known = infrastructure.flat_map(|node| [node.name.as_str(), node.id.as_str()]);
            let suggestions = suggest::nearest(name, known).into_iter().map(str::to_owned).collect();
            Err(FindError::Unknown { name: name.to_owned(), suggestions })
        }
        several => {
            let mut ids: Vec<NodeId> = several.iter().map(|&node| graph[node].id.clone()).collect();
            ids.sort_unstable();
            Err(FindError::Ambiguous { name: name.to_owned(), ids })
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{NetworkGraph, Table};

    #[test]
    fn nodes_by_id_by_name_and_not_at_all() {
        let site = Table::new("test", "site").expect("a table");
        let client = Table::new("test", "client").expect("a table");
        let mut network = NetworkGraph::builder();
        network.site(site.id("1"), "Tower A");
        network.site(site.id("2"), "Tower B");
        network.site(site.id("3"), "Twin");
        network.site(site.id("4"), "Twin");
        network.client(client.id("1"), "Jones");
        network.client(client.id("2"), "Tower B");
        let id = |name| network.find_named(name).map(|node| network.node(node).id.to_string());
        assert_eq!(id("test:site:2").as_deref(), Ok("test:site:2"));
        assert_eq!(id("Tower B").as_deref(), Ok("test:site:2"), "the site before the customer of that name");
        assert_eq!(id("Jones").as_deref(), Ok("test:client:1"));
        assert_eq!(
            id("Twin").expect_err("two of them").to_string(),
            "`Twin` is the name of several nodes; use an id: `test:site:3`, `test:site:4`"
        );
        let unknown = id("Tower C").expect_err("not there").to_string();
        assert_eq!(unknown, "there is no node `Tower C` in the network; did you mean `Tower A` or `Tower B`?");
        let names: Vec<String> = ["Tower B", "Jones", "Twin"].iter().filter_map(|name| id(name).ok()).collect();
        let (network, _) = network.build();
        let built = |name| network.find_named(name).map(|node| network.node(node).id.to_string());
        assert_eq!(["Tower B", "Jones", "Twin"].iter().filter_map(|name| built(name).ok()).collect::<Vec<_>>(), names);
    }
}
