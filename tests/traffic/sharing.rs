//! Ceilings hold, and what is full is shared as configured: a site of 40 Mbit/s, three access points of 30.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::changes::started;
use crate::lab::{Host, Lab, SERVER};
use crate::network::{Circuit, Network, Node};

/// Access points and how many circuits each has.
const CIRCUITS: [(&str, u8); 3] = [("AP 1", 1), ("AP 2", 2), ("AP 3", 4)];
const SITE_MBIT: u32 = 40;
/// Seconds measured, after the start of TCP.
const MEASURED: u64 = 8;
const WARM_UP: u64 = 2;
/// The machine is noisy: a measurement is taken again this often before it is believed to be wrong.
const ATTEMPTS: usize = 4;

fn site(share: &str) -> Network {
    let node = |name, parent, mbit, kind| Node { name, parent, mbit, kind };
    let mut nodes = vec![node("Site", "", SITE_MBIT, "site")];
    let mut circuits = Vec::new();
    for (name, count) in CIRCUITS {
        nodes.push(node(name, "Site", 30, "ap"));
        for _ in 0..count {
            let number = u8::try_from(circuits.len() + 1).expect("few");
            circuits.push(Circuit { number, parent: name, mbit: 30, sqm: "" });
        }
    }
    Network { nodes, circuits, shaper: format!("share = \"{share}\"") }
}

/// Mbit/s of each of these classes' owners, by the bytes that `show` counts.
fn measure(lab: &Lab, network: &Network) -> Vec<f64> {
    let mut clients: Vec<_> = network
        .circuits
        .iter()
        .map(|circuit| {
            let port = (5_200 + u16::from(circuit.number)).to_string();
            let mut server = lab.on(Host::Subscribers, "iperf3");
            let address = circuit.address().to_string();
            let server = server.args(["-s", "-1", "-B", &address, "-p", &port]).stdout(std::process::Stdio::null());
            let server = server.spawn().expect("iperf3 runs");
            (server, address, port)
        })
        .collect();
    std::thread::sleep(Duration::from_millis(300));
    let seconds = (MEASURED + WARM_UP + 3).to_string();
    let mut running: Vec<_> = clients
        .iter()
        .map(|(_, address, port)| {
            let mut client = lab.on(Host::Internet, "iperf3");
            client.args(["-c", address, "-p", port, "-t", &seconds, "-B", &SERVER.to_string()]);
            client.stdout(std::process::Stdio::null()).spawn().expect("iperf3 runs")
        })
        .collect();
    std::thread::sleep(Duration::from_secs(WARM_UP));
    let before = sent(lab, network);
    let start = std::time::Instant::now();
    std::thread::sleep(Duration::from_secs(MEASURED));
    let after = sent(lab, network);
    let seconds = start.elapsed().as_secs_f64();
    for child in running.iter_mut().chain(clients.iter_mut().map(|(server, ..)| server)) {
        let _ = child.kill();
        let _ = child.wait();
    }
    before.iter().zip(&after).map(|(before, after)| (after - before) * 8.0 / seconds / 1e6).collect()
}

/// Bytes sent by each circuit's download class until now, as the kernel's own tool counts them.
fn sent(lab: &Lab, network: &Network) -> Vec<f64> {
    let classes = lab.sh(&format!("ip netns exec {} tc -s class show dev lan", lab.shaper_namespace()));
    network.circuits.iter().map(|circuit| bytes_of_class(lab, &classes, circuit.address())).collect()
}

/// The class that an address is in, by `trace --json`, and its bytes.
fn bytes_of_class(lab: &Lab, classes: &str, address: Ipv4Addr) -> f64 {
    let trace = lab.pleach(&["trace", &address.to_string(), "--json"]).returned(0).out;
    let trace: serde_json::Value = serde_json::from_str(&trace).expect("JSON");
    let class = trace["download"]["class"].as_str().expect("a class");
    let at = classes.find(&format!("class htb {class} ")).unwrap_or_else(|| panic!("{class} is in\n{classes}"));
    let sent = classes[at..].lines().nth(1).expect("a line of statistics");
    sent.split_whitespace().nth(1).and_then(|bytes| bytes.parse().ok()).expect("bytes")
}

/// Measures until `fits`, a few times.
fn holds(share: &str, fits: impl Fn(&[f64]) -> Result<(), String>) {
    let network = site(share);
    let Some(lab) = started(4, &network) else { return };
    let mut told = String::new();
    for _ in 0..ATTEMPTS {
        let rates = measure(&lab, &network);
        println!("share = {share}: {rates:.2?} Mbit/s, {:.2} in all", rates.iter().sum::<f64>());
        match fits(&rates) {
            Ok(()) => return,
            Err(why) => told = why,
        }
    }
    panic!("share = {share}: {told}");
}

fn within(what: &str, found: f64, wanted: f64, share: f64) -> Result<(), String> {
    let fits = (found - wanted).abs() <= wanted * share;
    if fits { Ok(()) } else { Err(format!("{what} has {found:.2} Mbit/s instead of {wanted:.2}")) }
}

fn site_holds(rates: &[f64]) -> Result<f64, String> {
    let all: f64 = rates.iter().sum();
    within("the site", all, f64::from(SITE_MBIT), 0.02).map(|()| all)
}

#[test]
fn subscribers_share_a_full_site() {
    holds("subscriber", |rates| {
        let all = site_holds(rates)?;
        rates.iter().try_for_each(|&rate| within("a circuit", rate, all / 7.0, 0.1))
    });
}

#[test]
fn nodes_share_a_full_site() {
    holds("node", |rates| {
        let all = site_holds(rates)?;
        let access_points = [rates[0], rates[1..3].iter().sum(), rates[3..].iter().sum()];
        access_points.iter().try_for_each(|&rate| within("an access point", rate, all / 3.0, 0.1))
    });
}
