//! How long planning takes: `cargo run --release -p pleach-shaper --example speed`.
//!
//! A site for every 200 circuits, an access point for every 20, on 16 queues; medians of eleven plans, the first without a
//! ledger and the next with the first one's.

#![expect(clippy::print_stdout, reason = "an example prints what it measures")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use pleach_graph::{EntryKind, Prefix, QueueKind, Rate, ShapedRate, Table};
use pleach_shaper::{
    Circuit, Control, Hierarchy, Host, LeafSettings, Ledger, Node, NodePosition, Ports, Rebalance, RootSpread,
    Settings, Share, Unknown, plan,
};
use pleach_tc::{DeviceKey, Interface, PerDirection, Scope};

const RUNS: usize = 11;

fn main() {
    for circuits in [10_000, 100_000] {
        let (hierarchy, settings, host) = (hierarchy(circuits), settings(), host());
        let made = |ledger: &Ledger| plan(&hierarchy, &settings, &host, ledger, Rebalance::Never).expect("a plan");
        let none = Ledger::default();
        let first = made(&none);
        println!("{circuits} circuits: first plan {:?}", median(|| drop(made(&none))));
        println!("{circuits} circuits: with its ledger {:?}", median(|| drop(made(&first.ledger))));
        println!("{circuits} circuits: ledger rebuilt {:?}", median(|| drop(Ledger::rebuild(&first.state))));
        let json = first.ledger.to_json();
        println!(
            "{circuits} circuits: ledger of {} KiB written {:?}",
            json.len() >> 10,
            median(|| drop(first.ledger.to_json()))
        );
        println!("{circuits} circuits: ledger read {:?}", median(|| drop(Ledger::from_json(&json).expect("a ledger"))));
    }
}

fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[RUNS / 2]
}

fn hierarchy(circuits: u32) -> Hierarchy {
    let [sites, aps, clients] = ["site", "ap", "client"].map(|name| Table::new("speed", name).expect("words"));
    let (site_count, ap_count) = (circuits / 200, circuits / 20);
    let site = |at: u32| Node {
        id: sites.id(&at.to_string()),
        name: format!("Site {at}"),
        kind: EntryKind::Site,
        parent: None,
        ceiling: both(Some(Rate::from_gbit(1))),
    };
    let ap = |at: u32| Node {
        id: aps.id(&at.to_string()),
        name: format!("AP {at}"),
        kind: EntryKind::AccessPoint,
        parent: Some(NodePosition(at % site_count)),
        ceiling: both(Some(Rate::from_mbit(300))),
    };
    let circuit = |at: u32| Circuit {
        id: clients.id(&format!("{at:06}")),
        circuit_id: at.to_string().into(),
        name: format!("Customer {at}").into(),
        parent: Some(NodePosition(site_count + at % ap_count)),
        rates: both(ShapedRate {
            min: Rate::from_mbit(10),
            max: Rate::from_mbit(u64::from(20 + at % 180)),
            min_is_stated: false,
        }),
        queue: both(QueueKind::Default),
        addresses: [DeviceKey {
            scope: Scope::ANY,
            prefix: Prefix::host(std::net::Ipv4Addr::from_bits(0x6440_0000 + at).into()),
        }]
        .into_iter()
        .collect(),
    };
    Hierarchy {
        root: sites.id("root"),
        root_name: "Internet".into(),
        ceiling: both(None),
        nodes: (0..site_count).map(site).chain((0..ap_count).map(ap)).collect(),
        circuits: (0..circuits).map(circuit).collect(),
        bypass: Vec::new(),
    }
}

fn both<T: Copy>(of: T) -> PerDirection<T> {
    PerDirection { download: of, upload: of }
}

fn interface(name: &str) -> Interface {
    name.parse().expect("an interface")
}

fn settings() -> Settings {
    Settings {
        ports: Ports::Two(PerDirection { download: interface("eth1"), upload: interface("eth0") }),
        share: Share::Subscriber,
        root_spread: RootSpread::One,
        leaf: LeafSettings::default(),
        circuits: BTreeMap::new(),
        control: Control::default(),
        unknown: Unknown::default(),
        overhead: 0,
        mpu: 0,
        tunnels: pleach_shaper::Tunnels::default(),
        memory_limit: None,
    }
}

fn host() -> Host {
    let queues = ["eth0", "eth1"].into_iter().map(|name| (interface(name), 16)).collect();
    Host { queues, memory_available: 1 << 40, ..Host::default() }
}
