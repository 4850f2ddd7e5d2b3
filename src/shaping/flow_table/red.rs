//! What is told in red, from counters in memory: just below each threshold, and just above.

use std::collections::BTreeMap;
use std::time::Duration;

use pleach_graph::Rate;
use pleach_shaper::Subject;
use pleach_tc::{
    Class, ClassStatistics, ClassifierState, Direction, Handle, Identity, IdentityKey, IdentityRecord, Interface,
    InterfaceState, KernelState, PacketCount, PerDirection, Port, PortIndex, PortMode, Reason, Root, Slot, Statistics,
    Ticks,
};

use super::write_nodes;
use crate::colour::Colour;
use crate::shaping::flows::{Sample, flows};

const LINK: Handle = Handle::new(3, 1);
const CIRCUIT: Handle = Handle::new(3, 17);

fn eth1() -> Interface {
    "eth1".parse().expect("a name")
}

fn state(mode: PortMode, root: Root) -> KernelState {
    let class = |parent| Class {
        parent,
        rate: Rate::from_bit(8),
        ceil: Rate::from_mbit(20),
        burst: Ticks(0),
        cburst: Ticks(0),
        quantum: 1522,
        priority: 3,
        overhead: 0,
        mpu: 0,
    };
    let hanging = InterfaceState {
        root,
        attached: Some(PortIndex::Download),
        classes: BTreeMap::from([(LINK, class(Handle::qdisc(3))), (CIRCUIT, class(LINK))]),
        ..InterfaceState::default()
    };
    let port = Port {
        mode,
        default_class: PerDirection::from_fn(|_| LINK),
        default_queue: PerDirection::default(),
        vlan: PerDirection::default(),
        mark: pleach_tc::MarkField::NONE,
    };
    let key = IdentityKey { interface: eth1(), class: CIRCUIT };
    let classifier = ClassifierState {
        ports: BTreeMap::from([(PortIndex::Download, port)]),
        identities: BTreeMap::from([(key, IdentityRecord { identity: Identity(7), slot: Slot(0) })]),
        ..ClassifierState::default()
    };
    KernelState { interfaces: BTreeMap::from([(eth1(), hanging)]), classifier: Some(classifier) }
}

/// What was counted in two seconds: classified as the circuit's, sent by its class, dropped in it, of nobody.
#[derive(Clone, Copy, Default)]
struct Counted {
    classified: u64,
    sent: u64,
    dropped: u64,
    unknown: u64,
}

fn sample(seconds: u64, counted: Counted) -> Sample {
    let Counted { classified, sent, dropped, unknown } = counted;
    let of = |bytes| PacketCount { packets: bytes / 1_000, bytes };
    let class = ClassStatistics { sent: of(sent), drops: dropped, ..ClassStatistics::default() };
    let known = Reason::ALL
        .into_iter()
        .find(|reason| !matches!(reason, Reason::UnknownIpv4 | Reason::UnknownIpv6 | Reason::NotRecorded))
        .expect("there are others");
    let down = Direction::Download;
    let statistics = Statistics {
        classes: BTreeMap::from([((eth1(), CIRCUIT), class)]),
        slots: BTreeMap::from([((Slot(0), down), of(classified))]),
        reasons: BTreeMap::from([((known, down), of(classified)), ((Reason::UnknownIpv4, down), of(unknown))]),
        ..Statistics::default()
    };
    Sample { statistics, at: Duration::from_secs(seconds) }
}

/// The lines in red.
fn red(state: &KernelState, counted: Counted) -> Vec<String> {
    let subjects = BTreeMap::from([
        (LINK, Subject::Link { direction: Direction::Download }),
        (CIRCUIT, Subject::Circuit { circuit_id: "7".into(), name: "Jones".into(), parent: "Tower A".into() }),
    ]);
    let before = sample(1, Counted::default());
    let flows = flows(state, &|_, class| subjects.get(&class), Some(&before), &sample(3, counted));
    let mut out = Vec::new();
    write_nodes(&mut out, &flows, Colour::Ansi).expect("written");
    let text = String::from_utf8(out).expect("text");
    text.lines()
        .filter_map(|line| Some(line.strip_prefix("\u{1b}[1;31m")?.trim_end_matches("\u{1b}[0m").to_owned()))
        .collect()
}

fn shaped() -> KernelState {
    state(PortMode::Shape, Root::Ours)
}

#[test]
fn a_bypass() {
    assert_eq!(red(&shaped(), Counted::default()), [""; 0]);
    let bypassed = state(PortMode::Bypass, Root::Ours);
    assert_eq!(red(&bypassed, Counted::default()), ["NOT SHAPED: eth1: the shaper is bypassed"]);
    let rootless = state(PortMode::Shape, Root::KernelDefault);
    assert_eq!(red(&rootless, Counted::default()), ["NOT SHAPED: eth1: its queue tree is not there"]);
}

#[test]
fn bytes_of_nobody() {
    let of = |unknown| Counted { classified: 1_000_000, sent: 1_000_000, unknown, ..Counted::default() };
    assert_eq!(red(&shaped(), of(52_000)), [""; 0], "4.9 %");
    assert_eq!(red(&shaped(), of(54_000)), ["download: 5.1 % of the bytes belong to addresses that nobody has"]);
}

#[test]
fn a_class_that_sends_less_than_was_classified() {
    let of = |classified, sent, dropped| Counted { classified, sent, dropped, ..Counted::default() };
    assert_eq!(red(&shaped(), of(10_000_000, 9_100_000, 0)), [""; 0], "9 % are on their way");
    assert_eq!(red(&shaped(), of(90_000, 0, 0)), [""; 0], "too few to tell");
    assert_eq!(red(&shaped(), of(10_000_000, 5_000_000, 5_000)), [""; 0], "half of it was dropped, which is shaping");
    let gap = "NOT SHAPED: circuit `7`: 10000000 bytes of download were classified as its, and its class accounts for";
    assert_eq!(red(&shaped(), of(10_000_000, 8_900_000, 0)), [format!("{gap} 8900000")]);
    assert_eq!(red(&shaped(), of(10_000_000, 0, 0)), [format!("{gap} 0")]);
}
