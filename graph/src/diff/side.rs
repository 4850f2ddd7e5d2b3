//! One of the two generations that are compared.

use crate::census::{Census, Circuit, Fate};
use crate::id::NodeId;
use crate::network_graph::NetworkGraph;
use crate::node::Node;
use crate::prefix::Prefix;
use crate::problem::Code;
use crate::text_order::sort_by_text;
use crate::tree::{PlaceKind, Tree, orphans_id};
use petgraph::graph::NodeIndex;

use super::facts::{CircuitFacts, Named, Rates, Reach, StatedParent};
use super::same::stated_parent;

/// A generation: the network, who is shaped, and whom no path leads to.
pub struct Side<'n> {
    pub(crate) network: &'n NetworkGraph,
    pub(crate) census: &'n Census,
    /// By typed id, each once.
    circuits: Vec<SideCircuit<'n>>,
    /// By position in the circuit index.
    orphaned: Vec<bool>,
    /// Circuits set aside that have no id, or one that another circuit has.
    pub(super) nameless: usize,
}

/// A circuit that was read.
#[derive(Clone, Copy)]
pub(crate) struct SideCircuit<'n> {
    pub(crate) id: &'n NodeId,
    pub(crate) fate: Fate,
    /// Where it stands; none where its record could not be used.
    pub(crate) place: Option<CircuitPlace>,
}

/// Where a circuit stands.
#[derive(Clone, Copy)]
pub(crate) struct CircuitPlace {
    /// In the circuit index.
    position: u32,
    /// Among the circuits that are shaped.
    shaped: Option<u32>,
}

impl<'n> Side<'n> {
    /// A generation, with the trees of its shapers. A circuit counts as orphaned if it hangs from the orphans in all of
    /// them, and if there is one: of two shapers with a network each, one sees nothing but orphans in the other's.
    pub fn new<'t>(network: &'n NetworkGraph, census: &'n Census, trees: impl IntoIterator<Item = &'t Tree<'n>>) -> Self
    where
        'n: 't,
    {
        let (circuits, nameless) = by_id(network, census);
        Self { network, census, circuits, orphaned: orphaned(network, trees), nameless }
    }

    /// Every circuit that has an id, by id.
    pub(crate) fn circuits(&self) -> &[SideCircuit<'n>] {
        &self.circuits
    }

    pub(crate) fn client(&self, place: CircuitPlace) -> &'n Node {
        self.network.node(self.network.circuits().clients()[place.position as usize])
    }

    pub(super) fn devices(&self, place: CircuitPlace) -> &'n [NodeIndex] {
        self.network.circuits().devices(place.position as usize)
    }

    pub(super) fn prefixes(&self, device: NodeIndex) -> impl Iterator<Item = Prefix> + use<'_, 'n> {
        self.census.prefixes(self.network, device)
    }

    pub(crate) fn reach(&self, place: CircuitPlace) -> Reach {
        if self.orphaned[place.position as usize] { Reach::Orphaned } else { Reach::Placed }
    }

    /// The rates that a circuit is shaped to.
    pub(crate) fn shaped(&self, place: CircuitPlace) -> Option<&'n Circuit> {
        place.shaped.map(|index| &self.census.circuits()[index as usize])
    }

    /// The name of a circuit that is on both sides: the newer one that is known.
    pub(crate) fn newer_name(before: (&Side<'_>, &SideCircuit<'_>), after: (&Side<'_>, &SideCircuit<'_>)) -> Named {
        let (side, circuit) = if after.1.place.is_some() { after } else { before };
        side.named(circuit)
    }

    /// A circuit's name; its raw id where its record could not be used.
    pub(crate) fn named(&self, circuit: &SideCircuit<'_>) -> Named {
        let name = circuit.place.map_or_else(|| circuit.id.raw().into(), |place| self.client(place).name.clone());
        Named { id: circuit.id.clone(), name }
    }

    pub(super) fn facts(&self, circuit: &SideCircuit<'_>) -> CircuitFacts {
        CircuitFacts {
            of: self.named(circuit),
            fate: circuit.fate,
            parent: circuit.place.map(|place| self.parent(place)),
            rates: circuit.place.map(|place| self.shaped_rates(place).unwrap_or_else(|| self.stated_rates(place))),
        }
    }

    pub(super) fn parent(&self, place: CircuitPlace) -> StatedParent {
        stated_parent(self.network, self.client(place).parent())
    }

    pub(super) fn shaped_rates(&self, place: CircuitPlace) -> Option<Rates> {
        self.shaped(place).map(|Circuit { down, up, .. }| Rates {
            down_min_bit: Some(down.min),
            down_max_bit: Some(down.max),
            up_min_bit: Some(up.min),
            up_max_bit: Some(up.max),
        })
    }

    pub(super) fn stated_rates(&self, place: CircuitPlace) -> Rates {
        let plan = self.client(place).client().map(|client| client.plan).unwrap_or_default();
        Rates {
            down_min_bit: plan.down.min,
            down_max_bit: plan.down.max,
            up_min_bit: plan.up.min,
            up_max_bit: plan.up.max,
        }
    }
}

