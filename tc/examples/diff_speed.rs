//! How long a difference takes: 100 000 circuits in two directions, on 16 queues.
//!
//! `cargo run --release -p pleach-tc --example diff_speed`

use std::time::{Duration, Instant};

use pleach_graph::{Prefix, Rate};
use pleach_tc::{
    Class, ClassifierState, DeviceKey, DeviceValue, Direction, Handle, Identity, IdentityKey, IdentityRecord,
    InterfaceState, KernelState, Leaf, PerDirection, Pfifo, PortIndex, Qdisc, QdiscKind, Root, Scope, Slot, Store,
    TakeOver, Ticks, UndoRecord, compare, diff, layout,
};

const CIRCUITS: u32 = 100_000;
const QUEUES: u16 = 16;
const ROUNDS: usize = 9;

fn class(parent: Handle, rate: Rate) -> Class {
    let burst = Ticks::of_bytes(16_000, rate);
    Class { parent, rate, ceil: rate, burst, cburst: burst, quantum: 1_522, priority: 3, overhead: 0, mpu: 0 }
}

fn state(changed: u32) -> KernelState {
    let mut state = KernelState::default();
    let mut classifier = ClassifierState::default();
    let majors: Vec<u16> = layout::leaf_majors().collect();
    for direction in Direction::BOTH {
        let name: pleach_tc::Interface = format!("eth-{direction}").parse().expect("a name");
        let attached = Some(if direction == Direction::Download { PortIndex::Download } else { PortIndex::Upload });
        let root = Root::Ours;
        let mut one = InterfaceState { queues: QUEUES, root, has_clsact: true, attached, ..InterfaceState::default() };
        one.qdiscs.insert(Handle::qdisc(layout::ROOT_MAJOR), Qdisc { parent: Handle::ROOT, kind: QdiscKind::Mq });
        for queue in 0..QUEUES {
            let htb = layout::htb(queue).expect("an HTB");
            one.qdiscs.insert(htb, Qdisc { parent: layout::htb_parent(queue, QUEUES), kind: QdiscKind::Htb });
            one.classes.insert(Handle::new(htb.major(), 1), class(htb, Rate::from_gbit(10)));
        }
        for circuit in 0..CIRCUITS {
            let queue = u16::try_from(circuit % u32::from(QUEUES)).expect("few");
            let htb = layout::htb(queue).expect("an HTB").major();
            let minor = 16 + u16::try_from(circuit / u32::from(QUEUES)).expect("few");
            let handle = Handle::new(htb, minor);
            let rate = Rate::from_bit(if circuit < changed { 800_000 } else { 80_000 });
            one.classes.insert(handle, class(Handle::new(htb, 1), rate));
            if let Some(&major) = majors.get(circuit as usize) {
                let leaf = Qdisc { parent: handle, kind: QdiscKind::Leaf(Leaf::Pfifo(Pfifo::default())) };
                one.qdiscs.insert(Handle::qdisc(major), leaf);
            }
            let key = IdentityKey { interface: name.clone(), class: handle };
            let identity = Identity(u128::from(circuit));
            classifier.identities.insert(key, IdentityRecord { identity, slot: Slot(circuit) });
            let address = std::net::Ipv4Addr::from(0x0a00_0000 + circuit);
            let key = DeviceKey { scope: Scope::ANY, prefix: Prefix::host(address.into()) };
            let class = PerDirection { download: handle, upload: handle };
            let value =
                DeviceValue { class, queue: PerDirection { download: queue, upload: queue }, slot: Slot(circuit) };
            classifier.devices.insert(key, (Store::Exact, value));
        }
        state.interfaces.insert(name, one);
    }
    state.classifier = Some(classifier);
    state
}

fn median(mut measure: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS).map(|_| measure()).collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

fn main() {
    let (wanted, changed) = (state(0), state(1));
    let mut nothing = KernelState::default();
    for (name, state) in &wanted.interfaces {
        nothing.interfaces.insert(name.clone(), InterfaceState { queues: state.queues, ..InterfaceState::default() });
    }
    for (what, desired, observed) in [
        ("nothing changed", &wanted, &wanted.clone()),
        ("one rate", &changed, &wanted),
        ("first apply", &wanted, &nothing),
        ("stop", &nothing, &wanted),
    ] {
        let plan = diff(desired, observed, TakeOver::No).expect("nothing foreign");
        let time = |work: &dyn Fn()| {
            median(|| {
                let start = Instant::now();
                work();
                start.elapsed()
            })
        };
        let diffed = time(&|| drop(diff(desired, observed, TakeOver::No)));
        let recorded = time(&|| drop(UndoRecord::of(&plan, observed)));
        let compared = time(&|| drop(compare(desired, desired)));
        let operations = plan.operations().count();
        println!(
            "{what:16} {operations:7} operations  diff {diffed:>9.1?}  undo record {recorded:>9.1?}  compare {compared:>9.1?}"
        );
    }
}
