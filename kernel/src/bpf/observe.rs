//! What the classifier's maps hold, and what they counted.

use std::collections::BTreeMap;
use std::io;

use pleach_tc::maps::{self, MapName};
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
        let mut state = ClassifierState { version: self.version()?, sizes: self.sizes(), ..ClassifierState::default() };
        for map in [MapName::Exact4, MapName::Trie4, MapName::Exact6, MapName::Trie6] {
            self.each(map, |key, value| state.devices.extend(maps::read_device(map, key, value)))?;
        }
        self.each(MapName::Ports, |key, value| state.ports.extend(maps::read_port(key, value)))?;
        for map in [MapName::Watched4, MapName::Watched6] {
            self.each(map, |key, _| state.watched.extend(maps::read_watched(map, key)))?;
        }
        self.each(MapName::Identities, |key, value| {
            if let Some((index, class, record)) = maps::read_identity(key, value)
                && let Some(interface) = name_of(index)
            {
                state.identities.insert(IdentityKey { interface, class }, record);
            }
        })?;
        Ok(state)
    }

    /// Reads everything that was counted.
    pub fn counters(&self) -> Result<Counters, KernelError> {
        let mut counters = Counters::default();
        self.each_count(MapName::Slots, |index, direction, count| {
            counters.slots.insert((Slot(index), direction), count);
        })?;
        self.each_count(MapName::Reasons, |index, direction, count| {
            let reason = Reason::ALL.get(index as usize);
            counters.reasons.extend(reason.map(|&reason| ((reason, direction), count)));
        })?;
        self.each(MapName::Unknown, |key, value| {
            let count = maps::read_counts(value);
            counters.unknown.extend(maps::read_unknown(key).map(|address| UnknownAddress { address, count }));
        })?;
        counters.unknown.sort_by_key(|unknown| unknown.address);
        Ok(counters)
    }

    fn each(&self, map: MapName, take: impl FnMut(&[u8], &[u8])) -> Result<(), KernelError> {
        let failed = |error: io::Error| refused(format!("bpftool map dump name {map}"), &error);
        self.map(map).each(take).map_err(failed)
    }

    fn each_count(&self, map: MapName, mut take: impl FnMut(u32, Direction, PacketCount)) -> Result<(), KernelError> {
        self.each(map, |key, value| {
            let count = maps::read_counts(value);
            if count != PacketCount::default()
                && let Ok(index) = key.try_into().map(u32::from_ne_bytes)
            {
                let (index, direction) = maps::split_index(index);
                take(index, direction, count);
            }
        })
    }
}
