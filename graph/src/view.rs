//! What one shaper's files show of a tree: which places, under which names, with which ceilings.

use std::collections::HashSet;

use petgraph::graph::NodeIndex;

use crate::capacity::{Capacity, Limit};
use crate::census::Census;
use crate::id::NodeId;
use crate::names;
use crate::node::{NodeKind, Position};
use crate::problem::{Code, Problem, Problems};
use crate::rate::Rate;
use crate::tree::{Place, PlaceIndex, PlaceKind, Tree};

/// The ceiling of a node at the top where nothing states one: no shaper of today is wider.
pub const CEILING_UNSTATED: Rate = Rate::from_gbit(10);

/// How much of the tree the files show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Projection {
    /// Every site and access point.
    #[default]
    Full,
    /// Access points, each under its nearest site; sites at the top. No generated sites of relays.
    ApSite,
    /// Access points only, at the top.
    ApOnly,
    /// No node at all.
    Flat,
}

/// Whether virtual nodes are shown: only the newest readers know them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VirtualNodes {
    /// Their children are shown in their place.
    #[default]
    Spliced,
    /// They are shown, marked as virtual.
    Shown,
}

/// How a shaper wants its files.
#[derive(Clone, Copy, Debug, Default)]
pub struct ViewOptions<'o> {
    /// How much of the tree.
    pub projection: Projection,
    /// Whether virtual nodes are shown.
    pub virtual_nodes: VirtualNodes,
    /// What the shaper's own uplink carries.
    pub uplink: Capacity,
    /// Nodes that are not shown; what hangs from them hangs from the node above.
    pub excluded: Option<&'o HashSet<NodeIndex>>,
    /// Nodes that are shown at the top, keeping their ceiling.
    pub promoted: Option<&'o HashSet<NodeIndex>>,
}

/// A tree as files show it.
#[derive(Debug)]
pub struct View<'t> {
    tree: &'t Tree<'t>,
    entries: Vec<Entry>,
    /// By place: the entry that what hangs there is shown under.
    shown_under: Vec<Option<EntryIndex>>,
    children: Vec<Vec<EntryIndex>>,
    top: Vec<EntryIndex>,
    uplink: Capacity,
    problems: Problems,
}

/// Index of an entry in its view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryIndex(u32);

impl EntryIndex {
    fn new(index: usize) -> Self {
        Self(u32::try_from(index).expect("invariant: entries are fewer than places"))
    }

    fn index(self) -> usize {
        self.0 as usize
    }
}

/// A node as files show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Where it stands in the tree.
    pub place: PlaceIndex,
    /// The entry above; none at the top.
    pub parent: Option<EntryIndex>,
    /// Its id.
    pub id: NodeId,
    /// Its name, unique among the view's entries.
    pub name: String,
    /// What kind of node it is.
    pub kind: EntryKind,
    /// Where it stands on the globe.
    pub position: Option<Position>,
    /// The most that passes here towards subscribers.
    pub down: Rate,
    /// The most that passes here from subscribers.
    pub up: Rate,
}

/// What kind of node an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A site, a relay's generated site, or `Orphans`.
    Site,
    /// A site that exists for reports only.
    VirtualSite,
    /// An access point.
    AccessPoint,
}

impl EntryKind {
    /// The kind in words, as names are told apart by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Site | Self::VirtualSite => "site",
            Self::AccessPoint => "access point",
        }
    }
}

impl<'t> View<'t> {
    /// Shows `tree` the way `options` asks for. `census` says where circuits hang: an access point's site is shown if it
    /// is the nearest one of something.
    pub fn new(tree: &'t Tree<'t>, census: &Census, options: &ViewOptions<'_>) -> Self {
        let shown = Shown::choose(tree, census, options);
        let mut view = Self {
            tree,
            entries: Vec::new(),
            shown_under: Vec::with_capacity(tree.places().len()),
            children: Vec::new(),
            top: Vec::new(),
            uplink: options.uplink,
            problems: Problems::default(),
        };
        view.add_entries(&shown, options);
        view.order_children();
        for problem in names::make_unique(&mut view.entries, tree) {
            view.problems.push(problem);
        }
        view.report_missing_ceilings();
        view
    }

