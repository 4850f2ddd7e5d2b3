//! Two devices that claim one prefix: the better claim keeps it.

use petgraph::graph::NodeIndex;

use crate::builder::GraphBuilder;
use crate::join::place_name;
use crate::network_graph::owner;
use crate::node::{Claim, NodeKind};
use crate::node_table::NodeTable;
use crate::prefix::Prefix;
use crate::problem::{Code, Problem};

/// Settles every prefix that two devices claim: static before session before DHCP before device, then the first record,
/// then the smaller id. The loser loses that prefix only.
pub(crate) fn settle(builder: &mut GraphBuilder) {
    let claims = builder.graph.node_weights().filter_map(|node| Some(node.device()?.claims.len())).sum();
    let mut holders = NodeTable::default();
    holders.reserve(claims);
    let mut losers: Vec<(NodeIndex, Claim)> = Vec::new();
    for device in builder.graph.node_indices() {
        let Some(record) = builder.graph[device].device() else { continue };
        for &claim in &record.claims {
            let holds = |node| claim_on(builder, node, claim.prefix).is_some();
            let Some(held_by) = holders.find_or_insert(&claim.prefix, holds, device) else { continue };
            let Some(its_claim) = claim_on(builder, *held_by, claim.prefix) else { continue };
            if rank(builder, device, claim) < rank(builder, *held_by, its_claim) {
                losers.push((std::mem::replace(held_by, device), its_claim));
            } else {
                losers.push((device, claim));
            }
        }
    }
    for (loser, claim) in losers {
        if let NodeKind::Device(device) = &mut builder.graph[loser].kind {
            device.claims.retain(|other| other.prefix != claim.prefix);
        }
        let winner = holders.find(&claim.prefix, |node| claim_on(builder, node, claim.prefix).is_some());
        if let Some(winner) = winner
            && let Some(winning) = claim_on(builder, winner, claim.prefix)
        {
            report(builder, loser, claim, winner, winning);
        }
    }
}

/// The claim that a device has on a prefix.
fn claim_on(builder: &GraphBuilder, device: NodeIndex, prefix: Prefix) -> Option<Claim> {
    builder.graph[device].device()?.claims.iter().copied().find(|claim| claim.prefix == prefix)
}

fn rank(builder: &GraphBuilder, device: NodeIndex, claim: Claim) -> impl Ord + use<'_> {
    let node = &builder.graph[device];
    (claim.assignment, node.origin, &node.id)
}

fn report(builder: &mut GraphBuilder, loser: NodeIndex, claim: Claim, winner: NodeIndex, winning: Claim) {
    let (record, kept) = (&builder.graph[loser], &builder.graph[winner]);
    let circuit = |device| owner(&builder.graph, device).map(|client| builder.graph[client].name.as_str());
    let (mine, theirs) = (circuit(loser), circuit(winner));
    let code = if owner(&builder.graph, loser) == owner(&builder.graph, winner) {
        Code::DuplicateRow
    } else {
        Code::DuplicatePrefix
    };
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
