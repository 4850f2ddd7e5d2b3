//! Overrides of links: what they cost and carry. A node's own capacity and cost are those of the link to its parent.

use std::collections::HashMap;

use petgraph::graph::NodeIndex;

use crate::builder::ParentName;
use crate::find::NearMisses;
use crate::id::NodeId;
use crate::node::NodeKind;
use crate::overrides::apply::last_of_each;
use crate::overrides::entry::Subject;
use crate::overrides::link_change::{Field, Target, set};
use crate::overrides::report::{Change, Report};
use crate::overrides::setting::Setting;
use crate::problem::Code;

/// A change of the links between two nodes; down is from the first to the second.
struct Wish<'o> {
    ends: [NodeIndex; 2],
    /// The node whose link to its parent is meant, where the override names a node.
    child: Option<NodeIndex>,
    change: Change<'o>,
}

/// Applies changes of links, each with the node that its entry names, if it names one.
pub(super) fn apply<'o>(
    report: &mut Report<'_>,
    misses: &mut NearMisses,
    changes: Vec<(Option<NodeIndex>, Change<'o>)>,
) {
    if changes.is_empty() {
        return;
    }
    let mut links = Links { report, misses, targets: Vec::new() };
    let mut wishes: Vec<Wish<'o>> = Vec::new();
    let mut by_id: Vec<(&'o NodeId, Change<'o>)> = Vec::new();
    for (node, change) in changes {
        match (&change.entry.subject, node) {
            (Subject::Id(_), Some(node)) => wishes.extend(links.of_node(node, change)),
            (Subject::Id(id), None) => by_id.push((id, change)),
            (Subject::Between(ends), _) => wishes.extend(links.between(ends, change)),
        }
    }
    links.find_stated(&by_id, &wishes);
    links.targets.sort_by_key(|(_, _, change)| change.line);
    let Links { report, targets, .. } = links;
    let targets = targets.into_iter().map(|(target, field, change)| ((target, field), change)).collect();
    for ((target, field), change) in last_of_each(targets, |_| (), report) {
        set(report, target, field, change);
    }
}

struct Links<'r, 'b, 'o> {
    report: &'r mut Report<'b>,
    misses: &'r mut NearMisses,
    targets: Vec<(Target, Field, Change<'o>)>,
}

fn pair(ends: [NodeIndex; 2]) -> (NodeIndex, NodeIndex) {
    (ends[0].min(ends[1]), ends[0].max(ends[1]))
}

