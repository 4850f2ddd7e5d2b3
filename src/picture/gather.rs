//! Walks through a tree and turns its places and circuits into things to draw.

use pleach_graph::{Capacity, Limit, NodeIndex, NodeKind, Place, PlaceIndex, PlaceKind, Tree};

use super::item::{Children, Circuits, Item, Joint, Kind};
use super::model::Detail;

/// In place of an item's index.
pub(super) const NOT_DRAWN: usize = usize::MAX;

/// A walk through a tree that turns places and circuits into items.
pub(super) struct Gathering<'t> {
    tree: &'t Tree<'t>,
    ids: Vec<String>,
    circuits: Vec<Circuits>,
    /// By place, the circuits that are drawn.
    clients: Children,
    items: Vec<Item>,
    /// By place; [`NOT_DRAWN`] for those left out.
    item_of: Vec<usize>,
}

impl<'t> Gathering<'t> {
    pub(super) fn new(tree: &'t Tree<'t>, detail: Detail) -> Self {
        let places = tree.places();
        let mut circuits = vec![Circuits::default(); places.len()];
        let hangs_from: Vec<usize> =
            (0..tree.network().circuits().len()).map(|position| tree.circuit_place(position).index()).collect();
        for &place in &hangs_from {
            circuits[place].own += 1;
            circuits[place].total += 1;
        }
        for at in (1..places.len()).rev() {
            if let Some(parent) = places[at].parent {
                circuits[parent.index()].total += circuits[at].total;
            }
        }
        Self {
            tree,
            ids: place_indices(tree).map(|place| tree.place_id(place).to_string()).collect(),
            circuits,
            clients: clients_by_place(places.len(), &hangs_from, detail),
            items: Vec::with_capacity(places.len()),
            item_of: vec![NOT_DRAWN; places.len()],
        }
    }

    /// The items, and by place the index of its item; [`NOT_DRAWN`] for those left out.
    pub(super) fn walk(mut self) -> (Vec<Item>, Vec<usize>) {
        let mut order: Vec<PlaceIndex> = place_indices(self.tree).collect();
        order.sort_by(|a, b| self.ids[a.index()].cmp(&self.ids[b.index()]));
        let mut rank = vec![0; order.len()];
        for (at, place) in order.iter().enumerate() {
            rank[place.index()] = at;
        }
        let hidden = hidden(self.tree, &self.circuits);
        let parent_rank = |place: &PlaceIndex| {
            let parent = self.tree.at(*place).parent.filter(|_| !hidden[place.index()])?;
            Some(rank[parent.index()])
        };
        let children = Children::new(&order.iter().map(parent_rank).collect::<Vec<_>>());
        let mut open = vec![PlaceIndex::ROOT];
        while let Some(place) = open.pop() {
            self.add_place(place);
            self.add_virts(place);
            self.add_clients(place);
            open.extend(children.of(rank[place.index()]).iter().rev().map(|&child| order[child]));
        }
        (self.items, self.item_of)
    }

    fn add_place(&mut self, index: PlaceIndex) {
        let place = *self.tree.at(index);
        let at = index.index();
        self.item_of[at] = self.items.len();
        let kind = kind_of(self.tree, &place);
        let line = line_of(self.tree, &place);
        self.items.push(Item {
            kind,
            parent: place.parent.map(|parent| self.item_of[parent.index()]),
            id: self.ids[at].clone(),
            name: self.short_name(index),
            ceiling: place.ceiling,
            line,
            joint: if place.link.is_some() { Joint::Link } else { Joint::None },
            circuits: self.circuits[at],
            mark: None,
            tooltip: self.describe(&place, kind, index),
        });
    }

    /// A relay's generated site goes by its customer's name: its look says what it is.
    fn short_name(&self, place: PlaceIndex) -> String {
        match self.tree.at(place).kind {
            PlaceKind::Relay(client) => self.tree.network().node(client).name.to_string(),
            _ => self.tree.place_name(place),
        }
    }

    /// What the nets that are bound to a place connect, by net and name.
    fn add_virts(&mut self, place: PlaceIndex) {
        let Some(node) = self.tree.at(place).kind.node() else { return };
        for net in self.tree.network().nets_at(node) {
            for virt in &net.virts {
                let name = format!("{}/{}", net.name, virt.name);
                let at =
                    virt.phys.as_ref().map_or_else(|| "not connected".to_owned(), |phys| format!("at phys {phys}"));
                self.items.push(Item {
                    kind: Kind::Virt,
                    parent: Some(self.item_of[place.index()]),
                    id: format!("overlay:virt:{name}"),
                    tooltip: format!("{name}\nvirt of net {} ({})\n{at}", net.name, net.told_by()),
                    name,
                    ceiling: Capacity::NONE,
                    line: Capacity::NONE,
                    joint: Joint::Link,
                    circuits: Circuits::default(),
                    mark: None,
                });
            }
        }
    }

