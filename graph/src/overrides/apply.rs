//! Overrides are put over what the sources state.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::mem::discriminant;

use jiff::Timestamp;
use petgraph::graph::NodeIndex;

use crate::builder::{GraphBuilder, ParentName};
use crate::find::NearMisses;
use crate::id::NodeId;
use crate::node::{Assignment, Claim, Client, NodeKind, Origin};
use crate::overrides::entry::{Override, Overrides, Subject};
use crate::overrides::links;
use crate::overrides::report::{Change, Report};
use crate::overrides::setting::Setting;
use crate::overrides::split;
use crate::prefix::Prefix;
use crate::problem::Code;
use crate::stated_reason::Aspect;

/// What overrides decide that is not in the network itself: for the census and the views. Nodes by their own ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Nodes that are left out. The builder knows them already: they claim no prefix.
    pub excluded: BTreeSet<NodeId>,
    /// Sites and access points that are shown at the top.
    pub promoted: BTreeSet<NodeId>,
}

impl Overrides {
    /// Puts the entries that are in force at `now` over what all sources have stated. To be called when records of several
    /// sources have been made one; an entry then holds by any of a node's ids.
    ///
    /// What matches nothing, does not fit, has expired or is set twice becomes a problem of the builder, and what is
    /// changed a reason. Applied again it changes nothing more.
    pub fn apply(&self, builder: &mut GraphBuilder, now: Timestamp) -> Applied {
        if self.entries.is_empty() {
            return Applied::default();
        }
        crate::join::settle_duplicates(builder);
        let report = Report { builder, document: &self.document };
        let mut applier =
            Applier { report, misses: NearMisses::default(), applied: Applied::default(), document: None };
        let in_force = self.entries.iter().filter(|entry| entry.holds(now));
        split::apply(&mut applier.report, in_force.flat_map(Override::changes));
        let mut nodes: Vec<(NodeIndex, Change<'_>)> = Vec::new();
        let mut links: Vec<(Option<NodeIndex>, Change<'_>)> = Vec::new();
        for entry in &self.entries {
            if !entry.holds(now) {
                applier.report.expired(entry);
            } else if entry.settings.is_empty() {
                let message = format!("the override of `{}` sets nothing", entry.id());
                let hint = "say what it sets, or remove it".to_owned();
                applier.report.entry(Code::UnfitOverride, entry, message, hint);
            } else {
                let node = applier.node(entry);
                let (of_link, of_node): (Vec<_>, Vec<_>) = entry.changes().partition(|change| is_of_link(*change));
                links.extend(of_link.into_iter().map(|change| (node, change)));
                match node {
                    Some(node) => nodes.extend(of_node.into_iter().map(|change| (node, change))),
                    None => of_node.into_iter().take(1).for_each(|change| applier.no_such_node(change)),
                }
            }
        }
        let mut nodes = last_of_each(nodes, |change| discriminant(change.setting), &mut applier.report);
        nodes.sort_by_key(|(_, change)| match change.setting {
            Setting::Parent(_) => 0, // before what is said of where a node hangs
            Setting::Rename(_) => 1, // before what is made is named after it
            _ => 2,
        });
        for (node, change) in nodes {
            applier.set(node, change);
        }
        links::apply(&mut applier.report, &mut applier.misses, links); // when parents are what they will be
        applier.applied
    }
}

fn is_of_link(change: Change<'_>) -> bool {
    change.setting.is_of_link()
}

/// Of several changes of one thing the last; prefixes add up. The changes are in the order of their lines.
pub(super) fn last_of_each<'o, T: Copy + Eq + Hash, F: Eq + Hash>(
    changes: Vec<(T, Change<'o>)>,
    field: impl Fn(Change<'o>) -> F,
    report: &mut Report<'_>,
) -> Vec<(T, Change<'o>)> {
    let mut kept: Vec<(T, Change<'o>)> = Vec::with_capacity(changes.len());
    let mut position: HashMap<(T, F), usize> = HashMap::with_capacity(changes.len());
    for (target, change) in changes {
        let next = kept.len();
        match position.entry((target, field(change))) {
            std::collections::hash_map::Entry::Occupied(at) if !matches!(change.setting, Setting::Prefixes(_)) => {
                let earlier = &mut kept[*at.get()].1;
                report.repeated(*earlier, change);
                *earlier = change;
            }
            at => {
                at.insert_entry(next);
                kept.push((target, change));
            }
        }
    }
    kept
}

struct Applier<'b> {
    report: Report<'b>,
    misses: NearMisses,
    applied: Applied,
    /// The overrides file among the builder's documents, once something comes from it.
    document: Option<u32>,
}

impl Applier<'_> {
    fn node(&self, entry: &Override) -> Option<NodeIndex> {
        let Subject::Id(id) = &entry.subject else { return None };
        self.report.builder.find(id)
    }

    fn no_such_node(&mut self, change: Change<'_>) {
        let id = change.entry.id();
        let mut shared = self.report.builder.shared_clients.iter();
        if let Some(shared) = shared.find(|shared| shared.services.iter().any(|service| service.id == *id)) {
            let client = &shared.client;
            let (message, hint) = if let [_] = shared.services.as_slice() {
                (
                    format!("`{id}` is the last service of the client `{client}`, whose circuit it keeps"),
                    "name the client",
                )
            } else {
                let hint = "say its `prefixes`, which makes it one, or name the client";
                (format!("`{id}` is one of several services of the client `{client}`, and no circuit"), hint)
            };
            let hint = hint.to_owned();
            return self.report.entry(Code::UnmatchedOverride, change.entry, message, hint);
        }
        let hint = self.misses.hint(self.report.builder, id, "correct the id, or remove the override");
        let message = format!("`{id}` is not in the network");
        self.report.entry(Code::UnmatchedOverride, change.entry, message, hint);
    }

    fn set(&mut self, node: NodeIndex, change: Change<'_>) {
        match change.setting {
            Setting::MinDown(_) | Setting::MinUp(_) | Setting::MaxDown(_) | Setting::MaxUp(_) => {
                self.rate(node, change);
            }
            Setting::Sqm(sqm) => {
                let Some(client) = self.client(node, change) else { return };
                let before = std::mem::replace(&mut client.sqm, *sqm);
                if before != *sqm {
                    let before = Some(before.to_string()).filter(|text| !text.is_empty());
                    self.report.sets(node, Aspect::Queue, change, before.map(|text| format!("`{text}`")));
                }
            }
            Setting::Parent(parent) => self.parent(node, change, parent),
            Setting::Rename(name) => {
                let before = std::mem::replace(&mut self.report.builder.graph[node].name, name.clone());
                if before != *name {
                    self.report.because(node, Aspect::Name, change, &format!("names it so instead of `{before}`"));
                }
            }
            Setting::Prefixes(prefixes) => self.prefixes(node, change, prefixes),
            Setting::Exclude(is_set) => self.exclude(node, change, *is_set),
            Setting::Promote(is_set) => self.promote(node, change, *is_set),
            Setting::CapacityDown(_) | Setting::CapacityUp(_) | Setting::Cost(_) => {} // of links
        }
    }

    /// The client's part of a node, or a report that it is none.
    fn client(&mut self, node: NodeIndex, change: Change<'_>) -> Option<&mut Client> {
        if self.report.builder.graph[node].client().is_none() {
            self.wrong_kind(node, change, "a client");
        }
        match &mut self.report.builder.graph[node].kind {
            NodeKind::Client(client) => Some(client),
            NodeKind::Site(_) | NodeKind::AccessPoint(_) | NodeKind::Device(_) => None,
        }
    }

    fn wrong_kind(&mut self, node: NodeIndex, change: Change<'_>, fitting: &str) {
        let record = &self.report.builder.graph[node];
        let field = change.setting.field();
        let message = format!("`{field}` is for {fitting}, and `{}` is of kind {}", record.id, record.kind.as_str());
        let owner = record.device().and_then(|_| self.report.builder.parent(node));
        let hint = match owner.map(|owner| &self.report.builder.graph[owner]) {
            Some(owner) if owner.client().is_some() => format!("name its client `{}`, or remove the key", owner.id),
            _ => format!("name {fitting}, or remove the key"),
        };
        self.report.unfit(change, message, hint);
    }

    fn rate(&mut self, node: NodeIndex, change: Change<'_>) {
        let Some(Client { plan, .. }) = self.client(node, change) else { return };
        let (stated, rate) = match change.setting {
            Setting::MinDown(rate) => (&mut plan.down.min, *rate),
            Setting::MinUp(rate) => (&mut plan.up.min, *rate),
            Setting::MaxDown(rate) => (&mut plan.down.max, *rate),
            Setting::MaxUp(rate) => (&mut plan.up.max, *rate),
            _ => return, // no rate
        };
        let before = stated.replace(rate);
        if before != Some(rate) {
            self.report.sets(node, Aspect::Rates, change, before.map(|rate| rate.to_string()));
        }
    }

    fn parent(&mut self, node: NodeIndex, change: Change<'_>, id: &NodeId) {
        let builder = &mut *self.report.builder;
        let own_id = builder.graph[node].id.clone();
        let Some(parent) = builder.find(id) else {
            let hint = self.misses.hint(builder, id, "correct the parent's id");
            let message = format!("the parent `{id}` is not in the network; `{own_id}` stays where it is");
            return self.report.unfit(change, message, hint);
        };
        if node == builder.top() {
            return self.report.unfit(change, "the unnamed top hangs from nothing".to_owned(), "remove the key");
        }
        if parent == node {
            let message = format!("`{own_id}` cannot hang from itself; it stays where it is");
            return self.report.unfit(change, message, "name another parent");
        }
        let before = builder.parent(node);
        if before != Some(parent) {
            let before = before.map(|before| format!("`{}`", builder.graph[before].id));
            builder.parents[node.index()] = ParentName::Node(parent);
            self.report.sets(node, Aspect::Parent, change, before);
        }
    }

    /// A client's extra prefixes are on a device of their own, which is the same in every run.
    fn prefixes(&mut self, node: NodeIndex, change: Change<'_>, prefixes: &[Prefix]) {
        let device = match self.report.builder.graph[node].kind {
            NodeKind::Device(_) => node,
            NodeKind::Client(_) => self.device_of(node, change.entry),
            NodeKind::Site(_) | NodeKind::AccessPoint(_) => return self.wrong_kind(node, change, "a client or device"),
        };
        for wide in prefixes.iter().filter(|prefix| prefix.is_too_wide()) {
            let message =
                format!("`{wide}` is wider than what one subscriber has, and is not added to `{}`", change.entry.id());
            self.report.unfit(change, message, "write at most a `/8` or, of IPv6, a `/16`");
        }
        let mut added = Vec::new();
        if let NodeKind::Device(device) = &mut self.report.builder.graph[device].kind {
            for &prefix in prefixes.iter().filter(|prefix| !prefix.is_too_wide()) {
                let claim = Claim { prefix, assignment: Assignment::Override };
                if !device.claims.contains(&claim) {
                    device.claims.push(claim);
                    added.push(format!("`{prefix}`"));
                }
            }
        }
        if !added.is_empty() {
            self.report.because(node, Aspect::Addresses, change, &format!("adds {}", added.join(", ")));
        }
    }

    fn device_of(&mut self, client: NodeIndex, entry: &Override) -> NodeIndex {
        let name = self.report.document;
        let builder = &mut *self.report.builder;
        let id = NodeId::own("override", builder.graph[client].id.as_str());
        if let Some(device) = builder.find(&id) {
            return device;
        }
        let document = *self.document.get_or_insert_with(|| builder.document(name));
        let name = builder.graph[client].name.clone();
        builder.device(id, &name).under(client).origin(Origin { document, line: entry.line }).index()
    }

    fn exclude(&mut self, node: NodeIndex, change: Change<'_>, is_set: bool) {
        if node == self.report.builder.top() {
            return self.report.unfit(change, "the unnamed top cannot be left out".to_owned(), "remove the key");
        }
        if is_set {
            self.report.builder.exclude(node);
            self.applied.excluded.insert(self.report.builder.graph[node].id.clone());
            self.report.because(node, Aspect::Identity, change, "leaves it out");
        }
    }

    fn promote(&mut self, node: NodeIndex, change: Change<'_>, is_set: bool) {
        if !self.report.builder.graph[node].is_infrastructure() {
            self.wrong_kind(node, change, "a site or access point");
        } else if is_set {
            self.applied.promoted.insert(self.report.builder.graph[node].id.clone());
            self.report.because(node, Aspect::Parent, change, "shows it at the top");
        }
    }
}
