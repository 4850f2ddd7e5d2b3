//! Random networks, and changes to them.

use pleach_graph::{EntryKind, Prefix, QueueKind, Rate, ShapedRate, Table};
use pleach_shaper::{
    Circuit, HeldMemory, Hierarchy, Host, LeafSettings, Node, NodePosition, Ports, RootSpread, Settings, Share,
};
use pleach_tc::{DeviceKey, Interface, KernelState, PerDirection, Scope};
use proptest::prelude::*;
use proptest::sample::Index;

/// A network as the laws vary it.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) nodes: Vec<(Index, Option<u64>)>,
    pub(crate) circuits: Vec<Subscriber>,
    pub(crate) root: Option<u64>,
    /// How likely a node hangs from the one before: deep trees.
    pub(crate) is_deep: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Subscriber {
    pub(crate) number: u32,
    pub(crate) parent: Index,
    /// In bit/s.
    pub(crate) max: u64,
    pub(crate) stated: Option<u64>,
    pub(crate) queue: QueueKind,
    pub(crate) prefix: (u8, u8),
}

/// Something that happens to a network.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Add(Subscriber),
    Remove(Index),
    Move(Index, Index),
    Plan(Index, u64),
    Queue(Index, QueueKind),
    Ceiling(Index, Option<u64>),
    Site(Index, Option<u64>),
    Root(Option<u64>),
}

pub(crate) fn rate() -> impl Strategy<Value = u64> {
    prop_oneof![8_u64..100, 100_000_u64..3_000_000_000]
}

pub(crate) fn queue_kind() -> impl Strategy<Value = QueueKind> {
    prop_oneof![
        4 => Just(QueueKind::Default),
        1 => Just(QueueKind::Cake),
        1 => Just(QueueKind::FqCodel),
        1 => Just(QueueKind::None)
    ]
}

pub(crate) fn subscriber(number: impl Strategy<Value = u32>) -> impl Strategy<Value = Subscriber> {
    let stated = proptest::option::of(100_000_u64..1_000_000_000);
    let prefix = (0_u8..16, 24_u8..=32);
    (number, any::<Index>(), 100_000_u64..3_000_000_000, stated, queue_kind(), prefix).prop_map(
        |(number, parent, max, stated, queue, prefix)| Subscriber { number, parent, max, stated, queue, prefix },
    )
}

pub(crate) fn network() -> impl Strategy<Value = Network> {
    let nodes = proptest::collection::vec((any::<Index>(), proptest::option::of(rate())), 0..16);
    let circuits = proptest::collection::vec(subscriber(0_u32..60), 0..24);
    (nodes, circuits, proptest::option::of(rate()), any::<bool>())
        .prop_map(|(nodes, circuits, root, is_deep)| Network { nodes, circuits, root, is_deep })
}

pub(crate) fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    let ceiling = || proptest::option::of(rate());
    prop_oneof![
        4 => subscriber(60_u32..1_000).prop_map(Change::Add),
        2 => at().prop_map(Change::Remove),
        2 => (at(), at()).prop_map(|(which, to)| Change::Move(which, to)),
        1 => (at(), 100_000_u64..3_000_000_000).prop_map(|(which, max)| Change::Plan(which, max)),
        1 => (at(), queue_kind()).prop_map(|(which, kind)| Change::Queue(which, kind)),
        1 => (at(), ceiling()).prop_map(|(which, ceiling)| Change::Ceiling(which, ceiling)),
        1 => (at(), ceiling()).prop_map(|(parent, ceiling)| Change::Site(parent, ceiling)),
        1 => ceiling().prop_map(Change::Root),
    ]
}

impl Network {
    pub(crate) fn apply(&mut self, change: Change) {
        let circuits = self.circuits.len();
        match change {
            Change::Add(subscriber) => self.circuits.push(subscriber),
            Change::Site(parent, ceiling) => self.nodes.push((parent, ceiling)),
            Change::Root(ceiling) => self.root = ceiling,
            Change::Ceiling(which, ceiling) if !self.nodes.is_empty() => {
                let at = which.index(self.nodes.len());
                self.nodes[at].1 = ceiling;
            }
            _ if circuits == 0 => {}
            Change::Remove(which) => drop(self.circuits.remove(which.index(circuits))),
            Change::Move(which, to) => self.circuits[which.index(circuits)].parent = to,
            Change::Plan(which, max) => self.circuits[which.index(circuits)].max = max,
            Change::Queue(which, kind) => self.circuits[which.index(circuits)].queue = kind,
            Change::Ceiling(..) => {}
        }
    }

