//! What each class may send without asking: so that what children have together never exceeds what their parent has.
//!
//! Every class needs a byte a second. Above that, subscribers ask for their minimum; where a ceiling is too narrow for what
//! is asked below it, all that ask below it get the same part of what they ask.

use pleach_graph::ShapedRate;

use crate::class::{BYTE, KEEPER_RATE, whole_bytes};
use crate::settings::Share;

/// What a subscriber without a stated minimum is guaranteed: a derived minimum is only a weight, and the weight is the
/// quantum, so that a change of plan touches no class above it.
const DERIVED_GUARANTEE: u64 = 100_000;

/// What a subscriber is guaranteed when all is full.
pub(crate) fn guarantee(rate: &ShapedRate) -> u64 {
    let wanted = if rate.min_is_stated { rate.min.bit() } else { rate.max.bit().min(DERIVED_GUARANTEE) };
    whole_bytes(wanted).max(BYTE)
}

/// The tree of classes of a direction, in bit/s. Parents come before their children.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClassTree {
    /// By queue of the direction: what its link class leaves to the tree.
    pub(crate) links: Vec<u64>,
    pub(crate) nodes: Vec<Member>,
    pub(crate) circuits: Vec<Member>,
}

/// A class of the tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) above: Above,
    /// Its ceiling.
    pub(crate) ceil: u64,
    /// Of a circuit, what it asks for; of a node, 0.
    pub(crate) guarantee: u64,
}

/// What a class hangs from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Above {
    /// The link class of a queue, counted from the direction's first.
    Link(usize),
    /// A node of the class tree.
    Node(usize),
}

/// What the classes may send without asking.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grants {
    pub(crate) nodes: Vec<u64>,
    pub(crate) circuits: Vec<u64>,
    /// Where not all could have what they ask for.
    pub(crate) scaled: Vec<Scaled>,
}

/// Minimums that do not fit below a ceiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scaled {
    /// Below which class.
    pub(crate) below: Above,
    /// What is asked for there.
    pub(crate) asked: u64,
    /// What there is.
    pub(crate) granted: u64,
}

/// What is asked right below a class.
#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    /// A byte a second for each class below, keepers included.
    need: u64,
    /// What circuits ask for above that.
    circuits: u64,
    /// What nodes do: what is asked below them, or their whole ceiling where nodes share.
    nodes: u64,
}

/// Part of what is asked: a fraction, at most 1.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    granted: u64,
    asked: u64,
}

impl Part {
    fn of(granted: u64, asked: u64) -> Self {
        Self { granted: granted.min(asked), asked }
    }

    fn part(self, asked: u64) -> u64 {
        let part = u128::from(asked) * u128::from(self.granted) / u128::from(self.asked.max(1));
        whole_bytes(u64::try_from(part).unwrap_or(0))
    }
}

impl ClassTree {
    /// By node: the least it must carry so that each class below has a byte a second; then the same by link.
    pub(crate) fn needs(&self) -> (Vec<u64>, Vec<u64>) {
        let mut nodes = vec![KEEPER_RATE; self.nodes.len()];
        let mut links = vec![0; self.links.len()];
        let mut add = |above, need, nodes: &mut [u64]| match above {
            Above::Link(at) => links[at] += need,
            Above::Node(at) => nodes[at] += need,
        };
        for circuit in &self.circuits {
            add(circuit.above, BYTE, &mut nodes);
        }
        for at in (0..self.nodes.len()).rev() {
            add(self.nodes[at].above, nodes[at], &mut nodes);
        }
        (nodes, links)
    }

