//! A network namespace per test, and what tests say about it.
#![allow(unsafe_code)] // entering a namespace, and one socket option that has no safe wrapper

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::process::Command;
use std::{env, panic, thread};

use pleach_graph::Rate;
use pleach_kernel::{Executed, Kernel, Linux};
use pleach_tc::{
    Class, Handle, Interface, InterfaceState, KernelState, Leaf, Operation, Pfifo, Qdisc, QdiscKind, Ticks,
};
use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_change};
use rustix::thread::{UnshareFlags, unshare_unsafe};

/// The interface that tests shape.
pub(crate) const DEVICE: &str = "shaped";

/// Runs a test in a network namespace of its own, on a thread of its own, with sysfs of that namespace. The namespace is
/// gone with the thread.
pub(crate) fn in_namespace(test: impl FnOnce() + Send + 'static) {
    if !rustix::process::geteuid().is_root() {
        return skip("network namespaces need root");
    }
    let thread = thread::spawn(move || {
        // SAFETY: files stay shared with the other threads; namespaces are this thread's own.
        unsafe { unshare_unsafe(UnshareFlags::NEWNET | UnshareFlags::NEWNS) }.expect("a namespace");
        mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC).expect("mounts of its own");
        mount("sysfs", "/sys", "sysfs", MountFlags::empty(), None).expect("sysfs of the namespace");
        test();
    });
    if let Err(reason) = thread.join() {
        panic::resume_unwind(reason);
    }
}

/// Says why a test does not run; fails where it must run.
fn skip(reason: &str) {
    assert!(env::var_os("CI").is_none(), "cannot be tested here: {reason}");
    println!("skipped: {reason}");
}

/// Says that this kernel has not got something; fails on one that has everything.
pub(crate) fn skip_for_want_of(what: &str) {
    assert!(env::var_os("PLEACH_FULL_KERNEL").is_none(), "this kernel should have {what}");
    println!("skipped: this kernel has no {what}; tests/vm has one that does");
}

/// Runs a program in the namespace, and shows what it says if it fails.
pub(crate) fn run(words: &str) -> String {
    let mut parts = words.split_whitespace();
    let output = Command::new(parts.next().expect("a program")).args(parts).output().expect(words);
    assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Makes a pair of interfaces with this many queues each, and returns the one that is shaped.
pub(crate) fn pair(queues: u16) -> Interface {
    let numbers = format!("numtxqueues {queues} numrxqueues {queues}");
    run(&format!("ip link add {DEVICE} {numbers} type veth peer name other {numbers}"));
    for device in [DEVICE, "other", "lo"] {
        run(&format!("ip link set {device} up"));
    }
    DEVICE.parse().expect("a name")
}

pub(crate) fn linux() -> Linux {
    Linux::open().expect("a routing socket")
}

/// What is wanted of one interface, and the operations that make it from nothing.
pub(crate) struct Wanted {
    pub(crate) interface: Interface,
    pub(crate) state: InterfaceState,
}

impl Wanted {
    /// The root and the HTBs of an interface with this many queues, each with a link class.
    pub(crate) fn new(interface: &Interface, queues: u16) -> Self {
        let mut state = InterfaceState { queues, root: pleach_tc::Root::Ours, ..InterfaceState::default() };
        if queues > 1 {
            let root = Qdisc { parent: Handle::ROOT, kind: QdiscKind::Mq };
            state.qdiscs.insert(Handle::qdisc(pleach_tc::layout::ROOT_MAJOR), root);
        }
        for queue in 0..queues {
            let htb = htb(queue);
            let parent = pleach_tc::layout::htb_parent(queue, queues);
            state.qdiscs.insert(htb, Qdisc { parent, kind: QdiscKind::Htb });
            state.classes.insert(Handle::new(htb.major(), 1), class(htb, Rate::from_gbit(1), Rate::from_gbit(1)));
        }
        Self { interface: interface.clone(), state }
    }

    pub(crate) fn class(&mut self, handle: Handle, class: Class) {
        self.state.classes.insert(handle, class);
    }

    pub(crate) fn leaf(&mut self, major: u16, parent: Handle, leaf: Leaf) {
        self.state.qdiscs.insert(Handle::qdisc(major), Qdisc { parent, kind: QdiscKind::Leaf(leaf) });
    }

    /// Roots, HTBs, classes from the top, leaves.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        let interface = || self.interface.clone();
        let is_leaf = |qdisc: &Qdisc| matches!(qdisc.kind, QdiscKind::Leaf(_));
        let add_qdisc = |(&handle, qdisc): (&Handle, &Qdisc)| Operation::AddQdisc {
            interface: interface(),
            handle,
            qdisc: qdisc.clone(),
        };
        let add_class =
            |(&handle, &class): (&Handle, &Class)| Operation::AddClass { interface: interface(), handle, class };
        let depth = |class: &Class| {
            let above = |class: &Class| self.state.classes.get(&class.parent);
            std::iter::successors(Some(class), |class| above(class)).count()
        };
        let mut classes: Vec<_> = self.state.classes.iter().collect();
        classes.sort_by_key(|(handle, class)| (depth(class), **handle));
        let mut structure: Vec<_> = self.state.qdiscs.iter().filter(|(_, qdisc)| !is_leaf(qdisc)).collect();
        structure.sort_by_key(|(handle, qdisc)| (qdisc.parent != Handle::ROOT, **handle));
        let leaves = self.state.qdiscs.iter().filter(|(_, qdisc)| is_leaf(qdisc));
        structure
            .into_iter()
            .map(add_qdisc)
            .chain(classes.into_iter().map(add_class))
            .chain(leaves.map(add_qdisc))
            .collect()
    }

    /// The state as it should be observed.
    pub(crate) fn observed(&self) -> KernelState {
        KernelState { interfaces: BTreeMap::from([(self.interface.clone(), self.state.clone())]), classifier: None }
    }
}

