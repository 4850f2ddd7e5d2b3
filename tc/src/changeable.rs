//! Whether the kernel keeps what it is told, and whether a queue can be changed while it holds packets.

use crate::class::Class;
use crate::leaf::{Diffserv, Leaf, Sfq};
use crate::qdisc::{Qdisc, QdiscKind};

impl Class {
    /// Whether a kernel that was told this keeps `kept`.
    pub fn is_kept_as(&self, kept: &Self) -> bool {
        self == kept
            || *kept == Self { rate: Self::kernel_rate(self.rate), ceil: Self::kernel_rate(self.ceil), ..*self }
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
    /// It cannot change a queue's kind, nor `fq_codel`'s flows; a CAKE that gets fewer tins empties those it loses; of
    /// `sfq`, only limit, quantum and perturbation are taken as safe.
    pub fn can_become(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Cake(old), Self::Cake(new)) => tins(new.diffserv) >= tins(old.diffserv),
            (Self::FqCodel(old), Self::FqCodel(new)) => old.flows == new.flows,
            (Self::Sfq(old), Self::Sfq(new)) => {
                let Sfq { limit, quantum, perturb_seconds, .. } = *new;
                Sfq { limit, quantum, perturb_seconds, ..old.clone() } == *new
            }
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
    use crate::leaf::{Cake, FqCodel};

    #[test]
    fn only_some_changes_keep_packets() {
        let cake = |diffserv| Leaf::Cake(Cake { diffserv, ..Cake::default() });
        assert!(cake(Diffserv::Besteffort).can_become(&cake(Diffserv::Diffserv4)));
        assert!(!cake(Diffserv::Diffserv4).can_become(&cake(Diffserv::Diffserv3)), "a tin less");
        let codel = FqCodel::default();
        assert!(Leaf::FqCodel(codel.clone()).can_become(&Leaf::FqCodel(FqCodel { limit: 7, ..codel.clone() })));
        assert!(!Leaf::FqCodel(codel.clone()).can_become(&Leaf::FqCodel(FqCodel { flows: 7, ..codel })));
        let sfq = Sfq::default();
        assert!(Leaf::Sfq(sfq.clone()).can_become(&Leaf::Sfq(Sfq { limit: 7, ..sfq.clone() })));
        assert!(!Leaf::Sfq(sfq.clone()).can_become(&Leaf::Sfq(Sfq { divisor: 256, ..sfq })));
        assert!(!cake(Diffserv::Diffserv4).can_become(&Leaf::Pfifo(crate::leaf::Pfifo { limit: 7 })));
    }
}