    pub(crate) fn hierarchy(&self) -> Hierarchy {
        let (sites, clients) = (table("site"), table("client"));
        let mut nodes: Vec<Node> = Vec::new();
        for (at, (parent, ceiling)) in self.nodes.iter().enumerate() {
            let parent = match (self.is_deep, parent.index(at + 1)) {
                (true, index) if index > 0 => Some(at - 1),
                (_, index) => index.checked_sub(1),
            };
            let parent = parent.map(|parent| NodePosition(u32::try_from(parent).expect("few")));
            let ceiling = ceiling.map(Rate::from_bit);
            nodes.push(Node {
                id: sites.id(&at.to_string()),
                name: format!("Site {at}"),
                kind: EntryKind::Site,
                parent,
                ceiling: PerDirection { download: ceiling, upload: ceiling },
            });
        }
        let mut seen = std::collections::BTreeSet::new();
        let circuits = self.circuits.iter().filter(|circuit| seen.insert(circuit.number));
        let circuits = circuits.map(|circuit| circuit.circuit(&clients, nodes.len())).collect();
        let root = self.root.map(Rate::from_bit);
        Hierarchy {
            root: sites.id("root"),
            root_name: "Internet".into(),
            ceiling: PerDirection { download: root, upload: root },
            nodes,
            circuits,
            bypass: vec![prefix(3, 30)],
        }
    }
}

impl Subscriber {
    /// Some are in a VLAN, and some in a net.
    fn address(&self) -> DeviceKey {
        let scope = match self.number {
            number if number.is_multiple_of(7) => Scope::vlan(100, 0),
            number if number.is_multiple_of(5) => Scope::net(100),
            _ => Scope::ANY,
        };
        DeviceKey { scope, prefix: prefix(self.prefix.0, self.prefix.1) }
    }

    fn circuit(&self, clients: &Table, nodes: usize) -> Circuit {
        let parent = self.parent.index(nodes + 1).checked_sub(1);
        let rate = ShapedRate {
            min: Rate::from_bit(self.stated.unwrap_or(self.max / 10).min(self.max)),
            max: Rate::from_bit(self.max),
            min_is_stated: self.stated.is_some(),
        };
        Circuit {
            id: clients.id(&self.number.to_string()),
            circuit_id: self.number.to_string().into(),
            name: "".into(),
            parent: parent.map(|parent| NodePosition(u32::try_from(parent).expect("few"))),
            rates: PerDirection { download: rate, upload: rate },
            queue: PerDirection { download: self.queue, upload: QueueKind::Default },
            addresses: [self.address()].into_iter().collect(),
        }
    }
}

/// One of few networks, so that they often hold each other: IPv4, or IPv6 for the odd ones.
pub(crate) fn prefix(low: u8, length: u8) -> Prefix {
    let text = if low.is_multiple_of(2) {
        format!("10.0.0.{}/{length}", u32::from(low) << (32 - length) & 0xff)
    } else {
        format!("2001:db8:0:{:x}::/{}", u32::from(low) << (32 - length) & 0xff, 32 + length)
    };
    Prefix::parse(&text).expect("a prefix").prefix
}

pub(crate) fn table(name: &str) -> Table {
    Table::new("test", name).expect("words")
}

pub(crate) fn interface(name: &str) -> Interface {
    name.parse().expect("an interface")
}

/// How the laws vary the settings: shares, one or many queues, one interface or two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) queues: u16,
    pub(crate) is_stick: bool,
    pub(crate) shares: bool,
    pub(crate) nodes_share: bool,
}

pub(crate) fn setup() -> impl Strategy<Value = Setup> {
    (1_u16..6, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(queues, is_stick, shares, nodes_share)| Setup {
        queues,
        is_stick,
        shares,
        nodes_share,
    })
}

impl Setup {
    pub(crate) fn settings(self) -> Settings {
        let ports = if self.is_stick {
            Ports::Stick { interface: interface("eth0"), vlan: PerDirection { download: 100, upload: 200 } }
        } else {
            Ports::Two(PerDirection { download: interface("eth1"), upload: interface("eth0") })
        };
        Settings {
            ports,
            share: if self.nodes_share { Share::Node } else { Share::Subscriber },
            root_spread: if self.shares { RootSpread::Shares } else { RootSpread::One },
            leaf: LeafSettings::default(),
            circuits: std::collections::BTreeMap::default(),
            control: pleach_shaper::Control { prefixes: vec![prefix(6, 32)], ..pleach_shaper::Control::default() },
            unknown: pleach_shaper::Unknown::default(),
            overhead: 0,
            mpu: 0,
            tunnels: pleach_shaper::Tunnels::default(),
            memory_limit: None,
        }
    }

    /// The host whose kernel holds this.
    pub(crate) fn host_with(self, observed: &KernelState) -> Host {
        Host { held: HeldMemory::of(observed), ..self.host() }
    }

    pub(crate) fn host(self) -> Host {
        let queues = [("eth0", self.queues), ("eth1", self.queues)];
        Host {
            queues: queues.into_iter().map(|(name, queues)| (interface(name), queues)).collect(),
            memory_available: 1 << 40,
            ..Host::default()
        }
    }
}
