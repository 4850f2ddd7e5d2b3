//! Gathers from a plan's operations what happens to each class and who that is.

use std::collections::{BTreeMap, BTreeSet};

use compact_str::CompactString;
use pleach_tc::{
    Class, Direction, Handle, Interface, InterfaceState, KernelState, Leaf, Operation, Phase, Plan, QdiscKind, layout,
};

use super::addresses;
use super::facts::{Action, Change, Changes, ClassFacts, Counts, Group, Infrastructure, Xps};
use super::program;
use crate::subjects::{Subject, Subjects};

/// What happens on one interface.
struct Here<'a> {
    name: &'a Interface,
    observed: &'a InterfaceState,
    /// The queue of each class before.
    leaves: BTreeMap<Handle, &'a Leaf>,
    classes: BTreeMap<Handle, Touched<'a>>,
    drained: BTreeSet<Handle>,
    infrastructure: Infrastructure,
}

/// What the operations leave of a class.
#[derive(Clone, Copy)]
struct Touched<'a> {
    after: Option<&'a Class>,
    leaf: Option<&'a Leaf>,
    /// It, or its queue, was deleted on the way.
    was_deleted: bool,
}

impl Changes {
    /// Gathers what `plan` changes of `observed`. Pure.
    pub fn new(plan: &Plan, observed: &KernelState, subjects: &Subjects) -> Self {
        let nothing = InterfaceState::default();
        let mut interfaces: BTreeMap<&Interface, Here<'_>> = BTreeMap::new();
        let here = |name| Here::new(name, observed.interfaces.get(name).unwrap_or(&nothing));
        for phase in &plan.phases {
            match phase {
                Phase::Drain(classes) => classes.iter().for_each(|(name, class)| {
                    interfaces.entry(name).or_insert_with(|| here(name)).drained.insert(*class);
                }),
                Phase::Operations(operations) => operations.iter().for_each(|operation| {
                    if let Some(name) = interface(operation) {
                        interfaces.entry(name).or_insert_with(|| here(name)).take(operation);
                    }
                }),
            }
        }
        let mut changes = Self { version: 1, ..Self::default() };
        changes.notes = plan.notes.iter().map(ToString::to_string).collect();
        changes.classifier = program::gather(plan, observed);
        for mut here in interfaces.into_values() {
            changes.classes.extend(here.groups(subjects));
            if !here.infrastructure.is_empty() {
                changes.infrastructure.push(here.infrastructure);
            }
        }
        addresses::fold(&mut changes, plan, observed, subjects);
        changes.counts = counts(&changes.classes, plan.unchanged);
        changes
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        *self == Self { version: self.version, counts: self.counts, ..Self::default() }
    }
}

fn counts(groups: &[Group], unchanged: usize) -> Counts {
    let mut counts = Counts { unchanged, ..Counts::default() };
    for change in groups.iter().flat_map(|group| &group.changes) {
        *match change.action {
            Action::Change => &mut counts.change,
            Action::Move => &mut counts.r#move,
            Action::Add => &mut counts.add,
            Action::Remove => &mut counts.remove,
        } += 1;
    }
    counts
}

/// Where an operation happens; none for those of maps.
fn interface(operation: &Operation) -> Option<&Interface> {
    match operation {
        Operation::AddQdisc { interface, .. }
        | Operation::ChangeQdisc { interface, .. }
        | Operation::DeleteQdisc { interface, .. }
        | Operation::AddClass { interface, .. }
        | Operation::ChangeClass { interface, .. }
        | Operation::DeleteClass { interface, .. }
        | Operation::AddClsact { interface }
        | Operation::DeleteClsact { interface }
        | Operation::Attach { interface, .. }
        | Operation::Detach { interface }
        | Operation::SetXps { interface, .. } => Some(interface),
        Operation::LoadClassifier { .. } | Operation::Map(_) => None,
    }
}

