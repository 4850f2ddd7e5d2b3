//! A group of records becomes one node: what each of its fields is, and by whom.

use petgraph::graph::NodeIndex;
use smallvec::SmallVec;

use crate::builder::{GraphBuilder, ParentName};
use crate::capacity::{Capacity, Limit};
use crate::node::{Claim, Device, Node, NodeKind, Plan, PlanRate, Text};
use crate::rate::Rate;
use crate::same::groups::Group;
use crate::same::keys::{Mac, Shared};
use crate::same::places::Winners;
use crate::same::preference::Preferences;
use crate::same::stated::{Origins, Stated, all_disagree, disagree};
use crate::sqm::{QueueKind, Sqm};
use crate::stated_reason::Aspect;

/// A few records, in an order.
type Records = SmallVec<[NodeIndex; 4]>;

/// Puts what the records of a group state into the one that is believed for topology. Its members are in that order.
pub(super) fn merge(builder: &mut GraphBuilder, group: Group<'_>, prefer: &Preferences<'_>, winners: &Winners) {
    let records = group.members;
    let winner = records[0];
    merge_kind(builder, records);
    merge_parent(builder, records, winners);
    match builder.graph[winner].kind {
        NodeKind::Client(_) => {
            let mut by_rates: Records = records.into();
            prefer.rates.sort(&mut by_rates, builder);
            merge_plan(builder, winner, &by_rates);
            merge_sqm(builder, winner, &by_rates);
        }
        NodeKind::Device(_) => merge_device(builder, records),
        NodeKind::Site(_) | NodeKind::AccessPoint(_) => {} // what they carry is settled last
    }
}

/// Says why a group is one. To be done before its name is settled, which may be the reason.
pub(super) fn explain_identity(builder: &mut GraphBuilder, group: Group<'_>) {
    for pair in group.pairs {
        let [first, second] = pair.ends.map(|end| &builder.graph[end]);
        let rule = pair.rule.to_string();
        let name = first.name.as_str();
        let (what, key) = match pair.shared {
            None => ("their ids", String::new()),
            Some(Shared::Name) => ("name ", ["`", name, "`"].concat()),
            Some(Shared::Mac(mac)) => ("MAC address ", format!("`{mac}`")),
            Some(Shared::Address(prefix)) => ("address ", format!("`{prefix}`")),
        };
        let (first, second) = (first.id.as_str(), second.id.as_str());
        let text = ["`", first, "` and `", second, "` are one by rule ", &rule, " of `same`: ", what, &key].concat();
        builder.reasons.add(group.members[0], Aspect::Identity, text);
    }
}

/// Settles a group's name. To be done for all groups before anything is said of one.
pub(super) fn name(builder: &mut GraphBuilder, group: Group<'_>, prefer: &Preferences<'_>) {
    let winner = group.members[0];
    let mut by_names: Records = group.members.into();
    prefer.names.sort(&mut by_names, builder);
    by_names.retain(|record| builder.has_name(*record));
    let Some(&used) = by_names.first() else { return };
    let name = &builder.graph[used].name;
    if by_names.iter().all(|record| builder.graph[*record].name == *name) && builder.graph[winner].name == *name {
        return; // as nearly all are where they are one by name
    }
    let named = |record: NodeIndex| Some(builder.graph[record].name.clone());
    let Some(stated) = Stated::read(&by_names, named) else { return };
    let mut origins = Origins::new(winner);
    origins.add(&stated);
    builder.graph[winner].name = stated.used.1;
    origins.explain(builder, Aspect::Name);
}

fn kind(node: &Node) -> &'static str {
    match &node.kind {
        NodeKind::Site(site) if site.is_virtual => "virtual site",
        kind => kind.as_str(),
    }
}

fn merge_kind(builder: &mut GraphBuilder, records: &[NodeIndex]) {
    let Some(kinds) = Stated::read(records, |record| Some(kind(&builder.graph[record]))) else { return };
    all_disagree(builder, records[0], "kind", &kinds, |_, kind| (*kind).to_owned(), "topology");
}

