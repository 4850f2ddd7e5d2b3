use std::collections::BTreeMap;
use std::time::Duration;

use pleach_graph::Rate;
use pleach_tc::{ClassStatistics, Handle, Interface, LeafStatistics, PacketCount, PerDirection, Statistics};

use super::*;
use crate::shaping::flows::{Flow, Unshaped};

fn flow(rate: Option<u64>, ceiling: u64) -> Flow {
    Flow {
        interface: "eth1".parse().expect("a name"),
        class: Handle::new(3, 0x2a),
        rate_bit: rate.map(Rate::from_bit),
        ceiling_bit: Rate::from_bit(ceiling),
        drops: 12,
        marks: 3,
        backlog_bytes: 15_140,
        tins: Vec::new(),
    }
}

fn row(name: &str, download: Flow, upload: Option<Flow>) -> Row {
    Row { id: format!("csv:node:{name}"), name: name.into(), flow: PerDirection { download: Some(download), upload } }
}

fn flows(nodes: Vec<Row>) -> Flows {
    Flows {
        nodes,
        circuits: Vec::new(),
        unshaped: Vec::new(),
        unknown_share: PerDirection::default(),
        unknown: Vec::new(),
        gaps: Vec::new(),
        direct_packets: 0,
    }
}

fn text(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("written");
    String::from_utf8(out).expect("text")
}

#[test]
fn one_line_for_each_node() {
    let mut flows = flows(vec![
        row("Tower A", flow(Some(59_765_625), 100_000_000), Some(flow(None, 2_500_000_000))),
        row("AP North", flow(Some(940_000), 100_000_000), None),
    ]);
    flows.unknown_share.download = Some(0.003);
    assert_eq!(
        text(|out| write_nodes(out, &flows, Colour::Plain)),
        "\
node      down now  ceiling  full  drops  marks  waiting  up now  ceiling  full  drops  marks  waiting
Tower A      59.8M     100M  60 %     12      3    15140       ?     2.5G     ?     12      3    15140
AP North      940k     100M   1 %     12      3    15140       -        -     -      -      -        -
download: 0.3 % of the bytes belong to addresses that nobody has
"
    );
}

#[test]
fn what_is_not_shaped_comes_first_and_in_words() {
    let mut flows = flows(Vec::new());
    flows.unshaped.push(Unshaped { interface: "eth1".parse().expect("a name"), why: "the shaper is bypassed" });
    flows.direct_packets = 7;
    flows.gaps.push(Gap {
        circuit_id: "1001".into(),
        direction: Direction::Upload,
        classified_bytes: 5_000_000,
        accounted_bytes: 0,
    });
    flows.unknown_share.upload = Some(0.4);
    let plain = text(|out| write_nodes(out, &flows, Colour::Plain));
    assert_eq!(
        plain,
        "\
NOT SHAPED: eth1: the shaper is bypassed
NOT SHAPED: 7 packets passed outside every class
NOT SHAPED: circuit `1001`: 5000000 bytes of upload were classified as its, and its class accounts for 0
nobody has a class: `pleach apply` makes them
upload: 40.0 % of the bytes belong to addresses that nobody has
"
    );
    let coloured = text(|out| write_nodes(out, &flows, Colour::Ansi));
    assert_eq!(coloured.matches("\u{1b}[1;31m").count(), 4);
    assert_eq!(coloured.replace("\u{1b}[1;31m", "").replace("\u{1b}[0m", ""), plain, "colour adds nothing else");
}

