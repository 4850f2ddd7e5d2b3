//! One change of one link.

use std::num::NonZeroU32;

use petgraph::graph::NodeIndex;

use crate::builder::GraphBuilder;
use crate::capacity::{Capacity, Limit};
use crate::node::NodeKind;
use crate::overrides::report::{Change, Report};
use crate::overrides::setting::Setting;
use crate::stated_reason::Aspect;

/// A link as the builder has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Target {
    /// A link that a source states: its number among the builder's.
    Stated(usize),
    /// The link that this node's parent implies.
    Implied(NodeIndex),
    /// The sector of this access point.
    Sector(NodeIndex),
}

/// What of a link, seen from its own first end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Field {
    Down,
    Up,
    Cost,
}

impl Field {
    /// What a setting is of; `is_turned` where it calls the other direction down.
    pub(super) fn of(setting: &Setting, is_turned: bool) -> Self {
        match (setting, is_turned) {
            (Setting::CapacityDown(_), false) | (Setting::CapacityUp(_), true) => Self::Down,
            (Setting::CapacityUp(_), false) | (Setting::CapacityDown(_), true) => Self::Up,
            _ => Self::Cost,
        }
    }
}

/// Sets one thing of one link, and says so at the nodes that it concerns.
pub(super) fn set(report: &mut Report<'_>, target: Target, field: Field, change: Change<'_>) {
    let builder = &mut *report.builder;
    let (before, aspect) = match change.setting {
        Setting::Cost(cost) => (replace_cost(builder, target, *cost), Aspect::Parent),
        Setting::CapacityDown(rate) | Setting::CapacityUp(rate) => {
            (replace_limit(builder, target, field, Limit::of(*rate)), Aspect::Capacity)
        }
        _ => return, // of no link
    };
    let Some(before) = before else { return };
    let (nodes, what): (Vec<NodeIndex>, _) = match target {
        Target::Stated(number) => {
            let link = &builder.links[number];
            let nodes = link.ends.iter().filter_map(|end| builder.find(end));
            (nodes.collect(), format!(" of the link `{}`", link.id))
        }
        Target::Implied(node) | Target::Sector(node) => (vec![node], String::new()),
    };
    let done = format!("sets `{}`{what} to {}{before}", change.setting.field(), change.setting);
    for node in nodes {
        report.because(node, aspect, change, &done);
    }
}

/// Sets a cost. Says what it was, in words that may be empty; nothing where it was that already.
fn replace_cost(builder: &mut GraphBuilder, target: Target, cost: NonZeroU32) -> Option<String> {
    let before = match target {
        Target::Stated(number) => builder.links[number].link.stated_cost.replace(cost),
        Target::Implied(node) | Target::Sector(node) => builder.costs_to_parent.insert(node, cost),
    };
    (before != Some(cost)).then(|| before.map_or_else(String::new, |before| format!(" instead of {before}")))
}

/// The same of a limit.
fn replace_limit(builder: &mut GraphBuilder, target: Target, field: Field, limit: Limit) -> Option<String> {
    let capacity = capacity(builder, target)?;
    let of_field = if field == Field::Down { &mut capacity.down } else { &mut capacity.up };
    let before = std::mem::replace(of_field, limit);
    let was = |before: Limit| before.rate().map_or_else(String::new, |before| format!(" instead of {before}"));
    (before != limit).then(|| was(before))
}

fn capacity(builder: &mut GraphBuilder, target: Target) -> Option<&mut Capacity> {
    match target {
        Target::Stated(number) => builder.links.get_mut(number).map(|record| &mut record.link.capacity),
        Target::Implied(node) | Target::Sector(node) => match &mut builder.graph[node].kind {
            NodeKind::Site(site) => Some(&mut site.capacity),
            NodeKind::AccessPoint(ap) => Some(&mut ap.sector),
            NodeKind::Client(_) | NodeKind::Device(_) => None,
        },
    }
}
