//! Real packets over a bridge: what test runs do not show. A tag that arrives in a frame is in metadata when the frame
//! leaves, and the queue is that of the subscriber's HTB: in another the class would not be found.

use std::process::Command;

use pleach_kernel::bpf::Classifier;
use pleach_tc::{DeviceKey, DeviceValue, Handle, MapWrite, PerDirection, PortIndex, PortMode, Scope, Slot, Store};

use crate::harness::{is_root, port, prefix, shaping, write};
use crate::packet_socket::{Sender, enter_new_namespace};
use crate::packets::{Payload, Wrap, frame, ip};

const QUEUES: u16 = 4;
const PACKETS: u16 = 25;

/// Runs a command that must succeed.
pub(crate) fn command(line: &str) -> String {
    let mut words = line.split_whitespace();
    let output = Command::new(words.next().expect("a program")).args(words).output().expect("it is installed");
    assert!(output.status.success(), "`{line}`: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// A bridge from `a0` to `b0`, whose peers are `a1` and `b1`; an HTB on each of the four queues of `b0`.
fn bridge() {
    for pair in ["a", "b"] {
        command(&format!(
            "ip link add {pair}0 numtxqueues {QUEUES} numrxqueues {QUEUES} type veth peer name {pair}1 numrxqueues {QUEUES} numtxqueues {QUEUES}"
        ));
    }
    command("ip link add bridge type bridge stp_state 0 mcast_snooping 0");
    for name in ["a0", "b0"] {
        command(&format!("ip link set {name} master bridge"));
    }
    for name in ["bridge", "a0", "a1", "b0", "b1"] {
        command(&format!("ip link set {name} up"));
    }
    command("tc qdisc add dev b0 root handle ace5: mq");
    for queue in 1..=QUEUES {
        command(&format!("tc qdisc add dev b0 parent ace5:{queue} handle {queue}: htb default 0"));
        for minor in ["2", "3", "10", "11"] {
            command(&format!(
                "tc class add dev b0 parent {queue}: classid {queue}:{minor} htb rate 1gbit burst 100k cburst 100k quantum 1500"
            ));
        }
    }
    command("tc qdisc add dev b0 clsact");
}

/// Puts a program on an interface's clsact.
pub(crate) fn attach(classifier: &Classifier, device: &str, index: PortIndex) {
    let pin = format!("/sys/fs/bpf/pleach-{device}-{}", std::process::id());
    let id = classifier.program_id(index).expect("it has a number");
    command(&format!("bpftool prog pin id {id} {pin}"));
    command(&format!("tc filter replace dev {device} egress protocol all prio 1 handle 1 bpf da object-pinned {pin}"));
    std::fs::remove_file(&pin).expect("the pin is there");
}

/// The subscriber whose class hangs in the HTB of this queue.
fn subscriber(queue: u16, minor: u16, scope: Scope, net: &str) -> MapWrite {
    let class = PerDirection { download: Handle::new(queue + 1, minor), upload: Handle::ROOT };
    let value = DeviceValue { class, queue: PerDirection { download: queue, upload: 0 }, slot: Slot(queue.into()) };
    MapWrite::PutDevice { store: Store::Exact, key: DeviceKey { scope, prefix: prefix(net) }, value }
}

/// Packets that each class sent, from what `tc` shows.
fn sent(class: Handle) -> u64 {
    let text = command("tc -s class show dev b0");
    let mut lines = text.lines().skip_while(|line| !line.starts_with(&format!("class htb {class} ")));
    let counts = lines.nth(1).unwrap_or_else(|| panic!("{class} is not in {text}"));
    let words: Vec<_> = counts.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "pkt").expect("packets are shown");
    words[at - 1].parse().expect("a number")
}

#[test]
fn tags_in_metadata_and_queues() {
    if !is_root() {
        return;
    }
    enter_new_namespace();
    bridge();
    let classifier = shaping();
    let mut writes: Vec<_> =
        (0..QUEUES).map(|queue| subscriber(queue, 0x10, Scope::ANY, &format!("10.0.0.{queue}"))).collect();
    writes.push(subscriber(1, 0x11, Scope::vlan(300, 0), "10.0.0.0"));
    writes.push(subscriber(2, 0x11, Scope::vlan(300, 7), "10.0.0.0"));
    write(&classifier, &writes);
    let attach = |index| attach(&classifier, "b0", index);
    attach(PortIndex::Download);

    let sender = Sender::new("a1");
    let send = |wraps: &[Wrap], to: &str| {
        let frame = frame(wraps, ip("192.0.2.1", to, Payload::Udp(4000, 4001)));
        (0..PACKETS).for_each(|_| sender.send(&frame));
    };
    let (outer, inner, third) = (Wrap::Tag(0x88a8, 0xe12c), Wrap::Tag(0x8100, 0x2007), Wrap::Tag(0x8100, 9));
    for queue in 0..QUEUES {
        send(&[], &format!("10.0.0.{queue}"));
        assert_eq!(sent(Handle::new(queue + 1, 0x10)), u64::from(PACKETS), "queue {queue}");
    }
    send(&[outer], "10.0.0.0");
    assert_eq!(sent(Handle::new(2, 0x11)), u64::from(PACKETS), "one tag, in metadata");
    send(&[outer, inner], "10.0.0.0");
    assert_eq!(sent(Handle::new(3, 0x11)), u64::from(PACKETS), "one tag in metadata, one in the frame");
    let before = sent(Handle::new(1, 3));
    send(&[outer, inner, third], "10.0.0.0");
    assert!(sent(Handle::new(1, 3)) >= before + u64::from(PACKETS), "three tags are too deep: the default class");

    let vlan = PerDirection { download: 300, upload: 301 };
    write(&classifier, &[MapWrite::SetPort { index: PortIndex::Stick, port: port(PortMode::Shape, vlan) }]);
    attach(PortIndex::Stick);
    send(&[outer], "10.0.0.3");
    assert_eq!(sent(Handle::new(4, 0x10)), 2 * u64::from(PACKETS), "the outgoing tag says the direction");
    let control = sent(Handle::new(1, 2));
    send(&[inner], "10.0.0.3");
    assert!(sent(Handle::new(1, 2)) >= control + u64::from(PACKETS), "another VLAN goes to control");
}
