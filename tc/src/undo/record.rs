//! Writing down what a plan will touch.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use pleach_graph::Prefix;

use crate::classifier::{ClassifierState, DeviceKey, IdentityKey, PortIndex};
use crate::handle::Handle;
use crate::interface::Interface;
use crate::operation::{MapWrite, Operation};
use crate::plan::Plan;
use crate::state::{InterfaceState, KernelState};
use crate::tunnel::Endpoint;
use crate::undo::{ClassifierUndo, DeviceUndo, IdentityUndo, InterfaceUndo, Program, UndoRecord, Was};

impl UndoRecord {
    /// What is there, in `observed`, under every key that `plan` touches.
    pub fn of(plan: &Plan, observed: &KernelState) -> Self {
        let mut writer =
            Writer { observed, record: Self::default(), touched: Touched::default(), leaves: HashMap::new() };
        for operation in plan.operations() {
            writer.note(operation);
        }
        writer.finish()
    }
}

/// Keys of the classifier that are touched.
#[derive(Default)]
struct Touched {
    has_program: bool,
    ports: BTreeSet<PortIndex>,
    devices: BTreeSet<DeviceKey>,
    watched: BTreeSet<Prefix>,
    endpoints: BTreeSet<Endpoint>,
    identities: BTreeSet<IdentityKey>,
}

struct Writer<'a> {
    observed: &'a KernelState,
    record: UndoRecord,
    touched: Touched,
    /// Leaves by the class they hang in, of the interfaces where classes are deleted.
    leaves: HashMap<&'a Interface, BTreeMap<Handle, Vec<Handle>>>,
}

impl<'a> Writer<'a> {
    fn note(&mut self, operation: &Operation) {
        match operation {
            Operation::AddQdisc { interface, handle, qdisc } => {
                self.qdisc(interface, *handle);
                if qdisc.parent == Handle::ROOT {
                    self.root(interface);
                }
            }
            Operation::ChangeQdisc { interface, handle, .. } => self.qdisc(interface, *handle),
            Operation::DeleteQdisc { interface, handle, parent } => {
                self.qdisc(interface, *handle);
                if *parent == Handle::ROOT {
                    self.root(interface);
                    self.all(interface, |_| true);
                } else {
                    self.all(interface, |class| class.of_qdisc() == *handle);
                }
            }
            Operation::AddClass { interface, handle, .. } | Operation::ChangeClass { interface, handle, .. } => {
                self.class(interface, *handle);
            }
            Operation::DeleteClass { interface, handle } => {
                self.class(interface, *handle);
                self.leaves_of(interface, *handle);
            }
            Operation::AddClsact { interface } | Operation::DeleteClsact { interface } => {
                let was = self.state(interface).is_some_and(|state| state.has_clsact);
                self.undo(interface).clsact = Some(Was { was });
                self.attached(interface);
            }
            Operation::Attach { interface, .. } | Operation::Detach { interface } => {
                self.attached(interface);
                self.touched.has_program |= matches!(operation, Operation::Detach { .. });
            }
            Operation::LoadClassifier { .. } => self.touched.has_program = true,
            Operation::Map(write) => self.map(write),
            Operation::SetXps { interface, queue, .. } => {
                let was = self.state(interface).and_then(|state| state.xps.get(queue).cloned());
                self.undo(interface).xps.insert(*queue, was);
            }
        }
    }

    fn map(&mut self, write: &MapWrite) {
        match write {
            MapWrite::PutDevice { key, .. } | MapWrite::RemoveDevice { key, .. } => {
                self.touched.devices.insert(*key);
            }
            MapWrite::SetPort { index, .. } => {
                self.touched.ports.insert(*index);
            }
            MapWrite::Watch(prefix) | MapWrite::Unwatch(prefix) => {
                self.touched.watched.insert(*prefix);
            }
            MapWrite::SetEndpoint { endpoint, .. } | MapWrite::RemoveEndpoint(endpoint) => {
                self.touched.endpoints.insert(*endpoint);
            }
            MapWrite::Identify { key, .. } | MapWrite::Forget(key) => {
                self.touched.identities.insert(key.clone());
            }
        }
    }

