//! The difference of the classifier: which program is attached where, its ports, identities and watched networks.

use std::collections::{BTreeMap, BTreeSet};

use crate::classifier::{ClassifierState, DeviceKey, DeviceValue, Port, PortIndex, PortMode, Store};
use crate::diff::devices;
use crate::diff::interface::InterfaceDiff;
use crate::diff::merge::merge;
use crate::direction::{Direction, PerDirection};
use crate::interface::Interface;
use crate::operation::{MapWrite, Operation};
use crate::state::KernelState;
use crate::tunnel::Endpoint;

/// What there is to do with the classifier, by step.
#[derive(Default)]
pub(super) struct ProgramDiff {
    pub(super) bypass: Vec<Operation>,
    pub(super) detours: Vec<Operation>,
    /// Loading and attaching where there was none, bypassed.
    pub(super) first_time: Vec<Operation>,
    pub(super) identify: Vec<Operation>,
    pub(super) map: Vec<Operation>,
    pub(super) forget: Vec<Operation>,
    pub(super) unchanged: usize,
}

/// How the wanted program gets there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arrival {
    /// There is none: it is attached before anything else, bypassed.
    First,
    /// It takes the place of another instance, when it is filled.
    Upgrade,
    /// It is there.
    Stays,
}

impl ProgramDiff {
    pub(super) fn new(desired: &KernelState, observed: &KernelState, interfaces: &[InterfaceDiff]) -> Self {
        let mut this = Self::default();
        let empty = ClassifierState::default();
        let have = observed.classifier.as_ref().unwrap_or(&empty);
        let mut current = have.ports.clone();
        this.bypass(desired, observed, have, interfaces, &mut current);
        let detoured = this.detour(observed, have, interfaces, &mut current);
        let Some(want) = &desired.classifier else { return this };
        let arrival = match &observed.classifier {
            None => Arrival::First,
            Some(have) if (have.version, have.sizes) != (want.version, want.sizes) => Arrival::Upgrade,
            Some(_) => Arrival::Stays,
        };
        let attach = |interface: &Interface, &port| Operation::Attach { interface: interface.clone(), port };
        let wanted = desired.interfaces.iter().filter_map(|(name, state)| Some((name, state.attached.as_ref()?)));
        let load = Operation::LoadClassifier { version: want.version, sizes: want.sizes };
        match arrival {
            Arrival::First => {
                this.first_time.push(load);
                for (&index, port) in &want.ports {
                    let port = Port { mode: PortMode::Bypass, ..*port };
                    this.first_time.push(set_port(index, port));
                    current.insert(index, port);
                }
                this.first_time.extend(wanted.map(|(name, port)| attach(name, port)));
                this.names(want, &empty);
                this.map.extend(want.devices.iter().map(|(&key, &(store, value))| devices::put(store, key, value)));
                this.follow(want, &empty);
                this.set_ports(want, &current);
            }
            Arrival::Upgrade => {
                this.map.push(load);
                this.names(want, &empty);
                let names = std::mem::take(&mut this.identify);
                this.map.extend(names);
                this.map.extend(want.devices.iter().map(|(&key, &(store, value))| devices::put(store, key, value)));
                this.follow(want, &empty);
                this.set_ports(want, &BTreeMap::new());
                this.map.extend(wanted.map(|(name, port)| attach(name, port)));
            }
            Arrival::Stays => {
                this.names(want, have);
                // a crossing that was cut short; look-ups find the exact one of the two
                this.map.extend(have.doubled.iter().map(|&key| devices::remove(Store::Trie, key)));
                let changes = devices::diff(&want.devices, &have.devices, &detoured);
                this.unchanged += changes.unchanged;
                this.map.extend(changes.operations);
                this.follow(want, have);
                this.set_ports(want, &current);
                let is_attached = |name: &Interface| observed.interfaces.get(name).and_then(|state| state.attached);
                let missing = wanted.filter(|&(name, port)| is_attached(name) != Some(*port));
                this.map.extend(missing.map(|(name, port)| attach(name, port)));
            }
        }
        this
    }

    /// Bypasses what will be torn down, and what shall be bypassed anyway.
    fn bypass(
        &mut self,
        desired: &KernelState,
        observed: &KernelState,
        have: &ClassifierState,
        interfaces: &[InterfaceDiff],
        ports: &mut BTreeMap<PortIndex, Port>,
    ) {
        let torn_down = interfaces.iter().filter(|part| part.is_torn_down);
        let torn_down: BTreeSet<PortIndex> =
            torn_down.filter_map(|part| observed.interfaces.get(&part.interface)?.attached).collect();
        for (&index, port) in &have.ports {
            let wanted = desired.classifier.as_ref().and_then(|classifier| classifier.ports.get(&index));
            let must_pass = match wanted {
                None => desired.classifier.is_none(),
                Some(wanted) => wanted.mode == PortMode::Bypass,
            };
            if port.mode == PortMode::Shape && (must_pass || torn_down.contains(&index)) {
                let bypassed = Port { mode: PortMode::Bypass, ..*port };
                self.bypass.push(set_port(index, bypassed));
                ports.insert(index, bypassed);
            }
        }
    }

