//! What a kernel was found to hold: what is ours, and what of the rest matters to us.

use std::collections::{BTreeMap, BTreeSet};

use pleach_tc::{Interface, Root};

use super::filter::Side;
use super::holds::Holds;
use super::link::{Aggregates, Link, LinkId, LinkKind, Membership};
use super::state::LinkState;

/// What a kernel was found to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// What is ours, as it is: every link with its MTU; of members our own links, and others' interfaces that are in a bridge
    /// of ours; clsact wherever it is; filters that are numbered as ours are.
    pub state: LinkState,
    /// The numbers of our links.
    pub numbers: BTreeMap<Interface, u32>,
    /// All other interfaces.
    pub others: BTreeMap<Interface, Other>,
}

/// An interface that we did not make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Other {
    /// Its number: one that is made anew under its name has another.
    pub number: u32,
    /// The largest frame that it carries.
    pub mtu: u32,
    /// What the kernel calls its kind, such as `bridge`; empty for hardware.
    pub kind: String,
    /// Whether somebody said what it is, in its `ifalias`.
    pub has_alias: bool,
    /// Whether it is set up.
    pub is_up: bool,
    /// The bridge or the like that it is in.
    pub master: Option<Interface>,
    /// Whether it has the `ingress` qdisc, which excludes clsact.
    pub has_ingress: bool,
    /// The root qdisc, where it is no queue of a virt's: what is [`Root::Ours`] is a shaper's.
    pub root: Root,
    /// What it holds that the kernel gives to one link only.
    pub holds: Option<Holds>,
    /// Places of clsact that filters of others have: side, chain, preference.
    pub foreign_filters: BTreeSet<(Side, u32, u16)>,
}

impl Found {
    /// What is ours in the words of what is wanted, so that equal means done.
    ///
    /// An MTU that is not stated is whatever it is. A limit or a filter that the kernel rounded is as it was told. Of others'
    /// interfaces, those count that `target` speaks of; clsact is ours where `target` wants it or `removable` says so, unless
    /// somebody else's filters hang in it too.
    pub fn toward(&self, target: &LinkState, removable: &BTreeSet<Interface>) -> LinkState {
        self.turned(self.state.clone(), target, removable)
    }

    /// The same of what nobody else asks for.
    pub fn into_toward(mut self, target: &LinkState, removable: &BTreeSet<Interface>) -> LinkState {
        let state = std::mem::take(&mut self.state);
        self.turned(state, target, removable)
    }

    fn turned(&self, mut state: LinkState, target: &LinkState, removable: &BTreeSet<Interface>) -> LinkState {
        for (name, link) in &mut state.links {
            let stays = |wanted: &&Link| wanted.id == link.id && wanted.kind == link.kind;
            if target.links.get(name).filter(stays).is_some_and(|wanted| wanted.mtu.is_none()) {
                link.mtu = None;
            }
        }
        for (name, other) in &self.others {
            match (target.members.contains_key(name), other.is_up, &other.master) {
                (true, true, None) => _ = state.members.insert(name.clone(), Membership::Alone),
                (true, false, _) => _ = state.members.remove(name),
                _ => {}
            }
            if !other.is_up && target.down.contains(name) {
                state.down.insert(name.clone());
            }
        }
        state.clsact.retain(|name| match self.others.get(name) {
            None => true,
            Some(other) => {
                other.foreign_filters.is_empty() && (target.clsact.contains(name) || removable.contains(name))
            }
        });
        for (name, queue) in &mut state.queues {
            if let Some(wanted) = target.queues.get(name).filter(|wanted| wanted.is_kept_as(queue)) {
                queue.clone_from(wanted);
            }
        }
        for (key, filter) in &mut state.filters {
            if let Some(wanted) =
                target.filters.get(key).filter(|wanted| *wanted != filter && wanted.is_kept_as(filter))
            {
                filter.clone_from(wanted);
            }
        }
        state
    }

    /// What is wanted, less what is there and shared with somebody else: clsact where others' filters hang in it too.
    #[must_use]
    pub fn less_shared(&self, mut wanted: LinkState) -> LinkState {
        let is_shared = |name: &Interface| {
            let foreign = self.others.get(name).is_some_and(|other| !other.foreign_filters.is_empty());
            foreign && self.state.clsact.contains(name)
        };
        wanted.clsact.retain(|name| !is_shared(name));
        wanted
    }

    /// What is wanted, less what can be no more: of interfaces that are not ours and are gone, and filters that sent to them.
    #[must_use]
    pub fn less_gone(&self, mut wanted: LinkState) -> LinkState {
        let ours: BTreeSet<Interface> = wanted.links.keys().cloned().collect();
        let is_there = |name: &Interface| ours.contains(name) || self.others.contains_key(name);
        wanted.members.retain(|name, _| is_there(name));
        wanted.down.retain(&is_there);
        wanted.clsact.retain(&is_there);
        wanted.queues.retain(|name, _| is_there(name));
        wanted.filters.retain(|key, filter| {
            is_there(&key.interface) && filter.actions.iter().filter_map(super::FilterAction::target).all(&is_there)
        });
        wanted
    }

    /// Takes links for ours that were being made when whoever made them was stopped: they have the name, and nothing else
    /// yet. What they are is not looked at, since they are made anew.
    pub fn adopt(&mut self, making: &BTreeSet<Interface>) {
        let is_bare = |other: &Other| !other.has_alias && !other.is_up && other.master.is_none();
        for name in making {
            if !self.others.get(name).is_some_and(is_bare) {
                continue;
            }
            if let Some(Other { number, kind, .. }) = self.others.remove(name) {
                let link = Link {
                    id: LinkId::half_made(),
                    kind: LinkKind::Changed { kind },
                    mtu: None,
                    aggregates: Aggregates::Whole,
                };
                self.state.links.insert(name.clone(), link);
                self.numbers.insert(name.clone(), number);
            }
        }
    }
}
