//! From what is there and what is wanted to the changes in between, new before old.
//!
//! Rules and limits stand before an interface can send or receive anything, and what frames are sent to stands before what
//! sends them; deletions go the other way. Links that get nothing but what a filter sends there are up before that filter is.
//! Only what excludes its successor goes first: a link that must be made again, a tunnel whose port another kind of tunnel
//! needs, a filter whose match another number gets. What sent frames to such a link is deleted before it and made again after
//! it.

use std::collections::{BTreeMap, BTreeSet};

use pleach_tc::{Interface, QdiscKind};

use super::filter::{Filter, FilterKey, Side};
use super::holds::Holds;
use super::link::{Link, LinkKind, Membership};
use super::operation::Operation;
use super::plan::LinkPlan;
use super::queue::{self, Queue};
use super::state::LinkState;

/// The operations that turn `observed` into `wanted`.
pub fn diff(observed: &LinkState, wanted: &LinkState) -> LinkPlan {
    if observed == wanted {
        return LinkPlan { operations: Vec::new(), unchanged: wanted.len() };
    }
    let mut operations = Vec::new();
    let mut now = std::borrow::Cow::Borrowed(observed);
    let obstacles = obstacles(observed, wanted);
    if !obstacles.is_empty() {
        remove_first(now.to_mut(), &obstacles, &mut operations);
    }
    let changes = Changes { now: &now, wanted };
    let unchanged = changes.unchanged();
    changes.links(&mut operations);
    changes.add(&mut operations);
    changes.remove(&mut operations);
    LinkPlan { operations, unchanged }
}

/// Links that cannot stay while what is wanted is made.
fn obstacles(observed: &LinkState, wanted: &LinkState) -> BTreeSet<Interface> {
    let is_new = |name: &Interface, link: &Link| observed.links.get(name).is_none_or(|there| !can_become(there, link));
    let new: Vec<(&Interface, &Link)> = wanted.links.iter().filter(|(name, link)| is_new(name, link)).collect();
    let needed: Vec<Holds> = new.iter().filter_map(|(_, link)| Holds::of(&link.kind)).collect();
    let in_the_way = observed.links.iter().filter(|(name, there)| {
        let is_replaced = wanted.links.get(*name).is_some_and(|link| !can_become(there, link));
        let excludes = |holds: &Holds| needed.iter().any(|needs| needs.excludes(holds, true));
        is_replaced || Holds::of(&there.kind).as_ref().is_some_and(excludes)
    });
    in_the_way.map(|(name, _)| name.clone()).collect()
}

/// Whether a link is as it is wanted, or can be made so in place.
fn can_become(there: &Link, wanted: &Link) -> bool {
    there.id == wanted.id && there.kind == wanted.kind && (wanted.mtu.is_some() || there.mtu.is_none())
}

/// Removes links with what sends to them, and remembers it in `now`.
fn remove_first(now: &mut LinkState, obstacles: &BTreeSet<Interface>, operations: &mut Vec<Operation>) {
    let sends_there = |filter: &Filter| {
        filter.actions.iter().filter_map(|action| action.target()).any(|target| obstacles.contains(target))
    };
    let mut senders: Vec<FilterKey> = now
        .filters
        .iter()
        .filter(|(key, filter)| !obstacles.contains(&key.interface) && sends_there(filter))
        .map(|(key, _)| key.clone())
        .collect();
    senders.sort_by_key(|key| std::cmp::Reverse(rank(now, key)));
    // Links that send to each other are taken apart first.
    let between = now.filters.iter().filter(|(key, filter)| obstacles.contains(&key.interface) && sends_there(filter));
    senders.extend(between.map(|(key, _)| key.clone()));
    let deletions = senders.into_iter().map(|key| Operation::DeleteFilter { key });
    let links = obstacles.iter().map(|name| Operation::DeleteLink { name: name.clone() });
    for operation in deletions.chain(links) {
        now.apply(&operation).expect("invariant: what is removed is there, and nothing sends to it");
        operations.push(operation);
    }
}

/// When a filter is added among others, the lowest first: see the head of this file.
fn rank(state: &LinkState, key: &FilterKey) -> u8 {
    let is_ours = state.links.contains_key(&key.interface);
    match (is_ours, key.side, key.chain) {
        (false, Side::Egress, 1..) => 0,
        (false, Side::Egress, 0) => 1,
        (false, Side::Ingress, 1..) => 2,
        (true, _, 1..) => 3,
        (true, _, 0) => 4,
        (false, Side::Ingress, 0) => 5,
    }
}

/// When an interface is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// A link that gets nothing but what a filter sends there.
    BeforeFilters,
    Ours,
    Others,
    /// A link that cannot be up before the virt's interface is.
    Last,
}

struct Changes<'a> {
    now: &'a LinkState,
    wanted: &'a LinkState,
}

