//! Whose addresses count where several sources state some for one client or device.

use hashbrown::HashMap;
use petgraph::graph::NodeIndex;
use smallvec::SmallVec;

use crate::address_policy::AddressPolicy;
use crate::builder::GraphBuilder;
use crate::node::{Claim, NodeKind};
use crate::owners::Owners;
use crate::prefix::Prefix;
use crate::prefix_set::PrefixSet;
use crate::problem::{Code, Problem};
use crate::same::groups::{Group, Groups};
use crate::same::matching::Class;
use crate::same::preference::Preference;
use crate::stated_reason::Aspect;

/// Takes from the devices of each group the addresses of all its sources but the one that is believed: first from all
/// devices of a client, then from devices that are one. A device of yet another source, a live session say, keeps what it has.
///
/// An address that no subscriber has is no statement: it neither makes a source the one that is believed, nor is it taken.
pub(super) fn settle<'o>(
    builder: &mut GraphBuilder,
    groups: &Groups,
    prefer: &Preference<'_>,
    owners: &mut impl FnMut(&GraphBuilder) -> &'o Owners,
) {
    let mut settling = Settling { builder, prefer, policy: AddressPolicy::default() };
    let of_class = |class, settling: &Settling<'_>| -> Vec<Group<'_>> {
        groups.iter().filter(|group| Class::of(&settling.builder.graph[group.members[0]]) == class).collect()
    };
    let clients = of_class(Class::Client, &settling);
    if !clients.is_empty() {
        let group_of: HashMap<NodeIndex, u32> =
            (0..).zip(&clients).flat_map(|(at, group)| group.members.iter().map(move |member| (*member, at))).collect();
        let owners = owners(settling.builder);
        let owned = |device| Some((*group_of.get(&owners.of(device)?)?, device));
        let mut devices: Vec<(u32, NodeIndex)> = settling.builder.graph.node_indices().filter_map(owned).collect();
        devices.sort_unstable();
        for devices in devices.chunk_by(|a, b| a.0 == b.0) {
            let clients = clients[devices[0].0 as usize].members;
            let devices: Vec<NodeIndex> = devices.iter().map(|(_, device)| *device).collect();
            settling.settle(clients, &devices);
        }
    }
    for group in of_class(Class::Device, &settling) {
        settling.settle(group.members, group.members);
    }
}

struct Settling<'b> {
    builder: &'b mut GraphBuilder,
    prefer: &'b Preference<'b>,
    policy: AddressPolicy,
}

impl Settling<'_> {
    fn claims(&self, device: NodeIndex) -> &[Claim] {
        self.builder.graph[device].device().map_or(&[], |device| &device.claims)
    }

    /// Settles the addresses that these devices have, for the records that are one client or device.
    fn settle(&mut self, records: &[NodeIndex], devices: &[NodeIndex]) {
        let subject = records[0];
        let id = |device: NodeIndex| &self.builder.graph[device].id;
        let counts = |claim: &Claim| self.policy.drops(claim.prefix).is_none();
        let mut sources: Vec<&str> = records.iter().map(|&record| id(record).source()).collect();
        sources.sort_unstable();
        sources.dedup();
        let states_some =
            |device: &NodeIndex| self.claims(*device).iter().any(counts) && sources.contains(&id(*device).source());
        let stating = || devices.iter().copied().filter(states_some);
        let Some(first) = stating().min_by_key(|&device| (self.prefer.rank(id(device)), id(device).source())) else {
            return;
        };
        let used = id(first).source().to_owned();
        let is_used = |device: &NodeIndex| id(*device).source() == used;
        let (believed, passed): (Vec<NodeIndex>, Vec<NodeIndex>) = stating().partition(is_used);
        let mut held: Vec<(Prefix, NodeIndex)> = Vec::new();
        for &device in &believed {
            held.extend(self.claims(device).iter().map(|claim| (claim.prefix, device)));
        }
        held.sort_unstable();
        let all_held = PrefixSet::new(held.iter().map(|(prefix, _)| *prefix));
        let own_source = id(subject).source();
        let is_own = stating().any(|device| id(device).source() == own_source);
        let mut not_from: Vec<String> = Vec::new();
        for device in passed {
            for claim in self.take(device) {
                let from = held.partition_point(|(prefix, _)| *prefix < claim.prefix);
                match held.get(from) {
                    Some((prefix, holder)) if *prefix == claim.prefix => self.strengthen(*holder, claim),
                    _ if all_held.covering(claim.prefix).is_some() => {}
                    _ => {
                        self.report(subject, device, claim.prefix, &used);
                        not_from.push(format!("`{}`", self.builder.graph[device].id.source()));
                    }
                }
            }
        }
        not_from.sort_unstable();
        not_from.dedup();
        if !is_own || !not_from.is_empty() {
            let others =
                if not_from.is_empty() { String::new() } else { format!(", not from {}", not_from.join(" and ")) };
            self.builder.reasons.add(subject, Aspect::Addresses, format!("from source `{used}`{others}"));
        }
    }

    /// Takes from a device all claims on addresses that a subscriber may have.
    fn take(&mut self, device: NodeIndex) -> SmallVec<[Claim; 1]> {
        let NodeKind::Device(device) = &mut self.builder.graph[device].kind else { return SmallVec::new() };
        let claims = std::mem::take(&mut device.claims).into_iter();
        let (kept, taken) = claims.partition(|claim| self.policy.drops(claim.prefix).is_some());
        device.claims = kept;
        taken
    }

    /// A claim that another source makes for the same subscriber is as good as the better of the two.
    fn strengthen(&mut self, holder: NodeIndex, claim: Claim) {
        let NodeKind::Device(device) = &mut self.builder.graph[holder].kind else { return };
        for held in device.claims.iter_mut().filter(|held| held.prefix == claim.prefix) {
            held.assignment = held.assignment.min(claim.assignment);
        }
    }

    fn report(&mut self, subject: NodeIndex, device: NodeIndex, prefix: Prefix, used: &str) {
        let (node, record) = (&self.builder.graph[subject], &self.builder.graph[device]);
        let message = format!(
            "{} `{}` has its addresses by `{used}`, so `{prefix}` of `{}` is dropped",
            node.kind.as_str(),
            node.name,
            record.id
        );
        let problem = Problem::new(Code::SourcesDisagree, message)
            .at(self.builder.document_name(record.origin.document), record.origin.line)
            .field("address")
            .value(&prefix.to_string())
            .record(&record.id)
            .hint("remove it there, or say with `addresses` of `[prefer]` which source is believed");
        self.builder.problems.push(problem);
    }
}
