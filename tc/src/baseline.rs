//! What an interface was like before Pleach first touched it: what `stop` goes back to.

use std::collections::BTreeMap;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::interface::Interface;
use crate::state::{InterfaceState, KernelState, Root};

/// What interfaces were like before they were first touched. Kept from the first apply until `stop`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Baseline(pub BTreeMap<Interface, InterfaceBaseline>);

/// What one interface was like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterfaceBaseline {
    /// Whether somebody else had made a clsact.
    pub has_clsact: bool,
    /// Which CPUs its transmit queues were reserved to.
    pub xps: BTreeMap<u16, CompactString>,
}

impl Baseline {
    /// Remembers interfaces that are not known yet and have no root of ours.
    pub fn learn(&mut self, observed: &KernelState) {
        for (name, state) in observed.interfaces.iter().filter(|(_, state)| state.root != Root::Ours) {
            let baseline = || InterfaceBaseline { has_clsact: state.has_clsact, xps: state.xps.clone() };
            self.0.entry(name.clone()).or_insert_with(baseline);
        }
    }

    /// What the kernel should hold once Pleach is gone: nothing of ours. Where it is not known what was there before,
    /// clsact and XPS stay as they are: an empty clsact does no harm, and somebody else's must not go.
    pub fn stopped(&self, observed: &KernelState) -> KernelState {
        let stopped = observed.interfaces.iter().map(|(name, state)| {
            let known = self.0.get(name).cloned();
            let before = || InterfaceBaseline { has_clsact: state.has_clsact, xps: state.xps.clone() };
            let InterfaceBaseline { has_clsact, xps } = known.unwrap_or_else(before);
            let root = if state.root == Root::Ours { Root::KernelDefault } else { state.root.clone() };
            (name.clone(), InterfaceState { queues: state.queues, root, has_clsact, xps, ..InterfaceState::default() })
        });
        KernelState { interfaces: stopped.collect(), classifier: None }
    }
}
