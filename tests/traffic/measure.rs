//! What TCP gets through the shaper, by the byte counters of HTB's classes.

use std::time::{Duration, Instant};

use pleach_tc::Direction;

use crate::lab::{Host, Lab, SERVER};
use crate::network::{Circuit, Network};

/// The machine is noisy: a measurement is taken again this often before it is believed to be wrong.
pub(crate) const ATTEMPTS: usize = 4;

/// Bytes that hosts send by themselves, group memberships above all, and that are nobody's: far fewer than a stream's.
pub(crate) const HOUSEKEEPING: u64 = 2_000;

/// When it is measured, from the start of TCP.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) warm_up: Duration,
    pub(crate) measured: Duration,
}

/// Mbit/s that each circuit's download class sends while one TCP connection per circuit asks for all it can get.
#[expect(clippy::cast_precision_loss, reason = "bytes of a few seconds")]
pub(crate) fn mbit(lab: &Lab, network: &Network, window: Window) -> Vec<f64> {
    let address = |circuit: &Circuit| circuit.address().to_string();
    let found: Vec<_> =
        network.circuits.iter().map(|circuit| class_of(lab, &address(circuit), Direction::Download)).collect();
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
    let (start, before) = (Instant::now(), classes(lab, Direction::Download));
    std::thread::sleep(window.measured);
    let (end, after) = (Instant::now(), classes(lab, Direction::Download));
    let seconds = (end - start).as_secs_f64();
    for child in running.iter_mut().chain(clients.iter_mut().map(|(server, ..)| server)) {
        let _ = child.kill();
        let _ = child.wait();
    }
    let bytes = |class| class_bytes(&after, class) - class_bytes(&before, class);
    found.iter().map(|class| bytes(class) as f64 * 8.0 / seconds / 1e6).collect()
}

/// The class that packets of an address are put into, as `trace` says.
pub(crate) fn class_of(lab: &Lab, address: &str, direction: Direction) -> String {
    let trace = lab.pleach(&["trace", address, "--json"]).returned(0).out;
    let trace: serde_json::Value = serde_json::from_str(&trace).expect("JSON");
    let way = &trace["direction"][direction.to_string()];
    way["classes"][0]["class"].as_str().unwrap_or_else(|| panic!("{address} has a class in\n{trace}")).to_owned()
}

/// Every class of a direction with its counters, as the kernel's own tool lists them.
pub(crate) fn classes(lab: &Lab, direction: Direction) -> String {
    classes_on(lab, interface(direction))
}

/// Every class of an interface.
pub(crate) fn classes_on(lab: &Lab, interface: &str) -> String {
    lab.sh(&format!("ip netns exec {} tc -s class show dev {interface}", lab.shaper_namespace()))
}

/// Bytes that a class of such a list sent; 0 where it is not in it.
pub(crate) fn class_bytes(classes: &str, class: &str) -> u64 {
    let Some(at) = classes.find(&format!("class htb {class} ")) else { return 0 };
    sent_bytes(&classes[at..])
}

/// Bytes that passed without a class of their own: those of addresses that nobody has, and packets that no class took.
pub(crate) fn unclassified(lab: &Lab, direction: Direction) -> (u64, u64) {
    let classes = classes(lab, direction);
    let is_default = |part: &&str| part.split_whitespace().next().is_some_and(|class| class.ends_with(":3"));
    let unknown = classes.split("class htb ").filter(is_default).map(sent_bytes).sum();
    let show = format!("ip netns exec {} tc -s qdisc show dev {}", lab.shaper_namespace(), interface(direction));
    let direct = lab.sh(&show);
    let counts = direct.split("direct_packets_stat ").skip(1).filter_map(|rest| rest.split_whitespace().next());
    (unknown, counts.map(|count| count.parse::<u64>().expect("a number")).sum())
}

fn interface(direction: Direction) -> &'static str {
    match direction {
        Direction::Download => "lan",
        Direction::Upload => "wan",
    }
}

fn sent_bytes(class: &str) -> u64 {
    let sent = class.lines().nth(1).expect("a line of statistics");
    sent.split_whitespace().nth(1).and_then(|bytes| bytes.parse().ok()).expect("bytes")
}
