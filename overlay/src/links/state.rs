//! What a kernel holds of the overlay.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use pleach_tc::Interface;

use super::filter::{Filter, FilterKey, FilterMatch};
use super::holds::Holds;
use super::layout::LINK_PREFIX;
use super::link::{Link, LinkKind, Membership};
use super::operation::Operation;
use super::queue::{Queue, can_become};

/// A host that frames for unknown stations go to: an entry for the MAC address of zeros in a VXLAN's forwarding table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FloodEntry {
    /// The VXLAN link.
    pub link: Interface,
    /// The host.
    pub destination: IpAddr,
}

/// What a kernel holds of the overlay, or should hold. Whoever observes a kernel lists here only what is ours: links by their
/// alias, interfaces in our bridges, clsact where nothing but our filters hangs in it, filters in our preferences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkState {
    /// Links that we made.
    pub links: BTreeMap<Interface, Link>,
    /// Interfaces that we set up, and where they belong.
    pub members: BTreeMap<Interface, Membership>,
    /// Interfaces that are not ours, and down, as far as it matters: those that we shall leave as we found them.
    pub down: BTreeSet<Interface>,
    /// Interfaces with clsact.
    pub clsact: BTreeSet<Interface>,
    /// What shapes what interfaces send.
    pub queues: BTreeMap<Interface, Queue>,
    /// Where frames for unknown stations go.
    pub floods: BTreeSet<FloodEntry>,
    /// Filters.
    pub filters: BTreeMap<FilterKey, Filter>,
}

/// An operation that a kernel would refuse, or that would leave something broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Something of that name or place is there.
    #[error("`{0}` has it already")]
    Exists(Interface),
    /// Something that it changes or needs is not there.
    #[error("`{0}` does not have what is needed")]
    Missing(Interface),
    /// Two tunnels that cannot share a port, or two filters of one preference that match the same or are for different
    /// protocols.
    #[error("`{0}` cannot be beside `{1}`")]
    Conflict(Interface, Interface),
    /// A filter still sends to the link.
    #[error("filters still send to `{0}`")]
    InUse(Interface),
}