impl Changes<'_> {
    fn unchanged(&self) -> usize {
        fn same<K: Ord, V: PartialEq>(now: &BTreeMap<K, V>, wanted: &BTreeMap<K, V>) -> usize {
            wanted.iter().filter(|(key, value)| now.get(key) == Some(value)).count()
        }
        let Self { now, wanted } = self;
        same(&now.links, &wanted.links)
            + same(&now.members, &wanted.members)
            + same(&now.filters, &wanted.filters)
            + same(&now.queues, &wanted.queues)
            + now.clsact.intersection(&wanted.clsact).count()
            + now.floods.intersection(&wanted.floods).count()
    }

    /// New links, bridges first, and what changes of those that are there.
    fn links(&self, operations: &mut Vec<Operation>) {
        let new = || self.wanted.links.iter().filter(|(name, _)| !self.now.links.contains_key(*name));
        let is_bridge = |link: &Link| link.kind == LinkKind::Bridge;
        let bridges = new().filter(|(_, link)| is_bridge(link));
        for (name, link) in bridges.chain(new().filter(|(_, link)| !is_bridge(link))) {
            operations.push(Operation::AddLink { name: name.clone(), link: link.clone() });
        }
        for (name, link) in &self.wanted.links {
            let there = self.now.links.get(name);
            if let Some(mtu) = link.mtu.filter(|_| there.is_some_and(|there| there.mtu != link.mtu)) {
                operations.push(Operation::SetMtu { name: name.clone(), mtu });
            }
            if there.is_some_and(|there| there.aggregates != link.aggregates) {
                operations.push(Operation::SetAggregates { name: name.clone(), aggregates: link.aggregates });
            }
        }
    }

    fn add(&self, operations: &mut Vec<Operation>) {
        let joins = |turn: Turn| {
            self.wanted
                .members
                .iter()
                .filter(move |(name, membership)| self.turn(name, membership) == turn)
                .filter(|(name, membership)| self.now.members.get(*name) != Some(membership))
                .map(|(interface, membership)| Operation::Join {
                    interface: interface.clone(),
                    membership: membership.clone(),
                })
        };
        let clsact = self.wanted.clsact.difference(&self.now.clsact).cloned();
        operations.extend(clsact.map(|interface| Operation::AddClsact { interface }));
        self.queues(operations);
        operations.extend(joins(Turn::BeforeFilters));
        self.filters(operations);
        operations.extend(joins(Turn::Ours));
        operations.extend(self.wanted.floods.difference(&self.now.floods).cloned().map(Operation::AddFlood));
        operations.extend(joins(Turn::Others));
        operations.extend(joins(Turn::Last));
    }

    fn turn(&self, name: &Interface, membership: &Membership) -> Turn {
        match (self.wanted.links.get(name).map(|link| &link.kind), membership) {
            (Some(LinkKind::Ifb), _) => Turn::BeforeFilters,
            (Some(LinkKind::Vlan { parent, .. }), Membership::Alone) if self.now.members.contains_key(parent) => {
                Turn::BeforeFilters
            }
            (Some(LinkKind::Vlan { .. }), Membership::Alone) => Turn::Last,
            (Some(_), _) => Turn::Ours,
            (None, _) => Turn::Others,
        }
    }

    /// Queues, before anything is sent to them. What cannot change in place is emptied.
    fn queues(&self, operations: &mut Vec<Operation>) {
        let nothing = Queue::default();
        for (name, wanted) in &self.wanted.queues {
            let interface = || name.clone();
            let now = self.now.queues.get(name).unwrap_or_else(|| {
                operations.push(Operation::AddQueue { interface: interface() });
                &nothing
            });
            if let Some(class) = wanted.class.filter(|class| now.class != Some(*class)) {
                operations.push(Operation::SetClass { interface: interface(), class, was: now.class });
            }
            match (&now.leaf, &wanted.leaf) {
                (there, leaf) if there == leaf => {}
                (Some(there), Some(leaf)) if queue::can_become(there, leaf) => {
                    operations.push(Operation::ChangeLeaf { interface: interface(), leaf: leaf.clone() });
                }
                (there, leaf) => {
                    let delete = |was: &QdiscKind| Operation::DeleteLeaf { interface: interface(), was: was.clone() };
                    operations.extend(there.as_ref().map(delete));
                    let add = |leaf: &QdiscKind| Operation::AddLeaf { interface: interface(), leaf: leaf.clone() };
                    operations.extend(leaf.as_ref().map(add));
                }
            }
        }
    }

    fn filters(&self, operations: &mut Vec<Operation>) {
        // A place with another match, and a match in another place of its preference: the old one goes first.
        let (mut new, mut replaced, mut in_the_way) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (key, filter) in &self.wanted.filters {
            match self.now.filters.get(key) {
                Some(there) if there == filter => {}
                Some(there) if there.matches == filter.matches => replaced.push((key, filter)),
                there => {
                    in_the_way.extend(there.map(|_| key.clone()));
                    new.push((key, filter));
                }
            }
        }
        in_the_way.extend(self.excluded(&new));
        new.sort_by_cached_key(|(key, _)| rank(self.wanted, key));
        replaced.sort_by_cached_key(|(key, _)| rank(self.wanted, key));
        operations.extend(in_the_way.into_iter().map(|key| Operation::DeleteFilter { key }));
        let owned = |(key, filter): (&FilterKey, &Filter)| (key.clone(), filter.clone());
        operations.extend(new.into_iter().map(owned).map(|(key, filter)| Operation::AddFilter { key, filter }));
        operations
            .extend(replaced.into_iter().map(owned).map(|(key, filter)| Operation::ReplaceFilter { key, filter }));
    }

    /// Filters that are no longer wanted, and that new ones cannot stand beside.
    fn excluded(&self, new: &[(&FilterKey, &Filter)]) -> Vec<FilterKey> {
        let mut gone = self.gone_filters().peekable();
        if gone.peek().is_none() {
            return Vec::new();
        }
        let place = |key: &FilterKey| FilterKey { handle: 0, ..key.clone() };
        // All filters of one preference are for one protocol.
        let protocols: BTreeSet<_> = new.iter().map(|(key, filter)| (place(key), filter.matches.protocol())).collect();
        let matches: BTreeSet<_> = new.iter().map(|(key, filter)| (place(key), &filter.matches)).collect();
        let excludes = |(key, there): &(&FilterKey, &Filter)| {
            let place = place(key);
            let mut of_place = protocols.range((place.clone(), "")..).take_while(|(other, _)| *other == place);
            let is_of_another = of_place.any(|(_, protocol)| *protocol != there.matches.protocol());
            is_of_another || matches.contains(&(place, &there.matches))
        };
        gone.filter(excludes).map(|(key, _)| key.clone()).collect()
    }

    /// Filters that are no longer wanted on interfaces that stay.
    fn gone_filters(&self) -> impl Iterator<Item = (&FilterKey, &Filter)> {
        let goes = |name: &Interface| self.now.links.contains_key(name) && !self.wanted.links.contains_key(name);
        self.now.filters.iter().filter(move |(key, _)| !self.wanted.filters.contains_key(*key) && !goes(&key.interface))
    }

    fn remove(&self, operations: &mut Vec<Operation>) {
        let goes = |name: &Interface| self.now.links.contains_key(name) && !self.wanted.links.contains_key(name);
        let deleted: BTreeSet<FilterKey> = operations
            .iter()
            .filter_map(
                |operation| if let Operation::DeleteFilter { key } = operation { Some(key.clone()) } else { None },
            )
            .collect();
        let mut filters: Vec<&FilterKey> =
            self.gone_filters().map(|(key, _)| key).filter(|key| !deleted.contains(*key)).collect();
        filters.sort_by_key(|key| std::cmp::Reverse(rank(self.now, key)));
        // What waits in queues that go leaves at once.
        for (name, queue) in self.now.queues.iter().filter(|(name, _)| !self.wanted.queues.contains_key(*name)) {
            let class = queue.class.map(|class| queue::unlimited(&class));
            operations.extend(class.map(|class| Operation::SetClass {
                interface: name.clone(),
                class,
                was: queue.class,
            }));
        }
        // Out of the bridge before the rules go.
        let members =
            self.now.members.iter().filter(|(name, _)| !self.wanted.members.contains_key(*name) && !goes(name));
        for (name, membership) in members {
            // With its bridge it leaves by itself.
            if !matches!(membership, Membership::Bridged { bridge, .. } if goes(bridge)) {
                operations.push(Operation::Leave { interface: name.clone() });
            }
        }
        operations.extend(
            self.wanted
                .down
                .difference(&self.now.down)
                .map(|interface| Operation::SetDown { interface: interface.clone() }),
        );
        operations.extend(filters.into_iter().map(|key| Operation::DeleteFilter { key: key.clone() }));
        let floods = self.now.floods.difference(&self.wanted.floods).filter(|entry| !goes(&entry.link));
        operations.extend(floods.cloned().map(Operation::DeleteFlood));
        let queues = self.now.queues.keys().filter(|name| !self.wanted.queues.contains_key(*name) && !goes(name));
        operations.extend(queues.map(|name| Operation::DeleteQueue { interface: name.clone() }));
        let clsact = self.now.clsact.difference(&self.wanted.clsact).filter(|name| !goes(name));
        operations.extend(clsact.cloned().map(|interface| Operation::DeleteClsact { interface }));
        self.remove_links(operations);
    }

    /// Links that send to others go before those.
    fn remove_links(&self, operations: &mut Vec<Operation>) {
        let goes = |name: &&Interface| !self.wanted.links.contains_key(*name);
        let order = |name: &&Interface| match (&self.now.links[*name].kind, self.now.members.get(*name)) {
            // What a virt sends comes back through it, and goes to all others.
            (LinkKind::Vlan { .. }, Some(Membership::Alone) | None) => 0,
            (LinkKind::Dummy, _) => 1,
            (LinkKind::Bridge, _) => 3,
            _ => 2,
        };
        let mut links: Vec<&Interface> = self.now.links.keys().filter(goes).collect();
        links.sort_by_key(order);
        operations.extend(links.into_iter().map(|name| Operation::DeleteLink { name: name.clone() }));
    }
}
