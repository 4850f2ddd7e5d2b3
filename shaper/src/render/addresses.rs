//! Folds what happens to the device map into the changes of the circuits whose addresses they are.

use std::collections::BTreeMap;

use pleach_tc::{
    DeviceKey, DeviceValue, Direction, Handle, Interface, KernelState, MapWrite, Operation, Plan, Scope, Store,
};

use super::facts::{Action, Change, Changes, Group};
use super::gather::sort;
use crate::subjects::{Subject, Subjects};

/// A circuit's class in the first direction that is known.
type Place = (Interface, Direction, Handle);

/// Adds addresses that come and go to their circuits' changes, and a change for a circuit that has no other.
pub(super) fn fold(changes: &mut Changes, plan: &Plan, observed: &KernelState, subjects: &Subjects) {
    let is_new_instance = changes.classifier.loaded.is_some();
    let have = observed.classifier.as_ref().map(|classifier| &classifier.devices);
    let before = |key: &DeviceKey| have.and_then(|devices| devices.get(key)).map(|(_, value)| *value);
    let ways = ways(subjects);
    let mut index = index(&changes.classes);
    for (key, after) in written(plan, observed) {
        let before = before(&key);
        // A new instance is filled with all there is; most of it was there before.
        if before == after && is_new_instance {
            continue;
        }
        let text = text(&key);
        let holder = |value: Option<DeviceValue>| value.and_then(|value| place(&value, &ways));
        let (old, new) = (holder(before), holder(after));
        let subject =
            |place: &Option<Place>| place.as_ref().and_then(|(interface, _, class)| subjects.get(interface, *class));
        match (before.is_some_and(passes), after.is_some_and(passes)) {
            (false, true) => changes.classifier.bypassed.push(text.clone()),
            (true, false) => changes.classifier.no_longer_bypassed.push(text.clone()),
            _ => {}
        }
        if is_same_holder(subject(&old), subject(&new)) {
            continue;
        }
        let mut known = false;
        if let Some(place) = new {
            known |=
                change_of(changes, &mut index, subjects, place, |change| change.addresses_added.push(text.clone()));
        }
        if let Some(place) = old {
            known |=
                change_of(changes, &mut index, subjects, place, |change| change.addresses_removed.push(text.clone()));
        }
        let is_bypass = before.is_some_and(passes) || after.is_some_and(passes);
        changes.classifier.other_addresses += usize::from(!known && !is_bypass);
    }
    // Downloads first, what nobody knows last.
    let rank = |group: &Group| (group.direction.is_none(), group.direction);
    changes.classes.sort_by(|one, other| (rank(one), &one.interface).cmp(&(rank(other), &other.interface)));
    changes.classes.iter_mut().for_each(|group| sort(&mut group.changes));
}

/// What the device map holds of each key written, when all is done.
fn written(plan: &Plan, observed: &KernelState) -> BTreeMap<DeviceKey, Option<DeviceValue>> {
    let stores = observed.classifier.as_ref().map(|classifier| &classifier.devices);
    let mut after: BTreeMap<DeviceKey, BTreeMap<Store, DeviceValue>> = BTreeMap::new();
    for operation in plan.operations() {
        let Operation::Map(write) = operation else { continue };
        let (MapWrite::PutDevice { key, .. } | MapWrite::RemoveDevice { key, .. }) = write else { continue };
        let known = || stores.and_then(|devices| devices.get(key)).copied().into_iter().collect();
        let entry = after.entry(*key).or_insert_with(known);
        match write {
            MapWrite::PutDevice { store, value, .. } => entry.insert(*store, *value),
            MapWrite::RemoveDevice { store, .. } => entry.remove(store),
            _ => None,
        };
    }
    after.into_iter().map(|(key, stores)| (key, stores.into_values().next())).collect()
}

/// Which interface has which direction.
fn ways(subjects: &Subjects) -> Vec<(Direction, Interface)> {
    let mut ways: Vec<_> = subjects
        .iter()
        .filter_map(|(interface, _, subject)| match subject {
            Subject::Link { direction } => Some((*direction, interface.clone())),
            _ => None,
        })
        .collect();
    ways.sort();
    ways.dedup();
    ways
}

fn place(value: &DeviceValue, ways: &[(Direction, Interface)]) -> Option<Place> {
    let shaped = ways.iter().find(|(direction, _)| !value.passes(*direction));
    shaped.map(|(direction, interface)| (interface.clone(), *direction, value.class[*direction]))
}

fn passes(value: DeviceValue) -> bool {
    Direction::BOTH.into_iter().all(|direction| value.passes(direction))
}

fn is_same_holder(old: Option<&Subject>, new: Option<&Subject>) -> bool {
    match (old, new) {
        (Some(Subject::Circuit { circuit_id: old, .. }), Some(Subject::Circuit { circuit_id: new, .. })) => old == new,
        (Some(old), Some(new)) => old == new,
        _ => false,
    }
}

/// Where the change of a class is: group and place in it, by both of a move's classes.
fn index(groups: &[Group]) -> BTreeMap<(Interface, Handle), (usize, usize)> {
    let mut index = BTreeMap::new();
    for (group_at, group) in groups.iter().enumerate() {
        for (at, change) in group.changes.iter().enumerate() {
            for class in [Some(change.class), change.old_class].into_iter().flatten() {
                index.insert((group.interface.clone(), class), (group_at, at));
            }
        }
    }
    index
}

/// Writes to the change of a circuit, which is made if there is none. False where nobody knows whose class it is.
fn change_of(
    changes: &mut Changes,
    index: &mut BTreeMap<(Interface, Handle), (usize, usize)>,
    subjects: &Subjects,
    (interface, direction, class): Place,
    write: impl FnOnce(&mut Change),
) -> bool {
    if let Some(&(group, at)) = index.get(&(interface.clone(), class)) {
        write(&mut changes.classes[group].changes[at]);
        return true;
    }
    let Some(subject @ Subject::Circuit { parent, .. }) = subjects.get(&interface, class) else { return false };
    let parent = (!parent.is_empty()).then(|| parent.clone());
    let mut change = Change {
        action: Action::Change,
        class,
        old_class: None,
        subject: Some(subject.clone()),
        parent: parent.clone(),
        old_parent: parent,
        before: None,
        after: None,
        is_made_again: false,
        is_drained: false,
        addresses_added: Vec::new(),
        addresses_removed: Vec::new(),
    };
    write(&mut change);
    let is_it = |group: &Group| group.interface == interface && group.direction == Some(direction);
    let group = changes.classes.iter().position(is_it).unwrap_or_else(|| {
        changes.classes.push(Group { interface: interface.clone(), direction: Some(direction), changes: Vec::new() });
        changes.classes.len() - 1
    });
    changes.classes[group].changes.push(change);
    index.insert((interface, class), (group, changes.classes[group].changes.len() - 1));
    true
}

/// `VLAN 100.7` or `net 5001`.
pub(super) fn scope_words(scope: Scope) -> String {
    if scope.net_number().is_some() { scope.to_string() } else { format!("VLAN {scope}") }
}

/// An address as files have it, with its VLANs or net where it has any.
fn text(key: &DeviceKey) -> String {
    if key.scope == Scope::ANY {
        key.prefix.to_string()
    } else {
        format!("{} in {}", key.prefix, scope_words(key.scope))
    }
}
