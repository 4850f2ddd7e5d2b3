//! A kernel in memory, as far as an overlay asks for it: what it refuses, and what goes with what.

use std::time::Duration;

use pleach_overlay::Mtu;
use pleach_overlay::links::layout::MOST_ACTIONS;
use pleach_overlay::links::{FilterAction, Found, LinkKind, LinkState, Membership, Operation, Queue, Refused};
use pleach_tc::{Interface, QdiscKind, Root};
use rustix::io::Errno;

use super::LinkKernel;
use crate::netlink::police;
use crate::netlink::wire::Messages;
use crate::simulated::refusal;
use crate::{Executed, KernelError};

/// How many requests travel together, as in the real kernel's border.
const BATCH: usize = 256;

/// A kernel in memory: what an observation finds is all that it holds.
#[derive(Clone, Debug, Default)]
pub struct SimulatedLinks {
    found: Found,
    next_number: u32,
    writes: usize,
}

impl SimulatedLinks {
    /// A kernel that holds exactly this.
    pub fn holding(found: Found) -> Self {
        let numbers = found.others.values().map(|other| other.number).chain(found.numbers.values().copied());
        let next_number = numbers.max().unwrap_or_default() + 1;
        Self { found, next_number, writes: 0 }
    }

    /// What it holds.
    pub const fn found(&self) -> &Found {
        &self.found
    }

    /// How many operations were asked for.
    pub const fn writes(&self) -> usize {
        self.writes
    }

    fn step(&mut self, operation: &Operation) -> Result<(), Errno> {
        self.may(operation)?;
        if let Operation::DeleteLink { name } = operation
            && self.found.others.remove(name).is_some()
        {
            return Ok(()); // the kernel does not ask whose it is
        }
        let (before, state) = (self.found.state.clone(), &mut self.found.state);
        if let Operation::DeleteLink { name } = operation {
            forget_target(state, name);
        }
        if let Err(refused) = state.apply(operation) {
            self.found.state = before;
            return Err(errno(&refused));
        }
        self.settle(operation);
        Ok(())
    }

