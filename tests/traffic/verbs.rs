//! The verbs under traffic: what stands in the way is left alone, a rollback and a confirmation lose nothing.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use pleach_tc::Direction;

use crate::changes::started;
use crate::lab::{Host, Lab};
use crate::measure::class_of;
use crate::network::Network;
use crate::stream::{Stream, finish};

/// The small network, and another with a circuit moved.
fn two_networks() -> (Network, Network) {
    let from = Network::small();
    let mut to = from.clone();
    to.circuit(1).parent = "AP South";
    (from, to)
}

fn class(lab: &Lab, network: &Network) -> String {
    class_of(lab, &network.circuits[0].address().to_string(), Direction::Download)
}

#[test]
fn rolled_back_under_traffic() {
    let (from, to) = two_networks();
    let Some(lab) = started(4, &from) else { return };
    let before = class(&lab, &from);
    let streams = [0, 7].map(|at| Stream::start(&lab, from.circuits[at].address(), Direction::Download));
    to.write(&lab);
    lab.pleach(&["apply"]).returned(0);
    lab.pleach(&["rollback"]).returned(0);
    for outcome in finish(streams) {
        outcome.assert_whole("applied and rolled back");
    }
    from.write(&lab);
    lab.pleach(&["verify"]).returned(0);
    assert_eq!(class(&lab, &from), before);
}

#[test]
fn confirmed_and_not_under_traffic() {
    let (from, to) = two_networks();
    let Some(lab) = started(4, &from) else { return };
    let streams = [0, 7].map(|at| Stream::start(&lab, from.circuits[at].address(), Direction::Download));
    to.write(&lab);
    lab.pleach(&["apply", "--confirm", "60"]).returned(0);
    lab.pleach(&["confirm"]).returned(0);
    lab.pleach(&["verify"]).returned(0);
    from.write(&lab);
    lab.pleach(&["apply", "--confirm", "1"]).returned(0);
    to.write(&lab);
    let began = Instant::now();
    while lab.pleach(&["verify"]).code != Some(0) {
        assert!(began.elapsed() < Duration::from_mins(1), "nobody undid it");
        thread::sleep(Duration::from_millis(200));
    }
    for outcome in finish(streams) {
        outcome.assert_whole("confirmed, then undone for want of it");
    }
}

#[test]
fn another_hand_is_in_the_way() {
    let network = Network::small();
    let Some(lab) = Lab::new(4) else { return };
    network.write(&lab);
    let tc = |line: &str| lab.sh(&format!("ip netns exec {} tc {line}", lab.shaper_namespace()));
    tc("qdisc add dev lan root handle 77: htb default 1");
    let before = tc("qdisc show");
    let refused = lab.pleach(&["apply"]).returned(4);
    assert!(refused.err.contains("--take-over") && refused.err.contains("lan"), "{}", refused.err);
    assert_eq!(tc("qdisc show"), before, "what is refused changes nothing");
    lab.pleach(&["apply", "--take-over"]).returned(0);
    lab.pleach(&["verify"]).returned(0);
    assert!(!tc("qdisc show dev lan").contains(" 77: "));
}

/// What `plan --format tc` prints, run by the real tools, is what `verify` accepts and what `apply` leaves alone.
fn a_script_does_what_apply_does(leaf: &'static str) {
    let mut network = Network::small();
    network.leaf = leaf;
    let Some(lab) = Lab::new(4) else { return };
    if !lab.has_qdisc(leaf) || lab.on(Host::Shaper, "bpftool").arg("version").output().is_err() {
        return eprintln!("skipped: this needs {leaf} and bpftool");
    }
    let object =
        std::env::var("CLASSIFIER").unwrap_or(concat!(env!("CARGO_MANIFEST_DIR"), "/bpf/classifier.o").to_owned());
    let run = |network: &Network| {
        network.write(&lab);
        let script = lab.pleach(&["plan", "--format", "tc"]).returned(7).out;
        fs::write(lab.path().join("script"), script).expect("written");
        lab.sh(&format!("CLASSIFIER={object} ip netns exec {} bash script", lab.shaper_namespace()));
        lab.pleach(&["verify"]).returned(0);
        assert!(lab.pleach(&["apply"]).returned(0).out.contains("nothing to do"));
    };
    run(&network);
    network.circuit(1).parent = "AP South";
    network.circuit(2).mbit = 30;
    network.circuit(3).sqm = "none";
    run(&network);
}

#[test]
fn a_script_of_pfifo() {
    a_script_does_what_apply_does("pfifo");
}

#[test]
fn a_script_of_cake() {
    a_script_does_what_apply_does("cake");
}
