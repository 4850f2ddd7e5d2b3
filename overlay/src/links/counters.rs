//! What a kernel counted, as it counts.

use std::collections::BTreeMap;

use pleach_tc::{Interface, PacketCount};
use serde::Serialize;

use super::filter::{Filter, FilterAction, FilterKey};

/// What a kernel counted of what is ours, and of the interfaces of virts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Of every interface.
    pub links: BTreeMap<Interface, LinkCount>,
    /// What came to each of a filter's actions since it was made, in their order.
    pub filters: BTreeMap<FilterKey, Vec<PacketCount>>,
    /// What passed the leaf of an interface's queue.
    pub queues: BTreeMap<Interface, QueueCount>,
}

/// What an interface counted since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LinkCount {
    /// What it received, filters not yet asked.
    pub received: PacketCount,
    /// What it sent, filters and queues behind it.
    pub sent: PacketCount,
    /// Packets that it should have sent and dropped.
    pub send_dropped: u64,
    /// Packets that it could not send.
    pub send_errors: u64,
}

/// What a leaf counted since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct QueueCount {
    /// What went through it.
    pub sent: PacketCount,
    /// Packets that it dropped.
    pub dropped: u64,
    /// What waits in it.
    pub backlog: PacketCount,
}

impl Counters {
    /// What matched a filter; nothing where it is not there.
    pub fn matched(&self, key: &FilterKey) -> PacketCount {
        self.filters.get(key).and_then(|counts| counts.first()).copied().unwrap_or_default()
    }

    /// What a filter dropped: of what came to an action that drops, what did not come to the next. Counted so, packets that
    /// travel as one aggregate are counted one by one, which the kernel's own count of drops does not do.
    pub fn dropped(&self, key: &FilterKey, filter: &Filter) -> PacketCount {
        let counts = self.filters.get(key).map(Vec::as_slice).unwrap_or_default();
        let after = counts.iter().skip(1).chain([&PacketCount { packets: 0, bytes: 0 }]);
        let of_one = |((action, came), passed): ((&FilterAction, &PacketCount), &PacketCount)| {
            let drops = matches!(action, FilterAction::Drop | FilterAction::Police(_));
            drops.then(|| less(*came, *passed))
        };
        filter.actions.iter().zip(counts).zip(after).filter_map(of_one).fold(PacketCount::default(), plus)
    }
}

pub(super) fn plus(one: PacketCount, other: PacketCount) -> PacketCount {
    PacketCount { packets: one.packets + other.packets, bytes: one.bytes + other.bytes }
}

/// Counters are read one after the other while packets pass: a later one may be ahead.
pub(super) fn less(all: PacketCount, part: PacketCount) -> PacketCount {
    PacketCount { packets: all.packets.saturating_sub(part.packets), bytes: all.bytes.saturating_sub(part.bytes) }
}