    /// What depends on interfaces that are not ours.
    fn may(&self, operation: &Operation) -> Result<(), Errno> {
        let Found { state, others, .. } = &self.found;
        let is_there = |name: &Interface| others.contains_key(name) || state.links.contains_key(name);
        let other = others.get(operation.interface());
        match operation {
            Operation::AddLink { link, .. } => {
                let parent = match &link.kind {
                    LinkKind::Vlan { parent, .. } | LinkKind::Vxlan { parent, .. } => Some(parent),
                    LinkKind::Changed { .. } => return Err(Errno::OPNOTSUPP),
                    _ => None,
                };
                if other.is_some() {
                    return Err(Errno::EXIST);
                }
                return if parent.is_none_or(is_there) { Ok(()) } else { Err(Errno::NODEV) };
            }
            _ if !is_there(operation.interface()) => return Err(Errno::NODEV),
            Operation::AddClsact { .. } if other.is_some_and(|other| other.has_ingress) => return Err(Errno::EXIST),
            Operation::Join { interface, .. } if !self.may_be_up(interface) => return Err(Errno::NETDOWN),
            Operation::AddQueue { .. } if other.is_some_and(|other| other.root != Root::KernelDefault) => {
                return Err(Errno::EXIST);
            }
            Operation::AddFilter { key, filter } | Operation::ReplaceFilter { key, filter } => {
                let place = (key.side, key.chain, key.preference);
                if other.is_some_and(|other| other.foreign_filters.contains(&place)) {
                    return Err(Errno::INVAL);
                }
                let mut targets = filter.actions.iter().filter_map(FilterAction::target);
                if !targets.all(is_there) {
                    return Err(Errno::NODEV);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A VLAN is not up before the interface that it stands on (`vlan_dev_open`).
    fn may_be_up(&self, name: &Interface) -> bool {
        match self.found.state.links.get(name).map(|link| &link.kind) {
            Some(LinkKind::Vlan { parent, .. }) => self.found.others.get(parent).is_none_or(|other| other.is_up),
            _ => true,
        }
    }

    /// What follows from an operation that was done.
    fn settle(&mut self, operation: &Operation) {
        const USUAL: Mtu = Mtu::USUAL;
        let Found { state, others, numbers } = &mut self.found;
        match operation {
            Operation::AddLink { name, link } => {
                numbers.insert(name.clone(), self.next_number);
                self.next_number += 1;
                let made = state.links.get_mut(name).expect("invariant: it was made");
                made.mtu = Some(link.mtu.unwrap_or(USUAL));
            }
            Operation::DeleteLink { name } => {
                numbers.remove(name);
                for other in others.values_mut() {
                    other.master.take_if(|master| master == name);
                }
            }
            Operation::Join { interface, membership } => {
                let Some(other) = others.get_mut(interface) else { return };
                other.is_up = true;
                other.master = match membership {
                    Membership::Alone => None,
                    Membership::Bridged { bridge, .. } => Some(bridge.clone()),
                };
                if other.master.is_none() {
                    state.members.remove(interface);
                }
            }
            Operation::Leave { interface } => {
                if let Some(other) = others.get_mut(interface) {
                    other.master = None;
                }
            }
            Operation::SetDown { interface } => {
                state.down.clear(); // it is the interface that knows
                if let Some(other) = others.get_mut(interface) {
                    other.is_up = false;
                }
            }
            Operation::DeleteClsact { interface } => {
                if let Some(other) = others.get_mut(interface) {
                    other.foreign_filters.clear();
                }
            }
            Operation::SetClass { interface, .. }
            | Operation::AddLeaf { interface, .. }
            | Operation::ChangeLeaf { interface, .. } => {
                if let Some(Queue { leaf: Some(QdiscKind::Leaf(leaf)), .. }) = state.queues.get_mut(interface) {
                    *leaf = leaf.kept();
                }
            }
            Operation::AddFilter { key, .. } | Operation::ReplaceFilter { key, .. } => {
                if let Some(filter) = state.filters.get_mut(key) {
                    filter.actions.truncate(MOST_ACTIONS);
                    filter.actions.iter_mut().for_each(round);
                }
            }
            _ => {}
        }
    }
}

/// A limit is kept in bytes a second and in ticks.
fn round(action: &mut FilterAction) {
    if let FilterAction::Police(limit) = action {
        let mut messages = Messages::default();
        police::put(&mut messages, limit);
        *limit = police::parse(messages.as_bytes()).expect("invariant: what we lay out is one of ours");
    }
}

/// What sent to a link that is gone is there still, and cannot be read any more.
fn forget_target(state: &mut LinkState, name: &Interface) {
    for (key, filter) in &mut state.filters {
        let sends_there = filter.actions.iter().any(|action| action.target() == Some(name));
        if sends_there && key.interface != *name {
            filter.actions.clear();
        }
    }
}

fn errno(refused: &Refused) -> Errno {
    match refused {
        Refused::Exists(_) => Errno::EXIST,
        Refused::Missing(_) => Errno::NODEV,
        Refused::Conflict(..) => Errno::ADDRINUSE,
        Refused::InUse(_) => Errno::BUSY,
    }
}

impl LinkKernel for SimulatedLinks {
    fn observe_links(&mut self) -> Result<Found, KernelError> {
        Ok(self.found.clone())
    }

    fn execute_links(&mut self, operations: &[Operation]) -> Executed {
        let mut executed = Executed::default();
        for batch in operations.chunks(BATCH) {
            for operation in batch {
                self.writes += 1;
                if let Err(errno) = self.step(operation) {
                    executed.refused.push((executed.sent, refusal(operation, errno.raw_os_error())));
                }
                executed.sent += 1;
            }
            if !executed.refused.is_empty() {
                break;
            }
        }
        executed
    }

    fn pause(&mut self, _: Duration) {}
}
