//! What every plan holds, whoever is shaped: roots, HTBs, and the classes beside the tree.

use pleach_tc::{Class, Handle, InterfaceState, Qdisc, QdiscKind, Root, layout};

use crate::class::{BYTE, CONTROL_PRIORITY, Framing, LEAST_QUANTUM, UNKNOWN_PRIORITY, whole_bytes};
use crate::ways::Way;

/// What addresses that nobody has get when all is full.
const UNKNOWN_RATE: u64 = 100_000;

/// What passes the classes beside the tree of one queue, in bit/s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Beside {
    /// The link class: rate and ceiling are the same.
    pub(crate) link: u64,
    /// Rate and ceiling of control.
    pub(crate) control: (u64, u64),
    /// Rate and ceiling of the default class; none where it is on another queue.
    pub(crate) unknown: Option<(u64, u64)>,
}

impl Beside {
    /// The least that a link class must carry so that each class beside the tree has a byte a second.
    pub(crate) const NEED: u64 = 2 * BYTE;

    /// Fits `control` (rate and ceiling) and the ceiling of `unknown` into a link that keeps `tree` for the tree.
    pub(crate) fn fit(link: u64, tree: u64, control: (u64, u64), unknown: Option<u64>) -> Self {
        let within = |rate: u64, most: u64| whole_bytes(rate.min(most)).max(BYTE);
        let free = link.saturating_sub(tree);
        let ceil = within(control.1, link);
        // Half at most: control must not leave subscribers without any guarantee on a narrow link.
        let control = (within(control.0, (free / 2).min(ceil)), ceil);
        let unknown = unknown.map(|ceil| within(ceil, link));
        let unknown = unknown.map(|ceil| (within(UNKNOWN_RATE, (free / 4).min(ceil)), ceil));
        Self { link, control, unknown }
    }

    /// What of the link's rate is left for the tree.
    pub(crate) fn left(&self) -> u64 {
        self.link.saturating_sub(self.control.0 + self.unknown.map_or(0, |(rate, _)| rate))
    }
}

/// The root and the HTBs of an interface.
pub(crate) fn roots(queues: u16) -> InterfaceState {
    let mut state = InterfaceState { queues, root: Root::Ours, has_clsact: true, ..InterfaceState::default() };
    if queues > 1 {
        state.qdiscs.insert(Handle::qdisc(layout::ROOT_MAJOR), Qdisc { parent: Handle::ROOT, kind: QdiscKind::Mq });
    }
    for queue in 0..queues {
        let parent = layout::htb_parent(queue, queues);
        state.qdiscs.insert(Way::htb(queue), Qdisc { parent, kind: QdiscKind::Htb });
    }
    state
}

/// The classes beside the tree of one queue.
pub(crate) fn classes(way: &Way, queue: u16, beside: &Beside, framing: Framing) -> Vec<(Handle, Class)> {
    let link = way.beside(queue, layout::LINK_MINOR);
    let mut classes = vec![(link, framing.inner(Way::htb(queue), beside.link, beside.link))];
    let (rate, ceil) = beside.control;
    let control = framing.class(link, rate, ceil, LEAST_QUANTUM, CONTROL_PRIORITY);
    classes.push((way.beside(queue, layout::CONTROL_MINOR), control));
    if let Some((rate, ceil)) = beside.unknown {
        let unknown = framing.class(link, rate, ceil, LEAST_QUANTUM, UNKNOWN_PRIORITY);
        classes.push((way.beside(queue, layout::UNKNOWN_MINOR), unknown));
    }
    classes
}
