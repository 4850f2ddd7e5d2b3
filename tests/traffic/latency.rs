//! How long a ping waits while four TCP flows fill 20 Mbit/s: with each kind of leaf, the bottleneck in the circuit and in
//! its site, and beside it the same leaf set by hand.

use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use crate::changes::started;
use crate::lab::{Host, Lab, SERVER};
use crate::network::{Circuit, Network, Node};

const BOTTLENECK_MBIT: u32 = 20;
const FLOWS: &str = "4";
/// From the start of TCP until the pings begin.
const WARM_UP: Duration = Duration::from_secs(2);
/// Pings, and milliseconds between two of them.
const PINGS: usize = 100;
const PING_INTERVAL: &str = "0.05";
/// What may be added to an idle ping, in milliseconds.
const MEAN_ADDED: f64 = 5.0;
const P99_ADDED: f64 = 15.0;
/// How far from the leaf set by hand: a share of it and some milliseconds.
const BY_HAND: (f64, f64) = (1.25, 1.0);
/// The machine is noisy: a measurement is taken again this often before it is believed to be wrong.
const ATTEMPTS: usize = 3;

/// Round trips in milliseconds, ascending.
struct Pings(Vec<f64>);

impl Pings {
    fn take(lab: &Lab, address: &str) -> Self {
        let count = PINGS.to_string();
        let mut ping = lab.on(Host::Internet, "ping");
        let output = ping.args(["-i", PING_INTERVAL, "-c", &count, "-W", "5", address]).output().expect("ping runs");
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        let time = |line: &str| line.split_once("time=")?.1.split_whitespace().next()?.parse().ok();
        let mut times: Vec<f64> = out.lines().filter_map(time).collect();
        assert!(times.len() > PINGS / 2, "most pings were lost:\n{out}");
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    fn under_load(lab: &Lab, address: &str) -> Self {
        let mut load = Load::start(lab, address);
        thread::sleep(WARM_UP);
        let pings = Self::take(lab, address);
        load.end();
        pings
    }

    #[expect(clippy::cast_precision_loss, reason = "a hundred pings")]
    fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }

    fn p99(&self) -> f64 {
        self.0[(self.0.len() * 99).div_ceil(100) - 1]
    }
}

/// TCP flows towards the subscriber.
struct Load {
    server: Child,
    client: Child,
}

impl Load {
    fn start(lab: &Lab, address: &str) -> Self {
        let quiet = Stdio::null;
        let server = lab.on(Host::Subscribers, "iperf3").args(["-s", "-B", address]).stdout(quiet()).spawn();
        thread::sleep(Duration::from_millis(500));
        let mut client = lab.on(Host::Internet, "iperf3");
        client.args(["-c", address, "-B", &SERVER.to_string(), "-P", FLOWS, "-t", "60"]);
        let client = client.stdout(quiet()).stderr(quiet()).spawn();
        Self { server: server.expect("iperf3 runs"), client: client.expect("iperf3 runs") }
    }

    fn end(&mut self) {
        for child in [&mut self.client, &mut self.server] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.end();
    }
}

fn network(leaf: &'static str, circuit: u32, site: u32) -> Network {
    let nodes = vec![Node { name: "Site", parent: "", mbit: site, kind: "site" }];
    let circuits = vec![Circuit { number: 1, parent: "Site", mbit: circuit, sqm: "" }];
    Network { nodes, circuits, leaf, more: 0, shaper: String::new() }
}

/// The same leaf under one class of the same rate, set with `tc`.
fn set_by_hand(lab: &Lab, leaf: &str) {
    lab.sh(&format!(
        "tc -n {shaper} qdisc add dev lan root handle 1: htb default 10
        tc -n {shaper} class add dev lan parent 1: classid 1:10 htb rate {BOTTLENECK_MBIT}mbit burst 16000 cburst 16000 \
            quantum 2500
        tc -n {shaper} qdisc add dev lan parent 1:10 handle 10: {leaf}",
        shaper = lab.shaper_namespace()
    ));
}

fn check(lab: &Lab, what: &str, idle: &Pings, by_hand: &Pings) {
    let address = network("", 1, 1).circuits[0].address().to_string();
    let mut told = String::new();
    for _ in 0..ATTEMPTS {
        let pings = Pings::under_load(lab, &address);
        let (mean, p99) = (pings.mean(), pings.p99());
        println!(
            "measured: {what}: mean {mean:.2} ms, p99 {p99:.2} ms; idle {:.2} and {:.2}; by hand {:.2} and {:.2}",
            idle.mean(),
            idle.p99(),
            by_hand.mean(),
            by_hand.p99()
        );
        let limit = by_hand.mean().mul_add(BY_HAND.0, BY_HAND.1);
        let fits = mean < idle.mean() + MEAN_ADDED && p99 < idle.p99() + P99_ADDED && mean <= limit;
        if fits {
            return;
        }
        told = format!("{what}: mean {mean:.2} ms, p99 {p99:.2} ms, by hand a mean of {:.2} ms", by_hand.mean());
    }
    panic!("{told}");
}

#[test]
fn a_full_circuit_and_a_full_site_keep_a_ping_short() {
    let Some(lab) = Lab::new(4) else { return };
    if !(lab.has_qdisc("cake") && lab.has_qdisc("fq_codel")) {
        return;
    }
    drop(lab);
    for leaf in ["cake", "fq_codel"] {
        let wide = 5 * BOTTLENECK_MBIT;
        let in_circuit = network(leaf, BOTTLENECK_MBIT, wide);
        let lab = started(4, &in_circuit).expect("a lab, as before");
        let address = in_circuit.circuits[0].address().to_string();
        let idle = Pings::take(&lab, &address);
        lab.pleach(&["stop"]).returned(0);
        set_by_hand(&lab, leaf);
        let by_hand = Pings::under_load(&lab, &address);
        lab.sh(&format!("tc -n {} qdisc del dev lan root", lab.shaper_namespace()));
        lab.pleach(&["apply"]).returned(0);
        check(&lab, &format!("{leaf}, the circuit is full"), &idle, &by_hand);
        network(leaf, wide, BOTTLENECK_MBIT).write(&lab);
        lab.pleach(&["apply"]).returned(0);
        check(&lab, &format!("{leaf}, the site is full"), &idle, &by_hand);
    }
}

#[test]
fn a_plain_queue_keeps_a_ping_waiting() {
    let Some(lab) = started(4, &network("pfifo", BOTTLENECK_MBIT, 5 * BOTTLENECK_MBIT)) else { return };
    let pings = Pings::under_load(&lab, &network("", 1, 1).circuits[0].address().to_string());
    println!("measured: pfifo, the circuit is full: mean {:.0} ms, p99 {:.0} ms", pings.mean(), pings.p99());
    assert!(pings.mean() > 100.0, "the load did not fill the circuit");
}
