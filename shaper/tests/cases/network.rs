//! Flat networks: circuits that hang right from the root.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use pleach_graph::{Prefix, QueueKind, Rate, ShapedRate, Table};
use pleach_shaper::{
    Circuit, Hierarchy, Host, LeafSettings, Ledger, Ports, QueuePlan, Rebalance, RootSpread, Settings, Share, Subject,
    plan,
};
use pleach_tc::{Class, DeviceKey, Handle, Interface, LeafKind, PerDirection, QdiscKind, Scope};

pub(crate) const EAST: (&str, &str) = ("eth0", "eth1");
pub(crate) const WEST: (&str, &str) = ("eth2", "eth3");

pub(crate) fn interface(name: &str) -> Interface {
    name.parse().expect("an interface")
}

/// Circuits with these plans in Mbit/s, called by their position, below a root of so many Mbit/s.
pub(crate) fn flat(root: Option<u64>, plans: &[u64]) -> Hierarchy {
    let (sites, clients) = (Table::new("test", "site"), Table::new("test", "client"));
    let clients = clients.expect("words");
    let root = root.map(Rate::from_mbit);
    let circuit = |(at, &mbit): (usize, &u64)| {
        let max = Rate::from_mbit(mbit);
        let rate = ShapedRate { min: max, max, min_is_stated: false };
        let address = Ipv4Addr::from_bits(0x0a00_0000 + u32::try_from(at).expect("few"));
        Circuit {
            id: clients.id(&format!("{at:06}")),
            circuit_id: at.to_string().into(),
            name: "".into(),
            parent: None,
            rates: PerDirection { download: rate, upload: rate },
            queue: PerDirection { download: QueueKind::Default, upload: QueueKind::Default },
            addresses: [DeviceKey { scope: Scope::ANY, prefix: Prefix::host(address.into()) }].into_iter().collect(),
        }
    };
    Hierarchy {
        root: sites.expect("words").id("root"),
        root_name: "Internet".into(),
        ceiling: PerDirection { download: root, upload: root },
        nodes: Vec::new(),
        circuits: plans.iter().enumerate().map(circuit).collect(),
        bypass: Vec::new(),
    }
}

/// Uploads leave by the first, downloads by the second.
pub(crate) fn settings((upload, download): (&str, &str), kind: LeafKind) -> Settings {
    Settings {
        ports: Ports::Two(PerDirection { download: interface(download), upload: interface(upload) }),
        share: Share::Subscriber,
        root_spread: RootSpread::One,
        leaf: LeafSettings { kind, ..LeafSettings::default() },
        circuits: BTreeMap::new(),
        control: pleach_shaper::Control::default(),
        unknown: pleach_shaper::Unknown::default(),
        overhead: 0,
        mpu: 0,
        tunnels: pleach_shaper::Tunnels::default(),
        memory_limit: None,
    }
}

pub(crate) fn host(queues: u16) -> Host {
    let names = [EAST.0, EAST.1, WEST.0, WEST.1];
    Host {
        queues: names.into_iter().map(|name| (interface(name), queues)).collect(),
        memory_available: 1 << 40,
        possible_cpus: 2,
        ..Host::default()
    }
}

pub(crate) fn planned(hierarchy: &Hierarchy, settings: &Settings, host: &Host, ledger: &Ledger) -> QueuePlan {
    plan(hierarchy, settings, host, ledger, Rebalance::Never).expect("a plan")
}

/// By Circuit ID, its class on an interface of the plan.
pub(crate) fn circuits(made: &QueuePlan, name: &str) -> BTreeMap<String, (Handle, Class)> {
    let interface = interface(name);
    let state = &made.state.interfaces[&interface];
    let circuit = |(handle, subject): (Handle, &Subject)| match subject {
        Subject::Circuit { circuit_id, .. } => Some((circuit_id.to_string(), (handle, *state.classes.get(&handle)?))),
        _ => None,
    };
    made.subjects.of(&interface).filter_map(circuit).collect()
}

/// How many leaves an interface has, by kind.
pub(crate) fn leaves(made: &QueuePlan, name: &str) -> BTreeMap<&'static str, usize> {
    let mut count = BTreeMap::new();
    for qdisc in made.state.interfaces[&interface(name)].qdiscs.values() {
        if let QdiscKind::Leaf(leaf) = &qdisc.kind {
            *count.entry(leaf.kind()).or_default() += 1;
        }
    }
    count
}

/// What is said with this code.
pub(crate) fn said(made: &QueuePlan, code: &str) -> Vec<String> {
    let problems = made.problems.clone().into_sorted();
    problems.into_iter().filter(|it| it.code.as_str() == code).map(|it| it.message).collect()
}
