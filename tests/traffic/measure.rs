//! What TCP gets through the shaper, by the byte counters of HTB's classes.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::lab::{Host, Lab, SERVER};
use crate::network::Network;

/// The machine is noisy: a measurement is taken again this often before it is believed to be wrong.
pub(crate) const ATTEMPTS: usize = 4;

/// When it is measured, from the start of TCP.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) warm_up: Duration,
    pub(crate) measured: Duration,
}

/// Mbit/s that each circuit's download class sends while one TCP connection per circuit asks for all it can get.
pub(crate) fn mbit(lab: &Lab, network: &Network, window: Window) -> Vec<f64> {
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
    let seconds = ((window.measured + window.warm_up).as_secs() + 3).to_string();
    let mut running: Vec<_> = clients
        .iter()
        .map(|(_, address, port)| {
            let mut client = lab.on(Host::Internet, "iperf3");
            client.args(["-c", address, "-p", port, "-t", &seconds, "-B", &SERVER.to_string()]);
            client.stdout(std::process::Stdio::null()).spawn().expect("iperf3 runs")
        })
        .collect();
    std::thread::sleep(window.warm_up);
    let before = sent(lab, network);
    let start = std::time::Instant::now();
    std::thread::sleep(window.measured);
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
