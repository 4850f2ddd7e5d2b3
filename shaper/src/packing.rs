//! Which queue each top-level subtree is on.

use std::cmp::Reverse;
use std::ops::Range;

use pleach_tc::layout;

use crate::ceilings::Ceilings;
use crate::outline::Outline;

/// How many classes an HTB has room for besides those beside the tree.
pub(crate) const CLASSES_PER_HTB: u32 = (u16::MAX - layout::FIRST_FREE_MINOR) as u32 + 1;

/// Queues are called unbalanced when the fullest carries a quarter more than it had to.
const UNBALANCED: (u64, u64) = (5, 4);

/// A subtree that is on one queue as a whole: a node at the top with all below it, or a circuit at the top.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Subtree {
    /// The plans of its subscribers, added up.
    pub(crate) weight: u64,
    /// How many classes it takes.
    pub(crate) classes: u32,
    /// The queue it is on already.
    pub(crate) known: Option<u16>,
}

/// By subtree the queue, and by queue the load.
#[derive(Clone, Debug)]
pub(crate) struct Packing {
    pub(crate) queue: Vec<u16>,
    pub(crate) load: Vec<u64>,
}

/// Everything on the first queue.
pub(crate) fn together(subtrees: &[Subtree], queues: &Range<u16>) -> Packing {
    let mut load = vec![0; queues.len()];
    load[0] = subtrees.iter().fold(0, |sum, subtree| subtree.weight.saturating_add(sum));
    Packing { queue: vec![queues.start; subtrees.len()], load }
}

/// The heaviest subtree first, each to the queue that carries the least; those that are on a queue stay there.
pub(crate) fn pack(subtrees: &[Subtree], queues: &Range<u16>) -> Packing {
    let mut load = vec![0_u64; queues.len()];
    let mut classes = vec![0_u32; queues.len()];
    let mut queue = vec![queues.start; subtrees.len()];
    let mut open = Vec::new();
    let put = |at: usize, to: usize, load: &mut [u64], classes: &mut [u32]| {
        load[to] = load[to].saturating_add(subtrees[at].weight);
        classes[to] = classes[to].saturating_add(subtrees[at].classes);
    };
    for (at, subtree) in subtrees.iter().enumerate() {
        match subtree.known.filter(|known| queues.contains(known)) {
            Some(known) => {
                queue[at] = known;
                put(at, usize::from(known - queues.start), &mut load, &mut classes);
            }
            None => open.push(at),
        }
    }
    open.sort_by_key(|&at| (Reverse(subtrees[at].weight), at));
    for at in open {
        let has_room = |to: usize| classes[to] + subtrees[at].classes <= CLASSES_PER_HTB;
        let all = 0..queues.len();
        let to = all.min_by_key(|&to| (!has_room(to), load[to], classes[to], to)).unwrap_or(0);
        queue[at] = queues.start + u16::try_from(to).unwrap_or(0);
        put(at, to, &mut load, &mut classes);
    }
    Packing { queue, load }
}

impl Packing {
    fn fullest(&self) -> u64 {
        self.load.iter().copied().max().unwrap_or(0)
    }

    /// The load of the fullest queue, and what it would be if all were packed afresh, where that is much less.
    pub(crate) fn unbalanced(&self, subtrees: &[Subtree], queues: &Range<u16>) -> Option<(u64, u64)> {
        let afresh: Vec<Subtree> = subtrees.iter().map(|subtree| Subtree { known: None, ..*subtree }).collect();
        let (now, best) = (self.fullest(), pack(&afresh, queues).fullest());
        let (more, than) = UNBALANCED;
        (u128::from(now) * u128::from(than) > u128::from(best) * u128::from(more)).then_some((now, best))
    }
}

/// All subtrees: the nodes at the top in the order of the outline, then the circuits at the top.
pub(crate) struct Subtrees {
    pub(crate) all: Vec<Subtree>,
    /// By node, its subtree.
    pub(crate) of_node: Vec<usize>,
    /// By circuit, its subtree.
    pub(crate) of_circuit: Vec<usize>,
}

impl Subtrees {
    /// `node_queue` and `circuit_queue` say on which queue something is already.
    pub(crate) fn new(
        outline: &Outline<'_>,
        ceilings: &Ceilings,
        plan: impl Fn(usize) -> u64,
        node_queue: impl Fn(usize) -> Option<u16>,
        circuit_queue: impl Fn(usize) -> Option<u16>,
    ) -> Self {
        let mut all: Vec<Subtree> = Vec::new();
        let mut of_node: Vec<usize> = Vec::with_capacity(outline.nodes.len());
        for (at, outlined) in outline.nodes.iter().enumerate() {
            // Nodes at the top come first, so that a node's top has a subtree already.
            let subtree = if outlined.parent.is_none() {
                all.push(Subtree { weight: ceilings.weight[at], ..Subtree::default() });
                all.len() - 1
            } else {
                of_node[outlined.top]
            };
            of_node.push(subtree);
            all[subtree].classes += 2; // its own and its keeper's
            all[subtree].known = all[subtree].known.or_else(|| node_queue(at));
        }
        let mut of_circuit = Vec::with_capacity(outline.circuits.len());
        for (at, outlined) in outline.circuits.iter().enumerate() {
            let subtree = outlined.parent.map_or_else(
                || {
                    all.push(Subtree { weight: plan(at), ..Subtree::default() });
                    all.len() - 1
                },
                |parent| of_node[parent],
            );
            of_circuit.push(subtree);
            all[subtree].classes += 1;
            all[subtree].known = all[subtree].known.or_else(|| circuit_queue(at));
        }
        Self { all, of_node, of_circuit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subtrees(of: &[(u64, Option<u16>)]) -> Vec<Subtree> {
        of.iter().map(|&(weight, known)| Subtree { weight, classes: 1, known }).collect()
    }

    #[test]
    fn the_heaviest_first_onto_the_least_loaded() {
        let packing = pack(&subtrees(&[(1, None), (5, None), (3, None), (3, None)]), &(0..2));
        assert_eq!(packing.queue, [0, 0, 1, 1]);
        assert_eq!(packing.load, [6, 6]);
    }

    #[test]
    fn whoever_has_a_queue_stays_and_it_is_said_what_that_costs() {
        let known = subtrees(&[(5, Some(3)), (5, Some(3)), (1, None)]);
        let packing = pack(&known, &(2..4));
        assert_eq!(packing.queue, [3, 3, 2]);
        assert_eq!(packing.unbalanced(&known, &(2..4)), Some((10, 6)));
        assert_eq!(pack(&subtrees(&[(5, Some(9))]), &(2..4)).queue, [2], "a queue that is no more is forgotten");
    }

    #[test]
    fn a_full_htb_takes_no_more() {
        let full = Subtree { weight: 0, classes: CLASSES_PER_HTB, known: Some(0) };
        let packing = pack(
            &[full, Subtree { weight: 9, classes: 1, known: Some(1) }, Subtree { weight: 1, classes: 1, known: None }],
            &(0..2),
        );
        assert_eq!(packing.queue, [0, 1, 1]);
    }
}
