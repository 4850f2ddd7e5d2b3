//! Requests for several interfaces in one batch: the kernel is asked for an interface's number in between.

use pleach_kernel::Kernel;
use pleach_tc::{Handle, Interface, Operation, Qdisc, QdiscKind};

use crate::harness::{Wanted, execute, htb, in_namespace, linux, observe, pair, pfifo};

/// Adds a leaf to an interface; `major` is its handle.
fn leaf(interface: &Interface, major: u16) -> Operation {
    let qdisc = Qdisc { parent: Handle::new(htb(0).major(), 1), kind: QdiscKind::Leaf(pfifo(10)) };
    Operation::AddQdisc { interface: interface.clone(), handle: Handle::qdisc(major), qdisc }
}

#[test]
fn refusals_of_a_batch_over_two_interfaces_are_tied_to_their_operations() {
    in_namespace(|| {
        let first = pair(1);
        let second: Interface = "other".parse().expect("a name");
        let mut operations = Vec::new();
        for interface in [&first, &second] {
            operations.extend(Wanted::new(interface, 1).operations());
            operations.push(leaf(interface, 0x8000));
            // The handle is taken: refused, and the batch goes on.
            operations.push(leaf(interface, 0x8000));
        }
        let executed = linux().execute(&operations);
        let positions: Vec<usize> = executed.refused.iter().map(|(position, _)| *position).collect();
        assert_eq!(positions, [3, 7], "{executed:?}");
        for ((_, error), interface) in executed.refused.iter().zip([&first, &second]) {
            let said = error.to_string();
            assert!(said.starts_with(&format!("tc qdisc add dev {interface} ")), "{said}");
        }
        assert_eq!(executed.sent, operations.len(), "all of it is one batch");
    });
}

#[test]
fn operations_that_take_turns_between_interfaces_are_all_done() {
    in_namespace(|| {
        let first = pair(1);
        let second: Interface = "other".parse().expect("a name");
        let wanted = [Wanted::new(&first, 1), Wanted::new(&second, 1)];
        let [one, other] = wanted.each_ref().map(Wanted::operations);
        let operations: Vec<Operation> = one.into_iter().zip(other).flat_map(|(one, other)| [one, other]).collect();
        let mut linux = linux();
        execute(&mut linux, &operations);
        for wanted in &wanted {
            assert_eq!(observe(&mut linux, &wanted.interface), wanted.observed());
        }
    });
}
