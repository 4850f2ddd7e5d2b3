//! Two devices that claim one prefix: the better claim keeps it.

use std::hash::BuildHasher;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};
use petgraph::graph::NodeIndex;

use crate::builder::GraphBuilder;
use crate::join::place_name;
use crate::node::{Claim, NodeKind};
use crate::owners::Owners;
use crate::problem::{Code, Problem};

/// Sorts each device's claims by prefix and keeps the best on each, so that equal devices have equal claims.
pub(crate) fn sort(builder: &mut GraphBuilder) {
    let duplicates = builder.duplicates.iter_mut().map(|(_, node, _)| node);
    for node in builder.graph.node_weights_mut().chain(duplicates) {
        if let NodeKind::Device(device) = &mut node.kind {
            device.claims.sort_unstable_by_key(|claim| (claim.prefix, claim.assignment));
            device.claims.dedup_by_key(|claim| claim.prefix);
        }
    }
}

/// Settles every prefix that two devices claim: static before session before DHCP before device, then the first record,
/// then the smaller id. The loser loses that prefix only.
pub(crate) fn settle(builder: &mut GraphBuilder, owners: &Owners) {
    let hasher = DefaultHashBuilder::default();
    let mut holders: HashTable<(NodeIndex, Claim)> = HashTable::new();
    let mut losers: Vec<(NodeIndex, Claim)> = Vec::new();
    for device in builder.graph.node_indices() {
        let Some(record) = builder.graph[device].device() else { continue };
        for &claim in &record.claims {
            let hash = hasher.hash_one(claim.prefix);
            match holders.entry(hash, |held| held.1.prefix == claim.prefix, |held| hasher.hash_one(held.1.prefix)) {
                Entry::Vacant(place) => {
                    place.insert((device, claim));
                }
                Entry::Occupied(mut held) => {
                    let (holder, its_claim) = *held.get();
                    if rank(builder, device, claim) < rank(builder, holder, its_claim) {
                        *held.get_mut() = (device, claim);
                        losers.push((holder, its_claim));
                    } else {
                        losers.push((device, claim));
                    }
                }
            }
        }
    }
    losers.sort_unstable_by_key(|&(loser, claim)| (loser, claim.prefix));
    for lost in losers.chunk_by(|a, b| a.0 == b.0) {
        let loser = lost[0].0;
        if let NodeKind::Device(device) = &mut builder.graph[loser].kind {
            device.claims.retain(|claim| lost.binary_search_by_key(&claim.prefix, |lost| lost.1.prefix).is_err());
        }
        for &(_, claim) in lost {
            let hash = hasher.hash_one(claim.prefix);
            let winner = holders.find(hash, |held| held.1.prefix == claim.prefix);
            report(builder, owners, (loser, claim), *winner.expect("invariant: a prefix that is lost is held"));
        }
    }
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