/// The parent by the first record whose parent is in the network; a parent that is the group itself says nothing.
fn merge_parent(builder: &mut GraphBuilder, records: &[NodeIndex], winners: &Winners) {
    let winner = records[0];
    let known = |record| builder.parent(record).map(|parent| winners.of(parent)).filter(|parent| *parent != winner);
    let stated = Stated::read(records, known);
    let unknown = |record: NodeIndex| match &builder.parents[record.index()] {
        ParentName::Id(id) => builder.find(id).is_none().then(|| Text::from(id.as_str())),
        ParentName::Unknown(name) => Some(name.clone()),
        ParentName::Node(_) | ParentName::Unstated | ParentName::Unplaced => None,
    };
    let unknown = Stated::read(records, unknown);
    let missing = |name: &Text| format!("`{name}`, which is not in the network,");
    let Some(stated) = stated else {
        let name = unknown.as_ref().map(|unknown| builder.parents[unknown.used.0.index()].clone());
        builder.parents[winner.index()] = name.unwrap_or_default();
        if let Some(unknown) = unknown {
            all_disagree(builder, winner, "parent", &unknown, |_, name| missing(name), "topology");
        }
        return;
    };
    let words = |builder: &GraphBuilder, parent: &NodeIndex| {
        let parent = &builder.graph[*parent];
        format!("`{}` (`{}`)", parent.name, parent.id)
    };
    all_disagree(builder, winner, "parent", &stated, words, "topology");
    let used = words(builder, &stated.used.1);
    for (record, name) in unknown.into_iter().flat_map(|unknown| unknown.others.into_iter().chain([unknown.used])) {
        disagree(builder, winner, "parent", [(stated.used.0, &used), (record, &missing(&name))], "topology");
    }
    builder.parents[winner.index()] = ParentName::Node(stated.used.1);
    let mut origins = Origins::new(winner);
    origins.add(&stated);
    origins.explain(builder, Aspect::Parent);
}

/// What a node says that it carries.
pub(super) fn capacity(node: &Node) -> Capacity {
    match &node.kind {
        NodeKind::Site(site) => site.capacity,
        NodeKind::AccessPoint(ap) => ap.sector,
        NodeKind::Client(_) | NodeKind::Device(_) => Capacity::NONE,
    }
}

/// What a site's or access point's records say that it carries, and where it stands.
pub(super) fn capacities(builder: &mut GraphBuilder, group: Group<'_>) {
    let records = group.members;
    let winner = records[0];
    if !builder.graph[winner].is_infrastructure() {
        return;
    }
    let mut origins = Origins::new(winner);
    let mut direction = |builder: &mut GraphBuilder, field, limit: fn(Capacity) -> Limit| {
        let stated = |record| Some(limit(capacity(&builder.graph[record]))).filter(|limit| *limit != Limit::NONE);
        let Some(stated) = Stated::read(records, stated) else { return Limit::NONE };
        all_disagree(builder, winner, field, &stated, |_, limit| limit.to_string(), "topology");
        origins.add(&stated);
        stated.used.1
    };
    let down = direction(builder, "download capacity", |capacity| capacity.down);
    let up = direction(builder, "upload capacity", |capacity| capacity.up);
    let position = records.iter().find_map(|&record| match &builder.graph[record].kind {
        NodeKind::Site(site) => site.position,
        NodeKind::AccessPoint(ap) => ap.position,
        NodeKind::Client(_) | NodeKind::Device(_) => None,
    });
    match &mut builder.graph[winner].kind {
        NodeKind::Site(site) => (site.capacity, site.position) = (Capacity { down, up }, position),
        NodeKind::AccessPoint(ap) => (ap.sector, ap.position) = (Capacity { down, up }, position),
        NodeKind::Client(_) | NodeKind::Device(_) => {}
    }
    origins.explain(builder, Aspect::Capacity);
}