    fn add_entries(&mut self, shown: &Shown, options: &ViewOptions<'_>) {
        let mut nearest_site: Vec<Option<EntryIndex>> = Vec::with_capacity(shown.0.len());
        for (index, place) in self.tree.indices().zip(self.tree.places()) {
            let above = place.parent.and_then(|parent| self.shown_under[parent.index()]);
            let site_above = place.parent.and_then(|parent| nearest_site[parent.index()]);
            let Some(kind) = shown.0[index.index()] else {
                self.shown_under.push(above);
                nearest_site.push(site_above);
                continue;
            };
            let is_promoted =
                options.promoted.is_some_and(|set| place.kind.node().is_some_and(|node| set.contains(&node)));
            let parent = match (options.projection, kind) {
                _ if is_promoted => None,
                (Projection::Full, _) => above,
                (Projection::ApSite, EntryKind::AccessPoint) => site_above,
                _ => None,
            };
            let entry = EntryIndex::new(self.entries.len());
            self.entries.push(self.entry(index, parent, kind));
            self.shown_under.push(Some(entry));
            nearest_site.push(if kind == EntryKind::AccessPoint { site_above } else { Some(entry) });
        }
    }

    fn entry(&self, place: PlaceIndex, parent: Option<EntryIndex>, kind: EntryKind) -> Entry {
        let network = self.tree.network();
        let at = self.tree.at(place);
        let position = at.kind.node().and_then(|node| match &network.node(node).kind {
            NodeKind::Site(site) => site.position,
            NodeKind::AccessPoint(ap) => ap.position,
            NodeKind::Client(_) | NodeKind::Device(_) => None,
        });
        let (down, up) = self.shown_ceiling(at.ceiling, parent, kind);
        Entry { place, parent, id: self.shown_id(place), name: self.tree.place_name(place), kind, position, down, up }
    }

    /// The ceiling written for an entry: never above its parent's, which may be [`CEILING_UNSTATED`]. A virtual site has no
    /// queue and so repeats its parent's.
    fn shown_ceiling(&self, own: Capacity, parent: Option<EntryIndex>, kind: EntryKind) -> (Rate, Rate) {
        let own = if kind == EntryKind::VirtualSite { Capacity::NONE } else { own };
        let own = own.min(self.uplink);
        if let Some(above) = parent.map(|parent| &self.entries[parent.index()]) {
            (own.down.or(above.down).min(above.down), own.up.or(above.up).min(above.up))
        } else {
            (own.down.or(CEILING_UNSTATED), own.up.or(CEILING_UNSTATED))
        }
    }

    /// The id written for a place. The unnamed top, shown below another root, is an ordinary site there: whoever reads
    /// the file has an unnamed top of their own.
    fn shown_id(&self, place: PlaceIndex) -> NodeId {
        let network = self.tree.network();
        if self.tree.at(place).kind != PlaceKind::Node(network.top()) {
            return self.tree.place_id(place);
        }
        let mut raw = "internet".to_owned();
        loop {
            let id = NodeId::own("site", &raw);
            if network.find(&id).is_none() {
                return id;
            }
            raw.push_str("-above");
        }
    }

    fn order_children(&mut self) {
        let mut order: Vec<EntryIndex> = (0..self.entries.len()).map(EntryIndex::new).collect();
        order.sort_by(|a, b| self.entries[a.index()].id.cmp(&self.entries[b.index()].id));
        self.children = vec![Vec::new(); self.entries.len()];
        for entry in order {
            match self.entries[entry.index()].parent {
                Some(parent) => self.children[parent.index()].push(entry),
                None => self.top.push(entry),
            }
        }
    }

    fn report_missing_ceilings(&mut self) {
        const NAMED: usize = 5; // as many as a group of problems shows
        let unstated = |place: &Place, uplink: Capacity| {
            let ceiling = place.ceiling.min(uplink);
            ceiling.down == Limit::NONE || ceiling.up == Limit::NONE
        };
        let at_top: Vec<&str> = self
            .top
            .iter()
            .map(|entry| &self.entries[entry.index()])
            .filter(|entry| unstated(self.tree.at(entry.place), self.uplink))
            .map(|entry| entry.name.as_str())
            .collect();
        if at_top.is_empty() {
            return;
        }
        let names: Vec<String> = at_top.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
        let more = at_top.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message = format!("no capacity is stated for {}{more}, {CEILING_UNSTATED} is used", names.join(", "));
        let root = &self.tree.network().node(self.tree.root()).id;
        let problem = Problem::new(Code::NoCeiling, message).record(root);
        self.problems.push(problem.hint("state the shaper's `uplink`, or the capacity of these nodes"));
    }

    /// The tree this is a view of.
    pub fn tree(&self) -> &'t Tree<'t> {
        self.tree
    }

    /// The shaper's uplink.
    pub fn uplink(&self) -> Capacity {
        self.uplink
    }

    /// All entries, a parent before its children.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// An entry.
    pub fn at(&self, entry: EntryIndex) -> &Entry {
        &self.entries[entry.index()]
    }

    /// The entries at the top, by id.
    pub fn top(&self) -> &[EntryIndex] {
        &self.top
    }

