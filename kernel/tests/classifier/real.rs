//! Packets as the kernel itself lays them out: headers outside the linear part, and aggregates of many segments.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use pleach_kernel::bpf::Classifier;
use pleach_tc::{Direction, PacketCount, PortIndex, Reason, Scope, Slot, Store};

use crate::bridge::{attach, command};
use crate::harness::{is_root, put, shaping, write};
use crate::packet_socket::{Sender, enter_new_namespace};
use crate::packets::{Payload, Wrap, frame, ip};

/// A pair of interfaces, of which the first has the subscriber's HTB and a program for downloads.
fn pair(classifier: &Classifier) {
    command("ip link add v0 mtu 9000 type veth peer name v1 mtu 9000");
    command("ip link set v0 up");
    command("ip link set v1 up");
    command("tc qdisc add dev v0 root handle 3: htb default 0");
    command("tc class add dev v0 parent 3: classid 3:11 htb rate 10gbit burst 1m cburst 1m quantum 60000");
    command("tc qdisc add dev v0 clsact");
    attach(classifier, "v0", PortIndex::Download);
}

fn counted(classifier: &Classifier, reason: Reason) -> (PacketCount, PacketCount) {
    let counters = classifier.counters().expect("they can be read");
    let slot = counters.slots.get(&(Slot(1), Direction::Download)).copied().unwrap_or_default();
    (slot, counters.reasons.get(&(reason, Direction::Download)).copied().unwrap_or_default())
}

/// A packet socket puts all but the link header of a frame of more than a page outside the linear part.
#[test]
fn headers_outside_the_linear_part_are_read() {
    const LONG: usize = 6_000;
    if !is_root() {
        return;
    }
    enter_new_namespace();
    let classifier = shaping();
    write(
        &classifier,
        &[put(Store::Exact, Scope::ANY, "10.0.0.1", 1), put(Store::Exact, Scope::ANY, "2001:db8:0:1::/64", 1)],
    );
    pair(&classifier);
    let sender = Sender::new("v0");
    let send = |wraps: &[Wrap], to: &str, payload| {
        let from = if to.contains(':') { "2001:db8:ffff::1" } else { "192.0.2.1" };
        let mut frame = frame(wraps, ip(from, to, payload));
        frame.resize(LONG, 0);
        sender.send(&frame);
    };
    let udp = Payload::Udp(4000, 4001);
    let wraps: [&[Wrap]; 6] = [
        &[],
        &[Wrap::Tag(0x8100, 7)],
        &[Wrap::Tag(0x88a8, 7), Wrap::Tag(0x8100, 9)],
        &[Wrap::Mpls(8)],
        &[Wrap::Tag(0x8100, 7), Wrap::Pppoe(0x0021)],
        &[Wrap::Pseudowire(2), Wrap::Tag(0x8100, 5)],
    ];
    for (at, wraps) in (1_u64..).zip(wraps) {
        send(wraps, "10.0.0.1", udp);
        let (slot, known) = counted(&classifier, Reason::Known);
        assert_eq!(slot, PacketCount { packets: at, bytes: at * LONG as u64 }, "{wraps:?}");
        assert_eq!(known, slot);
    }
    send(&[], "2001:db8:0:1::5", udp);
    send(&[Wrap::Pppoe(0x0057)], "2001:db8:0:1::5", udp);
    assert_eq!(counted(&classifier, Reason::Known).0.packets, wraps.len() as u64 + 2);
    // Ports and ICMP types behind the addresses are read from there as well.
    let before = counted(&classifier, Reason::Control).1.packets;
    send(&[], "192.0.2.9", Payload::Tcp(4000, 179));
    send(&[], "fe80::9", Payload::Icmp6(135, 255));
    assert!(counted(&classifier, Reason::Control).1.packets >= before + 2);
}

/// The packets and bytes that the subscriber's class sent, as `tc` shows them.
fn class_sent() -> PacketCount {
    let text = command("tc -s class show dev v0 classid 3:11");
    let words: Vec<_> = text.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "Sent").expect("bytes are shown");
    let number = |at: usize| words[at].parse().expect("a number");
    PacketCount { bytes: number(at + 1), packets: number(at + 3) }
}

/// TCP hands the interface aggregates of up to 64 KiB, one run of the program for each. What is counted are the packets and
/// bytes that they become, and HTB counts the same.
#[test]
fn aggregates_count_as_the_packets_they_become() {
    const SENT: usize = 8 << 20;
    const LONGEST: u64 = 9_014;
    if !is_root() {
        return;
    }
    enter_new_namespace();
    let classifier = shaping();
    write(&classifier, &[put(Store::Exact, Scope::ANY, "10.0.0.1", 1)]);
    pair(&classifier);
    command("ip address add 10.0.0.2/24 dev v0");
    let (tell, told) = mpsc::channel();
    let (tell_size, size) = mpsc::channel();
    let (finish, finished) = mpsc::channel::<()>();
    let server = thread::spawn(move || {
        enter_new_namespace();
        tell.send(rustix::thread::gettid()).expect("somebody listens");
        while !command("ip -o link").contains("v1") {
            thread::yield_now();
        }
        command("ip link set v1 up");
        command("ip address add 10.0.0.1/24 dev v1");
        let listener = TcpListener::bind("10.0.0.1:5000").expect("a listener");
        tell.send(rustix::thread::gettid()).expect("somebody listens");
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut all = Vec::new();
        tell_size.send(stream.read_to_end(&mut all).expect("data")).expect("somebody listens");
        // The interfaces go with this thread's namespace: not before they were looked at.
        finished.recv().expect_err("nothing is sent");
    });
    let namespace = told.recv().expect("a thread");
    command(&format!("ip link set v1 netns {}", namespace.as_raw_nonzero()));
    told.recv().expect("it listens");
    let mut stream = TcpStream::connect("10.0.0.1:5000").expect("a connection");
    stream.write_all(&vec![7; SENT]).expect("room");
    drop(stream);
    assert_eq!(size.recv().expect("a server"), SENT);

    let (slot, known) = counted(&classifier, Reason::Known);
    let sent = class_sent();
    drop(finish);
    server.join().expect("a server");
    println!("measured: {} packets, {} bytes", slot.packets, slot.bytes);
    assert_eq!(slot, sent, "what HTB counted");
    assert_eq!(known, slot);
    assert!(slot.bytes > SENT as u64 && slot.bytes <= slot.packets * LONGEST, "aggregates are counted by segment");
}
