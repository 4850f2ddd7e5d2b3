//! Whether the kernel keeps what it is told, and whether a queue can be changed while it holds packets.

use crate::class::Class;
use crate::leaf::{Diffserv, Leaf};
use crate::qdisc::{Qdisc, QdiscKind};

impl Class {
    /// Whether a kernel that was told this keeps `kept`: rates in whole bytes; buckets to a microsecond, because `tc` counts
    /// in those ([`crate::class::Ticks::TOLERANCE`]).
    pub fn is_kept_as(&self, kept: &Self) -> bool {
        let rounded = Self { rate: Self::kernel_rate(self.rate), ceil: Self::kernel_rate(self.ceil), ..*self };
        self == kept
            || self.burst.is_kept_as(kept.burst)
                && self.cburst.is_kept_as(kept.cburst)
                && *kept == Self { burst: kept.burst, cburst: kept.cburst, ..rounded }
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
        self == kept || self.kept() == *kept
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
    use crate::class::Ticks;
    use crate::leaf::{Cake, FqCodel, Sfq};

    #[test]
    fn a_bucket_said_in_whole_microseconds_is_the_same_bucket() {
        let rate = pleach_graph::Rate::from_bit(7_000_000);
        let (told, by_tc) = (Ticks(12_345), Ticks(12_340));
        let parent = crate::handle::Handle::qdisc(1);
        let class = |burst| Class {
            parent,
            rate,
            ceil: rate,
            burst,
            cburst: told,
            quantum: 1_522,
            priority: 3,
            overhead: 0,
            mpu: 0,
        };
        assert!(class(told).is_kept_as(&class(by_tc)));
        assert!(!class(told).is_kept_as(&class(Ticks(12_445))), "more than a microsecond");
        assert!(!class(told).is_kept_as(&Class { priority: 2, ..class(told) }));
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
        assert!(!Leaf::Sfq(sfq).can_become(&Leaf::Sfq(Sfq { limit: 7, ..sfq })));
        assert!(!cake(Diffserv::Diffserv4).can_become(&Leaf::Pfifo(crate::leaf::Pfifo { limit: 7 })));
    }
}
