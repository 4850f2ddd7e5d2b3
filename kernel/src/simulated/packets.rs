//! Packets that wait, and those that were lost.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use pleach_tc::{Handle, Interface, PacketCount};

use crate::simulated::Simulated;

const BYTES: u64 = 1_514;
const PACKETS_PER_MILLISECOND: u64 = 10;

/// Packets that wait, by class, and those that were lost.
#[derive(Clone, Debug, Default)]
pub(super) struct Packets {
    queued: BTreeMap<(Interface, Handle), u64>,
    stuck: BTreeSet<(Interface, Handle)>,
    lost: u64,
}

impl Packets {
    /// Sends what the time that passed allows.
    pub(super) fn send(&mut self, time: Duration) {
        let most = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).saturating_mul(PACKETS_PER_MILLISECOND);
        for (class, packets) in &mut self.queued {
            if !self.stuck.contains(class) {
                *packets = packets.saturating_sub(most);
            }
        }
    }

    /// Loses what waits in a class.
    pub(super) fn lose(&mut self, interface: &Interface, class: Handle) {
        self.lost += self.queued.remove(&(interface.clone(), class)).unwrap_or(0);
    }

    /// Loses what waits in the classes that go.
    pub(super) fn lose_all(&mut self, interface: &Interface, goes: impl Fn(Handle) -> bool) {
        let is_lost = |(name, class): &(Interface, Handle)| name == interface && goes(*class);
        let keys: Vec<_> = self.queued.keys().filter(|key| is_lost(key)).cloned().collect();
        for (_, class) in keys {
            self.lose(interface, class);
        }
    }
}

impl Simulated {
    /// Queues packets in a class.
    pub fn enqueue(&mut self, interface: &Interface, class: Handle, packets: u64) {
        *self.packets.queued.entry((interface.clone(), class)).or_default() += packets;
    }

    /// Lets a class send nothing, however long one waits.
    pub fn block(&mut self, interface: &Interface, class: Handle) {
        self.packets.stuck.insert((interface.clone(), class));
    }

    /// How many packets were lost in queues that went away.
    pub fn lost(&self) -> u64 {
        self.packets.lost
    }

    /// What waits in a class.
    pub fn queued(&self, interface: &Interface, class: Handle) -> PacketCount {
        let packets = self.packets.queued.get(&(interface.clone(), class)).copied().unwrap_or(0);
        PacketCount { packets, bytes: packets * BYTES }
    }
}
