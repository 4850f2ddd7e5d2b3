//! Ten thousand circuits: that they are all there, and how long it took beside a bare loop that sends the same messages.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use netlink_packet_core::{NLM_F_ACK, NLM_F_REQUEST};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use pleach_graph::Rate;
use pleach_kernel::Kernel;
use pleach_kernel::netlink::request::{ADD_CLASS, ADD_QDISC, put_class, put_qdisc};
use pleach_kernel::netlink::wire::{MessageHeader, Messages, Received};
use pleach_tc::{Handle, Interface, Operation, layout};

use crate::harness::{Wanted, class, execute, htb, in_namespace, linux, observe, pair, pfifo};

const CIRCUITS: u16 = 10_000;
const QUEUES: u16 = 16;
/// As large as the border's own.
const DATAGRAM: usize = 128 << 10;
/// How much longer the border may take than the bare loop. The goal, 1.15, is a benchmark's to hold on a quiet machine.
const MOST: f64 = 1.5;
const ROUNDS: usize = 3;

fn circuits(interface: &Interface) -> Wanted {
    let mut wanted = Wanted::new(interface, QUEUES);
    for (circuit, major) in (0..CIRCUITS).zip(layout::leaf_majors()) {
        let top = htb(circuit % QUEUES).major();
        let handle = Handle::new(top, 16 + circuit / QUEUES);
        wanted.class(handle, class(Handle::new(top, 1), Rate::from_bit(104_000), Rate::from_mbit(100)));
        wanted.leaf(major, handle, pfifo(1_000));
    }
    wanted
}

#[test]
fn twenty_thousand_operations_over_sixteen_queues() {
    in_namespace(|| {
        let interface = pair(QUEUES);
        let wanted = circuits(&interface);
        let operations = wanted.operations();
        let mut linux = linux();
        let from = Instant::now();
        execute(&mut linux, &operations);
        println!("measured: {} operations in {:?}", operations.len(), from.elapsed());

        let from = Instant::now();
        let observed = observe(&mut linux, &interface);
        println!("measured: observed in {:?}", from.elapsed());
        assert!(observed == wanted.observed(), "20 000 objects are not as they were written");

        let from = Instant::now();
        let statistics = linux.statistics(std::slice::from_ref(&interface)).expect("statistics");
        println!("measured: statistics in {:?}", from.elapsed());
        assert_eq!(statistics.leaves.len(), usize::from(CIRCUITS));
    });
}

/// The messages of these operations, laid out before the clock runs.
fn datagrams(index: u32, operations: &[Operation]) -> Vec<Messages> {
    let mut datagrams = vec![Messages::with_capacity(DATAGRAM)];
    for (sequence, operation) in (1..).zip(operations) {
        if datagrams.last().expect("one").len() >= DATAGRAM {
            datagrams.push(Messages::with_capacity(DATAGRAM));
        }
        let messages = datagrams.last_mut().expect("one");
        let header = |(kind, flags): (u16, u16)| MessageHeader { kind, flags: flags | NLM_F_REQUEST, sequence };
        match operation {
            Operation::AddQdisc { handle, qdisc, .. } => put_qdisc(messages, header(ADD_QDISC), index, *handle, qdisc),
            Operation::AddClass { handle, class, .. } => put_class(messages, header(ADD_CLASS), index, *handle, class),
            _ => unreachable!("a first apply only adds"),
        }
    }
    for messages in &mut datagrams {
        messages.flag_last(NLM_F_ACK);
    }
    datagrams
}

/// Sends them one after the other, each when the last acknowledgement of the one before has come.
fn bare_loop(datagrams: &[Messages]) -> Duration {
    let mut socket = Socket::new(NETLINK_ROUTE).expect("a socket");
    socket.bind_auto().expect("a port");
    socket.connect(&SocketAddr::new(0, 0)).expect("the kernel");
    let mut answer = [0; 4_096];
    let from = Instant::now();
    for messages in datagrams {
        socket.send(messages.as_bytes(), 0).expect("a send");
        let length = socket.recv(&mut &mut answer[..], 0).expect("an acknowledgement");
        let (_, payload) = Received(&answer[..length]).next().expect("a message");
        assert_eq!(payload[..4], [0; 4], "done");
    }
    from.elapsed()
}

/// How long it takes in a namespace of its own.
fn timed(run: impl FnOnce(&Interface, &Wanted) -> Duration + Send + 'static) -> Option<Duration> {
    let (sender, receiver) = mpsc::channel();
    in_namespace(move || {
        let interface = pair(QUEUES);
        sender.send(run(&interface, &circuits(&interface))).expect("a receiver");
    });
    receiver.recv().ok()
}

#[test]
fn the_border_is_about_as_fast_as_a_bare_loop() {
    let (mut bare, mut border) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.extend(timed(|interface, wanted| {
            let index = linux().facts(interface).expect("facts").index;
            bare_loop(&datagrams(index, &wanted.operations()))
        }));
        border.extend(timed(|_, wanted| {
            let (mut linux, operations) = (linux(), wanted.operations());
            let from = Instant::now();
            execute(&mut linux, &operations);
            from.elapsed()
        }));
    }
    // The least of several: other load only ever adds.
    let (Some(bare), Some(border)) = (bare.iter().min(), border.iter().min()) else { return };
    let ratio = border.as_secs_f64() / bare.as_secs_f64();
    println!("measured: bare loop {bare:?}, border {border:?}, ratio {ratio:.3}");
    assert!(ratio < MOST, "{ratio:.3}");
}
