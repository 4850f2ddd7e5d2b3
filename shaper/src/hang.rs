//! Gives the classes of a direction their numbers and puts them into the state.

use compact_str::{CompactString, ToCompactString};
use pleach_graph::Rate;
use pleach_tc::{Class, Direction, Handle, Identity, IdentityRecord, Leaf, Qdisc, QdiscKind, Slot, layout};

use crate::class::{CIRCUIT_PRIORITY, Framing, quantum};
use crate::draw::Drawing;
use crate::hierarchy::Hierarchy;
use crate::identity::{Role, identity};
use crate::ledger::{Holder, Holding};
use crate::outline::Outline;
use crate::rates::Above;
use crate::register::{Register, Wanted};
use crate::settings::Settings;
use crate::shape::LeafShape;
use crate::subjects::Subject;
use crate::ways::Way;

/// What a direction puts into its interface, and what could not be.
#[derive(Default)]
pub(crate) struct Hung {
    pub(crate) classes: Vec<(Handle, Class)>,
    pub(crate) qdiscs: Vec<(Handle, Qdisc)>,
    pub(crate) identities: Vec<(Handle, IdentityRecord)>,
    pub(crate) subjects: Vec<(Handle, Subject)>,
    /// By circuit of the outline; none where its HTB is full.
    pub(crate) circuits: Vec<Option<Handle>>,
    /// Circuits that should have a leaf and have none.
    pub(crate) without_leaf: Vec<usize>,
    /// Nodes whose HTB is full.
    pub(crate) without_class: Vec<usize>,
}

/// Everything that the numbers of a direction follow from.
pub(crate) struct Hanger<'a> {
    pub(crate) outline: &'a Outline<'a>,
    pub(crate) hierarchy: &'a Hierarchy,
    pub(crate) settings: &'a Settings,
    pub(crate) way: &'a Way,
    pub(crate) drawing: &'a Drawing,
    /// By circuit.
    pub(crate) identities: &'a [Identity],
    /// By circuit.
    pub(crate) slots: &'a [Slot],
    /// By circuit.
    pub(crate) leaves: &'a [Option<Leaf>],
    /// By node: its name.
    pub(crate) names: &'a [CompactString],
}

impl Hanger<'_> {
    fn framing(&self) -> Framing {
        Framing { overhead: self.settings.overhead, mpu: self.settings.mpu }
    }

    fn direction(&self) -> Direction {
        self.way.direction
    }

    /// Nodes first, parents before children, then circuits: both by id, so that numbers do not depend on the input's order.
    pub(crate) fn hang(&self, register: &mut Register<'_>) -> Hung {
        let mut hung = Hung::default();
        let nodes = self.nodes(register, &mut hung);
        self.circuits(register, &nodes, &mut hung);
        hung
    }

    /// The class that something hangs from; none where that has no class.
    fn parent(&self, above: Above, nodes: &[Option<Handle>]) -> Option<Handle> {
        match above {
            Above::Link(queue) => Some(self.way.beside(self.queue(queue), layout::LINK_MINOR)),
            Above::Node(at) => nodes[at],
        }
    }

    fn queue(&self, of_direction: usize) -> u16 {
        self.way.queues.start + u16::try_from(of_direction).expect("invariant: queues have 16 bits")
    }

    fn nodes(&self, register: &mut Register<'_>, hung: &mut Hung) -> Vec<Option<Handle>> {
        let tree = &self.drawing.tree;
        let mut handles = Vec::with_capacity(tree.nodes.len());
        for (at, member) in tree.nodes.iter().enumerate() {
            let outlined = self.drawing.class_nodes[at];
            let made = self.parent(member.above, &handles).and_then(|parent| {
                self.node(register, hung, outlined, parent, (self.drawing.grants.nodes[at], member.ceil))
            });
            if made.is_none() {
                hung.without_class.push(outlined);
            }
            handles.push(made);
        }
        handles
    }

    /// The class of a node and its keeper's.
    fn node(
        &self,
        register: &mut Register<'_>,
        hung: &mut Hung,
        outlined: usize,
        parent: Handle,
        (rate, ceil): (u64, u64),
    ) -> Option<Handle> {
        let queue = layout::queue_of(parent)?;
        let node = self.outline.nodes[outlined].node;
        let name = &self.names[outlined];
        let wanted = |role, parent, holder| Wanted {
            identity: identity(role, self.direction(), &node.id),
            queue,
            parent,
            leaf: None,
            slot: Slot::NONE,
            holder,
        };
        if !register.has_room(queue, 2) && register.known(identity(Role::Node, self.direction(), &node.id)).is_none() {
            return None; // a node without a keeper would be a leaf
        }
        let class = hung.note(register.give(wanted(Role::Node, parent, Holder::Node(name.clone())))?);
        let keeper = hung.note(register.give(wanted(Role::Keeper, class, Holder::Keeper(name.clone())))?);
        hung.classes.push((class, self.framing().inner(parent, rate, ceil)));
        hung.classes.push((keeper, self.framing().keeper(class)));
        let id = Some(node.id.as_str().to_compact_string());
        hung.subjects.push((class, Subject::Node { id, name: name.clone(), entry: Some(node.kind) }));
        hung.subjects.push((keeper, Subject::Keeper { node: name.clone() }));
        Some(class)
    }

    fn circuits(&self, register: &mut Register<'_>, nodes: &[Option<Handle>], hung: &mut Hung) {
        for (at, member) in self.drawing.tree.circuits.iter().enumerate() {
            let parent = self.parent(member.above, nodes);
            let class = parent.and_then(|parent| self.circuit(register, hung, at, parent));
            hung.circuits.push(class);
        }
    }

    fn circuit(&self, register: &mut Register<'_>, hung: &mut Hung, at: usize, parent: Handle) -> Option<Handle> {
        let circuit = self.outline.circuits[at].circuit;
        let leaf = self.leaves[at].as_ref();
        let holding = register.give(Wanted {
            identity: self.identities[at],
            queue: layout::queue_of(parent)?,
            parent,
            leaf: leaf.map(LeafShape::of),
            slot: self.slots[at],
            holder: Holder::Circuit { id: circuit.circuit_id.clone(), name: circuit.name.clone() },
        })?;
        match (leaf, holding.leaf) {
            (Some(leaf), Some(given)) => {
                let qdisc = Qdisc { parent: holding.class, kind: QdiscKind::Leaf(leaf.clone()) };
                hung.qdiscs.push((Handle::qdisc(given.major), qdisc));
            }
            (Some(_), None) => hung.without_leaf.push(at),
            (None, _) => {}
        }
        let class = hung.note(holding);
        let plan: Rate = circuit.rates[self.direction()].max;
        let (rate, ceil) = (self.drawing.grants.circuits[at], self.drawing.tree.circuits[at].ceil);
        hung.classes.push((class, self.framing().class(parent, rate, ceil, quantum(plan).bytes, CIRCUIT_PRIORITY)));
        let parent = circuit.parent.map(|parent| self.hierarchy.nodes[parent.0 as usize].name.as_str());
        let subject = Subject::Circuit {
            circuit_id: circuit.circuit_id.clone(),
            name: circuit.name.clone(),
            parent: parent.unwrap_or_default().into(),
        };
        hung.subjects.push((class, subject));
        Some(class)
    }
}

impl Hung {
    /// Notes whose class it is, for the kernel's map.
    fn note(&mut self, holding: &Holding) -> Handle {
        self.identities.push((holding.class, IdentityRecord { identity: holding.identity, slot: holding.slot }));
        holding.class
    }
}
