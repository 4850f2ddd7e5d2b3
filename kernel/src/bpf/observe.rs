//! What the classifier's maps hold, and what they counted.

use std::collections::BTreeMap;
use std::io;

use pleach_tc::wire::{self, Bytes, MapName};
use pleach_tc::{ClassifierState, Direction, IdentityKey, Interface, PacketCount, Reason, Slot, UnknownAddress};

use super::classifier::{Classifier, refused};
use crate::error::KernelError;

/// What the classifier counted since it was loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// For each circuit, by slot and direction; those that counted nothing are left out.
    pub slots: BTreeMap<(Slot, Direction), PacketCount>,
    /// By reason and direction; those that counted nothing are left out.
    pub reasons: BTreeMap<(Reason, Direction), PacketCount>,
    /// Addresses of watched networks that nobody has, in order.
    pub unknown: Vec<UnknownAddress>,
}

impl Classifier {
    /// Reads everything that the classifier decides by. `name_of` is the name of the interface of a number, in whose place
    /// there may be none any more: identities of its classes are left out.
    pub fn observe(&self, name_of: impl Fn(u32) -> Option<Interface>) -> Result<ClassifierState, KernelError> {
        let mut state =
            ClassifierState { version: self.version()?, sizes: self.sizes()?, ..ClassifierState::default() };
        // The exact stores first: where an entry stands in both, look-ups find that one.
        for map in [MapName::Exact4, MapName::Trie4, MapName::Exact6, MapName::Trie6] {
            self.each(map, |key, value| {
                if let Some((key, entry)) = wire::read_device(map, key, value)
                    && state.devices.entry(key).or_insert(entry).0 != entry.0
                {
                    state.doubled.insert(key);
                }
            })?;
        }
        self.each(MapName::Ports, |key, value| state.ports.extend(wire::read_port(key, value)))?;
        for map in [MapName::Watched4, MapName::Watched6] {
            self.each(map, |key, _| state.watched.extend(wire::read_watched(map, key)))?;
        }
        self.each(MapName::Endpoints, |key, value| state.endpoints.extend(wire::read_endpoint(key, value)))?;
        self.each(MapName::Identities, |key, value| {
            if let Some((index, class, record)) = wire::read_identity(key, value)
                && let Some(interface) = name_of(index)
            {
                state.identities.insert(IdentityKey { interface, class }, record);
            }
        })?;
        Ok(state)
    }

    /// Removes identities of interfaces that are gone: the kernel gives every new interface a new number, and nobody else
    /// would ever remove them.
    pub fn forget_gone(&self, name_of: impl Fn(u32) -> Option<Interface>) -> Result<(), KernelError> {
        let mut gone = Vec::new();
        self.each(MapName::Identities, |key, value| {
            if let Some((index, ..)) = wire::read_identity(key, value)
                && name_of(index).is_none()
            {
                gone.push(Bytes::of(key));
            }
        })?;
        let (_, error) = self.map(MapName::Identities).remove(&gone);
        error.map_or(Ok(()), |error| Err(refused("bpftool map delete name identities".to_owned(), &error)))
    }

    /// Reads everything that was counted.
    pub fn counters(&self) -> Result<Counters, KernelError> {
        let mut counters = Counters::default();
        let slots = self.about()?.slots.max(1);
        self.each_count(MapName::Slots, |index, count| {
            let direction = if (index / slots).is_multiple_of(2) { Direction::Download } else { Direction::Upload };
            let sum = counters.slots.entry((Slot(index % slots), direction)).or_default();
            sum.packets += count.packets;
            sum.bytes += count.bytes;
        })?;
        self.each_count(MapName::Reasons, |index, count| {
            let (reason, direction) = wire::split_index(index);
            let reason = Reason::ALL.get(reason as usize);
            counters.reasons.extend(reason.map(|&reason| ((reason, direction), count)));
        })?;
        self.each(MapName::Unknown, |key, value| {
            let count = wire::read_counts(value);
            counters.unknown.extend(wire::read_unknown(key).map(|address| UnknownAddress { address, count }));
        })?;
        counters.unknown.sort_by_key(|unknown| unknown.address);
        Ok(counters)
    }

    fn each(&self, map: MapName, take: impl FnMut(&[u8], &[u8])) -> Result<(), KernelError> {
        let failed = |error: io::Error| refused(format!("bpftool map dump name {map}"), &error);
        self.map(map).each(take).map_err(failed)
    }

    fn each_count(&self, map: MapName, mut take: impl FnMut(u32, PacketCount)) -> Result<(), KernelError> {
        self.each(map, |key, value| {
            let count = wire::read_counts(value);
            if count != PacketCount::default()
                && let Ok(index) = key.try_into().map(u32::from_ne_bytes)
            {
                take(index, count);
            }
        })
    }
}
