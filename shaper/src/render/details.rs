//! What changes of a class, in a few words.

use pleach_graph::Rate;
use pleach_tc::Leaf;

use super::facts::{Action, Change, ClassFacts};
use super::name::Name;
use crate::subjects::Subject;
use pleach_tc::options::{LeafOption, options};

/// How many of a list are named.
const NAMED: usize = 3;

/// What changes of a class: `ceil 50M -> 100M`, `rate 10M ceil 100M, cake`.
pub(super) fn of(change: &Change) -> String {
    let mut words = Vec::new();
    match (&change.before, &change.after) {
        (None, Some(after)) => {
            words.push(rates(after));
            // A node has children in the place of a queue.
            if !matches!(change.subject, Some(Subject::Node { .. })) {
                words.push(kind(after.leaf.as_ref()).to_owned());
            }
        }
        (Some(before), Some(after)) => {
            if change.action == Action::Move {
                words.push(way(change));
            }
            words.extend(differences(before, after));
        }
        (None | Some(_), None) => {}
    }
    if change.is_made_again {
        words.push("made again: what is queued in it is lost".to_owned());
    }
    match (change.action, change.is_drained) {
        (Action::Move, true) => words.push("the old class is emptied first".to_owned()),
        (Action::Remove | Action::Change, true) => words.push("emptied first".to_owned()),
        _ => {}
    }
    // Of a circuit that comes, all of them are new, which needs no sign.
    if !change.addresses_added.is_empty() {
        let sign = if change.action == Action::Add { "" } else { "+ " };
        words.push(format!("{sign}{}", some_of(&change.addresses_added)));
    }
    if !change.addresses_removed.is_empty() && change.action != Action::Remove {
        words.push(format!("- {}", some_of(&change.addresses_removed)));
    }
    words.join(", ")
}

/// The first few of a list.
pub(super) fn some_of(list: &[String]) -> String {
    let named = list.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(" ");
    let hidden = list.len().saturating_sub(NAMED);
    if hidden > 0 { format!("{named} and {hidden} more") } else { named }
}

/// Where it moves from and to.
fn way(change: &Change) -> String {
    let name = |parent: &Option<compact_str::CompactString>| match parent {
        Some(name) => Name(name).to_string(),
        None => "the top".to_owned(),
    };
    let (old, new) = (name(&change.old_parent), name(&change.parent));
    let was = change.old_class.map(|class| format!(" (was class {class})")).unwrap_or_default();
    if old == new { format!("moves within {new}{was}") } else { format!("moves from {old} to {new}{was}") }
}

fn rates(class: &ClassFacts) -> String {
    format!("rate {} ceil {}", short(class.rate()), short(class.ceil()))
}

fn kind(leaf: Option<&Leaf>) -> &'static str {
    leaf.map_or("no queue of its own", Leaf::kind)
}

/// `50M`, `2.5G`, `100k`, `8bit`.
fn short(rate: Rate) -> String {
    let text = rate.to_string();
    match text.split_once(' ') {
        Some((number, "bit/s")) => format!("{number}bit"),
        Some((number, unit)) => format!("{number}{}", &unit[..1]),
        None => text,
    }
}

fn differences(before: &ClassFacts, after: &ClassFacts) -> Vec<String> {
    let mut words = Vec::new();
    let mut say = |what: &str, old: String, new: String| {
        if old != new {
            words.push(format!("{what} {old} -> {new}"));
        }
    };
    say("rate", short(before.rate()), short(after.rate()));
    say("ceil", short(before.ceil()), short(after.ceil()));
    say("priority", before.priority.to_string(), after.priority.to_string());
    say("overhead", before.overhead.to_string(), after.overhead.to_string());
    say("mpu", before.mpu.to_string(), after.mpu.to_string());
    words.extend(leaf_differences(before.leaf.as_ref(), after.leaf.as_ref()));
    // These follow from the plan; they are told where nothing else is.
    if words.is_empty() {
        let mut say = |what: &str, old: u64, new: u64| {
            if old != new {
                words.push(format!("{what} {old} -> {new}"));
            }
        };
        say("quantum", before.quantum.into(), after.quantum.into());
        say("burst", before.burst, after.burst);
        say("cburst", before.cburst, after.cburst);
    }
    words
}

fn leaf_differences(before: Option<&Leaf>, after: Option<&Leaf>) -> Vec<String> {
    let (old, new) = (kind(before), kind(after));
    if old != new {
        return vec![format!("{old} -> {new}")];
    }
    let (Some(before), Some(after)) = (before, after) else { return Vec::new() };
    let (before, after) = (options(before), options(after));
    let value = |options: &[LeafOption], name| {
        options
            .iter()
            .find(|option| option.name == name)
            .map_or_else(|| "default".to_owned(), |option| option.value.clone())
    };
    let mut names: Vec<_> = before.iter().chain(&after).map(|option| option.name).collect();
    let mut known = std::collections::BTreeSet::new();
    names.retain(|name| known.insert(*name));
    let pairs = names.into_iter().map(|name| (name, value(&before, name), value(&after, name)));
    let changed = pairs.filter(|(_, old, new)| old != new);
    changed.map(|(name, old_value, new_value)| format!("{new} {name} {old_value} -> {new_value}")).collect()
}
