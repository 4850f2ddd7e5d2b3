//! Reading what hangs in interfaces, as far as it matters to an overlay.

use std::collections::BTreeMap;

use pleach_overlay::links::{Found, Queue};
use pleach_tc::{Handle, Interface, QdiscKind, Root, layout};

use crate::error::KernelError;
use crate::linux::{Linux, asked_in_vain};
use crate::netlink::constants::{RTM_GETQDISC, RTM_GETTCLASS};
use crate::netlink::htb::HtbQdisc;
use crate::netlink::object;
use crate::netlink::request::put_dump;
use crate::netlink::tc::TcMessage;

/// What hangs in one interface.
#[derive(Default)]
struct Hung {
    has_clsact: bool,
    has_ingress: bool,
    root: Root,
    queue: Option<Queue>,
}

/// Adds clsact, queues of ours, and what is in their way. `names` knows interfaces by their numbers.
pub(super) fn read(linux: &mut Linux, names: &BTreeMap<u32, Interface>, found: &mut Found) -> Result<(), KernelError> {
    for (index, mut hung) in all(linux)? {
        let Some(name) = names.get(&index) else { continue };
        if let Some(other) = found.others.get_mut(name) {
            other.has_ingress = hung.has_ingress;
            other.root = std::mem::take(&mut hung.root);
        }
        if hung.has_clsact {
            found.state.clsact.insert(name.clone());
        }
        if let Some(mut queue) = hung.queue {
            class(linux, name, index, &mut queue)?;
            found.state.queues.insert(name.clone(), queue);
        }
    }
    Ok(())
}

/// By the numbers of interfaces.
fn all(linux: &mut Linux) -> Result<BTreeMap<u32, Hung>, KernelError> {
    let mut found: BTreeMap<u32, Hung> = BTreeMap::new();
    let dumped = linux.socket.dump(
        RTM_GETQDISC,
        |messages, header| put_dump(messages, header, 0),
        &mut found,
        BTreeMap::clear,
        |found, payload| {
            let Some(message) = TcMessage::parse(payload) else { return };
            let is_told = message.handle() == Handle::CLSACT
                || message.parent() == Handle::ROOT && message.handle() != Handle::NONE
                || message.parent() == Queue::CLASS;
            if is_told {
                found.entry(message.header.index).or_default().add(&message);
            }
        },
    );
    dumped.map_err(|error| asked_in_vain("tc qdisc show".to_owned(), error))?;
    Ok(found)
}

impl Hung {
    /// A root comes before what is in it (`tc_dump_qdisc_root`, 6.12).
    fn add(&mut self, message: &TcMessage<'_>) {
        let is_clsact = message.kind == "clsact";
        match (message.parent(), message.handle()) {
            (_, Handle::CLSACT) if is_clsact => self.has_clsact = true,
            (_, Handle::CLSACT) => self.has_ingress = true,
            (Handle::ROOT, Queue::HTB) if is_our_htb(message) => self.queue = Some(Queue::default()),
            (Handle::ROOT, handle) => self.root = layout::root_of(handle, &object::qdisc(message).kind),
            // That which HTB gives by itself has no handle.
            (Queue::CLASS, handle) if handle != Handle::NONE => {
                if let Some(queue) = &mut self.queue {
                    queue.leaf = Some(leaf(message));
                }
            }
            _ => {}
        }
    }
}

/// Another hand's leaf is none of ours, even where it is of a kind that we make: it is replaced.
fn leaf(message: &TcMessage<'_>) -> QdiscKind {
    if message.handle() == Queue::LEAF { object::qdisc(message).kind } else { QdiscKind::Other(message.kind.into()) }
}

fn is_our_htb(message: &TcMessage<'_>) -> bool {
    let is_ours = |htb: HtbQdisc| htb.default_minor == u32::from(Queue::CLASS.minor()) && !htb.is_offloaded;
    message.kind == "htb" && HtbQdisc::parse(message.options).is_some_and(is_ours)
}

fn class(linux: &mut Linux, interface: &Interface, index: u32, queue: &mut Queue) -> Result<(), KernelError> {
    let dumped = linux.socket.dump(
        RTM_GETTCLASS,
        |messages, header| put_dump(messages, header, index),
        queue,
        |queue| queue.class = None,
        |queue, payload| {
            let Some(message) = TcMessage::parse(payload) else { return };
            if message.handle() == Queue::CLASS {
                queue.class = object::class(&message);
            }
        },
    );
    dumped.map_err(|error| asked_in_vain(format!("tc class show dev {interface}"), error))
}
