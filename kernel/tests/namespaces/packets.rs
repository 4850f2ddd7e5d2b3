//! With packets in the queues.

use pleach_graph::Rate;
use pleach_kernel::Kernel;
use pleach_tc::{Handle, Operation, PacketCount, Qdisc, QdiscKind};

use crate::harness::{Wanted, address, class, execute, htb, in_namespace, linux, pair, pfifo, send};

#[test]
fn a_change_in_place_keeps_what_is_queued_and_it_is_all_counted() {
    in_namespace(|| {
        let interface = pair(1);
        address();
        let mut wanted = Wanted::new(&interface, 1);
        let top = htb(0).major();
        let (link, slow, empty) = (Handle::new(top, 1), Handle::new(top, 16), Handle::new(top, 17));
        // One packet fills the bucket for a long time; the others wait.
        let crawling = pleach_tc::Class {
            burst: pleach_tc::Ticks(1),
            cburst: pleach_tc::Ticks(1),
            ..class(link, Rate::from_bit(8), Rate::from_bit(8))
        };
        wanted.class(slow, crawling);
        wanted.class(empty, crawling);
        wanted.leaf(0x8000, slow, pfifo(50));
        let mut linux = linux();
        execute(&mut linux, &wanted.operations());

        send(slow, 60);
        let classes = [slow, empty, Handle::new(top, 99)];
        let before = linux.backlog(&interface, &classes).expect("a backlog");
        assert_eq!(before[0].packets, 50);
        assert_eq!(before[0].bytes, 50 * 1_014, "with the Ethernet header");
        assert_eq!(
            before[1..],
            [PacketCount::default(); 2],
            "nothing waits where nothing was sent, or where there is no class"
        );

        execute(
            &mut linux,
            &[
                Operation::ChangeClass {
                    interface: interface.clone(),
                    handle: slow,
                    class: class(link, Rate::from_bit(16), Rate::from_bit(16)),
                },
                Operation::ChangeQdisc {
                    interface: interface.clone(),
                    handle: Handle::qdisc(0x8000),
                    qdisc: Qdisc { parent: slow, kind: QdiscKind::Leaf(pfifo(80)) },
                },
            ],
        );
        let after = linux.backlog(&interface, &classes).expect("a backlog");
        assert!(after[0].packets >= 49, "{after:?}: one more may have left");

        let statistics = linux.statistics(std::slice::from_ref(&interface)).expect("statistics");
        let (class, leaf) =
            (&statistics.classes[&(interface.clone(), slow)], &statistics.leaves[&(interface.clone(), slow)]);
        assert_eq!(class.backlog, after[0]);
        assert_eq!(leaf.backlog, after[0]);
        assert_eq!(class.sent.packets + class.backlog.packets + leaf.drops, 60, "{class:?} {leaf:?}");
    });
}

#[test]
fn what_no_class_took_passes_and_is_counted() {
    in_namespace(|| {
        let interface = pair(1);
        address();
        let wanted = Wanted::new(&interface, 1);
        let mut linux = linux();
        execute(&mut linux, &wanted.operations());
        let direct = |linux: &mut pleach_kernel::Linux| {
            linux.statistics(std::slice::from_ref(&interface)).expect("statistics").direct_packets
                [&(interface.clone(), htb(0))]
        };
        let before = direct(&mut linux);
        send(htb(0), 5);
        send(Handle::new(htb(0).major(), 99), 7);
        assert!(direct(&mut linux) >= before + 12);
    });
}
