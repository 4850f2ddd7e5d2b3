//! Where a packet goes: the classifier's look-up as a plain scan over the entries, in the order of the real one.

use std::collections::BTreeMap;
use std::net::IpAddr;

use pleach_graph::Prefix;
use pleach_tc::{
    ClassifierState, DeviceKey, DeviceValue, Direction, Handle, Interface, PortIndex, PortMode, Scope, Store,
};

use crate::simulated::Simulated;

/// Where a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Routed {
    /// There is no program: it passes unshaped.
    NoProgram,
    /// The shaper is bypassed: it passes unshaped.
    Bypassed,
    /// Its entry sends it to the direct queue of this HTB.
    Direct(Handle),
    /// Into a class that takes it.
    Class(Handle),
    /// Nobody has its address: into this class.
    Unknown(Handle),
    /// To a class that does not exist or is no leaf: it passes unshaped though it should not.
    Nowhere(Handle),
}

impl Simulated {
    /// Where a packet with this address and these VLANs goes on an interface.
    pub fn route(&self, interface: &Interface, direction: Direction, scope: Scope, address: IpAddr) -> Routed {
        let port = &self.interfaces[interface];
        let Some((instance, index)) = port.attached else { return Routed::NoProgram };
        let state = &self.instances[&instance];
        let Some(entry) = state.rest.ports.get(&index) else { return Routed::NoProgram };
        if entry.mode == PortMode::Bypass {
            return Routed::Bypassed;
        }
        let value = state.lookup(scope, address);
        let class = value.map_or(entry.default_class[direction], |value| value.class[direction]);
        let has_children = || port.classes.values().any(|other| other.parent == class);
        match value {
            _ if class.minor() == 0 => Routed::Direct(class),
            _ if !port.classes.contains_key(&class) || has_children() => Routed::Nowhere(class),
            None => Routed::Unknown(class),
            Some(_) => Routed::Class(class),
        }
    }

    /// Entries of the device map that send packets to a class that does not exist, while it is in use: interface, class.
    pub fn dangling(&self) -> Vec<(Interface, Handle)> {
        let mut dangling = Vec::new();
        for (name, port) in &self.interfaces {
            let Some((instance, index)) = port.attached else { continue };
            let instance = &self.instances[&instance];
            let shapes = instance.rest.ports.get(&index).is_some_and(|port| port.mode == PortMode::Shape);
            let directions: &[Direction] = match index {
                PortIndex::Download => &[Direction::Download],
                PortIndex::Upload => &[Direction::Upload],
                PortIndex::Stick => &Direction::BOTH,
            };
            let values = instance.exact.values().chain(instance.trie.values()).filter(|_| shapes);
            let classes = values.flat_map(|value| directions.iter().map(|&direction| value.class[direction]));
            let missing = classes.filter(|class| class.minor() > 0 && !port.classes.contains_key(class));
            dangling.extend(missing.map(|class| (name.clone(), class)));
        }
        dangling
    }

    /// Where its program is attached: interface, which entry point.
    pub fn attached(&self) -> impl Iterator<Item = (&Interface, PortIndex)> {
        self.interfaces.iter().filter_map(|(name, port)| Some((name, port.attached?.1)))
    }
}

/// A program with its maps.
#[derive(Clone, Debug, Default)]
pub(super) struct Instance {
    /// All but the device map.
    pub(super) rest: ClassifierState,
    pub(super) exact: BTreeMap<DeviceKey, DeviceValue>,
    pub(super) trie: BTreeMap<DeviceKey, DeviceValue>,
}

impl Instance {
    pub(super) fn holding(state: &ClassifierState) -> Self {
        let mut rest = state.clone();
        let devices = std::mem::take(&mut rest.devices);
        let store = |wanted: Store| {
            let entries = devices.iter().filter(move |(_, (store, _))| *store == wanted);
            entries.map(|(&key, &(_, value))| (key, value)).collect()
        };
        Self { rest, exact: store(Store::Exact), trie: store(Store::Trie) }
    }

    pub(super) fn state(&self) -> ClassifierState {
        let entries = |store: Store, map: &BTreeMap<DeviceKey, DeviceValue>| {
            map.iter().map(|(&key, &value)| (key, (store, value))).collect::<Vec<_>>()
        };
        let doubled = self.exact.keys().filter(|key| self.trie.contains_key(key)).copied().collect();
        let both = entries(Store::Trie, &self.trie).into_iter().chain(entries(Store::Exact, &self.exact));
        ClassifierState { devices: both.collect(), doubled, ..self.rest.clone() }
    }

    pub(super) fn store(&mut self, store: Store) -> &mut BTreeMap<DeviceKey, DeviceValue> {
        match store {
            Store::Exact => &mut self.exact,
            Store::Trie => &mut self.trie,
        }
    }

    /// What the program finds: the packet's own scope before any, unless it is in a net, and in each the exact map before the trie.
    fn lookup(&self, scope: Scope, address: IpAddr) -> Option<DeviceValue> {
        let host = Prefix::host(address);
        let longest = |map: &BTreeMap<DeviceKey, DeviceValue>, scope: Scope| {
            let matching = map.iter().filter(|(key, _)| key.scope == scope && key.prefix.contains(host));
            matching.max_by_key(|(key, _)| key.prefix.net().prefix_len()).map(|(_, &value)| value)
        };
        let in_scope = |scope| longest(&self.exact, scope).or_else(|| longest(&self.trie, scope));
        let own = if scope == Scope::ANY { None } else { in_scope(scope) };
        if scope.net_number().is_some() { own } else { own.or_else(|| in_scope(Scope::ANY)) }
    }
}
