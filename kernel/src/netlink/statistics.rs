//! What the kernel counted: `TCA_STATS2` of qdiscs and classes. Source: `include/uapi/linux/gen_stats.h`.

use pleach_tc::{ClassStatistics, LeafStatistics, PacketCount};

use super::cake;
use super::constants::{TCA_STATS_APP, TCA_STATS_BASIC, TCA_STATS_PKT64, TCA_STATS_QUEUE};
use super::wire::{Attributes, u32_at, u64_at};

/// What every qdisc and class counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters<'a> {
    /// What was sent.
    pub sent: PacketCount,
    /// What waits.
    pub backlog: PacketCount,
    /// Packets dropped.
    pub drops: u64,
    /// How often a limit kept it from sending.
    pub overlimits: u64,
    /// What its kind counts besides.
    pub app: &'a [u8],
}

impl<'a> Counters<'a> {
    /// Reads the attributes of `TCA_STATS2`; what is not there is zero.
    pub fn parse(statistics: &'a [u8]) -> Self {
        let mut counters = Self::default();
        let mut packets64 = None;
        for (kind, value) in Attributes(statistics) {
            let number = |at| u64::from(u32_at(value, at).unwrap_or_default());
            match kind {
                TCA_STATS_BASIC => {
                    counters.sent = PacketCount { bytes: u64_at(value, 0).unwrap_or_default(), packets: number(8) };
                }
                TCA_STATS_QUEUE => {
                    counters.backlog = PacketCount { packets: number(0), bytes: number(4) };
                    (counters.drops, counters.overlimits) = (number(8), number(16));
                }
                // Beside the 32 bits of the basic counters once there are more.
                TCA_STATS_PKT64 => packets64 = u64_at(value, 0),
                TCA_STATS_APP => counters.app = value,
                _ => {}
            }
        }
        counters.sent.packets = packets64.unwrap_or(counters.sent.packets);
        counters
    }

    /// As those of a class.
    pub fn of_class(&self) -> ClassStatistics {
        ClassStatistics { sent: self.sent, drops: self.drops, overlimits: self.overlimits, backlog: self.backlog }
    }

    /// As those of a leaf of this kind.
    pub fn of_leaf(&self, kind: &str) -> LeafStatistics {
        let tins = if kind == "cake" { cake::parse_tins(self.app) } else { Vec::new() };
        let marks = if kind == "fq_codel" { self.fq_codel_marks() } else { cake::marks(&tins) };
        LeafStatistics { sent: self.sent, drops: self.drops, marks, backlog: self.backlog, tins }
    }

    /// Those that `fq_codel` marked for its target and for its threshold: `struct tc_fq_codel_xstats` of its qdisc.
    fn fq_codel_marks(&self) -> u64 {
        const OF_QDISC: u32 = 0;
        let number = |at| u32_at(self.app, at).unwrap_or_default();
        if number(0) == OF_QDISC { u64::from(number(12)) + u64::from(number(28)) } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netlink::wire::Messages;

    #[test]
    fn counters_are_read_where_they_are() {
        let mut messages = Messages::default();
        let basic = messages.begin_nest(TCA_STATS_BASIC);
        messages.put(&(1_u64 << 40).to_ne_bytes());
        messages.put(&7_u32.to_ne_bytes());
        messages.end_nest(basic);
        let queue = messages.begin_nest(TCA_STATS_QUEUE);
        for field in [1_u32, 2, 3, 4, 5] {
            messages.put(&field.to_ne_bytes());
        }
        messages.end_nest(queue);
        let counters = Counters::parse(messages.as_bytes());
        assert_eq!(counters.sent, PacketCount { packets: 7, bytes: 1 << 40 });
        assert_eq!(counters.backlog, PacketCount { packets: 1, bytes: 2 });
        assert_eq!((counters.drops, counters.overlimits), (3, 5));

        messages.attribute_u64(TCA_STATS_PKT64, 1 << 33);
        assert_eq!(Counters::parse(messages.as_bytes()).sent.packets, 1 << 33);
    }
}
