//! Two devices that claim one prefix: the better claim keeps it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use petgraph::graph::NodeIndex;

use crate::builder::GraphBuilder;
use crate::join::place_name;
use crate::node::{Claim, Node, NodeKind};
use crate::node_table::NodeTable;
use crate::owners::Owners;
use crate::prefix::Prefix;
use crate::problem::{Code, Problem};

/// Sorts each device's claims by prefix and keeps the best on each, so that equal devices have equal claims.
pub(crate) fn sort(builder: &mut GraphBuilder) {
    builder.graph.node_weights_mut().for_each(sort_of);
}

/// Sorts the claims of one device.
pub(crate) fn sort_of(node: &mut Node) {
    if let NodeKind::Device(device) = &mut node.kind {
        device.claims.sort_unstable_by_key(|claim| (claim.prefix, claim.assignment));
        device.claims.dedup_by_key(|claim| claim.prefix);
    }
}

/// Who holds each prefix: outside of nets, and in each.
#[derive(Default)]
struct Holders {
    open: NodeTable,
    in_nets: HashMap<(usize, Prefix), NodeIndex>,
}

impl Holders {
    /// The device that holds what `device` claims; where there is none, from now on this one does.
    fn find_or_insert(&mut self, builder: &GraphBuilder, device: NodeIndex, prefix: Prefix) -> Option<&mut NodeIndex> {
        match builder.nets.index_of(device, prefix) {
            None => self.open.find_or_insert(&prefix, |node| is_open(builder, node, prefix), device),
            Some(net) => match self.in_nets.entry((net, prefix)) {
                Entry::Occupied(held) => Some(held.into_mut()),
                Entry::Vacant(free) => {
                    free.insert(device);
                    None
                }
            },
        }
    }

    /// The device that holds what `device` has lost.
    fn of(&self, builder: &GraphBuilder, device: NodeIndex, prefix: Prefix) -> Option<NodeIndex> {
        match builder.nets.index_of(device, prefix) {
            None => self.open.find(&prefix, |node| is_open(builder, node, prefix)),
            Some(net) => self.in_nets.get(&(net, prefix)).copied(),
        }
    }
}

/// Whether a device claims a prefix outside of nets.
fn is_open(builder: &GraphBuilder, device: NodeIndex, prefix: Prefix) -> bool {
    claim_on(builder, device, prefix).is_some() && builder.nets.index_of(device, prefix).is_none()
}

/// Settles every prefix that two devices claim in one net, or outside of nets: static before session before DHCP before device, then the first record,
/// then the smaller id. The loser loses that prefix only. What is excluded, or left out by its source, claims nothing.
pub(crate) fn settle(builder: &mut GraphBuilder, owners: &Owners) {
    let mut holders = Holders::default();
    holders.open.reserve(builder.graph.node_count() / 2); // a client has a device, and that a prefix or two
    let mut losers: Vec<(NodeIndex, Claim)> = Vec::new();
    for device in builder.graph.node_indices() {
        let Some(record) = builder.graph[device].device() else { continue };
        if is_excluded(builder, owners, device) {
            continue;
        }
        if owners.of(device).and_then(|client| builder.graph[client].client()).is_some_and(|c| c.left_out.is_some()) {
            continue; // who had the address before, and has it no more
        }
        for &claim in &record.claims {
            let Some(held_by) = holders.find_or_insert(builder, device, claim.prefix) else { continue };
            let its_claim = claim_on(builder, *held_by, claim.prefix).expect("invariant: a holder has a claim");
            if rank(builder, device, claim) < rank(builder, *held_by, its_claim) {
                losers.push((std::mem::replace(held_by, device), its_claim));
            } else {
                losers.push((device, claim));
            }
        }
    }
    take_away(builder, owners, &holders, losers);
}

fn is_excluded(builder: &GraphBuilder, owners: &Owners, device: NodeIndex) -> bool {
    let excluded = &builder.excluded;
    !excluded.is_empty()
        && (excluded.contains(&device) || owners.of(device).is_some_and(|client| excluded.contains(&client)))
}

/// Takes from each loser the prefixes it lost, and reports who has them.
fn take_away(builder: &mut GraphBuilder, owners: &Owners, holders: &Holders, mut losers: Vec<(NodeIndex, Claim)>) {
    losers.sort_unstable_by_key(|&(loser, claim)| (loser, claim.prefix));
    for lost in losers.chunk_by(|a, b| a.0 == b.0) {
        let loser = lost[0].0;
        if let NodeKind::Device(device) = &mut builder.graph[loser].kind {
            device.claims.retain(|claim| lost.binary_search_by_key(&claim.prefix, |lost| lost.1.prefix).is_err());
        }
        for &(_, claim) in lost {
            let winner = holders.of(builder, loser, claim.prefix);
            let winner = winner.expect("invariant: a prefix that is lost is held");
            let winning = claim_on(builder, winner, claim.prefix).expect("invariant: a holder has a claim");
            report(builder, owners, (loser, claim), (winner, winning));
            if owners.of(loser) != owners.of(winner) {
                builder.lost_addresses.push(loser);
            }
        }
    }
}

