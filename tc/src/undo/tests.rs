use super::*;
use crate::classifier::{Identity, Slot};
use crate::direction::PerDirection;
use crate::operation::{MapWrite, Operation};
use crate::plan::{Phase, Plan};
use pleach_graph::Rate;

fn class(rate: u64) -> Class {
    let (rate, burst) = (Rate::from_bit(rate * 1_000_008), crate::class::Ticks(1));
    let parent = Handle::qdisc(1);
    Class { parent, rate, ceil: rate, burst, cburst: burst, quantum: 1_522, priority: 3, overhead: 0, mpu: 0 }
}

#[test]
fn a_record_survives_the_disk_and_says_what_was_there() {
    let interface: Interface = "eth0".parse().expect("a name");
    let (kept, new) = (Handle::new(1, 16), Handle::new(1, 17));
    let mut observed = KernelState::default();
    let bandwidth = Some(Rate::from_bit(1_234_568));
    let cake = crate::leaf::Leaf::Cake(crate::leaf::Cake { bandwidth, ..crate::leaf::Cake::default() });
    let cake = Qdisc { parent: kept, kind: crate::qdisc::QdiscKind::Leaf(cake) };
    let state = observed.interfaces.entry(interface.clone()).or_default();
    state.classes.insert(kept, class(1));
    state.qdiscs.insert(Handle::qdisc(9), cake.clone());
    let key = DeviceKey { scope: Scope::vlan(7, 0), prefix: Prefix::parse("10.0.0.1").expect("an address").prefix };
    let identity = IdentityKey { interface: interface.clone(), class: kept };
    let value = DeviceValue {
        class: PerDirection { download: kept, upload: kept },
        queue: PerDirection::default(),
        slot: Slot(3),
    };
    let record = IdentityRecord { identity: Identity(u128::MAX), slot: Slot::NONE };
    let classifier = observed.classifier.get_or_insert_default();
    classifier.devices.insert(key, (Store::Exact, value));
    classifier.identities.insert(identity.clone(), record);
    let add = Operation::AddClass { interface: interface.clone(), handle: new, class: class(2) };
    let change = Operation::ChangeClass { interface: interface.clone(), handle: kept, class: class(3) };
    let operations = vec![
        add,
        change,
        Operation::Map(MapWrite::RemoveDevice { store: Store::Exact, key }),
        Operation::Map(MapWrite::Forget(identity)),
        Operation::ChangeQdisc { interface: interface.clone(), handle: Handle::qdisc(9), qdisc: cake.clone() },
        Operation::SetXps { interface: interface.clone(), queue: 2, cpus: "0".into() },
        Operation::Detach { interface: interface.clone() },
    ];
    let plan = Plan { phases: vec![Phase::Operations(operations)], ..Plan::default() };
    let undo = UndoRecord::of(&plan, &observed);
    let text = serde_json::to_string(&undo).expect("it has a text form");
    assert_eq!(serde_json::from_str::<UndoRecord>(&text).expect("its own text"), undo, "{text}");
    let mut now = observed.clone();
    let state = now.interfaces.get_mut(&interface).expect("it is there");
    state.classes = [(kept, class(3)), (new, class(2))].into();
    state.xps.insert(2, "3".into());
    now.classifier = None;
    assert_eq!(undo.target(&now), observed);
    assert_eq!(undo.target(&observed), observed, "undoing twice changes nothing");
}
