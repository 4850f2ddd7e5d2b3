//! The picture as a whole: what is drawn, joined and marked, before anything has a position.

use pleach_graph::{Problem, Tree};

use super::census::Census;
use super::gather::{Gathering, NOT_DRAWN};
use super::item::{Children, Item, Kind, Standby};
use super::marks::Marks;

/// How much of a tree is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Sites, access points and relays, each with the number of its circuits.
    Infrastructure,
    /// The clients too.
    Clients,
}

/// A tree ready to be drawn: what is seen, in which order, and what is said of it. Positions are the drawing's matter.
///
/// The order is that of a walk through the tree, children by id, so that equal networks give equal pictures, whatever
/// order their records were read in.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The root first; a parent before its children.
    pub(super) items: Vec<Item>,
    /// Children with a card of their own.
    pub(super) branches: Children,
    /// Children listed on their parent's card: access points and clients with nothing behind them.
    pub(super) entries: Children,
    /// By item.
    pub(super) is_entry: Vec<bool>,
    pub(super) standby: Vec<Standby>,
    pub(super) census: Census,
}

impl Picture {
    /// The picture of `tree`. `problems` are those of the network; the tree's own are added.
    pub fn of(tree: &Tree<'_>, problems: &[Problem], detail: Detail) -> Self {
        let (mut items, item_of) = Gathering::new(tree, detail).walk();
        let mut all: Vec<&Problem> = problems.iter().chain(tree.problems().as_slice()).collect();
        all.sort_by(|a, b| (a.code, &a.record, &a.message).cmp(&(b.code, &b.record, &b.message)));
        all.dedup();
        let mut marks = Marks::new(tree, &items, &item_of);
        for problem in &all {
            marks.add(problem);
        }
        marks.put_on(&mut items);
        let standby = standby(tree, &items, &item_of);
        let census = Census::new(&items, &standby, &all);
        let is_entry = entries(&items);
        let parents = |listed: bool| -> Vec<Option<usize>> {
            let kept = items.iter().zip(&is_entry);
            kept.map(|(item, &is_entry)| item.parent.filter(|_| is_entry == listed)).collect()
        };
        let (branches, entries) = (Children::new(&parents(false)), Children::new(&parents(true)));
        Self { items, branches, entries, is_entry, standby, census }
    }

    /// Whether anything but clients is listed on cards.
    pub(super) fn lists_access_points(&self) -> bool {
        self.items.iter().zip(&self.is_entry).any(|(item, &is_entry)| is_entry && item.kind == Kind::AccessPoint)
    }
}

/// By item, whether it is listed on its parent's card instead of having its own.
fn entries(items: &[Item]) -> Vec<bool> {
    let mut is_entry: Vec<bool> = items
        .iter()
        .map(|item| item.parent.is_some() && matches!(item.kind, Kind::AccessPoint | Kind::Client | Kind::Virt))
        .collect();
    for parent in items.iter().filter_map(|item| item.parent) {
        is_entry[parent] = false;
    }
    is_entry
}

fn standby(tree: &Tree<'_>, items: &[Item], item_of: &[usize]) -> Vec<Standby> {
    let network = tree.network();
    let mut links: Vec<_> = tree
        .standby_links()
        .filter_map(|link| {
            let (first, second) = network.ends(link);
            let item = |node| tree.place_of(node).map(|place| item_of[place.index()]);
            let ends = [item(first)?, item(second)?];
            if ends.contains(&NOT_DRAWN) {
                return None;
            }
            let record = network.link(link);
            let [from, to] = ends.map(|end| items[end].name.as_str());
            let id = network.link_id(link);
            let tooltip =
                format!("standby link {id}\n{from} to {to}\ncapacity: {}\ncost: {}", record.capacity, record.cost());
            Some((ends, id, Standby { ends, capacity: record.capacity, tooltip }))
        })
        .collect();
    links.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    links.into_iter().map(|(_, _, standby)| standby).collect()
}
