//! A service that shares a client with others becomes a circuit of its own, by an override that says its addresses.

use std::collections::{HashMap, HashSet};

use petgraph::graph::NodeIndex;

use crate::builder::GraphBuilder;
use crate::id::NodeId;
use crate::node::{Client, NodeKind, Plan};
use crate::overrides::entry::Subject;
use crate::overrides::report::{Change, Report};
use crate::overrides::setting::Setting;
use crate::prefix::Prefix;
use crate::shared_client::{SharedClient, SharedService};
use crate::stated_reason::Aspect;

/// Makes a circuit of every service that one of the changes says prefixes of. It hangs where its client hangs, and the
/// prefixes are the client's no more, nor is what lies in them; who adds prefixes to nodes adds them to the new one. The
/// service that is left last keeps the client.
pub(super) fn apply<'o>(report: &mut Report<'_>, changes: impl Iterator<Item = Change<'o>>) {
    let wanted: Vec<(&Vec<Prefix>, Change<'o>)> = changes
        .filter_map(|change| match change.setting {
            Setting::Prefixes(prefixes) if matches!(change.entry.subject, Subject::Id(_)) => Some((prefixes, change)),
            _ => None,
        })
        .collect();
    let by_service = by_service(report.builder);
    let of_services: Vec<_> = wanted
        .into_iter()
        .filter_map(|(prefixes, change)| Some((*by_service.get(change.entry.id())?, prefixes, change)))
        .collect();
    if of_services.is_empty() {
        return;
    }
    let devices = devices_of(report.builder, of_services.iter().map(|(at, ..)| *at).collect());
    for (at, prefixes, change) in of_services {
        let builder = &mut *report.builder;
        if builder.find(change.entry.id()).is_none() {
            let Some(client) = builder.find(&builder.shared_clients[at].client) else { continue };
            let Some(service) = take(&mut builder.shared_clients[at], change.entry.id()) else { continue }; // said of its id
            let next = builder.shared_clients[at].services[0].clone();
            add(report, client, &service, &next, change);
        }
        let builder = &mut *report.builder;
        for device in devices.get(&at).into_iter().flatten() {
            if let NodeKind::Device(device) = &mut builder.graph[*device].kind {
                device.claims.retain(|claim| !prefixes.iter().any(|prefix| prefix.contains(claim.prefix)));
            }
        }
    }
}

/// By service: the position of its client among those that are shared.
fn by_service(builder: &GraphBuilder) -> HashMap<NodeId, usize> {
    let shared = builder.shared_clients.iter().enumerate();
    shared.flat_map(|(at, shared)| shared.services.iter().map(move |service| (service.id.clone(), at))).collect()
}

/// By position of a shared client: the devices that hang from it.
fn devices_of(builder: &GraphBuilder, clients: HashSet<usize>) -> HashMap<usize, Vec<NodeIndex>> {
    let position: HashMap<NodeIndex, usize> =
        clients.into_iter().filter_map(|at| Some((builder.find(&builder.shared_clients[at].client)?, at))).collect();
    let mut devices: HashMap<usize, Vec<NodeIndex>> = HashMap::new();
    for node in builder.graph.node_indices().filter(|node| builder.graph[*node].device().is_some()) {
        if let Some(at) = builder.parent(node).and_then(|parent| position.get(&parent)) {
            devices.entry(*at).or_default().push(node);
        }
    }
    devices
}

/// Takes a service from those that share a client, unless it is the last.
fn take(shared: &mut SharedClient, id: &NodeId) -> Option<SharedService> {
    let at = shared.services.iter().position(|service| service.id == *id).filter(|_| shared.services.len() > 1)?;
    Some(shared.services.remove(at))
}

/// Adds the circuit of a service, and gives the client the rates of the next one if it had those of this one.
fn add(report: &mut Report<'_>, client: NodeIndex, service: &SharedService, next: &SharedService, change: Change<'_>) {
    let builder = &mut *report.builder;
    let plan = Plan { down: service.down, up: service.up };
    let old = &builder.graph[client];
    let (name, origin, client_id) = (format!("{} ({})", old.name, service.name), old.origin, old.id.clone());
    let NodeKind::Client(kept) = &old.kind else { return };
    let own = Client { plan, left_out: kept.left_out, sqm: kept.sqm, ..Client::default() };
    let has_its_rates = kept.plan == plan;
    let node = builder.client(service.id.clone(), &name).origin(origin).index();
    builder.graph[node].kind = NodeKind::Client(own);
    builder.parents[node.index()] = builder.parents[client.index()].clone();
    for reason in &service.reasons {
        builder.reasons.add(node, Aspect::Rates, reason.as_str());
    }
    if let NodeKind::Client(kept) = &mut builder.graph[client].kind
        && has_its_rates
    {
        kept.plan = Plan { down: next.down, up: next.up };
        builder.reasons.forget(client, Aspect::Rates);
        for reason in &next.reasons {
            builder.reasons.add(client, Aspect::Rates, reason.as_str());
        }
    }
    report.because(node, Aspect::Identity, change, &format!("makes it a circuit beside its client `{client_id}`"));
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use crate::{NetworkGraph, PlanRate, Rate, SharedClient, SharedService, Table, overrides};

    #[test]
    fn what_lies_in_the_prefixes_of_a_service_is_its_clients_no_more() {
        let table = |name| Table::new("test", name).expect("two words");
        let (client, rate) = (table("client").id("1"), PlanRate { min: None, max: Some(Rate::from_mbit(9)) });
        let service = |name: &str| {
            let (id, described) = (table("service").id(name), String::new());
            SharedService { id, name: name.into(), described, down: rate, up: rate, reasons: Vec::new() }
        };
        let services = vec![service("home"), service("shop")];
        let mut net = NetworkGraph::builder();
        net.client(client.clone(), "Jones").plan(Rate::from_mbit(9), Rate::from_mbit(9));
        let addresses = "10.0.0.1, 10.0.1.7, 10.0.1.0/24, 10.0.0.0/15, 10.0.2.1";
        net.device(table("device").id("1"), "").parent(client.clone()).addresses(addresses);
        net.shared_client(SharedClient { client, name: "".into(), services, document: "".into(), hint: "" });
        let text = "[[override]]\nid = \"test:service:shop\"\nprefixes = [\"10.0.1.0/24\", \"10.0.2.0/28\"]";
        overrides::parse(text, "overrides.toml").expect("overrides").apply(&mut net, Timestamp::UNIX_EPOCH);
        let device = net.find(&table("device").id("1")).expect("it is there");
        let left = net.graph[device].device().expect("a device").claims.iter().map(|claim| claim.prefix.to_string());
        assert_eq!(left.collect::<Vec<_>>(), ["10.0.0.1", "10.0.0.0/15"], "what is wider stays");
    }
}