impl<'a> Here<'a> {
    fn new(name: &'a Interface, observed: &'a InterfaceState) -> Self {
        let leaf = |kind: &'a QdiscKind| if let QdiscKind::Leaf(leaf) = kind { Some(leaf) } else { None };
        let leaves = observed.qdiscs.values().filter_map(|qdisc| Some((qdisc.parent, leaf(&qdisc.kind)?))).collect();
        Self {
            name,
            observed,
            leaves,
            classes: BTreeMap::new(),
            drained: BTreeSet::new(),
            infrastructure: Infrastructure::new(name.clone()),
        }
    }

    fn touch(&mut self, class: Handle) -> &mut Touched<'a> {
        let untouched = Touched {
            after: self.observed.classes.get(&class),
            leaf: self.leaves.get(&class).copied(),
            was_deleted: false,
        };
        self.classes.entry(class).or_insert(untouched)
    }

    fn take(&mut self, operation: &'a Operation) {
        match operation {
            Operation::AddQdisc { qdisc, .. } | Operation::ChangeQdisc { qdisc, .. } => match &qdisc.kind {
                QdiscKind::Leaf(leaf) => self.touch(qdisc.parent).leaf = Some(leaf),
                QdiscKind::Mq => self.infrastructure.root_added = Some("mq"),
                QdiscKind::Htb if qdisc.parent == Handle::ROOT => self.infrastructure.root_added = Some("htb"),
                QdiscKind::Htb | QdiscKind::Other(_) => self.infrastructure.htbs_added += 1,
            },
            Operation::DeleteQdisc { parent: Handle::ROOT, .. } => {
                self.infrastructure.root_removed = Some(self.observed.classes.len());
            }
            Operation::DeleteQdisc { parent, .. } if self.observed.classes.contains_key(parent) => {
                let class = self.touch(*parent);
                (class.leaf, class.was_deleted) = (None, true);
            }
            Operation::DeleteQdisc { .. } => self.infrastructure.htbs_removed += 1,
            Operation::AddClass { handle, class, .. } | Operation::ChangeClass { handle, class, .. } => {
                self.touch(*handle).after = Some(class);
            }
            Operation::DeleteClass { handle, .. } => {
                *self.touch(*handle) = Touched { after: None, leaf: None, was_deleted: true };
            }
            Operation::AddClsact { .. } => self.infrastructure.clsact_added = true,
            Operation::DeleteClsact { .. } => self.infrastructure.clsact_removed = true,
            Operation::Attach { port, .. } => self.infrastructure.attached = Some(*port),
            Operation::Detach { .. } => self.infrastructure.is_detached = true,
            Operation::SetXps { queue, cpus, .. } => {
                let before = self.observed.xps.get(queue).cloned();
                self.infrastructure.xps.push(Xps { queue: *queue, before, after: cpus.clone() });
            }
            Operation::LoadClassifier { .. } | Operation::Map(_) => {}
        }
    }

    /// The changes of classes, by direction. Those beside the tree that only come or go are counted.
    fn groups(&mut self, subjects: &Subjects) -> Vec<Group> {
        let mut groups: BTreeMap<Option<Direction>, Vec<Change>> = BTreeMap::new();
        for (&handle, &touched) in &self.classes {
            let Some(change) = self.change(handle, touched, subjects) else { continue };
            let is_beside = match change.subject {
                Some(
                    Subject::Link { .. } | Subject::Control { .. } | Subject::Unknown { .. } | Subject::Keeper { .. },
                ) => true,
                Some(_) => false,
                None => handle.minor() < layout::FIRST_FREE_MINOR,
            };
            match change.action {
                Action::Add if is_beside => self.infrastructure.classes_beside_added += 1,
                Action::Remove if is_beside => self.infrastructure.classes_beside_removed += 1,
                _ => groups.entry(self.direction(handle, subjects)).or_default().push(change),
            }
        }
        let groups = groups.into_iter().map(|(direction, changes)| {
            let changes = paired(changes);
            Group { interface: self.name.clone(), direction, changes }
        });
        groups.collect()
    }

    fn change(&self, handle: Handle, touched: Touched<'_>, subjects: &Subjects) -> Option<Change> {
        let before = self.observed.classes.get(&handle);
        let old_leaf = self.leaves.get(&handle).copied();
        let action = match (before, touched.after) {
            (None, None) => return None,
            (None, Some(_)) => Action::Add,
            (Some(_), None) => Action::Remove,
            (Some(before), Some(after)) if before == after && old_leaf == touched.leaf && !touched.was_deleted => {
                return None;
            }
            (Some(_), Some(_)) => Action::Change,
        };
        let facts =
            |class: Option<&Class>, leaf: Option<&Leaf>| class.map(|class| ClassFacts::new(class, leaf.cloned()));
        let parent = |class: Option<&Class>| self.node(class?.parent, subjects);
        Some(Change {
            action,
            class: handle,
            old_class: None,
            subject: subjects.get(self.name, handle).cloned(),
            parent: parent(touched.after),
            old_parent: parent(before),
            before: facts(before, old_leaf),
            after: facts(touched.after, touched.leaf),
            is_made_again: action == Action::Change && touched.was_deleted,
            is_drained: self.drained.contains(&handle),
            addresses_added: Vec::new(),
            addresses_removed: Vec::new(),
        })
    }

    /// The name of the node that has a class.
    fn node(&self, class: Handle, subjects: &Subjects) -> Option<CompactString> {
        match subjects.get(self.name, class)? {
            Subject::Node { name, .. } => Some(name.clone()),
            _ => None,
        }
    }

    /// The direction of a class: that of the link class above it.
    fn direction(&self, class: Handle, subjects: &Subjects) -> Option<Direction> {
        const DEEPEST: usize = 8; // TC_HTB_MAXDEPTH
        let mut at = class;
        for _ in 0..=DEEPEST {
            if let Some(Subject::Link { direction } | Subject::Control { direction } | Subject::Unknown { direction }) =
                subjects.get(self.name, at)
            {
                return Some(*direction);
            }
            let after = self.classes.get(&at).and_then(|touched| touched.after);
            let Some(found) = after.or_else(|| self.observed.classes.get(&at)) else { break };
            at = found.parent;
        }
        None
    }
}

