//! Changes under traffic: not one packet is lost, on the changed circuit or on another.

use pleach_tc::Direction;

use crate::lab::Lab;
use crate::measure::{HOUSEKEEPING, class_bytes, class_of, classes, unclassified};
use crate::network::{Circuit, Network, Node};
use crate::stream::{FRAME, Stream, finish};

/// The circuit that each change is about, and one that it is not about.
const CHANGED: u8 = 1;
const OTHER: u8 = 8;

/// What is streamed while the network changes.
const STREAMS: [(u8, Direction); 4] = [
    (CHANGED, Direction::Download),
    (CHANGED, Direction::Upload),
    (OTHER, Direction::Download),
    (OTHER, Direction::Upload),
];

/// Applies a network, starts streams, applies another one, and wants every packet: none lost, none without a class.
fn change(what: &str, queues: u16, from: &Network, to: &Network) {
    change_with(what, queues, from, to, &["apply"]);
}

/// The same, where the second apply is said otherwise. Returns the lab with both applied, and what the apply said.
pub(crate) fn change_with(
    what: &str,
    queues: u16,
    from: &Network,
    to: &Network,
    apply: &[&str],
) -> Option<(Lab, String)> {
    let lab = started(queues, from)?;
    let address = |number| Circuit { number, parent: "", mbit: 0, sqm: "" }.address();
    let before = Direction::BOTH.map(|direction| unclassified(&lab, direction));
    let streams = STREAMS.map(|(number, direction)| Stream::start(&lab, address(number), direction));
    to.write(&lab);
    let said = lab.pleach(apply).returned(0).out;
    println!("{what}: {}", said.lines().last().unwrap_or_default());
    // What is sent from here on passes the classes that hold from here on.
    let holding = STREAMS.map(|(number, direction)| class_of(&lab, &address(number).to_string(), direction));
    let bytes = |at: usize| class_bytes(&classes(&lab, STREAMS[at].1), &holding[at]);
    let counted: [u64; 4] = std::array::from_fn(bytes);
    let sent: [u64; 4] = std::array::from_fn(|at| streams[at].sent());
    let outcomes = finish(streams);
    for (at, (number, direction)) in STREAMS.into_iter().enumerate() {
        let what = format!("{what}, c{number} {direction}");
        outcomes[at].assert_whole(&what);
        let (now, due) = (bytes(at), outcomes[at].sent - sent[at]);
        assert!(now - counted[at] >= due * FRAME, "{what}: {due} packets were not all in its class: {counted:?} {now}");
    }
    for (direction, (unknown, direct)) in Direction::BOTH.into_iter().zip(before) {
        let now = unclassified(&lab, direction);
        let is_fine = now.0 - unknown <= HOUSEKEEPING && now.1 == direct;
        assert!(is_fine, "{what}: bytes of nobody's and packets past every class: {now:?}, before {unknown} {direct}");
    }
    lab.pleach(&["verify"]).returned(0);
    Some((lab, said))
}

/// A lab whose shaper holds this network.
pub(crate) fn started(queues: u16, network: &Network) -> Option<Lab> {
    Lab::new(queues).inspect(|lab| begin(lab, network))
}

/// The same, while no other test runs.
pub(crate) fn started_alone(queues: u16, network: &Network) -> Option<Lab> {
    Lab::alone(queues).inspect(|lab| begin(lab, network))
}

fn begin(lab: &Lab, network: &Network) {
    for circuit in &network.circuits {
        lab.add_subscriber(circuit.address());
    }
    network.write(lab);
    lab.pleach(&["apply"]).returned(0);
}

fn changed(edit: impl FnOnce(&mut Network)) -> (Network, Network) {
    let from = Network::small();
    let mut to = from.clone();
    edit(&mut to);
    (from, to)
}

#[test]
fn a_rate_changes() {
    let (from, to) = changed(|network| network.circuit(CHANGED).mbit = 50);
    change("rate change", 4, &from, &to);
}

#[test]
fn a_circuit_moves_to_another_access_point() {
    let (from, to) = changed(|network| network.circuit(CHANGED).parent = "AP South");
    for queues in [1, 4] {
        change(&format!("circuit moved, {queues} queues"), queues, &from, &to);
    }
}

