//! Collects what must be there, and numbers filters by their matches.

use std::collections::BTreeMap;

use pleach_tc::Interface;

use super::super::filter::{Filter, FilterAction, FilterKey, FilterMatch, Side};
use super::super::link::{Aggregates, Isolation, Link, LinkId, LinkKind, Membership};
use super::super::queue::Queue;
use super::super::state::{FloodEntry, LinkState};
use crate::mtu::Mtu;

/// Where filters of one preference stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot<'i> {
    pub(super) interface: &'i Interface,
    pub(super) side: Side,
    pub(super) chain: u32,
    pub(super) preference: u16,
}

/// What must be there so far. Filters have no numbers yet.
#[derive(Default)]
pub(super) struct Builder {
    state: LinkState,
    filters: BTreeMap<FilterKey, BTreeMap<FilterMatch, Vec<FilterAction>>>,
}

impl Builder {
    /// A link that is up by itself.
    pub(super) fn link(&mut self, (name, id): (Interface, LinkId), kind: LinkKind, mtu: Option<Mtu>) -> Interface {
        let aggregates = self.state.links.get(&name).map_or(Aggregates::Whole, |there| there.aggregates);
        self.state.links.insert(name.clone(), Link { id, kind, mtu, aggregates });
        self.state.members.insert(name.clone(), Membership::Alone);
        name
    }

    /// A tunnel: where several nets share it, it splits aggregates if one of them needs that.
    pub(super) fn tunnel(
        &mut self,
        named: (Interface, LinkId),
        kind: LinkKind,
        mtu: Option<Mtu>,
        aggregates: Aggregates,
    ) -> Interface {
        let name = self.link(named, kind, mtu);
        if let Some(link) = self.state.links.get_mut(&name) {
            link.aggregates = link.aggregates.max(aggregates);
        }
        name
    }

    /// An interface that is up by itself.
    pub(super) fn alone(&mut self, interface: &Interface) {
        self.state.members.insert(interface.clone(), Membership::Alone);
    }

    /// An interface in a bridge.
    pub(super) fn join(&mut self, interface: &Interface, bridge: &Interface, isolation: Isolation) {
        self.state.members.insert(interface.clone(), Membership::Bridged { bridge: bridge.clone(), isolation });
    }

    /// An HTB with a class and a leaf.
    pub(super) fn queue(&mut self, interface: &Interface, queue: Queue) {
        self.state.queues.insert(interface.clone(), queue);
    }

    /// The first name that no other link has. `names` has one for each attempt.
    pub(super) fn free(&self, names: impl Fn(u32) -> (Interface, LinkId)) -> (Interface, LinkId) {
        let free = (0..u32::MAX).map(names).find(|(name, _)| !self.state.links.contains_key(name));
        free.expect("invariant: there are more names than links")
    }

    /// A host that frames for unknown stations go to.
    pub(super) fn flood(&mut self, link: &Interface, destination: std::net::IpAddr) {
        self.state.floods.insert(FloodEntry { link: link.clone(), destination });
    }

    /// A filter; clsact comes with it.
    pub(super) fn filter(&mut self, spot: Spot<'_>, matches: FilterMatch, actions: Vec<FilterAction>) {
        let Spot { interface, side, chain, preference } = spot;
        self.state.clsact.insert(interface.clone());
        let key = FilterKey { interface: interface.clone(), side, chain, preference, handle: 0 };
        self.filters.entry(key).or_default().insert(matches.canonical(), actions);
    }

    /// All of it, with numbers.
    pub(super) fn finish(self) -> LinkState {
        let Self { mut state, filters } = self;
        for (spot, filters) in filters {
            for (matches, actions) in filters {
                let mut key = FilterKey { handle: matches.handle(), ..spot.clone() };
                // Two matches hardly ever have one number; the one that sorts first keeps it.
                while state.filters.contains_key(&key) {
                    key.handle = key.handle.wrapping_add(1).max(1);
                }
                state.filters.insert(key, Filter { matches, actions });
            }
        }
        state
    }
}
