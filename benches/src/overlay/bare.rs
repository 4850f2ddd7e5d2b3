//! The least that could make a host's part of an overlay: the same requests, laid out beforehand and sent in as few
//! datagrams as hold them, with one acknowledgement each.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use pleach_kernel::netlink::link::{self, ADD_LINK, CHANGE_LINK, Ipv6};
use pleach_kernel::netlink::request::{ADD_QDISC, Verb, put_clsact};
use pleach_kernel::netlink::wire::{MessageHeader, Messages};
use pleach_kernel::netlink::{flower, forwarding, link_kind};
use pleach_overlay::links::{Isolation, Membership, Operation};
use pleach_tc::Interface;

use crate::datagrams::{DATAGRAM, send_all};
use crate::measure::Measure;

const REQUEST: u16 = 1;
const ACKNOWLEDGE: u16 = 4;

/// Requests that are only sent.
pub(super) struct Bare {
    datagrams: Vec<Vec<u8>>,
    /// How many requests there are.
    pub(super) requests: usize,
}

struct Layout<'n> {
    numbers: &'n BTreeMap<Interface, u32>,
    datagrams: Vec<Vec<u8>>,
    messages: Messages,
    requests: usize,
}

impl Bare {
    /// Lays out what makes all of this from nothing. `numbers` has those of interfaces that are there, and those that the
    /// links will get.
    pub(super) fn new(operations: &[Operation], numbers: &BTreeMap<Interface, u32>) -> Result<Self> {
        let mut layout = Layout { numbers, datagrams: Vec::new(), messages: Messages::default(), requests: 0 };
        for operation in operations {
            if layout.messages.len() > DATAGRAM {
                layout.close();
            }
            layout.put(operation)?;
        }
        layout.close();
        Ok(Self { datagrams: layout.datagrams, requests: layout.requests })
    }

    /// Sends them all.
    pub(super) fn send(&self) -> Result<Measure> {
        send_all(&self.datagrams)
    }
}

impl Layout<'_> {
    fn number(&self, interface: &Interface) -> Result<u32> {
        self.numbers.get(interface).copied().with_context(|| format!("nobody knows the number of `{interface}`"))
    }

    fn request(&mut self, (kind, flags): Verb, put: impl FnOnce(&mut Messages, MessageHeader)) {
        put(&mut self.messages, MessageHeader { kind, flags: flags | REQUEST, sequence: 0 });
        self.requests += 1;
    }

    fn close(&mut self) {
        self.messages.flag_last(ACKNOWLEDGE);
        self.datagrams.push(self.messages.as_bytes().to_vec());
        self.messages.clear();
    }

    fn put(&mut self, operation: &Operation) -> Result<()> {
        let index = self.number(operation.interface())?;
        match operation {
            Operation::AddLink { name, link } => {
                let parent = link_kind::parent(&link.kind).map(|parent| self.number(parent)).transpose()?;
                let mtu = link.mtu.map(|mtu| mtu.get().into());
                self.request(ADD_LINK, |messages, header| {
                    link::put_new(messages, header, name.as_str(), &link.kind, (mtu, link.aggregates), parent);
                });
                let ipv6 =
                    if std::path::Path::new("/proc/sys/net/ipv6").exists() { Ipv6::Known } else { Ipv6::Unknown };
                self.request(CHANGE_LINK, |messages, header| {
                    link::put_alias(messages, header, index, &link.id.alias(), ipv6);
                });
            }
            Operation::Join { membership, .. } => {
                let master = match membership {
                    Membership::Alone => 0,
                    Membership::Bridged { bridge, isolation: Isolation::Open } => self.number(bridge)?,
                    Membership::Bridged { .. } => bail!("isolated ports are not measured"),
                };
                self.request(CHANGE_LINK, |messages, header| link::put_master_and_up(messages, header, index, master));
            }
            Operation::AddClsact { .. } => {
                self.request(ADD_QDISC, |messages, header| put_clsact(messages, header, index));
            }
            Operation::AddFlood(entry) => self.request(forwarding::APPEND_ENTRY, |messages, header| {
                forwarding::put(messages, header, index, entry.destination);
            }),
            Operation::AddFilter { key, filter } => {
                let numbers = self.numbers;
                let index_of = |name: &Interface| numbers.get(name).copied().unwrap_or_default();
                self.request(flower::ADD_FILTER, |messages, header| {
                    flower::put(messages, header, index, (key, filter), &index_of);
                });
            }
            other => bail!("{other:?} is nothing that a first commit does"),
        }
        Ok(())
    }
}
