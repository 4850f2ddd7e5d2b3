//! States as a planner would make them, from a few random numbers.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use pleach_graph::{Prefix, Rate};
use pleach_tc::{
    Cake, Carried, Class, ClassifierState, ClassifierVersion, DeviceKey, DeviceValue, Diffserv, Direction, Endpoint,
    FqCodel, Handle, Identity, IdentityKey, IdentityRecord, Interface, InterfaceState, KernelState, Leaf, MapSizes,
    MarkField, PerDirection, Pfifo, Port, PortIndex, PortMode, Qdisc, QdiscKind, Root, Scope, Sfq, Slot, Store, Ticks,
    layout,
};
use proptest::prelude::*;

pub(crate) const PREFIXES: [&str; 13] = [
    "0.0.0.0/0",
    "10.0.0.0/24",
    "10.0.0.0/28",
    "10.0.0.0/30",
    "10.0.0.1",
    "10.0.0.2",
    "10.0.0.9",
    "2001:db8::/48",
    "2001:db8::/56",
    "2001:db8::/64",
    "2001:db8:0:1::/64",
    "2001:db8::1",
    "2001:db8::/60",
];
pub(crate) const SCOPES: [Scope; 2] = [Scope::ANY, Scope::vlan(5, 0)];
const NODES: usize = 4;
const CIRCUITS: usize = 6;
const CEILING: Rate = Rate::from_gbit(1);

/// A state in few words.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) is_there: bool,
    pub(crate) queues: u16,
    /// The node above each node, among those before it.
    pub(crate) nodes: Vec<Option<usize>>,
    pub(crate) circuits: Vec<Option<Circuit>>,
    /// Whose each prefix is, in each scope.
    pub(crate) owners: Vec<Option<usize>>,
    pub(crate) is_bypassed: bool,
    pub(crate) version: u8,
}

#[derive(Clone, Debug)]
pub(crate) struct Circuit {
    pub(crate) node: usize,
    pub(crate) rate: u64,
    pub(crate) leaf: usize,
}

/// How handles are given away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handles {
    /// As the planner does: what moves gets a new one.
    Careful,
    /// By name alone: what moves stands in the way of itself.
    Careless,
}

/// Handles that states share.
pub(crate) struct Numbers {
    handles: Handles,
    minors: RefCell<HashMap<String, u16>>,
    majors: RefCell<HashMap<String, u16>>,
}

impl Numbers {
    pub(crate) fn new(handles: Handles) -> Self {
        Self { handles, minors: RefCell::default(), majors: RefCell::default() }
    }

    fn minor(&self, name: &str, path: &str) -> u16 {
        let key = if self.handles == Handles::Careful { format!("{name}/{path}") } else { name.to_owned() };
        let mut minors = self.minors.borrow_mut();
        let next = layout::FIRST_FREE_MINOR + u16::try_from(minors.len()).expect("few");
        *minors.entry(key).or_insert(next)
    }

    fn major(&self, name: &str, path: &str) -> Handle {
        let key = if self.handles == Handles::Careful { format!("{name}/{path}") } else { name.to_owned() };
        let mut majors = self.majors.borrow_mut();
        let next = layout::leaf_majors().nth(majors.len()).expect("there are many");
        Handle::qdisc(*majors.entry(key).or_insert(next))
    }
}

pub(crate) fn interface(direction: Direction) -> Interface {
    if direction == Direction::Download { "eth0" } else { "eth1" }.parse().expect("a name")
}

pub(crate) fn interfaces() -> Vec<Interface> {
    Direction::BOTH.into_iter().map(interface).collect()
}

pub(crate) fn prefix(text: &str) -> Prefix {
    Prefix::parse(text).expect("a prefix").prefix
}

fn leaf(which: usize) -> Option<Leaf> {
    let leaf = match which {
        0 => Leaf::Cake(Cake::default()),
        1 => Leaf::Cake(Cake { diffserv: Diffserv::Besteffort, ..Cake::default() }),
        2 => Leaf::FqCodel(FqCodel::default()),
        3 => Leaf::FqCodel(FqCodel { flows: 64, ..FqCodel::default() }),
        4 => Leaf::Sfq(Sfq::default()),
        5 => Leaf::Pfifo(Pfifo { limit: 10 }),
        6 => Leaf::Pfifo(Pfifo { limit: 20 }),
        _ => return None,
    };
    Some(leaf.kept())
}

fn class(parent: Handle, rate: u64) -> Class {
    let (rate, ticks) = (Rate::from_bit(rate), Ticks(1_000));
    Class { parent, rate, ceil: CEILING, burst: ticks, cburst: ticks, quantum: 1_522, priority: 3, overhead: 0, mpu: 0 }
}

