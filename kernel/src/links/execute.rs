//! Doing operations: requests in batches, each tied to the operation that it is for.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use pleach_overlay::links::layout::is_out_queue;
use pleach_overlay::links::{FilterAction, Isolation, Link, Membership, Operation, Queue, command};
use pleach_tc::{Handle, Interface, Qdisc};

use crate::Executed;
use crate::error::KernelError;
use crate::linux::{Linux, asked_in_vain, refused};
use crate::netlink::flower::{self, ADD_FILTER};
use crate::netlink::forwarding::{self, APPEND_ENTRY, DELETE_ENTRY};
use crate::netlink::link::{self, ADD_LINK, CHANGE_LINK, DELETE_LINK, Ipv6};
use crate::netlink::request::{
    ADD_QDISC, CHANGE_QDISC, DELETE_FILTER, DELETE_QDISC, PUT_CLASS, REPLACE_FILTER, REPLACE_QDISC, Verb, put_class,
    put_clsact, put_qdisc, put_qdisc_handle, put_root_htb,
};
use crate::netlink::wire::{MessageHeader, Messages};
use crate::netlink::{Batch, Outcome, link_kind};

/// How long queues that go, and are fast by then, have until they do: the kernel's timer for the next packet was set at their
/// rate before.
const DRAIN: Duration = Duration::from_millis(20);
/// What is there where the kernel has IPv6.
const IPV6: &str = "/proc/sys/net/ipv6";

/// A list of operations being done.
pub(super) struct Run<'a> {
    linux: &'a mut Linux,
    operations: &'a [Operation],
    batch: Batch,
    numbers: HashMap<Interface, u32>,
    executed: Executed,
    /// Whether the queues that go were given time.
    has_waited: bool,
}

/// Something was refused, and is in the list of what was: nothing more is sent.
struct Stopped;

impl<'a> Run<'a> {
    pub(super) fn new(linux: &'a mut Linux, operations: &'a [Operation]) -> Self {
        let (batch, executed) = (Batch::default(), Executed::default());
        // Whoever is made anew meanwhile has another number, and no request reaches it.
        let numbers = std::mem::take(&mut linux.observed_numbers);
        Self { linux, operations, batch, numbers, executed, has_waited: false }
    }

    pub(super) fn run(mut self) -> Executed {
        let mut at = 0;
        while at < self.operations.len() {
            match self.some(at) {
                Ok(done) => at += done,
                Err(Stopped) => return self.executed,
            }
        }
        if self.flush(at).is_ok() {
            self.executed.sent = at;
        }
        self.executed
    }

