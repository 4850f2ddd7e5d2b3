//! One interface with a VLAN for each side: both directions are shaped, and what is in neither VLAN is the network's own.

use std::net::Ipv4Addr;
use std::thread;
use std::time::{Duration, Instant};

use pleach_tc::Direction;

use crate::lab::{Host, Lab, SERVER};
use crate::measure::{class_bytes, class_of, classes_on};
use crate::network::Network;
use crate::stream::{Stream, finish};

const PLAN_MBIT: u32 = 10;
/// How far from the plan it may be: the kernel with VLANs is an emulated one.
const TOLERANCE: f64 = 0.05;
const ATTEMPTS: usize = 3;
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(4);

/// The three hosts on one wire: subscribers in VLAN 30, the internet in VLAN 20, both behind `lan` of the shaper.
fn on_a_stick(network: &Network) -> Option<Lab> {
    let lab = Lab::alone(4)?;
    let [subscribers, internet] = [Host::Subscribers, Host::Internet].map(|host| lab.namespace(host));
    let shaper = lab.shaper_namespace();
    let probe = ["link", "add", "link", "lan", "name", "probe", "type", "vlan", "id", "5"];
    if !lab.on(Host::Shaper, "ip").args(probe).output().expect("ip runs").status.success() {
        eprintln!("skipped: this kernel has no VLAN devices; the VM has");
        return None;
    }
    lab.sh(&format!(
        "ip -n {shaper} link del lan
        ip -n {shaper} link del wan
        ip link add lan netns {shaper} numtxqueues 4 numrxqueues 4 type veth \
            peer name trunk netns {internet} numtxqueues 4 numrxqueues 4
        ip -n {shaper} addr add 192.168.9.1/24 dev lan
        ip -n {internet} addr add 192.168.9.2/24 dev trunk
        ip -n {internet} link add link trunk name eth0 type vlan id 20
        ip -n {internet} link add link trunk name behind type vlan id 30
        ip -n {internet} link set behind netns {subscribers} name eth0
        ip -n {internet} addr add {SERVER}/8 dev eth0
        for port in lan.20 lan.30; do
            ip -n {shaper} link add link lan name $port type vlan id ${{port#lan.}}
            ip -n {shaper} link set $port master bridge
        done
        for device in lan lan.20 lan.30; do ip -n {shaper} link set $device up; done
        for device in trunk eth0; do ip -n {internet} link set $device up; done
        # Both VLAN devices would have the trunk's address, and the bridge two ports for one address.
        ip -n {subscribers} link set eth0 address 02:00:00:00:00:30
        ip -n {subscribers} link set eth0 up
        for host in {subscribers} {internet}; do
            ip netns exec $host ethtool -K eth0 tso off gso off >/dev/null
        done"
    ));
    for circuit in &network.circuits {
        lab.add_subscriber(circuit.address());
    }
    network.write(&lab);
    let configured = std::fs::read_to_string(lab.path().join("pleach.toml")).expect("it is there");
    let stick = "on_a_stick = \"lan\"\nvlan_toward_subscribers = 30\nvlan_toward_internet = 20\n";
    lab.write("pleach.toml", &configured.replace("toward_subscribers = \"lan\"\ntoward_internet = \"wan\"\n", stick));
    lab.pleach(&["apply"]).returned(0);
    lab.pleach(&["verify"]).returned(0);
    Some(lab)
}

/// Mbit/s that a class sends while more is asked of it.
#[expect(clippy::cast_precision_loss, reason = "bytes of a few seconds")]
fn mbit(lab: &Lab, address: Ipv4Addr, direction: Direction, class: &str) -> f64 {
    let flood = Stream::flood(lab, address, direction);
    thread::sleep(WARM_UP);
    let (began, before) = (Instant::now(), class_bytes(&classes_on(lab, "lan"), class));
    thread::sleep(MEASURED);
    let (ended, after) = (Instant::now(), class_bytes(&classes_on(lab, "lan"), class));
    flood.finish();
    (after - before) as f64 * 8.0 / (ended - began).as_secs_f64() / 1e6
}

/// Bytes of the classes of the network's own packets.
fn control(lab: &Lab) -> u64 {
    let classes = classes_on(lab, "lan");
    let handles = classes.split("class htb ").filter_map(|part| part.split_whitespace().next());
    handles.filter(|handle| handle.ends_with(":2")).map(|handle| class_bytes(&classes, handle)).sum()
}

#[test]
fn a_stick_shapes_both_directions() {
    let mut network = Network::small();
    network.circuit(1).mbit = PLAN_MBIT;
    let Some(lab) = on_a_stick(&network) else { return };
    let address = network.circuits[0].address().to_string();
    let [down, up] = Direction::BOTH.map(|direction| class_of(&lab, &address, direction));
    assert_ne!(down, up, "each direction has a class of its own");
    let streams = Direction::BOTH.map(|direction| Stream::start(&lab, network.circuits[1].address(), direction));
    for (direction, outcome) in Direction::BOTH.into_iter().zip(finish(streams)) {
        outcome.assert_whole(&format!("on a stick, {direction}"));
    }
    for (direction, class) in Direction::BOTH.into_iter().zip([&down, &up]) {
        let fits = (0..ATTEMPTS).any(|_| {
            let found = mbit(&lab, network.circuits[0].address(), direction, class);
            println!("measured: on a stick, {direction}: {found:.2} Mbit/s of {PLAN_MBIT}");
            (found / f64::from(PLAN_MBIT) - 1.0).abs() < TOLERANCE
        });
        assert!(fits, "{direction} is not shaped to {PLAN_MBIT} Mbit/s");
    }
    let before = control(&lab);
    let ping = lab.on(Host::Shaper, "ping").args(["-c", "10", "-i", "0.05", "-s", "1000", "192.168.9.2"]).output();
    assert!(ping.expect("ping runs").status.success());
    let gained = control(&lab) - before;
    println!("measured: frames in neither VLAN: {gained} bytes to control");
    assert!(gained >= 10 * 1_042, "frames in neither VLAN are the network's own: {gained} bytes");
    lab.pleach(&["stop"]).returned(0);
}