impl World {
    fn path(&self, node: usize) -> String {
        let mut path = format!("{node}");
        let mut at = node;
        while let Some(above) = self.nodes[at] {
            path = format!("{above}/{path}");
            at = above;
        }
        path
    }

    fn top(&self, node: usize) -> usize {
        self.nodes[node].map_or(node, |above| self.top(above))
    }

    fn htb(&self, node: usize) -> Handle {
        let queue = u16::try_from(self.top(node)).expect("few") % self.queues;
        layout::htb(queue).expect("an HTB")
    }

    fn node(&self, numbers: &Numbers, node: usize) -> Handle {
        let path = self.path(node);
        Handle::new(self.htb(node).major(), numbers.minor(&format!("node {node}"), &path))
    }

    fn circuit(&self, numbers: &Numbers, which: usize, circuit: &Circuit) -> (Handle, String) {
        let path = format!("{}/{}/{}", self.queues, self.path(circuit.node), circuit.leaf);
        let minor = numbers.minor(&format!("circuit {which}"), &path);
        (Handle::new(self.htb(circuit.node).major(), minor), path)
    }

    fn living(&self) -> impl Iterator<Item = (usize, &Circuit)> {
        self.circuits.iter().enumerate().filter_map(|(which, circuit)| Some((which, circuit.as_ref()?)))
    }

    pub(crate) fn state(&self, numbers: &Numbers) -> KernelState {
        let mut state = KernelState::default();
        for direction in Direction::BOTH {
            let port = if direction == Direction::Download { PortIndex::Download } else { PortIndex::Upload };
            let one = if self.is_there {
                InterfaceState { root: Root::Ours, has_clsact: true, attached: Some(port), ..self.tree(numbers) }
            } else {
                InterfaceState { xps: [(0, "3".into())].into(), ..InterfaceState::default() }
            };
            state.interfaces.insert(interface(direction), InterfaceState { queues: self.queues, ..one });
        }
        state.classifier = self.is_there.then(|| self.classifier(numbers));
        state
    }

    fn tree(&self, numbers: &Numbers) -> InterfaceState {
        let mut state = InterfaceState::default();
        if self.queues > 1 {
            let mq = Qdisc { parent: Handle::ROOT, kind: QdiscKind::Mq };
            state.qdiscs.insert(Handle::qdisc(layout::ROOT_MAJOR), mq);
        }
        for queue in 0..self.queues {
            let htb = layout::htb(queue).expect("an HTB");
            let parent = layout::htb_parent(queue, self.queues);
            state.qdiscs.insert(htb, Qdisc { parent, kind: QdiscKind::Htb });
            let link = Handle::new(htb.major(), layout::LINK_MINOR);
            state.classes.insert(link, class(htb, CEILING.bit()));
            state.classes.insert(Handle::new(htb.major(), layout::CONTROL_MINOR), class(link, 80));
            if queue == 0 {
                state.classes.insert(Handle::new(htb.major(), layout::UNKNOWN_MINOR), class(link, 80));
            }
        }
        let mut rates: Vec<u64> = vec![8; self.nodes.len()];
        for (which, circuit) in self.living() {
            let (handle, path) = self.circuit(numbers, which, circuit);
            let parent = self.node(numbers, circuit.node);
            state.classes.insert(handle, class(parent, circuit.rate));
            if let Some(leaf) = leaf(circuit.leaf) {
                let handle_of_leaf = numbers.major(&format!("leaf {which}"), &path);
                state.qdiscs.insert(handle_of_leaf, Qdisc { parent: handle, kind: QdiscKind::Leaf(leaf) });
            }
            rates[circuit.node] += circuit.rate;
        }
        for node in (0..self.nodes.len()).rev() {
            let handle = self.node(numbers, node);
            let link = Handle::new(handle.major(), layout::LINK_MINOR);
            let parent = self.nodes[node].map_or(link, |above| self.node(numbers, above));
            state.classes.insert(handle, class(parent, rates[node]));
            let keeper = numbers.minor(&format!("keeper {node}"), &self.path(node));
            state.classes.insert(Handle::new(handle.major(), keeper), class(handle, 8));
            if let Some(above) = self.nodes[node] {
                rates[above] += rates[node];
            }
        }
        state
    }

