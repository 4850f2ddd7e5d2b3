//! Ten thousand classes and leaves: that they are all there, and how long it took.

use std::time::Instant;

use pleach_graph::Rate;
use pleach_kernel::Kernel;
use pleach_tc::{Handle, layout};

use crate::harness::{Wanted, class, execute, htb, in_namespace, linux, observe, pair, pfifo};

#[test]
fn twenty_thousand_operations_over_sixteen_queues() {
    const CIRCUITS: u16 = 10_000;
    const QUEUES: u16 = 16;
    in_namespace(|| {
        let interface = pair(QUEUES);
        let mut wanted = Wanted::new(&interface, QUEUES);
        for (circuit, major) in (0..CIRCUITS).zip(layout::leaf_majors()) {
            let top = htb(circuit % QUEUES).major();
            let handle = Handle::new(top, 16 + circuit / QUEUES);
            wanted.class(handle, class(Handle::new(top, 1), Rate::from_bit(104_000), Rate::from_mbit(100)));
            wanted.leaf(major, handle, pfifo(1_000));
        }
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
