//! The order of nodes in memory: each circuit's together, one circuit behind the other.

use petgraph::graph::NodeIndex;

use crate::builder::GraphBuilder;
use crate::circuits::CircuitIndex;
use crate::node::Parent;
use crate::owners::Owners;

/// Numbers the nodes anew, before they have links: the circuits come last, as `circuits` has them, each client with its
/// devices behind it; all other nodes keep their order.
///
/// Every census and every file walks the circuits in this order. Where that is not the order of the records, each step
/// would wait for memory: the census of 100 000 circuits took three times as long.
pub(crate) fn by_circuit(builder: &mut GraphBuilder, circuits: &mut CircuitIndex, owners: &mut Owners) {
    let mut order = Vec::with_capacity(builder.graph.node_count());
    let mut is_placed = vec![false; builder.graph.node_count()];
    let of_circuits =
        circuits.iter().flat_map(|(client, devices)| std::iter::once(client).chain(devices.iter().copied()));
    of_circuits.clone().for_each(|node| is_placed[node.index()] = true);
    order.extend(builder.graph.node_indices().filter(|node| !is_placed[node.index()]));
    order.extend(of_circuits);
    if order.is_sorted() {
        return;
    }
    let mut place_of = vec![NodeIndex::end(); order.len()];
    for (place, node) in order.into_iter().enumerate() {
        place_of[node.index()] = NodeIndex::new(place);
    }
    let place = |node: NodeIndex| place_of[node.index()];
    for node in builder.graph.node_weights_mut() {
        if let Parent::Node(parent) = &mut node.parent {
            *parent = place(*parent);
        }
    }
    builder.ids.renumber(place);
    circuits.renumber(place);
    owners.renumber(place);
    builder.reasons.renumber(place);
    builder.excluded = std::mem::take(&mut builder.excluded).into_iter().map(place).collect();
    let costs = std::mem::take(&mut builder.costs_to_parent);
    builder.costs_to_parent = costs.into_iter().map(|(child, cost)| (place(child), cost)).collect();
    move_nodes(builder, place_of);
}

/// Swaps each node into its place, without room for a second copy of them all.
fn move_nodes(builder: &mut GraphBuilder, mut place_of: Vec<NodeIndex>) {
    for start in builder.graph.node_indices() {
        while place_of[start.index()] != start {
            let place = place_of[start.index()];
            let (here, there) = builder.graph.index_twice_mut(start, place);
            std::mem::swap(here, there);
            place_of.swap(start.index(), place.index());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{NetworkGraph, Table};

    #[test]
    fn circuits_stand_together_and_in_order() {
        let table = Table::new("test", "x").expect("a table");
        let id = |name: &str| table.id(name);
        let mut network = NetworkGraph::builder();
        network.device(id("d3"), "").parent(id("c2"));
        network.client(id("c2"), "").parent(id("s"));
        network.device(id("alone"), "").parent(id("s"));
        network.device(id("d1"), "").parent(id("c1"));
        network.site(id("s"), "");
        network.device(id("d2"), "").parent(id("c2"));
        network.client(id("c1"), "").parent(id("c2"));
        let (network, problems) = network.build();
        assert!(problems.is_empty(), "{problems:?}");
        let names: Vec<&str> = network.nodes().map(|(_, node)| node.id.raw()).collect();
        assert_eq!(names, ["internet", "alone", "s", "c1", "d1", "c2", "d2", "d3"]);
        let parents = network.nodes().filter_map(|(_, node)| Some(network.node(node.parent().node()?).id.raw()));
        assert_eq!(parents.collect::<Vec<_>>(), ["s", "internet", "c2", "c1", "s", "c2", "c2"]);
        for (index, node) in network.nodes() {
            assert_eq!(network.find(&node.id), Some(index));
        }
        let circuits: Vec<_> =
            network.circuits().iter().map(|(client, devices)| (client.index(), devices.len())).collect();
        assert_eq!(circuits, [(3, 1), (5, 2)]);
    }
}
