//! Qdiscs and classes: what is written is what is read back.

use pleach_graph::Rate;
use pleach_kernel::Kernel;
use pleach_tc::{Class, Handle, Operation, Qdisc, QdiscKind, Root, Ticks};

use crate::harness::{DEVICE, Wanted, class, execute, htb, in_namespace, linux, observe, pair, pfifo, run};

#[test]
fn one_queue_holds_what_was_written_and_says_so() {
    in_namespace(|| {
        let interface = pair(1);
        let mut wanted = Wanted::new(&interface, 1);
        let (top, link) = (htb(0).major(), Handle::new(htb(0).major(), 1));
        // From one byte a second to what a 100 Gbit/s card has, on both sides of where the kernel's first field ends.
        let rates = [8, 16, 1_000, 59_765_624, 8 * 0xffff_fff8, 8 * 0xffff_ffff, 8 * 0x1_0000_0000, 100_000_000_000];
        for (minor, bit) in (16..).zip(rates) {
            let class = class(link, Rate::from_bit(bit), Rate::from_gbit(100));
            wanted.class(Handle::new(top, minor), class);
            wanted.leaf(0x8000 + minor, Handle::new(top, minor), pfifo(u32::from(minor)));
        }
        let extremes = Class {
            burst: Ticks(u32::MAX),
            cburst: Ticks(1),
            quantum: 200_000,
            priority: 7,
            ..class(link, Rate::from_bit(8), Rate::from_bit(8))
        };
        wanted.class(Handle::new(top, 0xffff), extremes);
        wanted.class(Handle::new(top, 0xfffe), Class { overhead: 38, mpu: 84, priority: 0, ..extremes });

        let mut linux = linux();
        execute(&mut linux, &wanted.operations());
        assert_eq!(observe(&mut linux, &interface), wanted.observed());
    });
}

#[test]
fn sixteen_queues_have_sixteen_htbs() {
    in_namespace(|| {
        let interface = pair(16);
        let mut wanted = Wanted::new(&interface, 16);
        for queue in 0..16 {
            let top = htb(queue).major();
            wanted.class(Handle::new(top, 16), class(Handle::new(top, 1), Rate::from_mbit(1), Rate::from_mbit(9)));
            wanted.leaf(0x9000 + queue, Handle::new(top, 16), pfifo(7));
        }
        let mut linux = linux();
        execute(&mut linux, &wanted.operations());
        assert_eq!(observe(&mut linux, &interface), wanted.observed());

        let root = Handle::qdisc(pleach_tc::layout::ROOT_MAJOR);
        execute(
            &mut linux,
            &[Operation::DeleteQdisc { interface: interface.clone(), handle: root, parent: Handle::ROOT }],
        );
        let after = observe(&mut linux, &interface);
        let state = &after.interfaces[&interface];
        assert_eq!((&state.root, state.qdiscs.len(), state.classes.len()), (&Root::KernelDefault, 0, 0));
    });
}

#[test]
fn changes_and_deletions_do_what_they_say_and_nothing_else() {
    in_namespace(|| {
        let interface = pair(1);
        let mut wanted = Wanted::new(&interface, 1);
        let top = htb(0).major();
        let (link, changed, deleted) = (Handle::new(top, 1), Handle::new(top, 16), Handle::new(top, 17));
        for (at, handle) in [(0, changed), (1, deleted), (2, Handle::new(top, 18))] {
            wanted.class(handle, class(link, Rate::from_mbit(1), Rate::from_mbit(2)));
            wanted.leaf(0x8000 + at, handle, pfifo(100));
        }
        let mut linux = linux();
        execute(&mut linux, &wanted.operations());

        let faster = Class { priority: 5, quantum: 9_000, ..class(link, Rate::from_gbit(40), Rate::from_gbit(50)) };
        let (leaf, handle) = (Qdisc { parent: changed, kind: QdiscKind::Leaf(pfifo(5)) }, Handle::qdisc(0x8000));
        execute(
            &mut linux,
            &[
                Operation::ChangeClass { interface: interface.clone(), handle: changed, class: faster },
                Operation::ChangeQdisc { interface: interface.clone(), handle, qdisc: leaf.clone() },
                Operation::DeleteClass { interface: interface.clone(), handle: deleted },
                Operation::DeleteQdisc {
                    interface: interface.clone(),
                    handle: Handle::qdisc(0x8002),
                    parent: Handle::new(top, 18),
                },
            ],
        );
        wanted.class(changed, faster);
        wanted.state.qdiscs.insert(handle, leaf);
        wanted.state.classes.remove(&deleted);
        wanted.state.qdiscs.remove(&Handle::qdisc(0x8001));
        wanted.state.qdiscs.remove(&Handle::qdisc(0x8002));
        assert_eq!(observe(&mut linux, &interface), wanted.observed());
    });
}

/// A surprise of 6.18: a class with children keeps its quantum and its priority when it is changed, and says it was done.
#[test]
fn a_class_with_children_keeps_its_quantum_and_priority() {
    in_namespace(|| {
        let interface = pair(1);
        let mut wanted = Wanted::new(&interface, 1);
        let top = htb(0).major();
        let (link, node) = (Handle::new(top, 1), Handle::new(top, 16));
        wanted.class(node, class(link, Rate::from_mbit(1), Rate::from_mbit(2)));
        wanted.class(Handle::new(top, 17), class(node, Rate::from_bit(8), Rate::from_bit(8)));
        let mut linux = linux();
        execute(&mut linux, &wanted.operations());
        assert_eq!(observe(&mut linux, &interface), wanted.observed());

        let asked = Class { quantum: 60_000, priority: 1, ..class(link, Rate::from_mbit(3), Rate::from_mbit(4)) };
        execute(&mut linux, &[Operation::ChangeClass { interface: interface.clone(), handle: node, class: asked }]);
        wanted.class(node, Class { quantum: 1_522, priority: 3, ..asked });
        assert_eq!(observe(&mut linux, &interface), wanted.observed());
    });
}

#[test]
fn what_is_not_ours_is_seen_and_left_alone() {
    in_namespace(|| {
        let interface = pair(1);
        let mut linux = linux();
        let root = |linux: &mut pleach_kernel::Linux| observe(linux, &interface).interfaces[&interface].root.clone();
        assert_eq!(root(&mut linux), Root::KernelDefault);
        for (command, kind, handle) in [
            ("handle 7: tbf rate 1mbit burst 10k latency 10ms", "tbf", Handle::qdisc(7)),
            ("handle 7: htb", "htb", Handle::qdisc(7)),
            (&format!("handle {} htb default 30", htb(0)), "htb", htb(0)),
        ] {
            run(&format!("tc qdisc add dev {DEVICE} root {command}"));
            assert_eq!(root(&mut linux), Root::Foreign { kind: kind.into(), handle }, "{command}");
            let before = run("tc qdisc show");
            // What we would put there is refused, and nothing changes.
            let operations = Wanted::new(&interface, 1).operations();
            assert!(!linux.execute(&operations[..1]).refused.is_empty());
            assert_eq!(run("tc qdisc show"), before);
            run(&format!("tc qdisc del dev {DEVICE} root"));
        }
    });
}
