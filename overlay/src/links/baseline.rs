//! What interfaces that are not ours were like before an overlay touched them.

use std::collections::{BTreeMap, BTreeSet};

use pleach_tc::Interface;
use serde::{Deserialize, Serialize};

use super::found::{Found, Other};
use super::state::LinkState;

/// What is remembered between commits: written before the kernel is touched.
///
/// What is ours the kernel knows by itself, by aliases and by the numbers of filters. It does not know what an interface was
/// like before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Interfaces that are not ours.
    pub interfaces: BTreeMap<Interface, InterfaceBefore>,
    /// Links that are being made: until it has its alias, the name alone says that a link is ours.
    pub making: BTreeSet<Interface>,
}

/// What an interface was like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterfaceBefore {
    /// Its number.
    pub number: u32,
    /// Whether it was up.
    pub is_up: bool,
    /// Whether it had clsact.
    pub has_clsact: bool,
}

impl Baseline {
    /// Remembers interfaces that are about to be touched, and links that are about to be made. An interface with something of
    /// ours on it was touched before, and it is not known any more what it was like.
    pub fn learn(&mut self, found: &Found, wanted: &LinkState) {
        for (name, other) in &found.others {
            let is_touched = is_touched(found, name);
            let is_known = self.before(name, other).is_some();
            if is_known || is_touched || !wanted.members.contains_key(name) && !wanted.clsact.contains(name) {
                continue;
            }
            let before = InterfaceBefore {
                number: other.number,
                is_up: other.is_up,
                has_clsact: found.state.clsact.contains(name),
            };
            self.interfaces.insert(name.clone(), before);
        }
        let new = wanted.links.iter().filter(|(name, link)| found.state.links.get(*name) != Some(link));
        self.making.extend(new.map(|(name, _)| name.clone()));
    }

    /// Forgets what is no longer touched once all that is wanted is there.
    pub fn forget(&mut self, wanted: &LinkState) {
        self.making.clear();
        self.interfaces.retain(|name, _| wanted.members.contains_key(name) || wanted.clsact.contains(name));
    }

    /// Interfaces whose clsact we made.
    pub fn removable(&self, found: &Found) -> BTreeSet<Interface> {
        self.names(found, |before| !before.has_clsact)
    }

    /// Interfaces that were down before us.
    pub fn down(&self, found: &Found) -> BTreeSet<Interface> {
        self.names(found, |before| !before.is_up)
    }

    fn names(&self, found: &Found, is_meant: impl Fn(&InterfaceBefore) -> bool) -> BTreeSet<Interface> {
        let is_meant = |(name, other): &(&Interface, &Other)| self.before(name, other).is_some_and(&is_meant);
        found.others.iter().filter(is_meant).map(|(name, _)| name.clone()).collect()
    }

    fn before(&self, name: &Interface, other: &Other) -> Option<&InterfaceBefore> {
        self.interfaces.get(name).filter(|before| before.number == other.number)
    }
}

fn is_touched(found: &Found, name: &Interface) -> bool {
    found.state.members.contains_key(name) || found.state.filters.keys().any(|key| key.interface == *name)
}