    /// The entries below one, by id.
    pub fn children(&self, entry: EntryIndex) -> &[EntryIndex] {
        &self.children[entry.index()]
    }

    /// The entry that what hangs from `place` is shown under: the nearest one, none only where there is none.
    pub fn shown_under(&self, place: PlaceIndex) -> Option<EntryIndex> {
        self.shown_under[place.index()]
    }

    /// The entry that the circuit at `position` of the circuit index is shown under.
    pub fn circuit_parent(&self, position: usize) -> Option<EntryIndex> {
        self.shown_under(self.tree.circuit_place(position))
    }

    /// What was found: names that had to be told apart, ceilings that nobody states.
    pub fn problems(&self) -> &Problems {
        &self.problems
    }
}

/// By place: what it is shown as, if it is.
struct Shown(Vec<Option<EntryKind>>);

impl Shown {
    fn choose(tree: &Tree<'_>, census: &Census, options: &ViewOptions<'_>) -> Self {
        let mut shown: Vec<_> = tree.places().iter().map(|place| kind_of(tree, place, options)).collect();
        shown[PlaceIndex::ROOT.index()] = None;
        if let Some(top) = tree.place_of(tree.network().top())
            && !leads_somewhere(tree, top)
        {
            shown[top.index()] = None;
        }
        match options.projection {
            Projection::Full => {}
            Projection::ApSite => {
                // A relay's circuits stay in the queue of the access point they are behind: at the top, beside it, they
                // and its other circuits could exceed its sector together.
                for (kind, place) in shown.iter_mut().zip(tree.places()) {
                    *kind = kind.filter(|_| !matches!(place.kind, PlaceKind::Relay(_)));
                }
                let needed = nearest_sites(tree, census, &shown);
                for (kind, needed) in shown.iter_mut().zip(needed) {
                    *kind = kind.filter(|kind| *kind == EntryKind::AccessPoint || needed);
                }
            }
            Projection::ApOnly => {
                for kind in &mut shown {
                    *kind = kind.filter(|kind| *kind == EntryKind::AccessPoint);
                }
            }
            Projection::Flat => shown.fill(None),
        }
        Self(shown)
    }
}

fn kind_of(tree: &Tree<'_>, place: &Place, options: &ViewOptions<'_>) -> Option<EntryKind> {
    let is_excluded = |node| options.excluded.is_some_and(|excluded| excluded.contains(&node));
    match place.kind {
        PlaceKind::Node(node) | PlaceKind::Relay(node) if is_excluded(node) => None,
        PlaceKind::Orphans | PlaceKind::Relay(_) => Some(EntryKind::Site),
        PlaceKind::Node(node) => match &tree.network().node(node).kind {
            NodeKind::AccessPoint(_) => Some(EntryKind::AccessPoint),
            NodeKind::Site(site) if !site.is_virtual => Some(EntryKind::Site),
            NodeKind::Site(_) => (options.virtual_nodes == VirtualNodes::Shown).then_some(EntryKind::VirtualSite),
            NodeKind::Client(_) | NodeKind::Device(_) => None,
        },
    }
}

/// Whether anything hangs from the place of the unnamed top; below another root it is mostly a dead end.
fn leads_somewhere(tree: &Tree<'_>, top: PlaceIndex) -> bool {
    let circuits = 0..tree.network().circuits().len();
    tree.places().iter().any(|place| place.parent == Some(top))
        || circuits.into_iter().any(|at| tree.circuit_place(at) == top)
}

/// By place: whether it is the nearest site of an access point or of a circuit.
fn nearest_sites(tree: &Tree<'_>, census: &Census, shown: &[Option<EntryKind>]) -> Vec<bool> {
    #[derive(Clone, Copy, Default)]
    struct Above {
        nearest: Option<EntryKind>,
        site: Option<PlaceIndex>,
    }
    let mut needed = vec![false; shown.len()];
    let mut above: Vec<Above> = Vec::with_capacity(shown.len());
    for (index, place) in tree.indices().zip(tree.places()) {
        let mut here = place.parent.map_or(Above::default(), |parent| above[parent.index()]);
        if shown[index.index()] == Some(EntryKind::AccessPoint)
            && let Some(site) = here.site
        {
            needed[site.index()] = true;
        }
        if let Some(kind) = shown[index.index()] {
            here.nearest = Some(kind);
            if kind != EntryKind::AccessPoint {
                here.site = Some(index);
            }
        }
        above.push(here);
    }
    for circuit in census.circuits() {
        let Above { nearest, site } = above[tree.circuit_place(circuit.position).index()];
        if nearest != Some(EntryKind::AccessPoint)
            && let Some(site) = site
        {
            needed[site.index()] = true;
        }
    }
    needed
}