/// The HTB of a queue.
pub(crate) fn htb(queue: u16) -> Handle {
    pleach_tc::layout::htb(queue).expect("a queue")
}

/// A class with buckets of 16 kB.
pub(crate) fn class(parent: Handle, rate: Rate, ceil: Rate) -> Class {
    let (burst, cburst) = (Ticks::of_bytes(16_000, rate), Ticks::of_bytes(16_000, ceil));
    Class { parent, rate, ceil, burst, cburst, quantum: 1_522, priority: 3, overhead: 0, mpu: 0 }
}

pub(crate) fn pfifo(limit: u32) -> Leaf {
    Leaf::Pfifo(Pfifo { limit })
}

/// Does operations that must all be done.
pub(crate) fn execute(linux: &mut Linux, operations: &[Operation]) {
    let executed = linux.execute(operations);
    assert!(executed.is_complete(operations.len()), "{executed:?}");
}

/// Does one that must be refused, and returns what is said of it.
pub(crate) fn refused(linux: &mut Linux, operation: Operation) -> String {
    let Executed { mut refused, .. } = linux.execute(&[operation]);
    assert_eq!(refused.len(), 1, "{refused:?}");
    refused.remove(0).1.to_string()
}

/// What is observed of this interface.
pub(crate) fn observe(linux: &mut Linux, interface: &Interface) -> KernelState {
    linux.observe(std::slice::from_ref(interface)).expect("a state")
}

/// Gives both ends addresses, so that packets to 192.0.2.2 leave through the shaped one.
pub(crate) fn address() {
    run(&format!("ip addr add 192.0.2.1/24 dev {DEVICE}"));
    run(&format!("ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev {DEVICE}"));
}

/// Sends packets of 1 000 bytes in this class.
pub(crate) fn send(class: Handle, packets: u32) {
    let socket = UdpSocket::bind("192.0.2.1:0").expect("a socket");
    let priority = class.raw();
    // SAFETY: the option's value is four bytes, and they are there for the length of the call.
    let set = unsafe {
        let value = (&raw const priority).cast();
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_PRIORITY, value, 4)
    };
    assert_eq!(set, 0, "SO_PRIORITY");
    for _ in 0..packets {
        socket.send_to(&[0; 972], "192.0.2.2:9").expect("a packet");
    }
}