/// Who gets a new class and loses an old one moves.
fn paired(changes: Vec<Change>) -> Vec<Change> {
    let holder = |change: &Change| match &change.subject {
        Some(Subject::Circuit { circuit_id, .. }) => Some((false, circuit_id.clone())),
        Some(Subject::Node { name, .. }) => Some((true, name.clone())),
        _ => None,
    };
    let (removed, mut changes): (Vec<_>, Vec<_>) =
        changes.into_iter().partition(|change| change.action == Action::Remove && holder(change).is_some());
    let mut added: BTreeMap<_, usize> = changes
        .iter()
        .enumerate()
        .filter(|(_, change)| change.action == Action::Add)
        .filter_map(|(at, change)| Some((holder(change)?, at)))
        .collect();
    for old in removed {
        let Some(at) = holder(&old).and_then(|holder| added.remove(&holder)) else {
            changes.push(old);
            continue;
        };
        let new = &mut changes[at];
        new.action = Action::Move;
        (new.old_class, new.old_parent, new.before) = (Some(old.class), old.old_parent, old.before);
        new.is_drained = old.is_drained;
    }
    sort(&mut changes);
    changes
}

/// What changes or moves, then what comes, then what goes; by class.
pub(super) fn sort(changes: &mut [Change]) {
    let rank = |action| match action {
        Action::Change | Action::Move => 0,
        Action::Add => 1,
        Action::Remove => 2,
    };
    changes.sort_by_key(|change| (rank(change.action), change.class));
}