fn merge_plan(builder: &mut GraphBuilder, winner: NodeIndex, by_rates: &[NodeIndex]) {
    let mut origins = Origins::new(winner);
    let mut rate = |builder: &mut GraphBuilder, field, rate: fn(Plan) -> Option<Rate>| {
        let stated = |record: NodeIndex| builder.graph[record].client().and_then(|client| rate(client.plan));
        let stated = Stated::read(by_rates, stated)?;
        all_disagree(builder, winner, field, &stated, |_, rate| rate.to_string(), "rates");
        origins.add(&stated);
        Some(stated.used.1)
    };
    let down = PlanRate {
        max: rate(builder, "download maximum", |plan| plan.down.max),
        min: rate(builder, "download minimum", |plan| plan.down.min),
    };
    let up = PlanRate {
        max: rate(builder, "upload maximum", |plan| plan.up.max),
        min: rate(builder, "upload minimum", |plan| plan.up.min),
    };
    // Whoever is believed for what was sold is believed for whether it is sold still.
    let left_out = by_rates.iter().find_map(|&record| builder.graph[record].client()).and_then(|it| it.left_out);
    if let NodeKind::Client(client) = &mut builder.graph[winner].kind {
        client.plan = Plan { down, up };
        client.left_out = left_out;
    }
    origins.explain(builder, Aspect::Rates);
}

fn merge_sqm(builder: &mut GraphBuilder, winner: NodeIndex, by_rates: &[NodeIndex]) {
    let mut origins = Origins::new(winner);
    let mut queue = |builder: &mut GraphBuilder, field, queue: fn(Sqm) -> QueueKind| {
        let stated = |record: NodeIndex| builder.graph[record].client().map(|client| queue(client.sqm));
        let stated = Stated::read(by_rates, |record| stated(record).filter(|kind| *kind != QueueKind::Default));
        let Some(stated) = stated else { return QueueKind::Default };
        let words = |_: &GraphBuilder, kind: &QueueKind| format!("`{}`", Sqm { down: *kind, up: *kind });
        all_disagree(builder, winner, field, &stated, words, "rates");
        origins.add(&stated);
        stated.used.1
    };
    let sqm = Sqm {
        down: queue(builder, "download queue", |sqm| sqm.down),
        up: queue(builder, "upload queue", |sqm| sqm.up),
    };
    if let NodeKind::Client(client) = &mut builder.graph[winner].kind {
        client.sqm = sqm;
    }
    origins.explain(builder, Aspect::Queue);
}

/// A device's MAC address and comment by the first that has one, and the claims of all: those that are not to count are
/// taken away by now.
fn merge_device(builder: &mut GraphBuilder, records: &[NodeIndex]) {
    let winner = records[0];
    let text = |builder: &GraphBuilder, of: fn(&Device) -> &Text| {
        Stated::read(records, |record| builder.graph[record].device().map(of).filter(|text| !text.is_empty()).cloned())
    };
    let (mac, comment) = (text(builder, |device| &device.mac), text(builder, |device| &device.comment));
    if let Some(mac) = &mac {
        let own: Vec<Mac> = Mac::in_text(&mac.used.1).collect();
        let differs = |other: &str| other != mac.used.1 && !Mac::in_text(other).any(|mac| own.contains(&mac));
        for (other, value) in mac.others.iter().filter(|(_, value)| differs(value)) {
            let [used, value] = [&mac.used.1, value].map(|text| format!("`{text}`"));
            disagree(builder, winner, "MAC address", [(mac.used.0, &used), (*other, &value)], "topology");
        }
    }
    let claims = |record: &NodeIndex| builder.graph[*record].device().map(|device| device.claims.clone());
    let claims: Vec<Claim> = records.iter().filter_map(claims).flatten().collect();
    if let NodeKind::Device(device) = &mut builder.graph[winner].kind {
        device.claims = claims.into();
        device.mac = mac.map(|mac| mac.used.1).unwrap_or_default();
        device.comment = comment.map(|comment| comment.used.1).unwrap_or_default();
    }
    crate::claims::sort_of(&mut builder.graph[winner]);
}
