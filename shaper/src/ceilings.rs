//! What may pass where, and what could: the figures of one direction before anything is decided.

use pleach_tc::Direction;

use crate::outline::Outline;

/// What a link class carries at most where nobody states a ceiling for the root: more than any shaper's interfaces, and what
/// the kernel still counts to six digits (`psched_ratecfg_precompute`) with a millisecond in its buckets.
pub(crate) const UNLIMITED: u64 = 1_000_000_000_000;

/// Figures of one direction, in bit/s.
#[derive(Clone, Debug)]
pub(crate) struct Ceilings {
    /// By node: the least ceiling on the way from the root.
    pub(crate) node: Vec<u64>,
    /// By circuit: its plan within the least ceiling on its way.
    pub(crate) circuit: Vec<u64>,
    /// By node: what its subscribers could send at most through it.
    pub(crate) potential: Vec<u64>,
    /// By node: what those could send that hang below, were it not for its ceiling.
    pub(crate) wanted: Vec<u64>,
    /// By node: the plans of all subscribers below it, none above what the root carries.
    pub(crate) weight: Vec<u64>,
}

impl Ceilings {
    pub(crate) fn new(outline: &Outline<'_>, direction: Direction, root: Option<u64>) -> Self {
        let link = root.unwrap_or(UNLIMITED);
        let mut node: Vec<u64> = Vec::with_capacity(outline.nodes.len());
        for at in &outline.nodes {
            let above = at.parent.map_or(link, |parent| node[parent]);
            node.push(at.node.ceiling[direction].map_or(above, |stated| stated.bit().min(above)));
        }
        let mut wanted = vec![0_u64; node.len()];
        let mut weight = vec![0_u64; node.len()];
        let circuit = outline.circuits.iter().map(|at| {
            let plan = at.circuit.rates[direction].max.bit();
            let within = plan.min(at.parent.map_or(link, |parent| node[parent]));
            if let Some(parent) = at.parent {
                wanted[parent] = wanted[parent].saturating_add(within);
                weight[parent] = weight[parent].saturating_add(plan.min(link));
            }
            within
        });
        let circuit = circuit.collect();
        let mut potential = vec![0; node.len()];
        for (at, outlined) in outline.nodes.iter().enumerate().rev() {
            potential[at] = wanted[at].min(node[at]);
            if let Some(parent) = outlined.parent {
                wanted[parent] = wanted[parent].saturating_add(potential[at]);
                weight[parent] = weight[parent].saturating_add(weight[at]);
            }
        }
        Self { node, circuit, potential, wanted, weight }
    }

    /// What all subscribers together could send at most, were it not for the root's ceiling.
    pub(crate) fn wanted_at_root(&self, outline: &Outline<'_>) -> u64 {
        let nodes = outline.nodes.iter().zip(&self.potential).filter(|(at, _)| at.parent.is_none());
        let circuits = outline.circuits.iter().zip(&self.circuit).filter(|(at, _)| at.parent.is_none());
        let rates = nodes.map(|(_, rate)| *rate).chain(circuits.map(|(_, rate)| *rate));
        rates.fold(0, u64::saturating_add)
    }
}