    fn classifier(&self, numbers: &Numbers) -> ClassifierState {
        let unknown = Handle::new(layout::htb(0).expect("an HTB").major(), layout::UNKNOWN_MINOR);
        let port = Port {
            mode: if self.is_bypassed { PortMode::Bypass } else { PortMode::Shape },
            default_class: PerDirection { download: unknown, upload: unknown },
            default_queue: PerDirection::default(),
            vlan: PerDirection::default(),
            mark: MarkField::new(if self.is_bypassed { 0 } else { 0xff00 }).expect("together"),
        };
        let mut identities = BTreeMap::new();
        for (which, circuit) in self.living() {
            let (class, _) = self.circuit(numbers, which, circuit);
            let identity = Identity(which as u128 + 1);
            for interface in interfaces() {
                let slot = Slot(u32::try_from(which).expect("few"));
                identities.insert(IdentityKey { interface, class }, IdentityRecord { identity, slot });
            }
        }
        ClassifierState {
            version: ClassifierVersion([self.version; 8]),
            sizes: MapSizes { devices: 64, identities: 64, slots: 64 },
            ports: [(PortIndex::Download, port), (PortIndex::Upload, port)].into(),
            devices: self.devices(numbers),
            identities,
            endpoints: endpoints(self.is_bypassed),
            watched: [prefix(if self.is_bypassed { "10.0.0.0/8" } else { "11.0.0.0/8" })].into(),
            ..ClassifierState::default()
        }
    }

    fn devices(&self, numbers: &Numbers) -> BTreeMap<DeviceKey, (Store, DeviceValue)> {
        let keys = SCOPES.iter().flat_map(|&scope| PREFIXES.map(|text| DeviceKey { scope, prefix: prefix(text) }));
        let owned = keys.zip(&self.owners).filter_map(|(key, owner)| {
            let which = (*owner)?;
            let (class, _) = self.circuit(numbers, which, self.circuits[which].as_ref()?);
            let slot = Slot(u32::try_from(which).expect("few"));
            let class = PerDirection { download: class, upload: class };
            Some((key, DeviceValue { class, queue: PerDirection::default(), slot }))
        });
        let values: BTreeMap<DeviceKey, DeviceValue> = owned.collect();
        let store = |key: &DeviceKey| {
            let is_inside =
                |other: &DeviceKey| other != key && other.scope == key.scope && key.prefix.contains(other.prefix);
            let is_exact = Store::takes_exact(key.prefix) && !values.keys().any(is_inside);
            if is_exact { Store::Exact } else { Store::Trie }
        };
        values.iter().map(|(key, &value)| (*key, (store(key), value))).collect()
    }
}

/// A world of the usual kind with these circuits.
pub(crate) fn world(circuits: Vec<Option<Circuit>>) -> World {
    let owners = (0..SCOPES.len() * PREFIXES.len()).map(|at| Some(at % circuits.len())).collect();
    let nodes = vec![None, None, Some(0), Some(2)];
    World { is_there: true, queues: 2, nodes, circuits, owners, is_bypassed: false, version: 1 }
}

prop_compose! {
    fn circuits()(circuits in prop::collection::vec(
        prop::option::weighted(0.8, (0..NODES, 1..1_000_u64, 0..8_usize)), CIRCUITS)) -> Vec<Option<Circuit>> {
        let circuit = |(node, rate, leaf): (usize, u64, usize)| Circuit { node, rate: rate * 8, leaf };
        circuits.into_iter().map(|one| one.map(circuit)).collect()
    }
}

prop_compose! {
    pub(crate) fn any_world(queues: std::ops::Range<u16>)(
        is_there in prop::bool::weighted(0.9),
        queues in queues,
        above in prop::collection::vec(prop::option::of(0..NODES), NODES),
        circuits in circuits(),
        owners in prop::collection::vec(prop::option::weighted(0.7, 0..CIRCUITS), SCOPES.len() * PREFIXES.len()),
        is_bypassed in prop::bool::weighted(0.1),
        version in prop::sample::select(vec![1, 1, 1, 1, 2]),
    ) -> World {
        let nodes = above.into_iter().enumerate().map(|(node, above)| above.filter(|&above| above < node)).collect();
        World { is_there, queues, nodes, circuits, owners, is_bypassed, version }
    }
}

/// Ends of tunnels: one that stays, one that carries something else, and one that goes.
fn endpoints(is_bypassed: bool) -> BTreeMap<Endpoint, Carried> {
    let end = |host: u8, port| Endpoint { address: std::net::Ipv4Addr::new(172, 16, 0, host).into(), port };
    let changed = if is_bypassed { Carried::Vxlan } else { Carried::Geneve };
    let mut endpoints = BTreeMap::from([(end(1, 0), Carried::Fragments), (end(1, 4789), changed)]);
    if is_bypassed {
        endpoints.insert(end(2, 4789), Carried::Vxlan);
    }
    endpoints
}
