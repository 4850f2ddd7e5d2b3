//! HTB takes eight levels: the link class, six of nodes, and the circuit. Which nodes of a deeper tree get no class.
//!
//! First those whose ceiling cannot bind, then those with a single child, whose ceiling is the lesser one anyway. Only what is
//! left is divided: a node's ceiling goes to what is below it in fixed parts, and one part cannot borrow what another leaves.
//! All three are facts of the tree that no new subscriber below the ceiling changes, and among equals those go first that have
//! no class yet: a plan does not regroup what another plan has grouped.

use crate::ceilings::Ceilings;
use crate::outline::{Outline, OutlineNode};

/// How many levels of nodes there are between link class and circuit: `TC_HTB_MAXDEPTH` less two (`sch_htb.c`).
pub(crate) const NODE_LEVELS: usize = 6;

/// How many nodes are divided with the least loss in mind; each choice looks at the whole tree.
const DIVISIONS_CHOSEN: usize = 1_000;

/// What becomes of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It has a class.
    Kept,
    /// It has none: nothing passes that could exceed its ceiling.
    Needless,
    /// It has none: its only child has the lesser ceiling.
    Folded,
    /// It has none: its ceiling is divided among what is below it.
    Divided,
}

/// By node, what becomes of it. `has_class` says which nodes have one already.
pub(crate) fn fates(outline: &Outline<'_>, ceilings: &Ceilings, has_class: &[bool]) -> Vec<Fate> {
    let mut fates = vec![Fate::Kept; outline.nodes.len()];
    if outline.nodes.last().is_none_or(|deepest| deepest.depth <= NODE_LEVELS) {
        return fates;
    }
    let is_wide = |at: usize| {
        let above = outline.nodes[at].parent.map(|parent| ceilings.node[parent]);
        above.is_some_and(|above| ceilings.node[at] >= above)
    };
    let is_alone = |at: usize| {
        let OutlineNode { node_children, circuit_children, .. } = outline.nodes[at];
        node_children == 1 && circuit_children == 0
    };
    let cannot_bind = |at: usize| ceilings.wanted[at] <= ceilings.node[at];
    for with_class in [false, true] {
        let may = |at: usize| with_class || !has_class[at];
        drop_from_top(outline, &mut fates, Fate::Needless, |at| may(at) && is_wide(at));
        drop_from_top(outline, &mut fates, Fate::Needless, |at| may(at) && !is_alone(at) && cannot_bind(at));
        drop_from_top(outline, &mut fates, Fate::Folded, |at| may(at) && is_alone(at));
    }
    divide(outline, ceilings, has_class, &mut fates);
    fates
}

/// Drops every node that `may` go and is on a way that is too long, those at the top first.
fn drop_from_top(outline: &Outline<'_>, fates: &mut [Fate], fate: Fate, may: impl Fn(usize) -> bool) {
    let below = levels_below(outline, fates);
    let mut depth = vec![0; fates.len()];
    for (at, outlined) in outline.nodes.iter().enumerate() {
        depth[at] = outlined.parent.map_or(0, |parent| depth[parent]);
        if fates[at] != Fate::Kept {
            continue;
        }
        if depth[at] + 1 + below[at] > NODE_LEVELS && may(at) {
            fates[at] = fate;
        } else {
            depth[at] += 1;
        }
    }
}

/// By node: the most nodes with a class on a way down from it, itself left out.
fn levels_below(outline: &Outline<'_>, fates: &[Fate]) -> Vec<usize> {
    let mut below = vec![0; fates.len()];
    for (at, outlined) in outline.nodes.iter().enumerate().rev() {
        if let Some(parent) = outlined.parent {
            let here: usize = below[at] + usize::from(fates[at] == Fate::Kept);
            below[parent] = below[parent].max(here);
        }
    }
    below
}

/// By node: the most nodes with a class on a way through it, itself included.
fn levels_through(outline: &Outline<'_>, fates: &[Fate]) -> Vec<usize> {
    let mut through = levels_below(outline, fates);
    let mut depth = vec![0; fates.len()];
    for (at, outlined) in outline.nodes.iter().enumerate() {
        depth[at] = outlined.parent.map_or(0, |parent| depth[parent]) + usize::from(fates[at] == Fate::Kept);
        through[at] += depth[at];
    }
    through
}

