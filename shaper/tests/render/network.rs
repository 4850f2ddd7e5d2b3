//! A small network, and what is planned for it.

use std::collections::BTreeMap;

use compact_str::CompactString;
use pleach_graph::{EntryKind, NodeId, Prefix, QueueKind, Rate, ShapedRate, Table};
use pleach_shaper::{
    Circuit, Control, Hierarchy, Host, LeafSettings, Ledger, Node, NodePosition, Ports, QueuePlan, Rebalance,
    RootSpread, Settings, Share, Unknown, plan,
};
use pleach_tc::{ClassifierVersion, DeviceKey, Interface, InterfaceState, KernelState, LeafKind, PerDirection, Scope};

pub(crate) fn interface(name: &str) -> Interface {
    name.parse().expect("a name")
}

fn id(table: &str, number: &str) -> NodeId {
    Table::new("csv", table).expect("a table").id(number)
}

pub(crate) fn both<T: Clone>(value: T) -> PerDirection<T> {
    PerDirection { download: value.clone(), upload: value }
}

fn node(name: &str, mbit: u64) -> Node {
    Node {
        id: id("site", name),
        name: name.to_owned(),
        kind: EntryKind::AccessPoint,
        parent: None,
        ceiling: both(Some(Rate::from_mbit(mbit))),
    }
}

/// A subscriber below a node, with a guarantee of a fifth of the plan.
pub(crate) fn circuit(number: u32, name: &str, parent: u32, mbit: u64) -> Circuit {
    let rate = ShapedRate { min: Rate::from_mbit(mbit / 5), max: Rate::from_mbit(mbit), min_is_stated: true };
    let address = format!("100.64.{}.{}", number / 256 % 256, number % 256);
    Circuit {
        id: id("client", &number.to_string()),
        circuit_id: CompactString::from(number.to_string()),
        name: name.into(),
        parent: Some(NodePosition(parent)),
        rates: both(rate),
        queue: both(QueueKind::Default),
        addresses: [DeviceKey { scope: Scope::ANY, prefix: Prefix::parse(&address).expect("an address").prefix }]
            .into_iter()
            .collect(),
    }
}

/// Two access points, three subscribers on the first.
pub(crate) fn hierarchy() -> Hierarchy {
    Hierarchy {
        root: id("site", "Core"),
        root_name: "Core".to_owned(),
        ceiling: both(None),
        nodes: vec![node("AP North", 300), node("AP South", 200)],
        circuits: vec![
            circuit(10_003, "Abel", 0, 10),
            circuit(10_017, "Jones", 0, 50),
            circuit(10_020, "Marsh; $(reboot) # `x`", 0, 25),
        ],
        bypass: Vec::new(),
    }
}

/// The same with a plan raised, a subscriber moved, one removed and one added.
pub(crate) fn changed() -> Hierarchy {
    let mut hierarchy = hierarchy();
    hierarchy.circuits.remove(0);
    hierarchy.circuits[0] = circuit(10_017, "Jones", 0, 100);
    hierarchy.circuits[1].parent = Some(NodePosition(1));
    hierarchy.circuits.push(circuit(10_092, "Ng", 1, 30));
    hierarchy
}

/// What differs between the tests.
pub(crate) struct Setup {
    pub(crate) leaf: LeafKind,
    pub(crate) queues: u16,
    pub(crate) classifier: ClassifierVersion,
}

impl Setup {
    pub(crate) fn plan(&self, hierarchy: &Hierarchy, ledger: &Ledger) -> QueuePlan {
        let settings = Settings {
            ports: Ports::Two(PerDirection { download: interface("eth1"), upload: interface("eth0") }),
            share: Share::default(),
            root_spread: RootSpread::default(),
            leaf: LeafSettings { kind: self.leaf, ..LeafSettings::default() },
            circuits: BTreeMap::new(),
            control: Control::default(),
            unknown: Unknown::default(),
            overhead: 0,
            mpu: 0,
            tunnels: pleach_shaper::Tunnels::default(),
            memory_limit: None,
        };
        let host = Host {
            queues: [(interface("eth0"), self.queues), (interface("eth1"), self.queues)].into(),
            memory_available: 1 << 40,
            classifier: self.classifier,
            ..Host::default()
        };
        plan(hierarchy, &settings, &host, ledger, Rebalance::Never).expect("a plan")
    }

    /// What a kernel holds before anything is done.
    pub(crate) fn nothing(&self) -> KernelState {
        let state = InterfaceState { queues: self.queues, ..InterfaceState::default() };
        KernelState {
            interfaces: [(interface("eth0"), state.clone()), (interface("eth1"), state)].into(),
            classifier: None,
        }
    }
}
