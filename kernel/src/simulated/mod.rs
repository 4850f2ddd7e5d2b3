//! A kernel in memory, with the real one's rules: what it refuses, what it acknowledges and ignores, and which packets are
//! lost on the way.
//!
//! Rules (measured on 6.12 and 6.18): a root `mq` brings children of the kernel's own; a qdisc takes the place of the
//! kernel's default, but not of one with a handle (`EEXIST`); a class with children is not deleted (`EBUSY`); a class under
//! a leaf class destroys its queue; `class change` with another parent is acknowledged and ignored; eight levels at most;
//! a refused request does not stop the rest of its batch. Numbers are rounded as [`pleach_tc::Leaf::kept`] says.
//!
//! Packets are counted, not simulated: a test queues some in classes, and each is sent when time passes or lost when its
//! queue goes.

mod classifier;
mod packets;
mod requests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use compact_str::CompactString;
use pleach_tc::{
    Class, Handle, Interface, InterfaceState, KernelState, Operation, PacketCount, PortIndex, Qdisc, Root, Statistics,
    layout,
};

use crate::{Executed, Kernel, KernelError};

use classifier::Instance;
pub use classifier::Routed;

/// How many requests travel together, as in the real kernel's border.
const BATCH: usize = 256;

/// A kernel in memory.
#[derive(Clone, Debug, Default)]
pub struct Simulated {
    interfaces: BTreeMap<Interface, Port>,
    /// Programs with their maps; one that is neither attached nor the last loaded is gone.
    instances: BTreeMap<u32, Instance>,
    next_instance: u32,
    /// Where map writes go.
    current: Option<u32>,
    packets: packets::Packets,
    batch: Option<usize>,
    steps: usize,
}

/// One interface.
#[derive(Clone, Debug, Default)]
struct Port {
    queues: u16,
    qdiscs: BTreeMap<Handle, Qdisc>,
    classes: BTreeMap<Handle, Class>,
    has_clsact: bool,
    other_filters: u16,
    attached: Option<(u32, PortIndex)>,
    xps: BTreeMap<u16, CompactString>,
}

impl Simulated {
    /// A kernel with these interfaces, each with so many transmit queues and nothing else.
    pub fn new(interfaces: impl IntoIterator<Item = (Interface, u16)>) -> Self {
        let port = |(name, queues)| (name, Port { queues, ..Port::default() });
        Self { interfaces: interfaces.into_iter().map(port).collect(), ..Self::default() }
    }

    /// A kernel that holds exactly this.
    pub fn holding(state: &KernelState) -> Self {
        let mut kernel = Self::default();
        if let Some(classifier) = &state.classifier {
            kernel.instances.insert(0, Instance::holding(classifier));
            kernel.next_instance = 1;
            kernel.current = Some(0);
        }
        for (name, state) in &state.interfaces {
            let port = Port {
                queues: state.queues,
                qdiscs: state.qdiscs.clone(),
                classes: state.classes.clone(),
                has_clsact: state.has_clsact,
                other_filters: state.other_filters,
                attached: state.attached.map(|port| (0, port)),
                xps: state.xps.clone(),
            };
            kernel.interfaces.insert(name.clone(), port);
        }
        kernel
    }

    /// How many requests travel together: a refused one does not stop those behind it in its batch.
    #[must_use]
    pub fn with_batch(mut self, requests: usize) -> Self {
        self.batch = Some(requests.max(1));
        self
    }

    /// How many operations were done or refused so far.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Does one operation; the kernel's refusal is an error number.
    pub fn step(&mut self, operation: &Operation) -> Result<(), KernelError> {
        self.steps += 1;
        self.request(operation).map_err(|errno| refusal(operation, errno))
    }

    fn state_of(port: &Port, shown: Option<u32>) -> InterfaceState {
        let root = port.qdiscs.iter().find(|(_, qdisc)| qdisc.parent == Handle::ROOT);
        InterfaceState {
            queues: port.queues,
            root: root.map_or(Root::KernelDefault, |(&handle, qdisc)| layout::root_of(handle, &qdisc.kind)),
            qdiscs: port.qdiscs.clone(),
            classes: port.classes.clone(),
            has_clsact: port.has_clsact,
            other_filters: port.other_filters,
            attached: port.attached.filter(|(instance, _)| Some(*instance) == shown).map(|(_, port)| port),
            xps: port.xps.clone(),
        }
    }

    /// Forgets instances that nothing holds.
    fn collect(&mut self) {
        let attached = self.interfaces.values().filter_map(|port| Some(port.attached?.0));
        let held: BTreeSet<u32> = attached.chain(self.current).collect();
        self.instances.retain(|instance, _| held.contains(instance));
    }
}

/// A refusal as the border tells it.
pub(crate) fn refusal(operation: &impl std::fmt::Debug, errno: i32) -> KernelError {
    KernelError::Refused { operation: format!("{operation:?}"), errno, message: None }
}

impl Kernel for Simulated {
    fn observe(&mut self, interfaces: &[Interface]) -> Result<KernelState, KernelError> {
        let mut state = KernelState::default();
        let named: Vec<&Interface> = interfaces.iter().collect();
        if let Some(missing) = named.iter().find(|name| !self.interfaces.contains_key(**name)) {
            return Err(KernelError::NoInterface((*missing).clone()));
        }
        let mut ports = self.interfaces.iter().filter(|(name, _)| named.contains(name));
        let shown = ports.find_map(|(_, port)| Some(port.attached?.0));
        for name in named {
            state.interfaces.insert(name.clone(), Self::state_of(&self.interfaces[name], shown));
        }
        self.current = shown;
        self.collect();
        state.classifier = shown.map(|instance| self.instances[&instance].state());
        Ok(state)
    }

    fn execute(&mut self, operations: &[Operation]) -> Executed {
        let mut executed = Executed::default();
        for batch in operations.chunks(self.batch.unwrap_or(BATCH)) {
            for operation in batch {
                if let Err(error) = self.step(operation) {
                    executed.refused.push((executed.sent, error));
                }
                executed.sent += 1;
            }
            if !executed.refused.is_empty() {
                break;
            }
        }
        executed
    }

    fn backlog(&mut self, interface: &Interface, classes: &[Handle]) -> Result<Vec<PacketCount>, KernelError> {
        Ok(classes.iter().map(|&class| self.queued(interface, class)).collect())
    }

    fn statistics(&mut self, _: &[Interface]) -> Result<Statistics, KernelError> {
        Ok(Statistics::default())
    }

    fn wait(&mut self, time: Duration) {
        self.packets.send(time);
    }
}
