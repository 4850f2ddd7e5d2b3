//! What the kernel keeps of what it is told, where that is not the same: the list that comparisons go by.
//!
//! | what | kept as | source (6.12) |
//! |---|---|---|
//! | rate and ceil of a class, bandwidth of CAKE | whole bytes per second | `sch_htb.c`, `sch_cake.c` |
//! | burst and cburst of a class | by `tc` only: up to 16 ticks (1 µs) off | `tc_calc_xmittime` of iproute2 |
//! | target, interval, `ce_threshold` of `fq_codel` | units of 1 024 ns, read back in µs | `codel.h`, `codel_time_to_us` |
//! | quantum of `fq_codel` | at least 256 bytes | `sch_fq_codel.c` |
//! | target and rtt of CAKE | at least 1 µs | `sch_cake.c` |
//! | limit, flows and depth of `sfq` | limit at most depth × flows, depth at most 127 | `sch_sfq.c` |

use pleach_graph::Rate;

use crate::class::Class;
use crate::leaf::{Cake, Diffserv, FqCodel, Leaf, Microseconds, Sfq};
use crate::qdisc::{Qdisc, QdiscKind};

impl Class {
    /// Whether a kernel that was told this keeps `kept`.
    pub fn is_kept_as(&self, kept: &Self) -> bool {
        let (rate, ceil) = (Self::kernel_rate(self.rate), Self::kernel_rate(self.ceil));
        self == kept
            || self.burst.is_kept_as(kept.burst)
                && self.cburst.is_kept_as(kept.cburst)
                && *kept == Self { rate, ceil, burst: kept.burst, cburst: kept.cburst, ..*self }
    }
}

impl Qdisc {
    /// Whether a kernel that was told this keeps `kept`.
    pub fn is_kept_as(&self, kept: &Self) -> bool {
        self == kept
            || self.parent == kept.parent
                && matches!((&self.kind, &kept.kind), (QdiscKind::Leaf(told), QdiscKind::Leaf(kept)) if told.is_kept_as(kept))
    }
}

impl Leaf {
    /// Whether a kernel that was told this keeps `kept`.
    pub fn is_kept_as(&self, kept: &Self) -> bool {
        self == kept || self.rounded() == *kept
    }

    /// As a kernel that was told this reads it back. Not idempotent: `fq_codel` turns 5 000 µs into 4 999, and 4 999 into
    /// 4 998.
    #[must_use]
    pub fn rounded(&self) -> Self {
        match self {
            Self::Cake(cake) => Self::Cake(Cake {
                bandwidth: cake.bandwidth.map(|rate| Rate::from_bit(rate.bit() / 8 * 8)),
                rtt: cake.rtt.max(Microseconds(1)),
                target: cake.target.max(Microseconds(1)),
                ..cake.clone()
            }),
            Self::FqCodel(codel) => Self::FqCodel(FqCodel {
                quantum: codel.quantum.max(256),
                target: codel_time(codel.target),
                interval: codel_time(codel.interval),
                ce_threshold: codel.ce_threshold.map(codel_time),
                ..codel.clone()
            }),
            Self::Sfq(sfq) => {
                let depth = sfq.depth.min(127);
                Self::Sfq(Sfq { depth, limit: sfq.limit.min(depth.saturating_mul(sfq.flows)), ..sfq.clone() })
            }
            Self::Pfifo(pfifo) => Self::Pfifo(pfifo.clone()),
        }
    }

    /// Whether the kernel can turn this queue into that one and keep its packets.
    ///
    /// It cannot change a queue's kind, nor `fq_codel`'s flows; a CAKE that gets fewer tins empties those it loses;
    /// `sfq` cannot be changed at all (`sfq_qdisc_ops` has no `change`; 6.12 says so).
    pub fn can_become(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Cake(old), Self::Cake(new)) => tins(new.diffserv) >= tins(old.diffserv),
            (Self::FqCodel(old), Self::FqCodel(new)) => old.flows == new.flows,
            (Self::Sfq(old), Self::Sfq(new)) => old == new,
            (Self::Pfifo(_), Self::Pfifo(_)) => true,
            _ => false,
        }
    }
}

/// `codel_time_t` has units of 1 024 ns.
fn codel_time(time: Microseconds) -> Microseconds {
    let units = (u64::from(time.0) * 1_000) >> 10;
    Microseconds(u32::try_from((units << 10) / 1_000).unwrap_or(u32::MAX))
}

const fn tins(diffserv: Diffserv) -> u8 {
    match diffserv {
        Diffserv::Besteffort => 1,
        Diffserv::Diffserv3 => 3,
        Diffserv::Diffserv4 => 4,
        Diffserv::Diffserv8 | Diffserv::Precedence => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_fq_codel_are_kept_in_its_units() {
        let Leaf::FqCodel(kept) = Leaf::FqCodel(FqCodel::default()).rounded() else { panic!("another kind") };
        assert_eq!((kept.target, kept.interval), (Microseconds(4_999), Microseconds(99_999)), "as tc shows them");
        assert!(Leaf::FqCodel(FqCodel::default()).is_kept_as(&Leaf::FqCodel(kept.clone())));
        assert!(!Leaf::FqCodel(FqCodel { limit: 1, ..kept.clone() }).is_kept_as(&Leaf::FqCodel(kept)));
    }

    #[test]
    fn a_microsecond_of_burst_is_what_tc_makes_of_it() {
        let rate = Rate::from_bit(30_000_000);
        let burst = crate::class::Ticks::of_bytes(16_000, rate);
        let class = Class {
            parent: crate::handle::Handle::qdisc(1),
            rate,
            ceil: rate,
            burst,
            cburst: burst,
            quantum: 3_750,
            priority: 3,
            overhead: 0,
            mpu: 0,
        };
        let with = |ticks| Class { burst: crate::class::Ticks(ticks), ..class };
        assert_eq!(burst.0, 66_666);
        assert!(class.is_kept_as(&with(66_656)), "what iproute2 6.1 makes of 16 000 bytes");
        assert!(class.is_kept_as(&with(66_667)), "what 6.15 makes of them");
        assert!(!class.is_kept_as(&with(66_649)), "more than a microsecond");
        assert!(!class.is_kept_as(&Class { quantum: 1, ..with(66_656) }));
    }

    #[test]
    fn only_some_changes_keep_packets() {
        let cake = |diffserv| Leaf::Cake(Cake { diffserv, ..Cake::default() });
        assert!(cake(Diffserv::Besteffort).can_become(&cake(Diffserv::Diffserv4)));
        assert!(!cake(Diffserv::Diffserv4).can_become(&cake(Diffserv::Diffserv3)), "a tin less");
        let codel = FqCodel::default();
        assert!(Leaf::FqCodel(codel.clone()).can_become(&Leaf::FqCodel(FqCodel { limit: 7, ..codel.clone() })));
        assert!(!Leaf::FqCodel(codel.clone()).can_become(&Leaf::FqCodel(FqCodel { flows: 7, ..codel })));
        let sfq = Sfq::default();
        assert!(!Leaf::Sfq(sfq.clone()).can_become(&Leaf::Sfq(Sfq { limit: 7, ..sfq.clone() })));
        assert!(!Leaf::Sfq(sfq.clone()).can_become(&Leaf::Sfq(Sfq { divisor: 256, ..sfq })));
        assert!(!cake(Diffserv::Diffserv4).can_become(&Leaf::Pfifo(crate::leaf::Pfifo { limit: 7 })));
    }
}
