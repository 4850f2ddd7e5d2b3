//! What a plan changes, one row a class.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use pleach_graph::Rate;
use pleach_tc::{Class, Handle, Interface, MapWrite, Operation, Qdisc, QdiscKind};
use serde::Serialize;

use crate::render::Shown;
use crate::subjects::Subject;

/// What happens to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// It changes.
    Change,
    /// It comes.
    Add,
    /// It goes.
    Remove,
}

impl Sign {
    /// `~`, `+` or `-`.
    pub const fn symbol(self) -> char {
        match self {
            Self::Change => '~',
            Self::Add => '+',
            Self::Remove => '-',
        }
    }
}

/// One changed thing of an interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What happens.
    pub sign: Sign,
    /// To what: `class 3:2a`, `qdisc ace5:`, `clsact`.
    pub what: String,
    /// Whose class it is.
    pub subject: Option<Subject>,
    /// How: `ceil 50M -> 100M`, `rate 10M ceil 100M, cake`.
    pub how: String,
}

/// How many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Classes and qdiscs that change.
    pub change: usize,
    /// That come.
    pub add: usize,
    /// That go.
    pub remove: usize,
    /// Entries of the device map that are written.
    pub entries_written: usize,
    /// That are removed.
    pub entries_removed: usize,
    /// Classes, leaves and entries that stay as they are.
    pub unchanged: usize,
}

type Rows = BTreeMap<Interface, Vec<Row>>;

/// The rows of each interface in the order of their handles, and counts.
pub(super) fn rows(shown: &Shown) -> (Rows, Counts) {
    let touched = Touched::of(shown);
    let mut rows = Rows::new();
    let mut counts = Counts { unchanged: shown.plan.unchanged, ..touched.counts };
    for (interface, row) in touched.class_rows(shown).into_iter().chain(other_rows(shown)) {
        match row.sign {
            Sign::Change => counts.change += 1,
            Sign::Add => counts.add += 1,
            Sign::Remove => counts.remove += 1,
        }
        rows.entry(interface).or_default().push(row);
    }
    (rows, counts)
}

/// Classes that a plan touches, themselves or by their leaf.
#[derive(Default)]
struct Touched<'a> {
    classes: BTreeSet<(&'a Interface, Handle)>,
    counts: Counts,
}

impl<'a> Touched<'a> {
    fn of(shown: &Shown<'a>) -> Self {
        let mut touched = Self::default();
        let (mut written, mut removed) = (BTreeSet::new(), BTreeSet::new());
        for operation in shown.plan.operations() {
            match operation {
                Operation::AddClass { interface, handle, .. }
                | Operation::ChangeClass { interface, handle, .. }
                | Operation::DeleteClass { interface, handle } => {
                    touched.classes.insert((interface, *handle));
                }
                Operation::AddQdisc { interface, qdisc, .. } | Operation::ChangeQdisc { interface, qdisc, .. }
                    if matches!(qdisc.kind, QdiscKind::Leaf(_)) =>
                {
                    touched.classes.insert((interface, qdisc.parent));
                }
                Operation::DeleteQdisc { interface, parent, .. } if is_class(shown, interface, *parent) => {
                    touched.classes.insert((interface, *parent));
                }
                Operation::DeleteQdisc { interface, handle, parent } => {
                    let classes = shown.observed.interfaces.get(interface).map(|state| state.classes.keys());
                    let goes = |class: &Handle| *parent == Handle::ROOT || class.of_qdisc() == *handle;
                    let gone = classes.into_iter().flatten().copied().filter(goes);
                    touched.classes.extend(gone.map(|class| (interface, class)));
                }
                Operation::Map(MapWrite::PutDevice { key, .. }) => {
                    written.insert(*key);
                }
                Operation::Map(MapWrite::RemoveDevice { key, .. }) => {
                    removed.insert(*key);
                }
                _ => {}
            }
        }
        touched.counts.entries_removed = removed.difference(&written).count(); // an entry in both crosses over
        touched.counts.entries_written = written.len();
        touched
    }

    fn class_rows(&self, shown: &Shown) -> Vec<(Interface, Row)> {
        let (old_leaves, new_leaves) = (leaves_of(shown.observed), leaves_of(shown.desired));
        let class = |state: &pleach_tc::KernelState, name: &Interface, handle| {
            state.interfaces.get(name).and_then(|state| state.classes.get(&handle).copied())
        };
        let row = |&(name, handle): &(&Interface, Handle)| {
            let (old, new) = (class(shown.observed, name, handle), class(shown.desired, name, handle));
            let (old_leaf, new_leaf) = (old_leaves.get(&(name, handle)), new_leaves.get(&(name, handle)));
            let (sign, how) = match (old, new) {
                (Some(old), Some(new)) => (Sign::Change, changes(&old, &new, old_leaf.copied(), new_leaf.copied())),
                (None, Some(new)) => (Sign::Add, made(&new, new_leaf.copied())),
                (_, None) => (Sign::Remove, String::new()),
            };
            let subject = shown.subjects.get(name, handle).cloned();
            (name.clone(), Row { sign, what: format!("class {handle}"), subject, how })
        };
        self.classes.iter().map(row).collect()
    }
}

