//! One record from several: going back by it goes back to before the first of them.

use std::collections::BTreeMap;
use std::hash::Hash;

use super::{ClassifierUndo, InterfaceUndo, UndoRecord};

impl UndoRecord {
    /// This record behind an older one, of a plan that was cut short or is being taken over: what was there before the
    /// older plan wins, and keys that only the newer one touches stay as it found them.
    ///
    /// Equal to going back by the newer record and then by the older one, in one step.
    #[must_use]
    pub fn behind(mut self, older: Self) -> Self {
        for (name, older) in older.interfaces {
            let newer = self.interfaces.remove(&name).unwrap_or_default();
            self.interfaces.insert(name, newer.behind(older));
        }
        Self { classifier: self.classifier.behind(older.classifier), ..self }
    }

    /// The record without an interface: one that is gone holds nothing that could be taken back.
    #[must_use]
    pub fn without(mut self, interface: &crate::Interface) -> Self {
        self.interfaces.remove(interface);
        self.classifier.identities.retain(|undo| undo.interface != *interface);
        self
    }
}

impl InterfaceUndo {
    fn behind(self, older: Self) -> Self {
        Self {
            root: older.root.or(self.root),
            qdiscs: over(self.qdiscs, older.qdiscs),
            classes: over(self.classes, older.classes),
            clsact: older.clsact.or(self.clsact),
            attached: older.attached.or(self.attached),
            xps: over(self.xps, older.xps),
        }
    }
}

impl ClassifierUndo {
    fn behind(self, older: Self) -> Self {
        if older.program.is_some() {
            return older; // it holds every entry there was, so what is not in it was not there
        }
        Self {
            program: self.program,
            ports: over(self.ports, older.ports),
            devices: first(older.devices, self.devices, |undo| (undo.scope, undo.prefix)),
            watched: first(older.watched, self.watched, |(prefix, _)| *prefix),
            endpoints: first(older.endpoints, self.endpoints, |(endpoint, _)| *endpoint),
            identities: first(older.identities, self.identities, |undo| (undo.interface.clone(), undo.class)),
        }
    }
}

fn over<K: Ord, V>(mut newer: BTreeMap<K, V>, older: BTreeMap<K, V>) -> BTreeMap<K, V> {
    newer.extend(older);
    newer
}

/// Those of `older`, then those of `newer` that have another key.
fn first<T, K: Eq + Hash>(mut older: Vec<T>, newer: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let known: std::collections::HashSet<K> = older.iter().map(&key).collect();
    older.extend(newer.into_iter().filter(|one| !known.contains(&key(one))));
    older
}