    fn state(&self, interface: &Interface) -> Option<&'a InterfaceState> {
        self.observed.interfaces.get(interface)
    }

    fn undo(&mut self, interface: &Interface) -> &mut InterfaceUndo {
        self.record.interfaces.entry(interface.clone()).or_default()
    }

    fn root(&mut self, interface: &Interface) {
        let was = self.state(interface).map_or_else(Default::default, |state| state.root.clone());
        self.undo(interface).root = Some(Was { was });
    }

    fn qdisc(&mut self, interface: &Interface, handle: Handle) {
        let was = self.state(interface).and_then(|state| state.qdiscs.get(&handle).cloned());
        self.undo(interface).qdiscs.insert(handle, was);
    }

    fn class(&mut self, interface: &Interface, handle: Handle) {
        let was = self.state(interface).and_then(|state| state.classes.get(&handle).copied());
        self.undo(interface).classes.insert(handle, was);
    }

    fn attached(&mut self, interface: &Interface) {
        let was = self.state(interface).and_then(|state| state.attached);
        self.undo(interface).attached = Some(Was { was });
    }

    /// Everything in the qdiscs that go.
    fn all(&mut self, interface: &Interface, goes: impl Fn(Handle) -> bool) {
        let Some(state) = self.state(interface) else { return };
        for &class in state.classes.keys().filter(|&&class| goes(class)) {
            self.class(interface, class);
        }
        let below = state.qdiscs.iter().filter(|(handle, qdisc)| goes(qdisc.parent) && **handle != Handle::CLSACT);
        for (&handle, _) in below {
            self.qdisc(interface, handle);
        }
    }

    fn leaves_of(&mut self, interface: &Interface, class: Handle) {
        let Some((name, state)) = self.observed.interfaces.get_key_value(interface) else { return };
        let leaves = self.leaves.entry(name).or_insert_with(|| {
            let mut leaves: BTreeMap<Handle, Vec<Handle>> = BTreeMap::new();
            for (&handle, qdisc) in &state.qdiscs {
                leaves.entry(qdisc.parent).or_default().push(handle);
            }
            leaves
        });
        for handle in leaves.get(&class).cloned().unwrap_or_default() {
            self.qdisc(interface, handle);
        }
    }

    fn finish(mut self) -> UndoRecord {
        let empty = ClassifierState::default();
        let have = self.observed.classifier.as_ref().unwrap_or(&empty);
        self.touched.ports.extend(have.ports.keys()); // an undo that fails bypasses them: the next one has to end that
        if self.touched.has_program {
            self.touched.devices.extend(have.devices.keys());
            self.touched.watched.extend(&have.watched);
            self.touched.endpoints.extend(have.endpoints.keys());
            self.touched.identities.extend(have.identities.keys().cloned());
        }
        let program = |state: &ClassifierState| Program { version: state.version, sizes: state.sizes };
        let was = self.observed.classifier.as_ref().map(program);
        let devices = self.touched.devices.into_iter();
        let identities = self.touched.identities.into_iter();
        self.record.classifier = ClassifierUndo {
            program: self.touched.has_program.then_some(Was { was }),
            ports: self.touched.ports.into_iter().map(|index| (index, have.ports.get(&index).copied())).collect(),
            devices: devices
                .map(|key| DeviceUndo { scope: key.scope, prefix: key.prefix, was: have.devices.get(&key).copied() })
                .collect(),
            watched: self.touched.watched.into_iter().map(|prefix| (prefix, have.watched.contains(&prefix))).collect(),
            endpoints: (self.touched.endpoints.into_iter())
                .map(|endpoint| (endpoint, have.endpoints.get(&endpoint).copied()))
                .collect(),
            identities: identities
                .map(|key| {
                    let was = have.identities.get(&key).copied();
                    IdentityUndo { interface: key.interface, class: key.class, was }
                })
                .collect(),
        };
        self.record
    }
}