impl<'o> Links<'_, '_, 'o> {
    /// A node's cost or capacity: that of the link to its parent, or an access point's sector.
    fn of_node(&mut self, node: NodeIndex, change: Change<'o>) -> Option<Wish<'o>> {
        let builder = &*self.report.builder;
        let record = &builder.graph[node];
        let (own_id, is_cost) = (record.id.clone(), matches!(change.setting, Setting::Cost(_)));
        let parent = builder.parent(node);
        let is_unknown = parent.is_none() && builder.parents[node.index()] != ParentName::Unstated;
        let trouble = match &record.kind {
            _ if node == builder.top() => "is the unnamed top, which has no link to a parent".to_owned(),
            NodeKind::AccessPoint(_) if !is_cost => {
                self.targets.push((Target::Sector(node), Field::of(change.setting, false), change));
                return None;
            }
            NodeKind::Client(_) | NodeKind::Device(_) if !is_cost => {
                format!("is of kind {}, which has no capacity", record.kind.as_str())
            }
            NodeKind::Site(site) if !is_cost && site.is_virtual => {
                "is a virtual site, which has no capacity".to_owned()
            }
            _ if is_unknown => "has a parent that is not in the network, so there is no link to it".to_owned(),
            _ => {
                let ends = [parent.unwrap_or(builder.top()), node];
                return Some(Wish { ends, child: Some(node), change });
            }
        };
        let hint = match &record.kind {
            NodeKind::Client(_) if !is_cost => "a client has rates: `min` and `max`",
            _ => "remove the key, or name the link with `between`",
        };
        self.report.unfit(change, format!("`{own_id}` {trouble}"), hint);
        None
    }

    fn between(&mut self, ends: &[NodeId; 2], change: Change<'o>) -> Option<Wish<'o>> {
        let found = ends.each_ref().map(|end| self.report.builder.find(end));
        if let Some(missing) = ends.iter().zip(found).find_map(|(end, found)| found.is_none().then_some(end)) {
            let hint = self.misses.hint(self.report.builder, missing, "correct the id, or remove the override");
            let message = format!("the end `{missing}` is not in the network");
            self.report.entry(Code::UnmatchedOverride, change.entry, message, hint);
            return None;
        }
        let [first, second] = found.map(|end| end.expect("invariant: looked at just now"));
        if first == second {
            let message = format!("`{}` and `{}` are one node, so no link is between them", ends[0], ends[1]);
            self.report.unfit(change, message, "name two nodes");
            return None;
        }
        Some(Wish { ends: [first, second], child: None, change })
    }

    /// Looks through the stated links once; a wish that no stated link fulfils is one of an implied link.
    fn find_stated(&mut self, by_id: &[(&'o NodeId, Change<'o>)], wishes: &[Wish<'o>]) {
        let mut wanted: HashMap<&NodeId, Vec<usize>> = HashMap::new();
        by_id.iter().enumerate().for_each(|(at, (id, _))| wanted.entry(id).or_default().push(at));
        let mut between: HashMap<(NodeIndex, NodeIndex), Vec<usize>> = HashMap::new();
        wishes.iter().enumerate().for_each(|(at, wish)| between.entry(pair(wish.ends)).or_default().push(at));
        let (mut is_found, mut is_fulfilled) = (vec![false; by_id.len()], vec![false; wishes.len()]);
        let mut linked: Vec<NodeIndex> = Vec::new();
        let builder = &*self.report.builder;
        for (number, record) in builder.links.iter().enumerate() {
            for &at in wanted.get(&record.id).into_iter().flatten() {
                is_found[at] = true;
                self.targets.push((Target::Stated(number), Field::of(by_id[at].1.setting, false), by_id[at].1));
            }
            if between.is_empty() {
                continue;
            }
            let [Some(first), Some(second)] = record.ends.each_ref().map(|end| builder.find(end)) else { continue };
            linked.extend(
                [(first, second), (second, first)]
                    .into_iter()
                    .filter_map(|(node, other)| (builder.parent(other) != Some(node)).then_some(node)),
            );
            for &at in between.get(&pair([first, second])).into_iter().flatten() {
                let wish = &wishes[at];
                is_fulfilled[at] = true;
                let field = Field::of(wish.change.setting, wish.ends[0] != first);
                self.targets.push((Target::Stated(number), field, wish.change));
            }
        }
        linked.sort_unstable();
        for (at, (id, change)) in by_id.iter().enumerate().filter(|(at, _)| !is_found[*at]) {
            let is_first = at == 0 || by_id[at - 1].1.entry.line != change.entry.line;
            if is_first {
                let hint = self.misses.hint(self.report.builder, id, "correct the id, or remove the override");
                let message = format!("`{id}` is not in the network, neither a node nor a link");
                self.report.entry(Code::UnmatchedOverride, change.entry, message, hint);
            }
        }
        for wish in wishes.iter().zip(is_fulfilled).filter_map(|(wish, is_fulfilled)| (!is_fulfilled).then_some(wish)) {
            self.implied(wish, &linked);
        }
    }

    /// A link that a parent implies: of a site it carries what the site says, of anything else it has no limit.
    fn implied(&mut self, wish: &Wish<'o>, linked: &[NodeIndex]) {
        let Wish { ends: [first, second], child, change } = *wish;
        let builder = &*self.report.builder;
        let name = |node: NodeIndex| format!("`{}`", builder.graph[node].id);
        let child = match child {
            Some(child) if builder.parent(child).is_none() && linked.binary_search(&child).is_ok() => {
                let message = format!("{} has links and no parent, so it is not clear which is meant", name(child));
                return self.report.unfit(change, message, "name the link with `between`, or by its own id");
            }
            Some(child) => child,
            None if builder.parent(second) == Some(first) => second,
            None if builder.parent(first) == Some(second) => first,
            None => {
                let message = format!("there is no link between {} and {}", name(first), name(second));
                let hint = "correct the ends, or remove the override".to_owned();
                return self.report.entry(Code::UnmatchedOverride, change.entry, message, hint);
            }
        };
        let is_site = matches!(&builder.graph[child].kind, NodeKind::Site(site) if !site.is_virtual);
        if is_site || matches!(change.setting, Setting::Cost(_)) {
            self.targets.push((Target::Implied(child), Field::of(change.setting, child == first), change));
        } else {
            let message = format!("the cable between {} and {} has no limit", name(first), name(second));
            self.report.unfit(change, message, "give the access point a `capacity` by its own `id`");
        }
    }
}
