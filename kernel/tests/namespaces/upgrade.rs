//! An upgrade of the classifier that died halfway: one of two interfaces has the new instance, the other still the old one.

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use pleach_kernel::bpf::embedded_version;
use pleach_kernel::{Kernel, Linux};
use pleach_tc::{
    ClassifierState, DeviceKey, DeviceValue, Handle, Interface, KernelState, MapSizes, Operation, PacketCount,
    PerDirection, Plan, Port, PortIndex, PortMode, Scope, Slot, Store, TakeOver, diff,
};

use crate::harness::{Wanted, execute, htb, in_namespace, linux, pair, run};

const OLD: MapSizes = MapSizes { devices: 100, identities: 10, slots: 10 };
const NEW: MapSizes = MapSizes { devices: 200, ..OLD };

/// Two interfaces: destinations behind the first are looked up, and sources that leave through the second.
fn interfaces() -> [Interface; 2] {
    let shaped = pair(1);
    let other: Interface = "other".parse().expect("a name");
    for (interface, net) in [(&shaped, "192.0.2"), (&other, "198.51.100")] {
        run(&format!("ip addr add {net}.1/24 dev {interface}"));
        run(&format!("ip neigh add {net}.2 lladdr 02:00:00:00:00:02 dev {interface}"));
    }
    [other, shaped]
}

fn both<T: Copy>(of: T) -> PerDirection<T> {
    PerDirection { download: of, upload: of }
}

/// The subscriber, who is 192.0.2.2 behind one and 198.51.100.1 in front of the other, has class 1 of each.
fn desired([other, shaped]: &[Interface; 2], sizes: MapSizes) -> KernelState {
    let class = both(Handle::new(htb(0).major(), 1));
    let value = DeviceValue { class, queue: both(0), slot: Slot(3) };
    let device = |address: &str| {
        let prefix = pleach_graph::Prefix::parse(address).expect("an address").prefix;
        (DeviceKey { scope: Scope::ANY, prefix }, (Store::Exact, value))
    };
    // Nobody's packets go to a class that is not there: past every class, where they are counted.
    let nowhere = both(Handle::new(htb(0).major(), 3));
    let port = Port {
        mode: PortMode::Shape,
        default_class: nowhere,
        default_queue: both(0),
        vlan: both(0),
        mark: pleach_tc::MarkField::NONE,
    };
    let classifier = ClassifierState {
        version: embedded_version(),
        sizes,
        ports: BTreeMap::from([(PortIndex::Download, port), (PortIndex::Upload, port)]),
        devices: BTreeMap::from([device("192.0.2.2"), device("198.51.100.1")]),
        ..ClassifierState::default()
    };
    let mut state = KernelState { classifier: Some(classifier), ..KernelState::default() };
    for (interface, port) in [(shaped, PortIndex::Download), (other, PortIndex::Upload)] {
        let mut wanted = Wanted::new(interface, 1).state;
        (wanted.has_clsact, wanted.attached) = (true, Some(port));
        state.interfaces.insert(interface.clone(), wanted);
    }
    state
}

fn planned(desired: &KernelState, linux: &mut Linux, interfaces: &[Interface]) -> (KernelState, Plan) {
    let observed = linux.observe(interfaces).expect("a state");
    let plan = diff(desired, &observed, TakeOver::No).expect("a plan");
    (observed, plan)
}

fn operations(plan: &Plan) -> Vec<Operation> {
    plan.operations().cloned().collect()
}

/// Sends packets of 100 bytes through both interfaces until told to stop; how many through each.
fn traffic(stop: &Arc<AtomicBool>) -> thread::JoinHandle<u64> {
    let stop = Arc::clone(stop);
    thread::spawn(move || {
        let sockets = ["192.0.2", "198.51.100"].map(|net| {
            let socket = UdpSocket::bind(format!("{net}.1:0")).expect("a socket");
            socket.connect(format!("{net}.2:9")).expect("a way there");
            socket
        });
        let mut sent = 0;
        while !stop.load(Ordering::Relaxed) {
            for socket in &sockets {
                socket.send(&[0; 58]).expect("a packet");
            }
            sent += 1;
            thread::sleep(Duration::from_micros(300));
        }
        sent
    })
}

#[test]
fn an_upgrade_that_died_between_two_interfaces_is_finished() {
    in_namespace(|| {
        let interfaces = interfaces();
        let (old, new) = (desired(&interfaces, OLD), desired(&interfaces, NEW));
        let mut first = linux();
        let (_, plan) = planned(&old, &mut first, &interfaces);
        execute(&mut first, &operations(&plan));
        let before = counted(&mut first, &interfaces);
        let stop = Arc::new(AtomicBool::new(false));
        let sender = traffic(&stop);

        let (_, plan) = planned(&new, &mut first, &interfaces);
        let upgrade = operations(&plan);
        let attach = |operation: &Operation| matches!(operation, Operation::Attach { .. });
        assert_eq!(upgrade.iter().filter(|operation| attach(operation)).count(), 2);
        let half = upgrade.iter().position(attach).expect("it attaches") + 1;
        execute(&mut first, &upgrade[..half]);
        drop(first);

        let mut second = linux();
        let (observed, plan) = planned(&new, &mut second, &interfaces);
        assert_eq!(observed.classifier, new.classifier, "the new instance, whole");
        let attached = interfaces.each_ref().map(|interface| observed.interfaces[interface].attached);
        assert_eq!(attached, [Some(PortIndex::Upload), None], "the other interface has another instance");
        let left = operations(&plan);
        let shaped = interfaces[1].clone();
        assert_eq!(left, [Operation::Attach { interface: shaped, port: PortIndex::Download }]);
        execute(&mut second, &left);
        let (observed, plan) = planned(&new, &mut second, &interfaces);
        assert_eq!(observed, new);
        assert!(plan.is_empty());

        thread::sleep(Duration::from_millis(50));
        stop.store(true, Ordering::Relaxed);
        let sent = sender.join().expect("a sender");
        let after = counted(&mut second, &interfaces);
        assert!(sent > 50, "{sent}");
        println!("measured: {sent} packets through each interface, none past its class");
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(after.packets - before.packets, sent, "every packet went through the subscriber's class");
        }
    });
}

/// What the subscriber's class of each interface sent.
fn counted(linux: &mut Linux, interfaces: &[Interface; 2]) -> [PacketCount; 2] {
    let statistics = linux.statistics(interfaces).expect("statistics");
    let class = Handle::new(htb(0).major(), 1);
    interfaces.each_ref().map(|interface| statistics.classes[&(interface.clone(), class)].sent)
}