fn is_class(shown: &Shown, interface: &Interface, handle: Handle) -> bool {
    shown.observed.interfaces.get(interface).is_some_and(|state| state.classes.contains_key(&handle))
}

fn leaves_of(state: &pleach_tc::KernelState) -> BTreeMap<(&Interface, Handle), &Qdisc> {
    let mut leaves = BTreeMap::new();
    for (name, state) in &state.interfaces {
        leaves.extend(state.qdiscs.values().map(|qdisc| ((name, qdisc.parent), qdisc)));
    }
    leaves
}

/// Qdiscs that are no leaves, clsact, the program, XPS.
fn other_rows(shown: &Shown) -> Vec<(Interface, Row)> {
    let mut rows = Vec::new();
    for operation in shown.plan.operations() {
        let (interface, sign, what, how) = match operation {
            Operation::AddQdisc { interface, handle, qdisc } if !matches!(qdisc.kind, QdiscKind::Leaf(_)) => {
                (interface, Sign::Add, format!("qdisc {handle}"), kind(qdisc).to_owned())
            }
            Operation::DeleteQdisc { interface, handle, parent } if !is_class(shown, interface, *parent) => {
                (interface, Sign::Remove, format!("qdisc {handle}"), "with everything below it".to_owned())
            }
            Operation::AddClsact { interface } => (interface, Sign::Add, "clsact".to_owned(), String::new()),
            Operation::DeleteClsact { interface } => (interface, Sign::Remove, "clsact".to_owned(), String::new()),
            Operation::Attach { interface, .. } => {
                let had = shown.observed.interfaces.get(interface).and_then(|state| state.attached);
                let sign = if had.is_some() { Sign::Change } else { Sign::Add };
                (interface, sign, "classifier".to_owned(), String::new())
            }
            Operation::Detach { interface } => (interface, Sign::Remove, "classifier".to_owned(), String::new()),
            Operation::SetXps { interface, queue, cpus } => {
                (interface, Sign::Change, format!("xps of queue {queue}"), format!("cpus {cpus}"))
            }
            _ => continue,
        };
        rows.push((interface.clone(), Row { sign, what, subject: None, how }));
    }
    rows
}

fn kind(qdisc: &Qdisc) -> &str {
    match &qdisc.kind {
        QdiscKind::Mq => "mq",
        QdiscKind::Htb => "htb",
        QdiscKind::Leaf(leaf) => leaf.kind(),
        QdiscKind::Other(name) => name,
    }
}

fn made(class: &Class, leaf: Option<&Qdisc>) -> String {
    let mut text = format!("rate {} ceil {}", short(class.rate), short(class.ceil));
    if let Some(leaf) = leaf {
        let _ = write!(text, ", {}", kind(leaf));
    }
    text
}

fn changes(old: &Class, new: &Class, old_leaf: Option<&Qdisc>, new_leaf: Option<&Qdisc>) -> String {
    let mut parts = Vec::new();
    let mut part = |name: &str, old: String, new: String| {
        if old != new {
            parts.push(format!("{name} {old} -> {new}"));
        }
    };
    part("parent", old.parent.to_string(), new.parent.to_string());
    part("rate", short(old.rate), short(new.rate));
    part("ceil", short(old.ceil), short(new.ceil));
    part("burst", old.burst.bytes(old.rate).to_string(), new.burst.bytes(new.rate).to_string());
    part("cburst", old.cburst.bytes(old.ceil).to_string(), new.cburst.bytes(new.ceil).to_string());
    part("quantum", old.quantum.to_string(), new.quantum.to_string());
    part("prio", old.priority.to_string(), new.priority.to_string());
    part("overhead", old.overhead.to_string(), new.overhead.to_string());
    part("mpu", old.mpu.to_string(), new.mpu.to_string());
    let name = |leaf: Option<&Qdisc>| leaf.map_or("no queue of its own", kind).to_owned();
    part("queue", name(old_leaf), name(new_leaf));
    let is_new = |old: Option<&Qdisc>, new: Option<&Qdisc>| old.map(kind) == new.map(kind) && old != new;
    if is_new(old_leaf, new_leaf) {
        parts.push(format!("options of {}", name(new_leaf)));
    }
    if parts.is_empty() { "made again".to_owned() } else { parts.join(", ") }
}

/// A rate in few characters, exactly: `50M`, `1500k`, `8bit`.
fn short(rate: Rate) -> String {
    match rate.bit() {
        bit if bit > 0 && bit % 1_000_000_000 == 0 => format!("{}G", bit / 1_000_000_000),
        bit if bit > 0 && bit % 1_000_000 == 0 => format!("{}M", bit / 1_000_000),
        bit if bit > 0 && bit % 1_000 == 0 => format!("{}k", bit / 1_000),
        bit => format!("{bit}bit"),
    }
}
