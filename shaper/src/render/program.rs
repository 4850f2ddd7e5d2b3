//! Gathers what happens to the classifier and to the maps that are no circuit's.

use std::collections::BTreeMap;

use pleach_tc::{KernelState, MapWrite, Operation, Plan, PortMode};

use super::facts::{ClassifierChanges, Loaded, PortChange};
use super::name::Hexadecimal;

/// What `plan` does to the classifier itself, its ports, watched networks and identities.
pub(super) fn gather(plan: &Plan, observed: &KernelState) -> ClassifierChanges {
    let mut changes = ClassifierChanges::default();
    let mut ports: BTreeMap<_, PortChange> = BTreeMap::new();
    for operation in plan.operations() {
        match operation {
            Operation::LoadClassifier { version, sizes } => {
                let object = Hexadecimal(*version).to_string();
                changes.loaded = Some(Loaded { object, sizes: *sizes });
            }
            Operation::Map(MapWrite::SetPort { index, port }) => {
                let known = || observed.classifier.as_ref()?.ports.get(index).copied();
                let change = ports.entry(*index).or_insert_with(|| PortChange {
                    port: *index,
                    before: known(),
                    after: *port,
                    is_bypassed_meanwhile: false,
                });
                change.after = *port;
                change.is_bypassed_meanwhile |= port.mode == PortMode::Bypass;
            }
            Operation::Map(MapWrite::Watch(prefix)) => changes.watched.push(prefix.to_string()),
            Operation::Map(MapWrite::Unwatch(prefix)) => changes.unwatched.push(prefix.to_string()),
            // Of each address fragments are known too.
            Operation::Map(MapWrite::SetEndpoint { endpoint, .. }) if endpoint.port > 0 => {
                changes.endpoints.push(endpoint.to_string());
            }
            Operation::Map(MapWrite::RemoveEndpoint(endpoint)) if endpoint.port > 0 => {
                changes.endpoints_removed.push(endpoint.to_string());
            }
            Operation::Map(MapWrite::Identify { .. } | MapWrite::Forget(_)) => changes.identities += 1,
            _ => {}
        }
    }
    for mut change in ports.into_values() {
        // A port that was bypassed before, or stays so, is not bypassed meanwhile.
        let was_shaped = change.before.is_some_and(|before| before.mode == PortMode::Shape);
        change.is_bypassed_meanwhile &= was_shaped && change.after.mode == PortMode::Shape;
        if change.before != Some(change.after) || change.is_bypassed_meanwhile {
            changes.ports.push(change);
        }
    }
    changes
}
