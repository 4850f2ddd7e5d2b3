//! Reading all interfaces, and what of them is an overlay's.

use std::collections::BTreeMap;

use pleach_overlay::links::{FilterAction, FloodEntry, Found, Link, LinkId, LinkKind, Membership, Other, Side};
use pleach_overlay::{Df, Mtu};
use pleach_tc::Interface;

use super::qdiscs;
use super::release::Release;
use crate::error::KernelError;
use crate::linux::{Linux, asked_in_vain};
use crate::netlink::constants::{RTM_GETLINK, RTM_GETNEIGH, RTM_GETTFILTER};
use crate::netlink::link::LinkMessage;
use crate::netlink::tc::TcMessage;
use crate::netlink::{filter, flower, forwarding, link, link_kind};

pub(super) fn observe(linux: &mut Linux) -> Result<Found, KernelError> {
    let messages = links(linux)?;
    let messages: Vec<LinkMessage<'_>> = messages.iter().filter_map(|payload| link::parse(payload)).collect();
    let mut reading =
        Reading { names: BTreeMap::new(), knows_df: Release::of_this_kernel().knows_df(), found: Found::default() };
    let named = |message: &LinkMessage<'_>| Some((message.link.index, message.name.parse().ok()?));
    reading.names = messages.iter().filter_map(named).collect();
    for message in &messages {
        reading.link(message);
    }
    for message in &messages {
        reading.membership(message);
    }
    qdiscs::read(linux, &reading.names, &mut reading.found)?;
    for name in reading.found.state.clsact.clone() {
        reading.filters(linux, &name, Side::Ingress)?;
        // What a link of ours sends is never looked at.
        if reading.found.others.contains_key(&name) {
            reading.filters(linux, &name, Side::Egress)?;
        }
    }
    reading.floods(linux)?;
    linux.observed_numbers = reading.names.into_iter().map(|(number, name)| (name, number)).collect();
    Ok(reading.found)
}

/// All interfaces, as the kernel says it.
fn links(linux: &mut Linux) -> Result<Vec<Vec<u8>>, KernelError> {
    let mut messages: Vec<Vec<u8>> = Vec::new();
    let dumped = linux.socket.dump(RTM_GETLINK, link::put_dump, &mut messages, Vec::clear, |messages, payload| {
        messages.push(payload.to_vec());
    });
    dumped.map_err(|error| asked_in_vain("ip link show".to_owned(), error))?;
    Ok(messages)
}

fn forget_df(action: &mut FilterAction) {
    if let FilterAction::SetTunnel { df, .. } = action {
        df.take_if(|df| *df == Df::Unset);
    }
}

struct Reading {
    names: BTreeMap<u32, Interface>,
    knows_df: bool,
    found: Found,
}

impl Reading {
    fn link(&mut self, message: &LinkMessage<'_>) {
        let Some(name) = self.names.get(&message.link.index).cloned() else { return };
        let name_of = |index: u32| self.names.get(&index).cloned();
        if let Some(id) = LinkId::from_alias(message.alias) {
            let mtu = Mtu::new(message.link.mtu.into()).ok();
            let link = Link { id, kind: link_kind::parse(message, &name_of), mtu, aggregates: message.aggregates };
            self.found.numbers.insert(name.clone(), message.link.index);
            self.found.state.links.insert(name, link);
            return;
        }
        let other = Other {
            number: message.link.index,
            mtu: message.link.mtu,
            kind: message.kind.to_owned(),
            has_alias: !message.alias.is_empty(),
            is_up: message.is_up,
            master: name_of(message.master),
            holds: link_kind::holds(message, &name_of),
            ..Other::default()
        };
        self.found.others.insert(name, other);
    }

    /// Where an interface belongs, if that is one of our bridges, or if it is ours and by itself.
    fn membership(&mut self, message: &LinkMessage<'_>) {
        let Some(name) = self.names.get(&message.link.index) else { return };
        let is_ours = self.found.state.links.contains_key(name);
        if is_ours && !message.is_up {
            return;
        }
        let bridge = self.names.get(&message.master).filter(|master| self.found.state.links.contains_key(*master));
        let membership = match bridge {
            Some(bridge) => Membership::Bridged { bridge: bridge.clone(), isolation: message.isolation() },
            None if is_ours && message.master == 0 => Membership::Alone,
            None => return,
        };
        self.found.state.members.insert(name.clone(), membership);
    }

    fn filters(&mut self, linux: &mut Linux, interface: &Interface, side: Side) -> Result<(), KernelError> {
        let index = self.found.others.get(interface).map(|other| other.number);
        let Some(index) = index.or_else(|| self.found.numbers.get(interface).copied()) else { return Ok(()) };
        let names = &self.names;
        let mut all = Vec::new();
        let dumped = linux.socket.dump(
            RTM_GETTFILTER,
            |messages, header| filter::put_dump(messages, header, index, side),
            &mut all,
            Vec::clear,
            |all, payload| {
                let Some(message) = TcMessage::parse(payload) else { return };
                let name_of = |index: u32| names.get(&index).cloned();
                let Some(found) = flower::parse(&message, interface, side, &name_of) else { return };
                all.push((message.chain, message.header.info >> 16, found));
            },
        );
        dumped.map_err(|error| asked_in_vain(format!("tc filter show dev {interface} {}", side.as_str()), error))?;
        for (chain, preference, found) in all {
            match (found, self.found.others.get_mut(interface)) {
                (flower::Found::Ours(key, mut filter), _) => {
                    if !self.knows_df {
                        filter.actions.iter_mut().for_each(forget_df);
                    }
                    self.found.state.filters.insert(key, filter);
                }
                (flower::Found::Others, Some(other)) => {
                    let preference = u16::try_from(preference).expect("invariant: 16 bits are left");
                    other.foreign_filters.insert((side, chain, preference));
                }
                // In a link of ours, with which it goes.
                (flower::Found::Others, None) => {}
            }
        }
        Ok(())
    }

    /// Where the tunnels of nets that learn send frames for unknown stations; their group is no entry of ours.
    fn floods(&mut self, linux: &mut Linux) -> Result<(), KernelError> {
        for (name, link) in &self.found.state.links {
            let (LinkKind::Vxlan { group, .. }, Some(&index)) = (&link.kind, self.found.numbers.get(name)) else {
                continue;
            };
            let mut hosts = Vec::new();
            let dumped = linux.socket.dump(
                RTM_GETNEIGH,
                |messages, header| forwarding::put_dump(messages, header, index),
                &mut hosts,
                Vec::clear,
                |hosts, payload| hosts.extend(forwarding::parse(payload).filter(|(of, _)| *of == index)),
            );
            dumped.map_err(|error| asked_in_vain(format!("bridge fdb show dev {name}"), error))?;
            let entry = |(_, destination)| FloodEntry { link: name.clone(), destination };
            let is_group = |(_, destination): &(u32, std::net::IpAddr)| Some(*destination) == *group;
            self.found.state.floods.extend(hosts.into_iter().filter(|host| !is_group(host)).map(entry));
        }
        Ok(())
    }
}
