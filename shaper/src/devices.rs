//! The device map: which class the packets of an address go to, and in which of the two stores each entry stands.

use std::collections::{BTreeMap, BTreeSet};

use pleach_graph::{Code, Prefix, PrefixSet, Problem, Problems};
use pleach_tc::{DeviceKey, DeviceValue, Scope, Store};

use crate::hierarchy::Hierarchy;
use crate::outline::Outline;
use crate::settings::Settings;

/// Who says where the packets of a prefix go; the first that does is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Claimant {
    /// The network's own equipment.
    Control,
    /// The circuit at this place of the outline.
    Circuit(usize),
    /// What passes unshaped.
    Bypass,
}

/// Where packets go.
pub(crate) struct Values<'v> {
    /// By place in the outline; none for a circuit without any class.
    pub(crate) circuits: &'v [Option<DeviceValue>],
    pub(crate) control: DeviceValue,
    pub(crate) bypass: DeviceValue,
}

/// All entries, each in its store.
pub(crate) fn device_map(
    outline: &Outline<'_>,
    hierarchy: &Hierarchy,
    settings: &Settings,
    values: &Values<'_>,
    problems: &mut Problems,
) -> BTreeMap<DeviceKey, (Store, DeviceValue)> {
    let mut claims: Vec<(DeviceKey, Claimant)> = Vec::with_capacity(outline.circuits.len());
    for (at, outlined) in outline.circuits.iter().enumerate() {
        if values.circuits[at].is_some() {
            claims.extend(outlined.circuit.addresses.iter().map(|&key| (key, Claimant::Circuit(at))));
        }
    }
    let scopes = scopes(&claims);
    for (scope, within) in &scopes {
        let mut add = |prefixes: &[Prefix], claimant| {
            // In a scope they are needed only where a wider entry of that scope would be found first.
            let is_needed = |prefix: &&Prefix| *scope == Scope::ANY || within.covering(**prefix).is_some();
            let keys = prefixes.iter().filter(is_needed).map(|&prefix| DeviceKey { scope: *scope, prefix });
            claims.extend(keys.map(|key| (key, claimant)));
        };
        add(&settings.control.prefixes, Claimant::Control);
        add(&hierarchy.bypass, Claimant::Bypass);
    }
    claims.sort_unstable();
    claims.dedup();
    report_conflicts(&claims, outline, problems);
    claims.dedup_by_key(|(key, _)| *key);
    let value = |claimant| match claimant {
        Claimant::Control => values.control,
        Claimant::Bypass => values.bypass,
        Claimant::Circuit(at) => values.circuits[at].expect("invariant: circuits without a class claim nothing"),
    };
    let next = claims.iter().skip(1).map(|(key, _)| Some(*key)).chain([None]);
    claims.iter().zip(next).map(|(&(key, claimant), next)| (key, (store(key, next), value(claimant)))).collect()
}

/// In which store an entry stands. Sorted by address then length, the entry that follows lies inside this one if any does.
fn store(key: DeviceKey, next: Option<DeviceKey>) -> Store {
    let holds_next = next.is_some_and(|next| next.scope == key.scope && key.prefix.contains(next.prefix));
    if Store::takes_exact(key.prefix) && !holds_next { Store::Exact } else { Store::Trie }
}

/// Every scope with what is claimed in it; [`Scope::ANY`] always.
fn scopes(claims: &[(DeviceKey, Claimant)]) -> BTreeMap<Scope, PrefixSet> {
    let scopes: BTreeSet<Scope> = claims.iter().map(|(key, _)| key.scope).collect();
    let named = scopes.into_iter().filter(|scope| *scope != Scope::ANY).map(|scope| {
        let inside = claims.iter().filter(|(key, _)| key.scope == scope).map(|(key, _)| key.prefix);
        (scope, PrefixSet::new(inside))
    });
    named.chain([(Scope::ANY, PrefixSet::default())]).collect()
}

fn report_conflicts(claims: &[(DeviceKey, Claimant)], outline: &Outline<'_>, problems: &mut Problems) {
    for pair in claims.windows(2) {
        let [(key, _), (loser_key, Claimant::Circuit(loser))] = *pair else { continue };
        if key != loser_key {
            continue;
        }
        let first = claims.partition_point(|(other, _)| *other < key);
        let keeper = match claims[first].1 {
            Claimant::Circuit(at) => format!("circuit `{}`", outline.circuits[at].circuit.circuit_id),
            _ => "the network's own equipment".to_owned(),
        };
        let circuit = outline.circuits[loser].circuit;
        let prefix = key.prefix;
        let message = format!("`{prefix}` belongs to {keeper} and to circuit `{}`, which loses it", circuit.circuit_id);
        let problem = Problem::new(Code::DuplicatePrefix, message).record(&circuit.id).value(&prefix.to_string());
        problems.push(problem.hint("give each address to one circuit only"));
    }
}