    fn add_clients(&mut self, place: PlaceIndex) {
        let network = self.tree.network();
        let clients = network.circuits().clients();
        for &position in self.clients.of(place.index()) {
            let position = position - self.ids.len();
            let node = network.node(clients[position]);
            let plan = node.client().map(|client| client.plan).unwrap_or_default();
            let plan = Capacity { down: Limit::from(plan.down.max), up: Limit::from(plan.up.max) };
            self.items.push(Item {
                kind: Kind::Client,
                parent: Some(self.item_of[place.index()]),
                id: node.id.to_string(),
                name: node.name.to_string(),
                ceiling: plan,
                line: plan,
                joint: Joint::Link,
                circuits: Circuits::default(),
                mark: None,
                tooltip: format!("{}\nclient {}\nplan: {plan}", node.name, node.id),
            });
        }
    }

    fn describe(&self, place: &Place, kind: Kind, index: PlaceIndex) -> String {
        let at = index.index();
        let Circuits { own, total } = self.circuits[at];
        let mut lines = vec![
            self.tree.place_name(index),
            format!("{} {}", kind.name(), self.ids[at]),
            format!("ceiling: {}", place.ceiling),
        ];
        if let Some(sector) = sector_of(self.tree, place) {
            lines.push(format!("sector: {sector}"));
        }
        match (place.link, place.parent) {
            (Some(_), _) => {
                let distance = place.distance;
                let hops = if distance.hops == 1 { "hop" } else { "hops" };
                lines.push(format!("link: {}", place.link_capacity));
                let unreached = if distance.is_orphan { " within its island" } else { "" };
                lines.push(format!("distance: cost {}, {} {hops}{unreached}", distance.cost, distance.hops));
            }
            (None, Some(_)) if place.kind != PlaceKind::Orphans => lines.push("no path leads here".to_owned()),
            _ => {}
        }
        if let Some(node) = place.kind.node() {
            let nets = self.tree.network().nets_at(node);
            lines.extend(nets.map(|net| format!("net: {} ({})", net.name, net.told_by())));
        }
        lines.push(format!("circuits: {own} here, {total} with all below"));
        lines.join("\n")
    }
}

fn place_indices<'t>(tree: &'t Tree<'_>) -> impl Iterator<Item = PlaceIndex> + 't {
    tree.places().iter().map(|place| {
        let index = match place.kind.node() {
            Some(node) => tree.place_of(node),
            None => tree.orphans_place(),
        };
        index.expect("invariant: what stands at a place knows it")
    })
}

/// By place, whether it is left out: the unnamed top, which every network has, where nothing hangs from it, and
/// `Orphans` where that leaves it empty.
fn hidden(tree: &Tree<'_>, circuits: &[Circuits]) -> Vec<bool> {
    let places = tree.places();
    let mut shown_children = vec![0_usize; places.len()];
    let mut hidden = vec![false; places.len()];
    for (at, place) in places.iter().enumerate().rev() {
        let may_hide = match place.kind {
            PlaceKind::Node(node) => node == tree.network().top(),
            PlaceKind::Orphans => true,
            PlaceKind::Relay(_) => false,
        };
        hidden[at] = may_hide && place.parent.is_some() && shown_children[at] == 0 && circuits[at].total == 0;
        if let Some(parent) = place.parent.filter(|_| !hidden[at]) {
            shown_children[parent.index()] += 1;
        }
    }
    hidden
}

/// As children of places: item numbers from the number of places on stand for circuits.
fn clients_by_place(places: usize, hangs_from: &[usize], detail: Detail) -> Children {
    let mut parents = vec![None; places];
    if detail == Detail::Clients {
        parents.extend(hangs_from.iter().map(|&place| Some(place)));
    }
    Children::new(&parents)
}

fn node_kind<'t>(tree: &'t Tree<'_>, node: NodeIndex) -> &'t NodeKind {
    &tree.network().node(node).kind
}

fn kind_of(tree: &Tree<'_>, place: &Place) -> Kind {
    match place.kind {
        PlaceKind::Orphans => Kind::Orphans,
        PlaceKind::Relay(_) => Kind::Relay,
        PlaceKind::Node(node) => match node_kind(tree, node) {
            NodeKind::Site(site) if site.is_virtual => Kind::VirtualSite,
            NodeKind::Site(_) => Kind::Site,
            NodeKind::AccessPoint(_) => Kind::AccessPoint,
            NodeKind::Client(_) => Kind::Client,
            NodeKind::Device(_) => Kind::Device,
        },
    }
}

fn sector_of(tree: &Tree<'_>, place: &Place) -> Option<Capacity> {
    match node_kind(tree, place.kind.node()?) {
        NodeKind::AccessPoint(ap) => Some(ap.sector),
        _ => None,
    }
}

fn line_of(tree: &Tree<'_>, place: &Place) -> Capacity {
    place.link_capacity.min(sector_of(tree, place).unwrap_or(Capacity::NONE))
}