/// The circuits that have an id, by id, and how many have none of their own.
fn by_id<'n>(network: &'n NetworkGraph, census: &Census) -> (Vec<SideCircuit<'n>>, usize) {
    let clients = network.circuits().clients();
    let mut circuits = Vec::with_capacity(clients.len() + network.set_aside().len());
    let mut shaped = (0_u32..).zip(census.circuits()).peekable();
    for (position, &client) in (0_u32..).zip(clients) {
        let shaped = shaped.next_if(|(_, circuit)| circuit.position == position as usize).map(|(index, _)| index);
        let fate = census.fate_of(position as usize);
        let place = Some(CircuitPlace { position, shaped });
        circuits.push(SideCircuit { id: &network.node(client).id, fate, place });
    }
    let mut set_aside: Vec<(&NodeId, Code)> =
        network.set_aside().iter().filter_map(|set_aside| Some((set_aside.id.as_ref()?, set_aside.code))).collect();
    set_aside.sort_unstable();
    circuits.extend(set_aside.into_iter().map(|(id, code)| SideCircuit {
        id,
        fate: Fate::Quarantined(code),
        place: None,
    }));
    // Circuit IDs are in order, and with one table their typed ids are too. Of one id the client comes first, and stays.
    if !circuits.is_sorted_by_key(|circuit| circuit.id) {
        sort_by_text(&mut circuits, |circuit| circuit.id.as_str());
    }
    circuits.dedup_by_key(|circuit| circuit.id);
    let nameless = clients.len() + network.set_aside().len() - circuits.len();
    (circuits, nameless)
}

/// By position in the circuit index: whether a circuit hangs from the orphans in every tree.
fn orphaned<'t, 'n: 't>(network: &NetworkGraph, trees: impl IntoIterator<Item = &'t Tree<'n>>) -> Vec<bool> {
    let circuits = network.circuits().len();
    let mut orphaned: Option<Vec<bool>> = None;
    for tree in trees {
        let hangs = hanging_from_orphans(tree);
        let all = orphaned.get_or_insert_with(|| vec![true; circuits]);
        for (position, orphaned) in all.iter_mut().enumerate() {
            *orphaned &= hangs[tree.circuit_place(position).index()];
        }
    }
    orphaned.unwrap_or_else(|| vec![false; circuits])
}

/// By place: whether it is that of the orphans or below it. A node of that id, from an earlier export, is one too.
fn hanging_from_orphans(tree: &Tree<'_>) -> Vec<bool> {
    let orphans = tree.network().find(&orphans_id());
    let mut hangs: Vec<bool> = Vec::with_capacity(tree.places().len());
    for place in tree.places() {
        let is_it = place.kind == PlaceKind::Orphans || orphans.is_some_and(|node| place.kind == PlaceKind::Node(node));
        let is_below = place.parent.is_some_and(|parent| hangs[parent.index()]);
        hangs.push(is_it || is_below);
    }
    hangs
}
