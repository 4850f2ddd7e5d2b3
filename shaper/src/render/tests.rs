use std::collections::BTreeMap;

use compact_str::CompactString;
use pleach_graph::{Prefix, Rate};
use pleach_tc::{
    Class, ClassifierState, DeviceKey, DeviceValue, Handle, Interface, InterfaceState, KernelState, Leaf, PerDirection,
    Pfifo, PortIndex, Qdisc, QdiscKind, Root, Scope, Slot, Store, TakeOver, Ticks, diff, layout,
};

use super::*;
use crate::subjects::Subject;

fn eth1() -> Interface {
    "eth1".parse().expect("a name")
}

fn class(parent: Handle, rate: Rate, ceil: Rate) -> Class {
    let (burst, cburst) = (Ticks::of_bytes(16_000, rate), Ticks::of_bytes(16_000, ceil));
    Class { parent, rate, ceil, burst, cburst, quantum: 1_522, priority: 3, overhead: 0, mpu: 0 }
}

fn circuit(circuit_id: &str, name: &str, parent: &str) -> Subject {
    let text = CompactString::from;
    Subject::Circuit { circuit_id: text(circuit_id), name: text(name), parent: text(parent) }
}

/// A link class, then circuits with their ceilings in Mbit/s, each with a plain queue.
fn state(circuits: &[(u16, u64)]) -> KernelState {
    let htb = layout::htb(0).expect("an HTB");
    let link = Handle::new(htb.major(), 1);
    let gigabit = Rate::from_gbit(1);
    let mut state = InterfaceState { queues: 1, root: Root::Ours, has_clsact: true, ..InterfaceState::default() };
    state.attached = Some(PortIndex::Download);
    state.qdiscs.insert(htb, Qdisc { parent: Handle::ROOT, kind: QdiscKind::Htb });
    state.classes.insert(link, class(htb, gigabit, gigabit));
    let mut classifier = ClassifierState::default();
    for &(minor, ceil) in circuits {
        let handle = Handle::new(htb.major(), minor);
        state.classes.insert(handle, class(link, Rate::from_mbit(10), Rate::from_mbit(ceil)));
        let leaf = QdiscKind::Leaf(Leaf::Pfifo(Pfifo { limit: 100 }));
        let major = layout::leaf_majors().nth(minor.into()).expect("there are many");
        state.qdiscs.insert(Handle::qdisc(major), Qdisc { parent: handle, kind: leaf });
        let prefix = Prefix::parse(&format!("10.0.0.{minor}")).expect("an address").prefix;
        let class = PerDirection { download: handle, upload: handle };
        let value = DeviceValue { class, queue: PerDirection::default(), slot: Slot(7) };
        classifier.devices.insert(DeviceKey { scope: Scope::ANY, prefix }, (Store::Exact, value));
    }
    KernelState { interfaces: [(eth1(), state)].into(), classifier: Some(classifier) }
}

fn subjects() -> Subjects {
    let htb = layout::htb(0).expect("an HTB").major();
    let mut subjects = Subjects::default();
    let classes: BTreeMap<Handle, Subject> = [
        (Handle::new(htb, 0x2a), circuit("10017", "Jones", "AP North")),
        (Handle::new(htb, 0x41), circuit("10092", "Ng", "AP South")),
        (Handle::new(htb, 0x1f), circuit("10003", "", "")),
    ]
    .into();
    subjects.set(eth1(), classes);
    subjects
}

#[test]
fn a_plan_reads_like_this() {
    let (before, after) = (state(&[(0x1f, 20), (0x2a, 50)]), state(&[(0x2a, 100), (0x41, 100)]));
    let plan = diff(&after, &before, TakeOver::No).expect("nothing foreign");
    let subjects = subjects();
    let shown = Shown { plan: &plan, desired: &after, observed: &before, subjects: &subjects };
    let mut text = String::new();
    table(&shown, &mut text).expect("memory takes it");
    let htb = layout::htb(0).expect("an HTB").major();
    let expected = format!(
        "\
eth1 download
  - class {htb:x}:1f  circuit `10003`
  ~ class {htb:x}:2a  circuit `10017` (Jones, AP North)  ceil 50M -> 100M
  + class {htb:x}:41  circuit `10092` (Ng, AP South)     rate 10M ceil 100M, pfifo
drain: 1 classes, at most 1 s: eth1 {htb:x}:1f circuit `10003`
device map: 1 written, 1 removed
1 to change, 1 to add, 1 to remove, 4 unchanged
"
    );
    assert_eq!(text, expected);
    let value: serde_json::Value = serde_json::from_str(&json(&shown)).expect("it is JSON");
    assert_eq!(value["counts"]["add"], 1);
    assert_eq!(value["interfaces"]["eth1"][2]["subject"]["circuit_id"], "10092");
    assert_eq!(value["drains"][0][0]["class"], format!("{htb:x}:1f"));
}

#[test]
fn a_script_has_the_bytes_of_the_maps() {
    let plan = diff(&state(&[(0x2a, 50)]), &state(&[]), TakeOver::No).expect("nothing foreign");
    let mut text = String::new();
    script(&plan, "classifier.o", &mut text).expect("memory takes it");
    let htb = layout::htb(0).expect("an HTB").major();
    let class = hex(u32::from(htb) << 16 | 0x2a);
    let slot = hex(7);
    let line = format!(
        "map update $MAP_exact4 key hex 00 00 00 00 0a 00 00 2a value hex {class} {class} 00 00 00 00 {slot}\n"
    );
    assert!(text.contains(&line), "{text}");
    let class = format!("class add dev eth1 parent {htb:x}:1 classid {htb:x}:2a htb rate 10000000bit ceil 50000000bit");
    assert!(text.contains(&class), "{text}");
}

fn hex(number: u32) -> String {
    number.to_ne_bytes().map(|byte| format!("{byte:02x}")).join(" ")
}
