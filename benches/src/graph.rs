//! The generated network as a graph in memory.

use std::net::IpAddr;

use ipnet::Ipv6Net;
use pleach_graph::{
    Assignment, Capacity, GraphBuilder, NetworkGraph, NodeIndex, PlanRate, Prefix, Problems, Rate, Table,
};

use crate::network::{Address, CustomerParent, CustomerRecord, Network};

/// How the records name their parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParentsBy {
    /// By the index of the node, as a reader that has looked the name up does.
    Index,
    /// By id, as a source whose records come in any order does.
    Id,
}

/// Builds the graph, one record after the other.
pub fn build(network: &Network, by: ParentsBy) -> (NetworkGraph, Problems) {
    gather(network, by).build()
}

/// Adds the records, and joins nothing.
pub(crate) fn gather(network: &Network, by: ParentsBy) -> GraphBuilder {
    let table = |name| Table::new("csv", name).expect("invariant: a literal word");
    let (nodes, circuits, devices) = (table("node"), table("circuit"), table("device"));
    let mut builder = NetworkGraph::builder();
    builder.reserve(network.sites().len() + network.access_points().len() + 2 * network.customer_count());

    let site_names: Vec<&str> = network.sites().map(|site| site.name).collect();
    let mut sites: Vec<NodeIndex> = Vec::with_capacity(site_names.len());
    for site in network.sites() {
        let entry = builder.site(nodes.id(site.name), site.name).capacity(capacity(site.mbit));
        let entry = match (site.parent, by) {
            (Some(parent), ParentsBy::Index) => entry.under(sites[parent]),
            (Some(parent), ParentsBy::Id) => entry.parent(nodes.id(site_names[parent])),
            (None, _) => entry.at_top(),
        };
        sites.push(entry.index());
    }
    let ap_names: Vec<&str> = network.access_points().map(|ap| ap.name).collect();
    let mut aps: Vec<NodeIndex> = Vec::with_capacity(ap_names.len());
    for ap in network.access_points() {
        let entry = builder.access_point(nodes.id(ap.name), ap.name).capacity(capacity(ap.mbit));
        let entry = match by {
            ParentsBy::Index => entry.under(sites[ap.site]),
            ParentsBy::Id => entry.parent(nodes.id(site_names[ap.site])),
        };
        aps.push(entry.index());
    }
    for customer in network.customers() {
        let entry = builder.client(circuits.id(customer.id), customer.name);
        let entry = entry.plan_rates(plan_rate(customer.plan.down), plan_rate(customer.plan.up));
        let entry = match (customer.parent, by) {
            (CustomerParent::AccessPoint(ap), ParentsBy::Index) => entry.under(aps[ap]),
            (CustomerParent::AccessPoint(ap), ParentsBy::Id) => entry.parent(nodes.id(ap_names[ap])),
            (CustomerParent::Relay(relay), _) => entry.parent(circuits.id(network.customer(relay).id)),
        };
        let client = entry.index();
        let device = add_device(&mut builder, &devices, customer);
        let entry = builder.edit(device);
        let _ = match by {
            ParentsBy::Index => entry.under(client),
            ParentsBy::Id => entry.parent(circuits.id(customer.id)),
        };
    }
    builder
}

fn add_device(builder: &mut GraphBuilder, devices: &Table, customer: CustomerRecord<'_>) -> NodeIndex {
    let Address { v4, v6 } = customer.address;
    let mut entry = builder
        .device(devices.id(customer.device_id), customer.device_name)
        .mac(customer.mac)
        .prefix(Prefix::host(IpAddr::V4(v4)), Assignment::Static);
    if let Some(v6) = v6 {
        entry = entry.prefix(Prefix::network(Ipv6Net::new_assert(v6, 56).into()), Assignment::Static);
    }
    entry.index()
}

fn capacity((down, up): (u64, u64)) -> Capacity {
    Capacity::of(Rate::from_mbit(down), Rate::from_mbit(up))
}

/// A tenth of the maximum is committed, as in the files.
fn plan_rate(mbit: u64) -> PlanRate {
    PlanRate { min: Some(Rate::from_bit(mbit * 100_000)), max: Some(Rate::from_mbit(mbit)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pleach_graph::Tree;

    #[test]
    fn every_customer_becomes_a_circuit_without_problems() {
        let network = Network::generate(1_000);
        for by in [ParentsBy::Index, ParentsBy::Id] {
            let (graph, problems) = build(&network, by);
            assert_eq!(problems.as_slice(), []);
            assert_eq!(graph.circuits().len(), 1_000);
            let tree = Tree::grow(&graph, graph.top());
            let relays = 1_000 / 50;
            assert_eq!(tree.places().len(), 1 + network.sites().len() + network.access_points().len() + relays);
        }
    }
}
