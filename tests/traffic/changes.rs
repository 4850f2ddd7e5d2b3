//! Changes under traffic: not one packet is lost, on the changed circuit or on another.

use pleach_tc::Direction;

use crate::lab::Lab;
use crate::network::{Circuit, Network, Node};
use crate::stream::Stream;

/// The circuit that each change is about, and one that it is not about.
const CHANGED: u8 = 1;
const OTHER: u8 = 8;

/// Applies a network, starts streams, applies another one, and wants every packet.
fn change(what: &str, queues: u16, from: &Network, to: &Network) {
    let Some(lab) = started(queues, from) else { return };
    let mut from = from.clone();
    let streams = [
        (CHANGED, Direction::Download),
        (CHANGED, Direction::Upload),
        (OTHER, Direction::Download),
        (OTHER, Direction::Upload),
    ]
    .map(|(number, direction)| (number, direction, Stream::start(&lab, from.circuit(number).address(), direction)));
    to.write(&lab);
    println!("{}", lab.pleach(&["apply"]).returned(0).out);
    for (number, direction, stream) in streams {
        stream.finish().assert_whole(&format!("{what}, c{number} {direction}"));
    }
    lab.pleach(&["verify"]).returned(0);
}

/// A lab whose shaper holds this network.
pub(crate) fn started(queues: u16, network: &Network) -> Option<Lab> {
    let lab = Lab::new(queues)?;
    for circuit in &network.circuits {
        lab.add_subscriber(circuit.address());
    }
    network.write(&lab);
    lab.pleach(&["apply"]).returned(0);
    Some(lab)
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
    change("leaf kind changed", 4, &from, &to);
}

#[test]
fn a_site_is_added_above() {
    let (from, to) = changed(|network| {
        network.nodes.push(Node { name: "Hill", parent: "Tower A", mbit: 150, kind: "site" });
        network.node("AP North").parent = "Hill";
    });
    change("site added", 4, &from, &to);
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
        let streams = Direction::BOTH.map(|direction| (direction, Stream::start(&lab, address, direction)));
        lab.pleach(&[verb]).returned(0);
        for (direction, stream) in streams {
            let outcome = stream.finish();
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
