//! Reading what hangs in interfaces.

use std::collections::BTreeMap;

use pleach_overlay::links::Side;
use pleach_tc::{Handle, Interface, InterfaceState, KernelState, QdiscKind, layout};

use super::{Linux, asked_in_vain, sysfs};
use crate::error::KernelError;
use crate::netlink::constants::{RTM_GETQDISC, RTM_GETTCLASS, RTM_GETTFILTER};
use crate::netlink::filter::{self, AttachedProgram, Found};
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
        if state.has_clsact {
            let found = filters(linux, interface, index, Side::Egress)?;
            state.other_filters = found.others.saturating_add(filters(linux, interface, index, Side::Ingress)?.others);
            attached.extend(found.ours.map(|program| ((*interface).clone(), program)));
        }
    }
    let adopted = linux.classifier.observe(&attached)?;
    for (interface, state) in states.values_mut() {
        let is_adopted = adopted.as_ref().is_some_and(|adopted| adopted.interfaces.contains(*interface));
        state.attached = attached.get(*interface).filter(|_| is_adopted).map(|program| program.port);
    }
    let classifier = adopted.map(|adopted| adopted.state);
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

/// The filters on one side of an interface's clsact.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Filters {
    /// Ours.
    pub(super) ours: Option<AttachedProgram>,
    /// How many are somebody else's.
    pub(super) others: u16,
    /// How many of those have our place.
    pub(super) in_our_place: u16,
}

/// Reads the filters on one side of an interface's clsact.
pub(super) fn filters(
    linux: &mut Linux,
    interface: &Interface,
    index: u32,
    side: Side,
) -> Result<Filters, KernelError> {
    let mut filters = Filters::default();
    let dumped = linux.socket.dump(
        RTM_GETTFILTER,
        |messages, header| filter::put_dump(messages, header, index, side),
        &mut filters,
        |filters| *filters = Filters::default(),
        |filters, payload| match TcMessage::parse(payload).and_then(|message| filter::parse(&message, side)) {
            Some(Found::Ours(program)) => filters.ours = Some(program),
            Some(Found::InOurPlace) => {
                filters.others = filters.others.saturating_add(1);
                filters.in_our_place = filters.in_our_place.saturating_add(1);
            }
            Some(Found::Elsewhere) => filters.others = filters.others.saturating_add(1),
            None => {}
        },
    );
    dumped.map_err(|error| asked_in_vain(format!("tc filter show dev {interface} {}", side.as_str()), error))?;
    Ok(filters)
}