    /// Leads packets around classes that get none for a while: to their HTB's direct queue.
    fn detour(
        &mut self,
        observed: &KernelState,
        have: &ClassifierState,
        interfaces: &[InterfaceDiff],
        ports: &mut BTreeMap<PortIndex, Port>,
    ) -> BTreeMap<DeviceKey, DeviceValue> {
        let mut detoured = BTreeMap::new();
        let mut shunned = PerDirection::from_fn(|_| Vec::new());
        for part in interfaces.iter().filter(|part| !part.shunned.is_empty()) {
            let attached = observed.interfaces.get(&part.interface).and_then(|state| state.attached);
            for &direction in attached.map_or(&[][..], directions) {
                shunned[direction].push(&part.shunned);
            }
        }
        if Direction::BOTH.into_iter().all(|direction| shunned[direction].is_empty()) {
            return detoured;
        }
        let around = |direction: Direction, class: crate::handle::Handle| {
            let is_shunned = class.minor() > 0 && shunned[direction].iter().any(|classes| classes.contains(&class));
            if is_shunned { class.of_qdisc() } else { class }
        };
        for (&key, &(store, value)) in &have.devices {
            let class = PerDirection::from_fn(|direction| around(direction, value.class[direction]));
            if class != value.class {
                let value = DeviceValue { class, ..value };
                self.detours.push(devices::put(store, key, value));
                detoured.insert(key, value);
            }
        }
        for (&index, port) in ports.iter_mut() {
            let default_class = PerDirection::from_fn(|direction| around(direction, port.default_class[direction]));
            if default_class != port.default_class {
                port.default_class = default_class;
                self.detours.push(set_port(index, *port));
            }
        }
        detoured
    }

    /// Identities and watched networks.
    fn names(&mut self, want: &ClassifierState, have: &ClassifierState) {
        let map = |write| Operation::Map(write);
        for (key, wanted, found) in merge(&want.identities, &have.identities) {
            match wanted {
                Some(&record) if found != Some(&record) => {
                    self.identify.push(map(MapWrite::Identify { key: key.clone(), record }));
                }
                Some(_) => {}
                None => self.forget.push(map(MapWrite::Forget(key.clone()))),
            }
        }
        self.map.extend(want.watched.difference(&have.watched).map(|&prefix| map(MapWrite::Watch(prefix))));
        self.forget.extend(have.watched.difference(&want.watched).map(|&prefix| map(MapWrite::Unwatch(prefix))));
    }

    /// Ends of tunnels: followed once the addresses in them are in the map, and as long as they are. But where old and new ones
    /// do not fit together, so many of the old go before the new come.
    fn follow(&mut self, want: &ClassifierState, have: &ClassifierState) {
        let ClassifierState { endpoints: want, .. } = want;
        let gone: Vec<_> = have.endpoints.keys().filter(|endpoint| !want.contains_key(endpoint)).collect();
        let most = usize::try_from(Endpoint::MOST).expect("invariant: a few thousand");
        let too_many = (want.len() + gone.len()).saturating_sub(most).min(gone.len());
        let remove = |endpoint: &&Endpoint| Operation::Map(MapWrite::RemoveEndpoint(**endpoint));
        self.map.extend(gone[..too_many].iter().map(remove));
        self.forget.extend(gone[too_many..].iter().map(remove));
        let new = want.iter().filter(|&(endpoint, carried)| have.endpoints.get(endpoint) != Some(carried));
        self.map.extend(new.map(|(&endpoint, &carried)| Operation::Map(MapWrite::SetEndpoint { endpoint, carried })));
    }

    fn set_ports(&mut self, want: &ClassifierState, have: &BTreeMap<PortIndex, Port>) {
        let changed = want.ports.iter().filter(|&(index, port)| have.get(index) != Some(port));
        self.map.extend(changed.map(|(&index, &port)| set_port(index, port)));
    }
}

fn set_port(index: PortIndex, port: Port) -> Operation {
    Operation::Map(MapWrite::SetPort { index, port })
}

/// Which directions leave through an interface with this program.
const fn directions(index: PortIndex) -> &'static [Direction] {
    match index {
        PortIndex::Download => &[Direction::Download],
        PortIndex::Upload => &[Direction::Upload],
        PortIndex::Stick => &Direction::BOTH,
    }
}