#[test]
fn a_circuit_gets_another_kind_of_leaf() {
    let (from, to) = changed(|network| network.circuit(CHANGED).sqm = "none");
    change("pfifo to none", 4, &from, &to);
    change("none to pfifo", 4, &to, &from);
}

#[test]
fn a_site_is_added_above() {
    let (from, to) = changed(|network| {
        network.nodes.push(Node { name: "Hill", parent: "Tower A", mbit: 150, kind: "site" });
        network.node("AP North").parent = "Hill";
    });
    change("site added", 4, &from, &to);
    change("site removed", 4, &to, &from);
}

#[test]
fn a_site_moves() {
    let (from, to) = changed(|network| network.node("Tower A").parent = "Tower B");
    change("site moved", 4, &from, &to);
}

#[test]
fn customers_come_and_go() {
    let (from, to) = changed(|network| {
        network.circuits.retain(|circuit| circuit.number != 3);
        network.circuits.push(Circuit { number: 9, parent: "AP North", mbit: 20, sqm: "" });
    });
    change("customers come and go", 4, &from, &to);
}

/// More circuits than the maps hold: another instance of the classifier takes over, filled first.
#[test]
fn the_maps_grow() {
    const MORE: u16 = 2_100; // twice this is more than the 4 096 entries that the maps begin with
    let (from, to) = changed(|network| network.more = MORE);
    let Some((lab, said)) = change_with("maps grow", 4, &from, &to, &["apply"]) else { return };
    assert!(said.contains("applied and verified"), "{said}");
    let programs = lab.sh(&format!("ip netns exec {} tc filter show dev lan egress", lab.shaper_namespace()));
    assert_eq!(programs.matches("pleach-download").count(), 1, "{programs}");
}

#[test]
fn circuits_are_dealt_out_afresh() {
    // Tower B alone is on the second queue; as it grows it stays there, and is dealt out again when asked.
    let (from, to) = changed(|network| {
        network.nodes.push(Node { name: "Tower C", parent: "", mbit: 200, kind: "site" });
        network.circuits.iter_mut().filter(|circuit| circuit.number > 1).for_each(|circuit| circuit.parent = "Tower C");
    });
    change_with("rebalance", 2, &from, &to, &["apply", "--rebalance"]);
}

#[test]
fn applied_again_it_writes_nothing() {
    let network = Network::small();
    let Some(lab) = started(4, &network) else { return };
    let stream = Stream::start(&lab, Network::small().circuit(CHANGED).address(), Direction::Download);
    lab.pleach(&["plan"]).returned(0);
    lab.pleach(&["apply"]).returned(0);
    std::fs::remove_file(lab.path().join("state/shapers/lab/ledger.json")).expect("the ledger was there");
    lab.pleach(&["plan"]).returned(0);
    lab.pleach(&["apply"]).returned(0);
    stream.finish().assert_whole("resync, and again without the ledger");
}

#[test]
fn the_first_apply_and_stop_pass_traffic() {
    let mut network = Network::small();
    let Some(lab) = Lab::new(4) else { return };
    let address = network.circuit(CHANGED).address();
    lab.add_subscriber(address);
    network.write(&lab);
    let before = lab.sh(&format!("ip netns exec {} tc qdisc show", lab.shaper_namespace()));
    for verb in ["apply", "stop"] {
        let streams = Direction::BOTH.map(|direction| Stream::start(&lab, address, direction));
        lab.pleach(&[verb]).returned(0);
        for (direction, outcome) in Direction::BOTH.into_iter().zip(finish(streams)) {
            println!("first apply and stop, {verb}, {direction}: {outcome}");
            assert!(outcome.lost * 20 < outcome.sent, "{verb}, {direction}: a black hole: {outcome}");
        }
    }
    let after = lab.sh(&format!("ip netns exec {} tc qdisc show", lab.shaper_namespace()));
    assert_eq!(after, before, "stop leaves what was there");
}

#[test]
fn a_circuit_goes_from_cake_to_fq_codel() {
    let (mut from, mut to) = changed(|network| network.circuit(CHANGED).sqm = "fq_codel");
    (from.leaf, to.leaf) = ("cake", "cake");
    if !Lab::new(1).is_some_and(|lab| lab.has_qdisc("cake") && lab.has_qdisc("fq_codel")) {
        return;
    }
    change("cake to fq_codel", 4, &from, &to);
}