/// Divides the ceilings of nodes until no way is too long: those first that are oversold the least.
fn divide(outline: &Outline<'_>, ceilings: &Ceilings, has_class: &[bool], fates: &mut [Fate]) {
    let mut through = levels_through(outline, fates);
    let mut candidates: Vec<usize> =
        (0..fates.len()).filter(|&at| fates[at] == Fate::Kept && through[at] > NODE_LEVELS).collect();
    let oversold = |at: usize| u128::from(ceilings.wanted[at]) * 1_000_000 / u128::from(ceilings.node[at].max(1));
    candidates.sort_by_key(|&at| (has_class[at], oversold(at), at));
    let mut chosen = 0;
    for at in candidates {
        if through[at] <= NODE_LEVELS {
            continue;
        }
        if chosen == DIVISIONS_CHOSEN {
            break;
        }
        chosen += 1;
        fates[at] = Fate::Divided;
        through = levels_through(outline, fates);
    }
    drop_from_top(outline, fates, Fate::Divided, |_| true);
}

/// The nearest node with a class, by node (itself left out).
pub(crate) fn class_above(outline: &Outline<'_>, fates: &[Fate]) -> Vec<Option<usize>> {
    let mut above: Vec<Option<usize>> = Vec::with_capacity(fates.len());
    for outlined in &outline.nodes {
        above.push(outlined.parent.and_then(|parent| at_or_above(parent, fates, &above)));
    }
    above
}

/// The node, or where it has no class the nearest above that has.
pub(crate) fn at_or_above(node: usize, fates: &[Fate], above: &[Option<usize>]) -> Option<usize> {
    if fates[node] == Fate::Kept { Some(node) } else { above[node] }
}

/// Where a ceiling was divided: which node, and among how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Division {
    pub(crate) node: usize,
    pub(crate) parts: usize,
}

/// Lowers the ceilings of what is right below each divided node, so that they add up to its own at most.
pub(crate) fn apply_divisions(outline: &Outline<'_>, fates: &[Fate], ceilings: &mut Ceilings) -> Vec<Division> {
    if !fates.contains(&Fate::Divided) {
        return Vec::new();
    }
    let mut divisions = Vec::new();
    for node in (0..fates.len()).filter(|&at| fates[at] == Fate::Divided) {
        let frontier = Frontier::below(node, outline, fates);
        let (own, wanted) = (ceilings.node[node], frontier.wanted(ceilings));
        divisions.push(Division { node, parts: frontier.nodes.len() + frontier.circuits.len() });
        if wanted <= u128::from(own) {
            continue;
        }
        let part = |of: u64| u64::try_from(u128::from(own) * u128::from(of) / wanted).unwrap_or(own);
        for &at in &frontier.nodes {
            ceilings.node[at] = part(ceilings.potential[at].min(ceilings.node[at]));
        }
        for &at in &frontier.circuits {
            ceilings.circuit[at] = part(ceilings.circuit[at]);
        }
    }
    settle(outline, ceilings);
    divisions
}

/// What has a class right below a node that has none.
struct Frontier {
    nodes: Vec<usize>,
    circuits: Vec<usize>,
}

impl Frontier {
    fn below(node: usize, outline: &Outline<'_>, fates: &[Fate]) -> Self {
        let mut is_open = vec![false; fates.len()]; // reached from `node` through nodes without a class
        is_open[node] = true;
        let mut nodes = Vec::new();
        for at in node + 1..fates.len() {
            if outline.nodes[at].parent.is_some_and(|parent| is_open[parent]) {
                is_open[at] = fates[at] != Fate::Kept;
                if fates[at] == Fate::Kept {
                    nodes.push(at);
                }
            }
        }
        let is_below = |at: &usize| outline.circuits[*at].parent.is_some_and(|parent| is_open[parent]);
        Self { nodes, circuits: (0..outline.circuits.len()).filter(is_below).collect() }
    }

    fn wanted(&self, ceilings: &Ceilings) -> u128 {
        let nodes = self.nodes.iter().map(|&at| u128::from(ceilings.potential[at].min(ceilings.node[at])));
        nodes.chain(self.circuits.iter().map(|&at| u128::from(ceilings.circuit[at]))).sum()
    }
}

/// A ceiling is never above the one above it.
fn settle(outline: &Outline<'_>, ceilings: &mut Ceilings) {
    for (at, outlined) in outline.nodes.iter().enumerate() {
        if let Some(parent) = outlined.parent {
            ceilings.node[at] = ceilings.node[at].min(ceilings.node[parent]);
        }
    }
    for (at, outlined) in outline.circuits.iter().enumerate() {
        if let Some(parent) = outlined.parent {
            ceilings.circuit[at] = ceilings.circuit[at].min(ceilings.node[parent]);
        }
    }
}
