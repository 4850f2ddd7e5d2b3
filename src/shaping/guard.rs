//! The guard of `apply`: a bad file must not take the shaping away from everybody.
//!
//! It goes by what the kernel holds, not by what a file remembers: the circuits whose classes are there now.

use std::collections::{BTreeMap, BTreeSet};

use pleach_graph::guard::GuardLimits;
use pleach_shaper::{Subject, Subjects};
use pleach_tc::{Identity, KernelState, Slot};

/// How many of the circuits that would lose their shaping are named.
const NAMED: usize = 5;

/// Too many circuits that the kernel shapes now would not be shaped any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} of {before} circuits that are shaped now would not be{}", vanished, named(names))]
pub struct MassRemoval {
    /// How many are shaped now.
    pub before: usize,
    /// How many of them would not be.
    pub vanished: usize,
    /// Some of those, as far as their names are known.
    pub names: Vec<String>,
}

fn named(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if quoted.is_empty() { String::new() } else { format!(", such as {}", quoted.join(", ")) }
}

/// Refuses where nobody would be left, or more than the limits allow would lose their shaping.
pub fn check(
    desired: &KernelState,
    observed: &KernelState,
    subjects: &Subjects,
    limits: GuardLimits,
) -> Result<(), MassRemoval> {
    let stays: BTreeSet<Identity> = circuits(desired).map(|(_, identity)| identity).collect();
    // By slot: a circuit has a class in each direction, and one more while it moves.
    let mut before: BTreeMap<Slot, bool> = BTreeMap::new();
    for (slot, identity) in circuits(observed) {
        *before.entry(slot).or_default() |= stays.contains(&identity);
    }
    let vanished = before.values().filter(|stays| !**stays).count();
    let is_many = vanished > limits.circuits && vanished * 100 > before.len() * limits.percent as usize;
    let is_all = stays.is_empty() && vanished > 0;
    if !is_many && !is_all {
        return Ok(());
    }
    let gone = |slot: &Slot| before.get(slot) == Some(&false);
    let mut names: Vec<String> = Vec::new();
    for (key, record) in observed.classifier.iter().flat_map(|classifier| &classifier.identities) {
        if gone(&record.slot)
            && let Some(Subject::Circuit { circuit_id: id, .. }) = subjects.get(&key.interface, key.class)
            && !names.iter().any(|name| name == id.as_str())
        {
            names.push(id.to_string());
            if names.len() == NAMED {
                break;
            }
        }
    }
    Err(MassRemoval { before: before.len(), vanished, names })
}

/// The classes of circuits: those that have counters.
fn circuits(state: &KernelState) -> impl Iterator<Item = (Slot, Identity)> + '_ {
    let records = state.classifier.iter().flat_map(|classifier| classifier.identities.values());
    records.filter(|record| record.slot != Slot::NONE).map(|record| (record.slot, record.identity))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pleach_tc::{ClassifierState, Handle, IdentityKey, IdentityRecord};

    fn state(circuits: std::ops::Range<u32>) -> KernelState {
        let mut classifier = ClassifierState::default();
        for number in circuits {
            for (direction, interface) in ["lan", "wan"].into_iter().enumerate() {
                let class = Handle::new(1, u16::try_from(16 + number).expect("few"));
                let key = IdentityKey { interface: interface.parse().expect("a name"), class };
                let identity = Identity(u128::from(number) * 2 + direction as u128);
                classifier.identities.insert(key, IdentityRecord { identity, slot: Slot(number) });
            }
        }
        KernelState { classifier: Some(classifier), ..KernelState::default() }
    }

    fn guard(desired: std::ops::Range<u32>, observed: std::ops::Range<u32>) -> Result<(), MassRemoval> {
        check(&state(desired), &state(observed), &Subjects::default(), GuardLimits::default())
    }

    #[test]
    fn a_few_may_go_and_many_may_not() {
        assert_eq!(guard(0..100, 0..0), Ok(()), "the first apply");
        assert_eq!(guard(10..300, 0..100), Ok(()), "ten of a hundred, and new ones");
        assert_eq!(guard(11..100, 0..100), Err(MassRemoval { before: 100, vanished: 11, names: Vec::new() }));
        assert_eq!(guard(1..4, 0..10), Ok(()), "a network of ten customers may lose some");
        let all = guard(0..0, 0..3).expect_err("nobody is left");
        assert_eq!(all.to_string(), "3 of 3 circuits that are shaped now would not be");
    }
}
