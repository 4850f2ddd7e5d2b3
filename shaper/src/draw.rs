//! One direction, decided: which nodes have classes, on which queue everything is, and what each class may send.

use pleach_tc::Direction;

use crate::ceilings::{Ceilings, UNLIMITED};
use crate::class::{KEEPER_RATE, whole_bytes};
use crate::depth::{self, Division, Fate};
use crate::frame::Beside;
use crate::layout::{self, Facts, Layout, Load};
use crate::outline::Outline;
use crate::packing::{self, Packing, Subtrees};
use crate::rates::{Above, ClassTree, Grants, Member, guarantee};
use crate::settings::{Rebalance, Settings};
use crate::ways::Way;

/// What the kernel holds of a direction already.
pub(crate) struct Known {
    pub(crate) layout: Option<Layout>,
    /// By node, the queue its class is on.
    pub(crate) nodes: Vec<Option<u16>>,
    /// By circuit.
    pub(crate) circuits: Vec<Option<u16>>,
}

/// One direction, decided.
pub(crate) struct Drawing {
    pub(crate) facts: Facts,
    pub(crate) layout: Layout,
    /// The layout there was.
    pub(crate) former: Option<Layout>,
    /// What each queue's link would carry, where a queue has a part of the root's ceiling.
    pub(crate) shares: Option<Vec<u64>>,
    /// Circuits whose plan is more than their queue's part of the root's ceiling.
    pub(crate) cut: Vec<usize>,
    pub(crate) unbalanced: Option<(u64, u64)>,
    pub(crate) fates: Vec<Fate>,
    pub(crate) divisions: Vec<Division>,
    /// By queue of the direction.
    pub(crate) beside: Vec<Beside>,
    /// By class of a node, its place in the outline.
    pub(crate) class_nodes: Vec<usize>,
    pub(crate) tree: ClassTree,
    pub(crate) grants: Grants,
    /// Classes whose ceiling is below what they need, and what they get.
    pub(crate) raised: Vec<(Above, u64)>,
}

pub(crate) fn draw(
    outline: &Outline<'_>,
    way: &Way,
    root: Option<u64>,
    settings: &Settings,
    known: &Known,
    rebalance: Rebalance,
) -> Drawing {
    let direction = way.direction;
    let mut ceilings = Ceilings::new(outline, direction, root);
    let has_class: Vec<bool> = match rebalance {
        Rebalance::Never => known.nodes.iter().map(Option::is_some).collect(),
        Rebalance::Afresh => vec![false; outline.nodes.len()],
    };
    let facts = facts(outline, way, root, settings, &ceilings);
    let layout = match rebalance {
        Rebalance::Never => facts.sticky(known.layout),
        Rebalance::Afresh => facts.best(),
    };
    let sticky = |queue: Option<u16>| queue.filter(|_| rebalance == Rebalance::Never);
    let subtrees = Subtrees::new(
        outline,
        &ceilings,
        |at| outline.circuits[at].circuit.rates[direction].max.bit().min(root.unwrap_or(UNLIMITED)),
        |at| sticky(known.nodes[at]),
        |at| sticky(known.circuits[at]),
    );
    let packing = match layout {
        Layout::One => packing::together(&subtrees.all, &way.queues),
        Layout::Spread => packing::pack(&subtrees.all, &way.queues),
    };
    let unbalanced = match layout {
        Layout::One => None,
        Layout::Spread => packing.unbalanced(&subtrees.all, &way.queues),
    };
    let fates = depth::fates(outline, &ceilings, &has_class);
    let divisions = depth::apply_divisions(outline, &fates, &mut ceilings);
    let loads = loads(way, &packing, &subtrees, &ceilings, unknown(settings, direction, layout, root));
    let shares = shares(&facts, layout, &loads);
    let (mut tree, class_nodes) = class_tree(outline, way, &fates, &subtrees, &packing);
    let (beside, raised) = set_ceilings(
        &mut tree,
        &class_nodes,
        &ceilings,
        &Links { way, layout, settings, root: facts.root, shares: shares.as_deref() },
        outline,
    );
    let cut = if shares.is_some() { cut(&tree, &ceilings) } else { Vec::new() };
    let grants = tree.grants(settings.share);
    let former = known.layout;
    Drawing {
        facts,
        layout,
        former,
        shares,
        cut,
        unbalanced,
        fates,
        divisions,
        beside,
        class_nodes,
        tree,
        grants,
        raised,
    }
}

fn unknown(settings: &Settings, direction: Direction, layout: Layout, root: Option<u64>) -> u64 {
    let stated = match direction {
        Direction::Download => settings.unknown.down,
        Direction::Upload => settings.unknown.up,
    };
    stated.map_or_else(|| layout::unknown_ceiling(layout, root), pleach_graph::Rate::bit)
}

fn facts(outline: &Outline<'_>, way: &Way, root: Option<u64>, settings: &Settings, ceilings: &Ceilings) -> Facts {
    let beside = unknown(settings, way.direction, Layout::Spread, root).saturating_add(settings.control.ceil.bit());
    let subscribers = ceilings.wanted_at_root(outline);
    Facts {
        queues: way.queues.end - way.queues.start,
        root,
        wanted: subscribers.saturating_add(beside),
        subscribers,
        root_spread: settings.root_spread,
    }
}

