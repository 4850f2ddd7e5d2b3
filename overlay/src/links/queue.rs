//! What shapes what an interface sends, where a limit is not a policer: an HTB with one class and a leaf in it.
//!
//! The class takes everything; where it is not there yet, everything passes at once (`htb_classify`, 6.12). So a queue that is
//! being made drops nothing, and no packet has to say which class it is for: what it said it would still say where it goes next.

use pleach_graph::Rate;
use pleach_tc::{Class, Handle, QdiscKind, Ticks, layout};

use crate::limit::Shaper;

/// The HTB of an interface, with what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// Its one class, [`Queue::CLASS`]; none where it is not made yet.
    pub class: Option<Class>,
    /// What is in the class, [`Queue::LEAF`] unless another hand put it there; none for the queue that HTB gives by itself.
    pub leaf: Option<QdiscKind>,
}

impl Queue {
    /// The HTB.
    pub const HTB: Handle = Handle::qdisc(layout::VIRT_MAJOR);
    /// The class.
    pub const CLASS: Handle = Handle::new(layout::VIRT_MAJOR, layout::LINK_MINOR);
    /// The leaf.
    pub const LEAF: Handle = Handle::qdisc(layout::VIRT_LEAF_MAJOR);

    /// What a limit needs.
    pub(super) fn of(shaper: &Shaper) -> Self {
        Self { class: Some(shaper.class(Self::HTB)), leaf: shaper.queue().map(QdiscKind::Leaf) }
    }

    /// Whether a kernel that was told this keeps `kept`.
    pub fn is_kept_as(&self, kept: &Self) -> bool {
        let is_class = match (&self.class, &kept.class) {
            (Some(told), Some(kept)) => told.is_kept_as(kept),
            (told, kept) => told == kept,
        };
        let is_leaf = match (&self.leaf, &kept.leaf) {
            (Some(QdiscKind::Leaf(told)), Some(QdiscKind::Leaf(kept))) => told.is_kept_as(kept),
            (told, kept) => told == kept,
        };
        is_class && is_leaf
    }
}

/// A class as it is before its queue goes: so fast that nothing waits in it.
pub(super) fn unlimited(class: &Class) -> Class {
    const FAST: Rate = Rate::from_gbit(100);
    let burst = Ticks::of_bytes(Class::usual_burst(FAST), FAST);
    Class { rate: FAST, ceil: FAST, burst, cburst: burst, ..*class }
}

/// Whether a leaf becomes another in place, with the packets that are in it.
pub(super) fn can_become(there: &QdiscKind, wanted: &QdiscKind) -> bool {
    matches!((there, wanted), (QdiscKind::Leaf(there), QdiscKind::Leaf(wanted)) if there.can_become(wanted))
}