    /// Does operations from this position on, or adds one to the batch; says how many that were.
    fn some(&mut self, at: usize) -> Result<usize, Stopped> {
        let operations = self.operations;
        let new = |operation: &'a Operation| match operation {
            Operation::AddLink { name, link } => Some((name, link)),
            _ => None,
        };
        let links: Vec<(&Interface, &Link)> = operations[at..].iter().map_while(new).collect();
        if !links.is_empty() {
            self.flush(at)?;
            self.make(at, &links)?;
            return Ok(links.len());
        }
        if self.batch.is_full(&self.linux.socket) {
            self.flush(at)?;
        }
        self.push(at, &operations[at])?;
        Ok(1)
    }

    /// Makes links, and then gives those their aliases that were made: by their numbers, since a name that was refused is
    /// somebody else's.
    fn make(&mut self, at: usize, links: &[(&Interface, &Link)]) -> Result<(), Stopped> {
        let mut made = vec![true; links.len()];
        for (offset, (name, link)) in links.iter().enumerate() {
            let parent = match link_kind::parent(&link.kind) {
                Some(parent) => Some(self.number(at + offset, parent)?),
                None => None,
            };
            let mtu = link.mtu.map(|mtu| mtu.get().into());
            self.request(at + offset, ADD_LINK, |messages, header| {
                link::put_new(messages, header, name.as_str(), &link.kind, (mtu, link.aggregates), parent);
            });
        }
        let outcome = self.batch.send(&mut self.linux.socket);
        let (error, refused): (_, Vec<_>) = (outcome.error, outcome.refused);
        for (subject, _) in &refused {
            made[subject - at] = false;
        }
        let is_refused = !refused.is_empty() || error.is_some();
        self.note(at + links.len(), Outcome { refused, error }, at);
        let ipv6 = if Path::new(IPV6).exists() { Ipv6::Known } else { Ipv6::Unknown };
        for (offset, (name, link)) in links.iter().enumerate().filter(|(offset, _)| made[*offset]) {
            let Ok(found) = self.linux.link(name) else { continue };
            self.numbers.insert((*name).clone(), found.index);
            self.request(at + offset, CHANGE_LINK, |messages, header| {
                link::put_alias(messages, header, found.index, &link.id.alias(), ipv6);
            });
        }
        let outcome = self.batch.send(&mut self.linux.socket);
        // Without its alias nobody would know it for ours.
        for (subject, _) in &outcome.refused {
            let Some(&index) = self.numbers.get(links[subject - at].0) else { continue };
            self.request(*subject, DELETE_LINK, |messages, header| link::put_delete(messages, header, index));
        }
        let _ = self.batch.send(&mut self.linux.socket); // the refusal that led here is what is told
        let is_done = outcome.is_done() && !is_refused;
        self.note(at + links.len(), outcome, at);
        if is_done { Ok(()) } else { Err(Stopped) }
    }

    fn push(&mut self, at: usize, operation: &Operation) -> Result<(), Stopped> {
        let index = self.number(at, operation.interface())?;
        match operation {
            Operation::DeleteQueue { .. } => self.drain(at)?,
            Operation::DeleteLink { name } if is_out_queue(name) => self.drain(at)?,
            _ => {}
        }
        match operation {
            Operation::AddLink { .. } => {} // done by `make`
            Operation::DeleteLink { name } => {
                self.request(at, DELETE_LINK, |messages, header| link::put_delete(messages, header, index));
                self.numbers.remove(name);
            }
            Operation::SetMtu { mtu, .. } => {
                let mtu = mtu.get().into();
                self.request(at, CHANGE_LINK, |messages, header| link::put_mtu(messages, header, index, mtu));
            }
            Operation::SetAggregates { name, aggregates } => {
                let link = link::Link { index, ..self.link(at, name)? };
                self.request(at, CHANGE_LINK, |messages, header| {
                    link::put_aggregates(messages, header, link, *aggregates);
                });
            }
            Operation::Join { membership, .. } => self.join(at, index, membership)?,
            Operation::Leave { .. } => {
                self.request(at, CHANGE_LINK, |messages, header| link::put_master(messages, header, index, 0));
            }
            Operation::SetDown { .. } => {
                self.request(at, CHANGE_LINK, |messages, header| link::put_down(messages, header, index));
            }
            Operation::AddQueue { .. }
            | Operation::DeleteQueue { .. }
            | Operation::SetClass { .. }
            | Operation::AddLeaf { .. }
            | Operation::ChangeLeaf { .. }
            | Operation::DeleteLeaf { .. } => self.push_queue(at, operation, index),
            Operation::AddClsact { .. } => {
                self.request(at, ADD_QDISC, |messages, header| put_clsact(messages, header, index));
            }
            Operation::DeleteClsact { .. } => {
                self.request(at, DELETE_QDISC, |messages, header| put_clsact(messages, header, index));
            }
            Operation::AddFlood(entry) => self.request(at, APPEND_ENTRY, |messages, header| {
                forwarding::put(messages, header, index, entry.destination);
            }),
            Operation::DeleteFlood(entry) => self.request(at, DELETE_ENTRY, |messages, header| {
                forwarding::put(messages, header, index, entry.destination);
            }),
            Operation::AddFilter { key, filter } | Operation::ReplaceFilter { key, filter } => {
                for target in filter.actions.iter().filter_map(FilterAction::target) {
                    self.number(at, target)?;
                }
                let is_new = matches!(operation, Operation::AddFilter { .. });
                let numbers = &self.numbers;
                let index_of = |name: &Interface| numbers.get(name).copied().unwrap_or_default();
                let verb = if is_new { ADD_FILTER } else { REPLACE_FILTER };
                self.batch.push(&mut self.linux.socket, at, verb, |messages, header| {
                    flower::put(messages, header, index, (key, filter), &index_of);
                });
            }
            Operation::DeleteFilter { key } => self.request(at, DELETE_FILTER, |messages, header| {
                flower::put_delete(messages, header, index, key);
            }),
        }
        Ok(())
    }

    fn push_queue(&mut self, at: usize, operation: &Operation, index: u32) {
        match operation {
            Operation::AddQueue { .. } => self.request(at, ADD_QDISC, |messages, header| {
                put_root_htb(messages, header, index, Queue::HTB, Queue::CLASS);
            }),
            Operation::DeleteQueue { .. } => self.request(at, DELETE_QDISC, |messages, header| {
                put_qdisc_handle(messages, header, index, Queue::HTB, Handle::ROOT);
            }),
            Operation::SetClass { class, .. } => self.request(at, PUT_CLASS, |messages, header| {
                put_class(messages, header, index, Queue::CLASS, class);
            }),
            Operation::AddLeaf { leaf, .. } | Operation::ChangeLeaf { leaf, .. } => {
                let leaf = Qdisc { parent: Queue::CLASS, kind: leaf.clone() };
                let is_new = matches!(operation, Operation::AddLeaf { .. });
                let verb = if is_new { REPLACE_QDISC } else { CHANGE_QDISC };
                self.request(at, verb, |messages, header| put_qdisc(messages, header, index, Queue::LEAF, &leaf));
            }
            Operation::DeleteLeaf { .. } => self.request(at, DELETE_QDISC, |messages, header| {
                put_qdisc_handle(messages, header, index, Handle::NONE, Queue::CLASS);
            }),
            _ => unreachable!("invariant: it is about a queue"),
        }
    }

    fn join(&mut self, at: usize, index: u32, membership: &Membership) -> Result<(), Stopped> {
        match membership {
            Membership::Alone => {
                self.request(at, CHANGE_LINK, |messages, header| link::put_master_and_up(messages, header, index, 0));
            }
            Membership::Bridged { bridge, isolation: Isolation::Open } => {
                let bridge = self.number(at, bridge)?;
                self.request(at, CHANGE_LINK, |messages, header| {
                    link::put_master_and_up(messages, header, index, bridge);
                });
            }
            // It is no port that could be isolated before it is in the bridge, and not up before it is isolated.
            Membership::Bridged { bridge, isolation } => {
                let bridge = self.number(at, bridge)?;
                self.request(at, CHANGE_LINK, |messages, header| {
                    link::put_master(messages, header, index, bridge);
                });
                self.request(at, CHANGE_LINK, |messages, header| {
                    link::put_isolation_and_up(messages, header, index, *isolation);
                });
            }
        }
        Ok(())
    }

    /// Lets what waits in queues that go leave, once.
    fn drain(&mut self, at: usize) -> Result<(), Stopped> {
        if !self.has_waited {
            self.flush(at)?;
            std::thread::sleep(DRAIN);
            self.has_waited = true;
        }
        Ok(())
    }

    fn request(&mut self, at: usize, verb: Verb, put: impl FnOnce(&mut Messages, MessageHeader)) {
        self.batch.push(&mut self.linux.socket, at, verb, put);
    }

    /// Sends what is in the batch: everything before position `at`.
    fn flush(&mut self, at: usize) -> Result<(), Stopped> {
        let Some(first) = self.batch.first() else { return Ok(()) };
        let outcome = self.batch.send(&mut self.linux.socket);
        let is_done = outcome.is_done();
        self.note(at, outcome, first);
        if is_done { Ok(()) } else { Err(Stopped) }
    }

    /// Notes what became of the requests up to position `at`, of which the first was for `first`.
    fn note(&mut self, at: usize, outcome: Outcome, first: usize) {
        self.executed.sent = at;
        for (subject, answer) in outcome.refused {
            // An operation of two requests is refused once.
            if self.executed.refused.last().is_none_or(|(last, _)| *last != subject) {
                self.executed.refused.push((subject, refused(command(&self.operations[subject]), answer)));
            }
        }
        if let Some(error) = outcome.error {
            let operation = format!("{} requests from `{}` on", at - first, command(&self.operations[first]));
            self.executed.refused.push((first, asked_in_vain(operation, error)));
            self.executed.refused.sort_by_key(|(subject, _)| *subject);
        }
    }

    /// The number of an interface. One that was made before is known already, or asked for when it is there.
    fn number(&mut self, at: usize, interface: &Interface) -> Result<u32, Stopped> {
        if let Some(&number) = self.numbers.get(interface) {
            return Ok(number);
        }
        let index = self.link(at, interface)?.index;
        self.numbers.insert(interface.clone(), index);
        Ok(index)
    }

    /// What an interface is like now; an operation that needs one which is not there is refused.
    fn link(&mut self, at: usize, interface: &Interface) -> Result<link::Link, Stopped> {
        match self.linux.link(interface) {
            Ok(link) => Ok(link),
            Err(error) => {
                self.flush(at)?;
                self.executed.sent = at + 1;
                self.executed.refused.push((at, missing(&self.operations[at], error)));
                Err(Stopped)
            }
        }
    }
}

/// That something is not there which an operation needs, with the operation.
fn missing(operation: &Operation, error: KernelError) -> KernelError {
    match error {
        KernelError::NoInterface(_) => KernelError::Refused {
            operation: command(operation),
            errno: rustix::io::Errno::NODEV.raw_os_error(),
            message: Some(error.to_string()),
        },
        error => error,
    }
}