/// By queue of the direction, what it has to carry.
fn loads(way: &Way, packing: &Packing, subtrees: &Subtrees, ceilings: &Ceilings, unknown: u64) -> Vec<Load> {
    let load = |&weight| Load { weight, largest: 0 };
    let mut loads: Vec<Load> = packing.load.iter().map(load).collect();
    loads[0].weight = loads[0].weight.saturating_add(unknown);
    for (&subtree, &plan) in subtrees.of_circuit.iter().zip(&ceilings.circuit) {
        let load = &mut loads[usize::from(packing.queue[subtree] - way.queues.start)];
        load.largest = load.largest.max(plan);
    }
    loads
}

/// By queue the part of the root's ceiling, where several queues could exceed it together.
fn shares(facts: &Facts, layout: Layout, loads: &[Load]) -> Option<Vec<u64>> {
    let root = facts.root.filter(|_| layout == Layout::Spread && facts.root_binds())?;
    Some(layout::shares(root, loads))
}

/// Circuits that would have more, were it not for their queue's link class.
fn cut(tree: &ClassTree, ceilings: &Ceilings) -> Vec<usize> {
    let has_less = |&at: &usize| tree.circuits[at].ceil < whole_bytes(ceilings.circuit[at]);
    (0..tree.circuits.len()).filter(has_less).collect()
}

fn class_tree(
    outline: &Outline<'_>,
    way: &Way,
    fates: &[Fate],
    subtrees: &Subtrees,
    packing: &Packing,
) -> (ClassTree, Vec<usize>) {
    let mut tree = ClassTree { links: vec![0; way.queues.len()], ..ClassTree::default() };
    let mut class_nodes = Vec::new();
    let mut class_of = vec![0; outline.nodes.len()]; // by node, its place in the class tree
    let class_above = depth::class_above(outline, fates);
    let link = |subtree: usize| Above::Link(usize::from(packing.queue[subtree] - way.queues.start));
    let hang = |above: Option<usize>, subtree, class_of: &[usize]| {
        above.map_or_else(|| link(subtree), |node| Above::Node(class_of[node]))
    };
    for at in (0..outline.nodes.len()).filter(|&at| fates[at] == Fate::Kept) {
        let above = hang(class_above[at], subtrees.of_node[at], &class_of);
        class_of[at] = tree.nodes.len();
        class_nodes.push(at);
        tree.nodes.push(Member { above, ceil: 0, guarantee: 0 });
    }
    for (at, outlined) in outline.circuits.iter().enumerate() {
        let above = outlined.parent.and_then(|parent| depth::at_or_above(parent, fates, &class_above));
        let above = hang(above, subtrees.of_circuit[at], &class_of);
        let guarantee = guarantee(&outlined.circuit.rates[way.direction]);
        tree.circuits.push(Member { above, ceil: 0, guarantee });
    }
    (tree, class_nodes)
}

/// What the ceilings of link classes follow from.
struct Links<'l> {
    way: &'l Way,
    layout: Layout,
    settings: &'l Settings,
    root: Option<u64>,
    shares: Option<&'l [u64]>,
}

impl Links<'_> {
    /// What the link class of a queue carries, before it is seen what it needs.
    fn ceiling(&self, queue: usize) -> u64 {
        let root = self.root.unwrap_or(UNLIMITED);
        match (self.layout, self.shares) {
            (_, Some(shares)) => shares[queue],
            // Nothing is on the other queues, and together they could let more pass than the root carries.
            (Layout::One, None) if queue > 0 => root.min(self.settings.control.ceil.bit()),
            _ => root,
        }
    }
}

/// Sets every ceiling: never above that of the parent, never below a byte a second for each class below.
fn set_ceilings(
    tree: &mut ClassTree,
    class_nodes: &[usize],
    ceilings: &Ceilings,
    links: &Links<'_>,
    outline: &Outline<'_>,
) -> (Vec<Beside>, Vec<(Above, u64)>) {
    let (node_needs, link_needs) = tree.needs();
    let mut raised = Vec::new();
    let mut raise = |above, ceil: u64, need: u64| {
        if whole_bytes(ceil) < need {
            raised.push((above, need));
        }
        whole_bytes(ceil).max(need)
    };
    let control = (links.settings.control.rate.bit(), links.settings.control.ceil.bit());
    let unknown = unknown(links.settings, links.way.direction, links.layout, links.root);
    let beside: Vec<Beside> = (0..tree.links.len())
        .map(|at| {
            let link = raise(Above::Link(at), links.ceiling(at), link_needs[at] + Beside::NEED);
            Beside::fit(link, link_needs[at], control, (at == 0).then_some(unknown))
        })
        .collect();
    tree.links = beside.iter().map(Beside::left).collect();
    for at in 0..tree.nodes.len() {
        let above = match tree.nodes[at].above {
            Above::Link(queue) => beside[queue].link,
            Above::Node(parent) => tree.nodes[parent].ceil,
        };
        let own = ceilings.node[class_nodes[at]].min(above);
        tree.nodes[at].ceil = raise(Above::Node(at), own, node_needs[at].max(KEEPER_RATE));
    }
    for at in 0..outline.circuits.len() {
        let above = match tree.circuits[at].above {
            Above::Link(queue) => beside[queue].link,
            Above::Node(parent) => tree.nodes[parent].ceil,
        };
        tree.circuits[at].ceil = whole_bytes(ceilings.circuit[at].min(above)).max(crate::class::BYTE);
    }
    (beside, raised)
}
