//! Reading what was counted of an overlay.

use std::collections::BTreeMap;

use pleach_overlay::links::{Counters, Found, Queue, QueueCount, Side};
use pleach_tc::Interface;

use crate::error::KernelError;
use crate::linux::{Linux, asked_in_vain};
use crate::netlink::constants::{RTM_GETLINK, RTM_GETQDISC, RTM_GETTFILTER};
use crate::netlink::request::put_dump;
use crate::netlink::tc::TcMessage;
use crate::netlink::{filter, flower, link_statistics, statistics};

impl Linux {
    /// What was counted of all that was found: by interfaces, by the actions of our filters, by our queues.
    pub fn link_counters(&mut self, found: &Found) -> Result<Counters, KernelError> {
        let numbers = found.numbers.iter().map(|(name, number)| (*number, name));
        let names: BTreeMap<u32, &Interface> =
            numbers.chain(found.others.iter().map(|(name, other)| (other.number, name))).collect();
        let mut counters = Counters::default();
        links(self, &names, &mut counters)?;
        queues(self, &names, &mut counters)?;
        for (number, name) in &names {
            if !found.state.clsact.contains(*name) {
                continue;
            }
            for side in [Side::Ingress, Side::Egress] {
                filters(self, (*number, name), side, &mut counters)?;
            }
        }
        Ok(counters)
    }
}

fn links(linux: &mut Linux, names: &BTreeMap<u32, &Interface>, counters: &mut Counters) -> Result<(), KernelError> {
    let dumped = linux.socket.dump(
        RTM_GETLINK,
        link_statistics::put_dump,
        &mut counters.links,
        BTreeMap::clear,
        |links, payload| {
            let Some((number, count)) = link_statistics::parse(payload) else { return };
            if let Some(name) = names.get(&number) {
                links.insert((*name).clone(), count);
            }
        },
    );
    dumped.map_err(|error| asked_in_vain("ip -s link show".to_owned(), error))
}

fn queues(linux: &mut Linux, names: &BTreeMap<u32, &Interface>, counters: &mut Counters) -> Result<(), KernelError> {
    let dumped = linux.socket.dump(
        RTM_GETQDISC,
        |messages, header| put_dump(messages, header, 0),
        &mut counters.queues,
        BTreeMap::clear,
        |queues, payload| {
            let Some(message) = TcMessage::parse(payload) else { return };
            if (message.parent(), message.handle()) != (Queue::CLASS, Queue::LEAF) {
                return;
            }
            let Some(name) = names.get(&message.header.index) else { return };
            let statistics::Counters { sent, drops, backlog, .. } = statistics::Counters::parse(message.statistics);
            queues.insert((*name).clone(), QueueCount { sent, dropped: drops, backlog });
        },
    );
    dumped.map_err(|error| asked_in_vain("tc -s qdisc show".to_owned(), error))
}

fn filters(
    linux: &mut Linux,
    (number, interface): (u32, &Interface),
    side: Side,
    counters: &mut Counters,
) -> Result<(), KernelError> {
    let mut all = Vec::new();
    let dumped = linux.socket.dump(
        RTM_GETTFILTER,
        |messages, header| filter::put_dump(messages, header, number, side),
        &mut all,
        Vec::clear,
        |all, payload| {
            let Some(message) = TcMessage::parse(payload) else { return };
            // Which interfaces its actions name does not matter here.
            if let Some(flower::Found::Ours(key, _)) = flower::parse(&message, interface, side, &|_| None) {
                all.push((key, flower::counts(&message)));
            }
        },
    );
    dumped.map_err(|error| asked_in_vain(format!("tc -s filter show dev {interface} {}", side.as_str()), error))?;
    counters.filters.extend(all);
    Ok(())
}
