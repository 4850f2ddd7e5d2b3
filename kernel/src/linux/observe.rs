//! Reading what hangs in interfaces.

use std::collections::BTreeMap;

use pleach_tc::{Handle, Interface, InterfaceState, KernelState, QdiscKind, layout};

use super::{Linux, asked_in_vain, sysfs};
use crate::error::KernelError;
use crate::netlink::constants::{RTM_GETQDISC, RTM_GETTCLASS, RTM_GETTFILTER};
use crate::netlink::filter::{self, Place};
use crate::netlink::object;
use crate::netlink::request::put_dump;
use crate::netlink::tc::TcMessage;

pub(super) fn observe(linux: &mut Linux, interfaces: &[Interface]) -> Result<KernelState, KernelError> {
    let mut states = BTreeMap::new();
    for interface in interfaces {
        let index = linux.link(interface)?.index;
        sysfs::check_namespace(interface, index)?;
        let queues = sysfs::queues(interface)?;
        let xps = sysfs::xps(interface, queues)?;
        states.insert(index, (interface, InterfaceState { queues, xps, ..InterfaceState::default() }));
    }
    qdiscs(linux, &mut states)?;
    let mut attached = BTreeMap::new();
    for (&index, (interface, state)) in &mut states {
        if state.qdiscs.values().any(|qdisc| is_htb(&qdisc.kind)) {
            classes(linux, interface, index, state)?;
        }
        if state.has_clsact
            && let Some(Place::Ours(program)) = filter_at_our_place(linux, interface, index)?
        {
            state.attached = Some(program.port);
            attached.insert((*interface).clone(), program);
        }
    }
    let classifier = linux.classifier.observe(&attached)?;
    let interfaces = states.into_values().map(|(interface, state)| (interface.clone(), state)).collect();
    Ok(KernelState { interfaces, classifier })
}

/// Whether there may be classes of an HTB: one that Pleach would not have set up so has them too.
fn is_htb(kind: &QdiscKind) -> bool {
    matches!(kind, QdiscKind::Htb) || matches!(kind, QdiscKind::Other(name) if name == "htb")
}

/// The qdiscs of one interface, and nothing else of it.
pub(super) fn of_one(linux: &mut Linux, interface: &Interface, index: u32) -> Result<InterfaceState, KernelError> {
    let mut states = BTreeMap::from([(index, (interface, InterfaceState::default()))]);
    qdiscs(linux, &mut states)?;
    Ok(states.remove(&index).map(|(_, state)| state).unwrap_or_default())
}

type States<'a> = BTreeMap<u32, (&'a Interface, InterfaceState)>;

/// Asks for all qdiscs of all interfaces at once: the kernel (6.18) does not let them be asked for by interface.
fn qdiscs(linux: &mut Linux, states: &mut States<'_>) -> Result<(), KernelError> {
    let forget = |states: &mut States<'_>| {
        for (_, state) in states.values_mut() {
            state.qdiscs.clear();
            state.root = pleach_tc::Root::default();
            state.has_clsact = false;
        }
    };
    let dumped = linux.socket.dump(
        RTM_GETQDISC,
        |messages, header| put_dump(messages, header, 0),
        states,
        forget,
        |states, payload| {
            let Some(message) = TcMessage::parse(payload) else { return };
            if let Some((_, state)) = states.get_mut(&message.header.index) {
                add_qdisc(state, &message);
            }
        },
    );
    dumped.map_err(|error| asked_in_vain("tc qdisc show".to_owned(), error))
}

fn add_qdisc(state: &mut InterfaceState, message: &TcMessage<'_>) {
    if message.kind == "clsact" {
        state.has_clsact = true;
        return;
    }
    let qdisc = object::qdisc(message);
    let handle = message.handle();
    if qdisc.parent == Handle::ROOT {
        state.root = layout::root_of(handle, &qdisc.kind);
    }
    if handle != Handle::NONE {
        state.qdiscs.insert(handle, qdisc);
    }
}

fn classes(
    linux: &mut Linux,
    interface: &Interface,
    index: u32,
    state: &mut InterfaceState,
) -> Result<(), KernelError> {
    let dumped = linux.socket.dump(
        RTM_GETTCLASS,
        |messages, header| put_dump(messages, header, index),
        state,
        |state| state.classes.clear(),
        |state, payload| {
            let Some(message) = TcMessage::parse(payload) else { return };
            if let Some(class) = object::class(&message) {
                state.classes.insert(message.handle(), class);
            }
        },
    );
    dumped.map_err(|error| asked_in_vain(format!("tc class show dev {interface}"), error))
}

/// The filter that has our place on an interface, if there is one.
pub(super) fn filter_at_our_place(
    linux: &mut Linux,
    interface: &Interface,
    index: u32,
) -> Result<Option<Place>, KernelError> {
    let mut place = None;
    let dumped = linux.socket.dump(
        RTM_GETTFILTER,
        |messages, header| filter::put_dump(messages, header, index),
        &mut place,
        |place| *place = None,
        |place, payload| {
            let found = TcMessage::parse(payload).and_then(|message| filter::parse(&message));
            // Somebody else's filter beside ours does not make ours theirs.
            if !matches!(place, Some(Place::Ours(_))) {
                *place = found.or(*place);
            }
        },
    );
    dumped.map_err(|error| asked_in_vain(format!("tc filter show dev {interface} egress"), error))?;
    Ok(place)
}