    /// Hands the links' rates down. Ceilings are at least what [`ClassTree::needs`] says.
    pub(crate) fn grants(&self, share: Share) -> Grants {
        let (need, link_need) = self.needs();
        let mut nodes: Vec<Asked> = need.iter().map(|need| Asked { need: *need, ..Asked::default() }).collect();
        let mut links: Vec<Asked> = link_need.iter().map(|need| Asked { need: *need, ..Asked::default() }).collect();
        for circuit in &self.circuits {
            let asked = circuit.guarantee.min(circuit.ceil).saturating_sub(BYTE);
            asked_at(circuit.above, &mut links, &mut nodes).circuits += asked;
        }
        let mut node_asks = vec![0; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate().rev() {
            let most = node.ceil.saturating_sub(need[at]);
            node_asks[at] = match share {
                Share::Subscriber => nodes[at].circuits.saturating_add(nodes[at].nodes).min(most),
                Share::Node => most,
            };
            let above = asked_at(node.above, &mut links, &mut nodes);
            above.nodes = above.nodes.saturating_add(node_asks[at]);
        }
        let mut grants = Grants { nodes: vec![0; self.nodes.len()], ..Grants::default() };
        let mut link_parts = Vec::with_capacity(links.len());
        for (at, asked) in links.iter().enumerate() {
            grants.report(Above::Link(at), asked, self.links[at], self.links[at], share);
            link_parts.push(asked.parts(self.links[at], share));
        }
        let mut node_parts = vec![[Part::default(); 2]; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            let [_, part] = parts_at(node.above, &link_parts, &node_parts);
            let grant = need[at] + part.part(node_asks[at]);
            grants.nodes[at] = grant;
            grants.report(Above::Node(at), &nodes[at], grant, node.ceil, share);
            node_parts[at] = nodes[at].parts(grant, share);
        }
        for circuit in &self.circuits {
            let [part, _] = parts_at(circuit.above, &link_parts, &node_parts);
            let asked = circuit.guarantee.min(circuit.ceil).saturating_sub(BYTE);
            grants.circuits.push(BYTE + part.part(asked));
        }
        grants
    }
}

fn asked_at<'a>(above: Above, links: &'a mut [Asked], nodes: &'a mut [Asked]) -> &'a mut Asked {
    match above {
        Above::Link(at) => &mut links[at],
        Above::Node(at) => &mut nodes[at],
    }
}

fn parts_at(above: Above, links: &[[Part; 2]], nodes: &[[Part; 2]]) -> [Part; 2] {
    match above {
        Above::Link(at) => links[at],
        Above::Node(at) => nodes[at],
    }
}

impl Asked {
    /// What part of what circuits ask is granted, and of what nodes do.
    fn parts(&self, grant: u64, share: Share) -> [Part; 2] {
        let free = grant.saturating_sub(self.need);
        match share {
            Share::Subscriber => [Part::of(free, self.circuits.saturating_add(self.nodes)); 2],
            Share::Node => {
                let circuits = Part::of(free, self.circuits);
                [circuits, Part::of(free - circuits.granted, self.nodes)]
            }
        }
    }
}

impl Grants {
    /// Notes where less is granted than asked, if it is this very ceiling that is too narrow and not one above.
    fn report(&mut self, below: Above, asked: &Asked, grant: u64, ceil: u64, share: Share) {
        let all = match share {
            Share::Subscriber => asked.circuits.saturating_add(asked.nodes),
            Share::Node => asked.circuits,
        };
        let all = asked.need.saturating_add(all);
        const WORTH_SAYING: u64 = 1_000; // less than this part is the bytes of permanent children
        let is_own = share == Share::Node || all > ceil;
        if all - grant.min(all) > all / WORTH_SAYING && is_own {
            self.scaled.push(Scaled { below, asked: all, granted: grant });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn node(above: Above, ceil: u64) -> Member {
        Member { above, ceil, guarantee: 0 }
    }

    fn circuit(above: Above, ceil: u64, guarantee: u64) -> Member {
        Member { above, ceil, guarantee }
    }

    #[test]
    fn what_fits_is_granted_whole() {
        let tree = ClassTree {
            links: vec![100_000],
            nodes: vec![node(Above::Link(0), 50_000)],
            circuits: vec![circuit(Above::Node(0), 40_000, 8_000), circuit(Above::Node(0), 40_000, 16_000)],
        };
        let grants = tree.grants(Share::Subscriber);
        assert_eq!((grants.nodes, grants.circuits), (vec![24_008], vec![8_000, 16_000]));
        assert_eq!(grants.scaled, []);
    }

    #[test]
    fn what_does_not_fit_is_scaled_alike_and_reported_where_it_does_not_fit() {
        let tree = ClassTree {
            links: vec![100_000],
            nodes: vec![node(Above::Link(0), 12_024), node(Above::Node(0), 12_024)],
            circuits: vec![circuit(Above::Node(1), 40_000, 8_008), circuit(Above::Node(1), 40_000, 16_008)],
        };
        let grants = tree.grants(Share::Subscriber);
        assert_eq!(grants.nodes, [12_024, 12_016]);
        assert_eq!(grants.circuits[0], 8 + 11_992 / 3 / 8 * 8);
        let below: Vec<_> = grants.scaled.iter().map(|scaled| scaled.below).collect();
        assert_eq!(below, [Above::Node(1)], "the node above it is full of it, and that is said once");
    }

    #[test]
    fn nodes_share_by_ceiling() {
        let ap = |_| node(Above::Node(0), 30_000_000);
        let tree = ClassTree {
            links: vec![1_000_000_000],
            nodes: std::iter::once(node(Above::Link(0), 40_000_000)).chain((0..3).map(ap)).collect(),
            circuits: (1..4).flat_map(|ap| vec![circuit(Above::Node(ap), 20_000_000, 100_000); ap]).collect(),
        };
        let grants = tree.grants(Share::Node);
        assert_eq!(grants.nodes[0], 40_000_000);
        assert!(grants.nodes[1..].iter().all(|grant| (13_333_000..=13_333_400).contains(grant)), "{grants:?}");
    }

    fn any_tree() -> impl Strategy<Value = ClassTree> {
        let nodes = proptest::collection::vec((any::<prop::sample::Index>(), 1_u64..10_000), 0..12);
        let circuits = proptest::collection::vec((any::<prop::sample::Index>(), 1_u64..9_000, 1_u64..9_000), 0..20);
        (nodes, circuits, 1_u64..20_000).prop_map(|(nodes, circuits, link)| {
            let above = |index: prop::sample::Index, nodes: usize| match index.index(nodes + 1) {
                0 => Above::Link(0),
                at => Above::Node(at - 1),
            };
            let mut tree = ClassTree { links: vec![link * 8], ..ClassTree::default() };
            for (index, ceil) in nodes {
                let above = above(index, tree.nodes.len());
                tree.nodes.push(node(above, ceil * 8));
            }
            for (index, ceil, guarantee) in circuits {
                tree.circuits.push(circuit(above(index, tree.nodes.len()), ceil * 8, guarantee * 8));
            }
            let (need, links) = tree.needs();
            tree.links[0] = tree.links[0].max(links[0]);
            for at in 0..tree.nodes.len() {
                let above = match tree.nodes[at].above {
                    Above::Link(_) => tree.links[0],
                    Above::Node(parent) => tree.nodes[parent].ceil,
                };
                tree.nodes[at].ceil = tree.nodes[at].ceil.min(above).max(need[at]);
            }
            tree
        })
    }

    proptest! {
        #[test]
        fn children_never_have_more_than_their_parent(tree in any_tree(), nodes_share: bool) {
            let grants = tree.grants(if nodes_share { Share::Node } else { Share::Subscriber });
            let mut left: Vec<u64> = grants.nodes.iter().map(|grant| grant - KEEPER_RATE).collect();
            let mut link = tree.links[0];
            for (member, grant) in tree.nodes.iter().zip(&grants.nodes).chain(tree.circuits.iter().zip(&grants.circuits)) {
                prop_assert!(*grant >= BYTE && grant % BYTE == 0);
                prop_assert!(*grant <= member.ceil.max(BYTE));
                let of = match member.above { Above::Link(_) => &mut link, Above::Node(at) => &mut left[at] };
                prop_assert!(*grant <= *of, "{grant} of {of}");
                *of -= grant;
            }
        }
    }
}