/// The claim that a device has on a prefix. Its claims are sorted by prefix.
fn claim_on(builder: &GraphBuilder, device: NodeIndex, prefix: Prefix) -> Option<Claim> {
    let claims = &builder.graph[device].device()?.claims;
    Some(claims[claims.binary_search_by_key(&prefix, |claim| claim.prefix).ok()?])
}

fn rank(builder: &GraphBuilder, device: NodeIndex, claim: Claim) -> impl Ord + use<'_> {
    let node = &builder.graph[device];
    (claim.assignment, node.origin, &node.id)
}

/// Reports that `loser` lost its claim to `winner`: a note where both belong to one client.
fn report(
    builder: &mut GraphBuilder,
    owners: &Owners,
    (loser, claim): (NodeIndex, Claim),
    (winner, winning): (NodeIndex, Claim),
) {
    let (record, kept) = (&builder.graph[loser], &builder.graph[winner]);
    let circuit = |device| owners.of(device).map(|client| builder.graph[client].name.as_str());
    let (mine, theirs) = (circuit(loser), circuit(winner));
    let is_one_client = owners.of(loser).is_some_and(|client| owners.of(winner) == Some(client));
    let code = if is_one_client { Code::DuplicateRow } else { Code::DuplicatePrefix };
    let holder = theirs.map_or_else(|| format!("`{}`", kept.name), |circuit| format!("circuit `{circuit}`"));
    let place = place_name(builder, kept.origin);
    let reason = if claim.assignment == winning.assignment { "came first" } else { "has the better claim" };
    let mut problem = Problem::new(code, format!("`{}` belongs to {holder}{place}, which {reason}", claim.prefix))
        .at(builder.document_name(record.origin.document), record.origin.line)
        .value(&claim.prefix.to_string())
        .record(&record.id);
    if code == Code::DuplicatePrefix {
        let mine = mine.unwrap_or(&record.name);
        problem = problem.hint(format!(
            "find out which of them has `{}` and remove it from the other (here `{mine}`)",
            claim.prefix
        ));
    }
    builder.problems.push(problem);
}

#[cfg(test)]
mod tests {
    use crate::node::Assignment;
    use crate::{Code, NetworkGraph, Prefix, Table};

    /// What of 10.0.0.1 and 10.0.0.2 each device keeps, by device, and the codes reported.
    fn settled(claims: &[(&str, u8, Assignment)]) -> (Vec<String>, Vec<Code>) {
        let table = Table::new("t", "device").expect("two words");
        let mut builder = NetworkGraph::builder();
        for &(device, host, assignment) in claims {
            let id = table.id(device);
            let index = builder.find(&id).unwrap_or_else(|| builder.device(id, device).index());
            let prefix = Prefix::parse(&format!("10.0.0.{host}")).expect("a prefix").prefix;
            let _ = builder.edit(index).prefix(prefix, assignment);
        }
        let (network, problems) = builder.build();
        let devices = network.nodes().filter_map(|(_, node)| Some((node, node.device()?)));
        let kept =
            devices.flat_map(|(node, device)| device.claims.iter().map(|c| format!("{} {}", node.name, c.prefix)));
        (kept.collect(), problems.as_slice().iter().map(|problem| problem.code).collect())
    }

    #[test]
    fn the_best_claim_keeps_the_prefix_whatever_the_order() {
        use Assignment::{Device, Dhcp, Session, Static};
        let by = [("a", 1, Dhcp), ("b", 1, Static), ("c", 1, Session), ("d", 1, Device), ("a", 2, Device)];
        let (kept, codes) = settled(&by);
        assert_eq!(kept, ["a 10.0.0.2", "b 10.0.0.1"], "a loses that prefix only");
        assert_eq!(codes.len(), 3);
        let mut turned = by;
        turned.reverse();
        let (mut kept, _) = settled(&turned);
        kept.sort();
        assert_eq!(kept, ["a 10.0.0.2", "b 10.0.0.1"]);
    }

    #[test]
    fn of_equal_claims_the_smaller_id_of_one_record_wins() {
        assert_eq!(settled(&[("b", 1, Assignment::Dhcp), ("a", 1, Assignment::Dhcp)]).0, ["a 10.0.0.1"]);
    }
}
