//! A plan as a table: a heading for each interface, a line for each change, and counts.

use std::collections::BTreeMap;
use std::fmt::Write;

use pleach_tc::{Class, Interface, QdiscKind};

use super::super::filter::{Filter, FilterKey};
use super::super::link::{Aggregates, Isolation, Link, LinkKind, Membership};
use super::super::operation::Operation;
use super::super::plan::LinkPlan;

/// What a line says, beside its words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Change,
    Add,
    Remove,
}

impl Sign {
    pub(super) const fn mark(self) -> char {
        match self {
            Self::Change => '~',
            Self::Add => '+',
            Self::Remove => '-',
        }
    }
}

/// Writes the table: what is new, changed and removed on each interface, whatever the order of operations.
pub fn table(plan: &LinkPlan) -> String {
    let mut interfaces: BTreeMap<&Interface, Vec<(Sign, String)>> = BTreeMap::new();
    for operation in &plan.operations {
        interfaces.entry(operation.interface()).or_default().push(line(operation));
    }
    let mut text = String::new();
    let mut counts = [0; 3];
    for (interface, lines) in interfaces {
        let _ = writeln!(text, "{interface}");
        for (sign, words) in lines {
            counts[sign as usize] += 1;
            let _ = writeln!(text, "  {} {words}", sign.mark());
        }
    }
    let [change, add, remove] = counts;
    let _ = writeln!(text, "{change} to change, {add} to add, {remove} to remove, {} unchanged", plan.unchanged);
    text
}

pub(super) fn line(operation: &Operation) -> (Sign, String) {
    match operation {
        Operation::AddLink { link, .. } => (Sign::Add, link_words(link)),
        Operation::DeleteLink { .. } => (Sign::Remove, "link".to_owned()),
        Operation::SetMtu { mtu, .. } => (Sign::Change, format!("mtu {mtu}")),
        Operation::SetAggregates { aggregates, .. } => (Sign::Change, aggregates_words(*aggregates).to_owned()),
        Operation::Join { membership: Membership::Alone, .. } => (Sign::Add, "up".to_owned()),
        Operation::Join { membership: Membership::Bridged { bridge, isolation }, .. } => {
            let isolated = if *isolation == Isolation::Isolated { ", isolated" } else { "" };
            (Sign::Add, format!("in bridge {bridge}{isolated}"))
        }
        Operation::Leave { .. } => (Sign::Remove, "membership".to_owned()),
        Operation::SetDown { .. } => (Sign::Change, "down, as it was".to_owned()),
        Operation::AddClsact { .. } => (Sign::Add, "clsact".to_owned()),
        Operation::DeleteClsact { .. } => (Sign::Remove, "clsact".to_owned()),
        Operation::AddQueue { .. } => (Sign::Add, "htb".to_owned()),
        Operation::DeleteQueue { .. } => (Sign::Remove, "htb".to_owned()),
        Operation::SetClass { class, was: None, .. } => (Sign::Add, format!("rate {}", class.rate)),
        Operation::SetClass { class, was: Some(was), .. } => (Sign::Change, class_words(class, was)),
        Operation::AddLeaf { leaf, .. } => (Sign::Add, format!("leaf {}", leaf.name())),
        Operation::ChangeLeaf { leaf, .. } => (Sign::Change, format!("leaf {}", leaf.name())),
        Operation::DeleteLeaf { was, .. } => (Sign::Remove, leaf_words(was)),
        Operation::AddFlood(entry) => (Sign::Add, format!("unknown stations also to {}", entry.destination)),
        Operation::DeleteFlood(entry) => (Sign::Remove, format!("unknown stations also to {}", entry.destination)),
        Operation::AddFilter { key, filter } => (Sign::Add, filter_words(key, filter)),
        Operation::ReplaceFilter { key, filter } => (Sign::Change, filter_words(key, filter)),
        Operation::DeleteFilter { key } => (Sign::Remove, format!("filter {}", place(key))),
    }
}

fn class_words(class: &Class, was: &Class) -> String {
    match was {
        was if was.rate != class.rate => format!("rate {} -> {}", was.rate, class.rate),
        was if was.ceil != class.ceil => format!("rate {}, ceil {} -> {}", class.rate, was.ceil, class.ceil),
        _ => format!("rate {}, bursts", class.rate),
    }
}

/// We make no leaf of a kind that we cannot read.
fn leaf_words(leaf: &QdiscKind) -> String {
    match leaf {
        QdiscKind::Leaf(leaf) => format!("leaf {}", leaf.kind()),
        other => format!("leaf {} of somebody else's", other.name()),
    }
}

fn link_words(link: &Link) -> String {
    let parent = match &link.kind {
        LinkKind::Vlan { parent, .. } | LinkKind::Vxlan { parent, .. } => format!(" on {parent}"),
        _ => String::new(),
    };
    let mtu = link.mtu.map_or_else(String::new, |mtu| format!(", mtu {mtu}"));
    let aggregates = match link.aggregates {
        Aggregates::Whole => String::new(),
        Aggregates::Split => format!(", {}", aggregates_words(link.aggregates)),
    };
    format!("link {}: {}{parent}{mtu}{aggregates}", link.id.0, link.kind)
}

const fn aggregates_words(aggregates: Aggregates) -> &'static str {
    match aggregates {
        Aggregates::Whole => "aggregates whole",
        Aggregates::Split => "aggregates split",
    }
}

fn place(key: &FilterKey) -> String {
    format!("{} chain {} pref {} handle {:#x}", key.side.as_str(), key.chain, key.preference, key.handle)
}

fn filter_words(key: &FilterKey, filter: &Filter) -> String {
    let matches = filter.matches.to_string();
    let matches = if matches.is_empty() { "all".to_owned() } else { matches };
    let actions: Vec<String> = filter.actions.iter().map(ToString::to_string).collect();
    format!(
        "filter {} chain {} pref {}: {matches} -> {}",
        key.side.as_str(),
        key.chain,
        key.preference,
        actions.join(", ")
    )
}
