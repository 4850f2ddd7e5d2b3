//! Reading what interfaces counted.

use std::collections::{BTreeMap, HashMap};

use pleach_tc::{Handle, Interface, PacketCount, QdiscKind, Statistics};

use super::{Linux, asked_in_vain};
use crate::error::KernelError;
use crate::netlink::constants::{RTM_GETQDISC, RTM_GETTCLASS};
use crate::netlink::request::put_dump;
use crate::netlink::statistics::Counters;
use crate::netlink::tc::TcMessage;
use crate::netlink::{htb, object};

pub(super) fn backlog(
    linux: &mut Linux,
    interface: &Interface,
    classes: &[Handle],
) -> Result<Vec<PacketCount>, KernelError> {
    let mut queued: HashMap<Handle, PacketCount> =
        classes.iter().map(|&handle| (handle, PacketCount::default())).collect();
    let index = linux.link(interface)?.index;
    let dumped = linux.socket.dump(
        RTM_GETTCLASS,
        |messages, header| put_dump(messages, header, index),
        &mut queued,
        |queued| queued.values_mut().for_each(|count| *count = PacketCount::default()),
        |queued, payload| {
            let Some(message) = TcMessage::parse(payload).filter(|message| message.kind == "htb") else { return };
            if let Some(count) = queued.get_mut(&message.handle()) {
                *count = Counters::parse(message.statistics).backlog;
            }
        },
    );
    dumped.map_err(|error| asked_in_vain(format!("tc -s class show dev {interface}"), error))?;
    Ok(classes.iter().map(|handle| queued[handle]).collect())
}

pub(super) fn statistics(linux: &mut Linux, interfaces: &[Interface]) -> Result<Statistics, KernelError> {
    let mut by_index = BTreeMap::new();
    for interface in interfaces {
        by_index.insert(linux.link(interface)?.index, interface);
    }
    let mut statistics = Statistics::default();
    qdiscs(linux, &by_index, &mut statistics)?;
    for (&index, &interface) in &by_index {
        classes(linux, index, interface, &mut statistics)?;
    }
    linux.classifier.statistics(&mut statistics)?;
    Ok(statistics)
}

fn qdiscs(
    linux: &mut Linux,
    interfaces: &BTreeMap<u32, &Interface>,
    statistics: &mut Statistics,
) -> Result<(), KernelError> {
    let dumped = linux.socket.dump(
        RTM_GETQDISC,
        |messages, header| put_dump(messages, header, 0),
        statistics,
        |statistics| {
            statistics.leaves.clear();
            statistics.direct_packets.clear();
        },
        |statistics, payload| {
            let Some(message) = TcMessage::parse(payload) else { return };
            if let Some(&interface) = interfaces.get(&message.header.index) {
                add_qdisc(statistics, interface, &message);
            }
        },
    );
    dumped.map_err(|error| asked_in_vain("tc -s qdisc show".to_owned(), error))
}

fn add_qdisc(statistics: &mut Statistics, interface: &Interface, message: &TcMessage<'_>) {
    if message.handle() == Handle::NONE {
        return;
    }
    let qdisc = object::qdisc(message);
    match qdisc.kind {
        QdiscKind::Htb => {
            let direct = htb::HtbQdisc::parse(message.options).map_or(0, |htb| htb.direct_packets);
            statistics.direct_packets.insert((interface.clone(), message.handle()), direct.into());
        }
        QdiscKind::Leaf(leaf) => {
            let counted = Counters::parse(message.statistics).of_leaf(leaf.kind());
            statistics.leaves.insert((interface.clone(), qdisc.parent), counted);
        }
        QdiscKind::Mq | QdiscKind::Other(_) => {}
    }
}

fn classes(
    linux: &mut Linux,
    index: u32,
    interface: &Interface,
    statistics: &mut Statistics,
) -> Result<(), KernelError> {
    let dumped = linux.socket.dump(
        RTM_GETTCLASS,
        |messages, header| put_dump(messages, header, index),
        statistics,
        |statistics| statistics.classes.retain(|(other, _), _| other != interface),
        |statistics, payload| {
            let Some(message) = TcMessage::parse(payload).filter(|message| message.kind == "htb") else { return };
            let counted = Counters::parse(message.statistics).of_class();
            statistics.classes.insert((interface.clone(), message.handle()), counted);
        },
    );
    dumped.map_err(|error| asked_in_vain(format!("tc -s class show dev {interface}"), error))
}