impl LinkState {
    /// How many links, memberships, qdiscs, entries and filters there are. What is down is nothing.
    pub fn len(&self) -> usize {
        let Self { links, members, down: _, clsact, queues, floods, filters } = self;
        links.len() + members.len() + clsact.len() + queues.len() + floods.len() + filters.len()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds all of `other`. What both have is the same, but that a tunnel splits aggregates where either needs it.
    pub fn extend(&mut self, other: Self) {
        for (name, mut link) in other.links {
            let there = self.links.get(&name).map(|there| there.aggregates);
            link.aggregates = link.aggregates.max(there.unwrap_or_default());
            self.links.insert(name, link);
        }
        self.members.extend(other.members);
        self.down.extend(other.down);
        self.clsact.extend(other.clsact);
        self.queues.extend(other.queues);
        self.floods.extend(other.floods);
        self.filters.extend(other.filters);
    }

    /// Does what an operation does, as a kernel would: what it would refuse is refused.
    pub fn apply(&mut self, operation: &Operation) -> Result<(), Refused> {
        match operation {
            Operation::AddLink { name, link } => self.add_link(name, link),
            Operation::DeleteLink { name } => self.delete_link(name),
            Operation::SetMtu { name, mtu } => self.link_mut(name).map(|link| link.mtu = Some(*mtu)),
            Operation::SetAggregates { name, aggregates } => {
                self.link_mut(name).map(|link| link.aggregates = *aggregates)
            }
            Operation::Join { interface, membership } => self.join(interface, membership),
            Operation::Leave { interface } => {
                self.members.remove(interface).map(|_| ()).ok_or_else(|| Refused::Missing(interface.clone()))
            }
            Operation::SetDown { interface } => {
                self.members.remove(interface);
                self.down.insert(interface.clone());
                Ok(())
            }
            Operation::AddQueue { .. }
            | Operation::DeleteQueue { .. }
            | Operation::SetClass { .. }
            | Operation::AddLeaf { .. }
            | Operation::ChangeLeaf { .. }
            | Operation::DeleteLeaf { .. } => self.apply_to_queue(operation),
            Operation::AddClsact { interface } => {
                self.must_be_there(interface)?;
                let is_new = self.clsact.insert(interface.clone());
                if is_new { Ok(()) } else { Err(Refused::Exists(interface.clone())) }
            }
            Operation::DeleteClsact { interface } => {
                self.filters.retain(|key, _| key.interface != *interface);
                let was_there = self.clsact.remove(interface);
                if was_there { Ok(()) } else { Err(Refused::Missing(interface.clone())) }
            }
            Operation::AddFlood(entry) => {
                self.must_be_there(&entry.link)?;
                let is_new = self.floods.insert(entry.clone());
                if is_new { Ok(()) } else { Err(Refused::Exists(entry.link.clone())) }
            }
            Operation::DeleteFlood(entry) => {
                let was_there = self.floods.remove(entry);
                if was_there { Ok(()) } else { Err(Refused::Missing(entry.link.clone())) }
            }
            Operation::AddFilter { key, filter } => self.add_filter(key, filter),
            Operation::ReplaceFilter { key, filter } => self.replace_filter(key, filter),
            Operation::DeleteFilter { key } => {
                self.filters.remove(key).map(|_| ()).ok_or_else(|| Refused::Missing(key.interface.clone()))
            }
        }
    }

    fn apply_to_queue(&mut self, operation: &Operation) -> Result<(), Refused> {
        match operation {
            Operation::AddQueue { interface } => {
                self.must_be_there(interface)?;
                match self.queues.insert(interface.clone(), Queue::default()) {
                    None => Ok(()),
                    Some(_) => Err(Refused::Exists(interface.clone())),
                }
            }
            Operation::DeleteQueue { interface } => {
                self.queues.remove(interface).map(|_| ()).ok_or_else(|| Refused::Missing(interface.clone()))
            }
            Operation::SetClass { interface, class, was: _ } => {
                self.queue_mut(interface).map(|queue| queue.class = Some(*class))
            }
            Operation::AddLeaf { interface, leaf } => match self.queue_mut(interface)? {
                Queue { class: Some(_), leaf: place @ None } => {
                    *place = Some(leaf.clone());
                    Ok(())
                }
                Queue { class: None, .. } => Err(Refused::Missing(interface.clone())),
                Queue { leaf: Some(_), .. } => Err(Refused::Exists(interface.clone())),
            },
            Operation::ChangeLeaf { interface, leaf } => match &mut self.queue_mut(interface)?.leaf {
                Some(there) if can_become(there, leaf) => {
                    there.clone_from(leaf);
                    Ok(())
                }
                _ => Err(Refused::Missing(interface.clone())),
            },
            Operation::DeleteLeaf { interface, was: _ } => {
                let there = self.queue_mut(interface)?.leaf.take();
                there.map(|_| ()).ok_or_else(|| Refused::Missing(interface.clone()))
            }
            _ => unreachable!("invariant: it is about a queue"),
        }
    }

    /// A link of ours must be there; what is not ours is taken to be.
    fn must_be_there(&self, interface: &Interface) -> Result<(), Refused> {
        if self.links.contains_key(interface) || !interface.as_str().starts_with(LINK_PREFIX) {
            Ok(())
        } else {
            Err(Refused::Missing(interface.clone()))
        }
    }

    fn link_mut(&mut self, name: &Interface) -> Result<&mut Link, Refused> {
        self.links.get_mut(name).ok_or_else(|| Refused::Missing(name.clone()))
    }

    fn queue_mut(&mut self, interface: &Interface) -> Result<&mut Queue, Refused> {
        self.queues.get_mut(interface).ok_or_else(|| Refused::Missing(interface.clone()))
    }

    fn add_link(&mut self, name: &Interface, link: &Link) -> Result<(), Refused> {
        let needs = Holds::of(&link.kind);
        let excludes = |other: &Link| match (&needs, Holds::of(&other.kind)) {
            (Some(needs), Some(holds)) => needs.excludes(&holds, true),
            _ => false,
        };
        let mut others = self.links.iter().filter(|(other, _)| *other != name);
        if let Some((other, _)) = others.find(|(_, other)| excludes(other)) {
            return Err(Refused::Conflict(name.clone(), other.clone()));
        }
        match self.links.insert(name.clone(), link.clone()) {
            None => Ok(()),
            Some(_) => Err(Refused::Exists(name.clone())),
        }
    }

    fn delete_link(&mut self, name: &Interface) -> Result<(), Refused> {
        let is_target = |filter: &Filter| filter.actions.iter().any(|action| action.target() == Some(name));
        if self.filters.iter().any(|(key, filter)| key.interface != *name && is_target(filter)) {
            return Err(Refused::InUse(name.clone()));
        }
        self.filters.retain(|key, _| key.interface != *name);
        self.clsact.remove(name);
        self.queues.remove(name);
        self.floods.retain(|entry| entry.link != *name);
        self.members.remove(name);
        self.members
            .retain(|_, membership| !matches!(membership, Membership::Bridged { bridge, .. } if bridge == name));
        self.links.remove(name).map(|_| ()).ok_or_else(|| Refused::Missing(name.clone()))
    }

    fn join(&mut self, interface: &Interface, membership: &Membership) -> Result<(), Refused> {
        self.must_be_there(interface)?;
        if let Membership::Bridged { bridge, .. } = membership
            && self.links.get(bridge).is_none_or(|link| link.kind != LinkKind::Bridge)
        {
            return Err(Refused::Missing(bridge.clone()));
        }
        self.members.insert(interface.clone(), membership.clone());
        self.down.remove(interface);
        Ok(())
    }

    fn targets_are_there(&self, filter: &Filter) -> Result<(), Refused> {
        filter.actions.iter().filter_map(|action| action.target()).try_for_each(|target| self.must_be_there(target))
    }

    fn add_filter(&mut self, key: &FilterKey, filter: &Filter) -> Result<(), Refused> {
        if !self.clsact.contains(&key.interface) {
            return Err(Refused::Missing(key.interface.clone()));
        }
        self.targets_are_there(filter)?;
        let [first, last] = [0, u32::MAX].map(|handle| FilterKey { handle, ..key.clone() });
        let excludes = |other: &FilterMatch| *other == filter.matches || other.protocol() != filter.matches.protocol();
        if self.filters.range(first..=last).any(|(_, other)| excludes(&other.matches)) {
            return Err(Refused::Conflict(key.interface.clone(), key.interface.clone()));
        }
        match self.filters.insert(key.clone(), filter.clone()) {
            None => Ok(()),
            Some(_) => Err(Refused::Exists(key.interface.clone())),
        }
    }

    fn replace_filter(&mut self, key: &FilterKey, filter: &Filter) -> Result<(), Refused> {
        self.targets_are_there(filter)?;
        match self.filters.get_mut(key) {
            Some(there) if there.matches == filter.matches => {
                there.clone_from(filter);
                Ok(())
            }
            _ => Err(Refused::Missing(key.interface.clone())),
        }
    }
}
