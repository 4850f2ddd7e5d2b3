//! What was there before: written down before the first change, so that whatever happens next can be taken back.
//!
//! A record holds, for every key that a plan touches, what was under it, or that nothing was. Undoing is one more
//! difference: the record is laid over what is there now ([`UndoRecord::target`]), and the diff to that is executed. So it
//! does not matter how far the plan came, and undoing twice does nothing the second time.
//!
//! Two things are not taken back. A release holds one program: where a new version has been attached, it stays, with the
//! old entries in its maps. And what was foreign and removed by a take-over is gone: [`UndoRecord::lost`] names it.

mod merge;
mod record;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use compact_str::CompactString;
use pleach_graph::Prefix;
use serde::{Deserialize, Serialize};

use crate::class::Class;
use crate::classifier::{
    ClassifierState, ClassifierVersion, DeviceKey, DeviceValue, IdentityKey, IdentityRecord, MapSizes, Port, PortIndex,
    Scope, Store,
};
use crate::handle::Handle;
use crate::interface::Interface;
use crate::qdisc::Qdisc;
use crate::state::{InterfaceState, KernelState, Root};
use crate::tunnel::{Carried, Endpoint};

/// The version of the format that this program writes and reads.
pub const UNDO_VERSION: u32 = 1;

/// What was there before, for every key that a plan touches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UndoRecord {
    /// Of the format: [`UNDO_VERSION`].
    pub version: u32,
    /// By interface.
    pub interfaces: BTreeMap<Interface, InterfaceUndo>,
    /// Of the classifier.
    pub classifier: ClassifierUndo,
}

impl Default for UndoRecord {
    fn default() -> Self {
        let (interfaces, classifier) = (BTreeMap::new(), ClassifierUndo::default());
        Self { version: UNDO_VERSION, interfaces, classifier }
    }
}

/// What was there before. In a map, nothing stands for "there was none".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Was<T> {
    /// It.
    pub was: T,
}

/// What was there before on one interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InterfaceUndo {
    /// The root, where it is touched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<Was<Root>>,
    /// Qdiscs.
    pub qdiscs: BTreeMap<Handle, Option<Qdisc>>,
    /// Classes.
    pub classes: BTreeMap<Handle, Option<Class>>,
    /// Whether there was a clsact, where it is touched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clsact: Option<Was<bool>>,
    /// What was attached, where that is touched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attached: Option<Was<Option<PortIndex>>>,
    /// Masks of transmit queues.
    pub xps: BTreeMap<u16, Option<CompactString>>,
}

/// What was there before in the classifier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClassifierUndo {
    /// The program, where it is loaded or taken away; then all of its entries are recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<Was<Option<Program>>>,
    /// Ports.
    pub ports: BTreeMap<PortIndex, Option<Port>>,
    /// Entries of the device map.
    pub devices: Vec<DeviceUndo>,
    /// Watched networks, and whether each was.
    pub watched: Vec<(Prefix, bool)>,
    /// Ends of tunnels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<(Endpoint, Option<Carried>)>,
    /// Identities.
    pub identities: Vec<IdentityUndo>,
}

/// Which program it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Its version.
    pub version: ClassifierVersion,
    /// The sizes of its maps.
    pub sizes: MapSizes,
}

/// What an entry of the device map was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceUndo {
    /// In which VLANs.
    pub scope: Scope,
    /// Which addresses.
    pub prefix: Prefix,
    /// Where it stood, and its value.
    pub was: Option<(Store, DeviceValue)>,
}

/// What an identity was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityUndo {
    /// Where the class is.
    pub interface: Interface,
    /// Which class.
    pub class: Handle,
    /// Whose it was.
    pub was: Option<IdentityRecord>,
}

impl UndoRecord {
    /// What the kernel should hold for all this to be taken back, given what it holds now.
    pub fn target(&self, now: &KernelState) -> KernelState {
        let mut target = now.clone();
        for (name, undo) in &self.interfaces {
            undo.lay_over(target.interfaces.entry(name.clone()).or_default());
        }
        target.classifier = self.classifier.laid_over(target.classifier);
        target
    }

    /// What a take-over removed, which cannot be brought back: interface, kind and handle.
    pub fn lost(&self, now: &KernelState) -> Vec<(Interface, CompactString, Handle)> {
        let roots = self.interfaces.iter().filter_map(|(name, undo)| match &undo.root {
            Some(Was { was: was @ Root::Foreign { kind, handle } })
                if now.interfaces.get(name).is_none_or(|state| state.root != *was) =>
            {
                Some((name.clone(), kind.clone(), *handle))
            }
            _ => None,
        });
        roots.collect()
    }
}

impl InterfaceUndo {
    fn lay_over(&self, state: &mut InterfaceState) {
        if let Some(Was { was }) = &self.root {
            // what was foreign is still there, or gone for good
            let is_restorable = !matches!(was, Root::Foreign { .. }) || *was == state.root;
            state.root = if is_restorable { was.clone() } else { Root::KernelDefault };
        }
        lay_over(&self.qdiscs, &mut state.qdiscs);
        lay_over(&self.classes, &mut state.classes);
        lay_over(&self.xps, &mut state.xps);
        if let Some(Was { was }) = self.clsact {
            state.has_clsact = was;
        }
        if let Some(Was { was }) = self.attached {
            state.attached = was;
        }
    }
}

impl ClassifierUndo {
    fn laid_over(&self, now: Option<ClassifierState>) -> Option<ClassifierState> {
        let mut state = match (&self.program, now) {
            (Some(Was { was: None }), _) | (None, None) => return None,
            (Some(Was { was: Some(program) }), now) => {
                let now = now.map_or(*program, |now| Program { version: now.version, sizes: now.sizes });
                ClassifierState { version: now.version, sizes: now.sizes, ..ClassifierState::default() }
            }
            (None, Some(now)) => now,
        };
        lay_over(&self.ports, &mut state.ports);
        for undo in &self.devices {
            set(&mut state.devices, DeviceKey { scope: undo.scope, prefix: undo.prefix }, undo.was);
        }
        for &(endpoint, was) in &self.endpoints {
            set(&mut state.endpoints, endpoint, was);
        }
        for undo in &self.identities {
            let key = IdentityKey { interface: undo.interface.clone(), class: undo.class };
            set(&mut state.identities, key, undo.was);
        }
        for &(prefix, was) in &self.watched {
            if was {
                state.watched.insert(prefix);
            } else {
                state.watched.remove(&prefix);
            }
        }
        Some(state)
    }
}

fn lay_over<K: Ord + Clone, V: Clone>(record: &BTreeMap<K, Option<V>>, state: &mut BTreeMap<K, V>) {
    for (key, was) in record {
        set(state, key.clone(), was.clone());
    }
}

fn set<K: Ord, V>(state: &mut BTreeMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => state.insert(key, value),
        None => state.remove(&key),
    };
}