#[test]
fn a_flat_network_lists_circuits_and_whoever_is_unknown_is_named() {
    let mut flows = flows(Vec::new());
    flows.circuits = (0..=CIRCUITS_SHOWN).map(|at| row(&format!("c{at:02}"), flow(Some(8), 800), None)).collect();
    let unknown = |last: u8| UnknownAddress {
        address: std::net::Ipv4Addr::new(100, 64, 9, last).into(),
        count: PacketCount { packets: 1, bytes: 1_500 },
    };
    flows.unknown = (0..12).map(unknown).collect();
    let text = text(|out| write_nodes(out, &flows, Colour::Plain));
    assert!(text.starts_with("no node has a class: every circuit hangs from the top\ncircuit  down now"), "{text}");
    assert!(text.contains("\nc00 ") && text.contains("\nc39 ") && !text.contains("\nc40 "), "{text}");
    assert!(text.contains("… and 1 more; `--json` lists them all\naddresses of watched networks"), "{text}");
    assert!(text.contains("\n  100.64.9.9  1 500 bytes\n… and 2 more; `--json`"), "{text}");
    let json = serde_json::to_value(&flows).expect("JSON");
    assert_eq!(json["unknown"][11]["address"], "100.64.9.11");
}

#[test]
fn rates_are_short() {
    for (bits, expected) in [
        (999, "999"),
        (1_000, "1k"),
        (1_250_000_000, "1.25G"),
        (100_000_000, "100M"),
        (59_765_625, "59.8M"),
        (100_000_000_000, "100G"),
    ] {
        assert_eq!(short(Rate::from_bit(bits)), expected);
    }
}

/// Two samples of a small tree, from the kernel's counters to rows.
#[test]
fn counters_become_rows() {
    use crate::shaping::flows::{self, Sample};
    use pleach_shaper::Subject;
    use pleach_tc::{Class, InterfaceState, KernelState, Ticks};

    let eth1: Interface = "eth1".parse().expect("a name");
    let class = |parent, ceil| Class {
        parent,
        rate: Rate::from_bit(8),
        ceil: Rate::from_mbit(ceil),
        burst: Ticks(0),
        cburst: Ticks(0),
        quantum: 1522,
        priority: 3,
        overhead: 0,
        mpu: 0,
    };
    let [link, node, circuit] = [1, 16, 17].map(|minor| Handle::new(3, minor));
    let hanging = InterfaceState {
        classes: BTreeMap::from([
            (link, class(Handle::qdisc(3), 1000)),
            (node, class(link, 40)),
            (circuit, class(node, 20)),
        ]),
        ..InterfaceState::default()
    };
    let state = KernelState { interfaces: BTreeMap::from([(eth1.clone(), hanging)]), classifier: None };
    let path: Vec<Handle> = flows::path_up(&state, &eth1, circuit).collect();
    assert_eq!(path, [circuit, node, link]);
    let at = |seconds, bytes, drops| {
        let sent = PacketCount { packets: 1, bytes };
        let sent_class = ClassStatistics { sent, ..ClassStatistics::default() };
        let leaf = LeafStatistics { drops, marks: 2, ..LeafStatistics::default() };
        Sample {
            statistics: Statistics {
                classes: [node, circuit].map(|handle| ((eth1.clone(), handle), sent_class)).into_iter().collect(),
                leaves: BTreeMap::from([((eth1.clone(), circuit), leaf)]),
                direct_packets: BTreeMap::from([((eth1.clone(), Handle::qdisc(3)), drops)]),
                ..Statistics::default()
            },
            at: Duration::from_secs(seconds),
        }
    };
    let subjects = BTreeMap::from([
        (link, Subject::Link { direction: Direction::Download }),
        (node, Subject::Node { id: None, name: "Tower A".into(), entry: None }),
        (circuit, Subject::Circuit { circuit_id: "7".into(), name: "Jones".into(), parent: "Tower A".into() }),
    ]);
    let flows = flows::flows(&state, &|_, class| subjects.get(&class), Some(&at(1, 1_000, 5)), &at(3, 5_001_000, 9));
    let row = flows.nodes[0].flow.download.as_ref().expect("a class");
    assert_eq!((row.rate_bit, row.drops, row.marks), (Some(Rate::from_mbit(20)), 9, 2), "drops of its circuit");
    assert!((flows.circuits[0].pressure() - 1.0).abs() < 1e-9);
    assert_eq!(flows.direct_packets, 4);
    assert_eq!(flows.unshaped.len(), 1, "no classifier is attached");
}
