//! What the kernel refuses is told with its own words, tied to the operation, and nothing is sent behind it.

use pleach_graph::Rate;
use pleach_kernel::{Kernel, KernelError};
use pleach_tc::{Handle, Interface, Operation, Qdisc, QdiscKind};

use crate::harness::{Wanted, class, execute, htb, in_namespace, linux, observe, pair, pfifo, refused};

#[test]
fn refusals_carry_the_kernels_own_words() {
    in_namespace(|| {
        let interface = pair(1);
        let wanted = Wanted::new(&interface, 1);
        let mut linux = linux();
        execute(&mut linux, &wanted.operations());

        let said = refused(&mut linux, wanted.operations().remove(0));
        assert_eq!(
            said,
            "tc qdisc add dev shaped root handle 1: htb: File exists (os error 17): Exclusivity flag on, cannot modify"
                .replace("1:", &htb(0).to_string())
        );

        let nowhere = Handle::new(htb(0).major(), 99);
        let leaf = Qdisc { parent: nowhere, kind: QdiscKind::Leaf(pfifo(1)) };
        let said = refused(
            &mut linux,
            Operation::AddQdisc { interface: interface.clone(), handle: Handle::qdisc(0x8000), qdisc: leaf },
        );
        assert!(
            said.contains("No such file or directory (os error 2)") || said.contains("Specified class not found"),
            "{said}"
        );

        let said = refused(&mut linux, Operation::DeleteClass { interface: interface.clone(), handle: nowhere });
        assert!(said.starts_with("tc class del dev shaped classid") && said.contains("os error 2"), "{said}");

        let said = refused(
            &mut linux,
            Operation::AddQdisc {
                interface: interface.clone(),
                handle: Handle::qdisc(0x8000),
                qdisc: Qdisc { parent: Handle::new(htb(0).major(), 1), kind: QdiscKind::Other("none-such".into()) },
            },
        );
        assert!(said.ends_with("Specified qdisc kind is unknown"), "{said}");
    });
}

#[test]
fn a_missing_interface_is_named() {
    in_namespace(|| {
        let missing: Interface = "missing".parse().expect("a name");
        let mut linux = linux();
        assert!(
            matches!(linux.observe(std::slice::from_ref(&missing)), Err(KernelError::NoInterface(name)) if name == missing)
        );
        let executed = linux.execute(&[Operation::AddClsact { interface: missing.clone() }]);
        assert!(
            matches!(&executed.refused[..], [(0, KernelError::NoInterface(name))] if *name == missing),
            "{executed:?}"
        );
    });
}

#[test]
fn every_refusal_of_a_batch_is_tied_to_its_operation_and_nothing_follows() {
    in_namespace(|| {
        let interface = pair(1);
        let wanted = Wanted::new(&interface, 1);
        let mut linux = linux();
        execute(&mut linux, &wanted.operations());
        let top = htb(0).major();
        let add = |minor| Operation::AddClass {
            interface: interface.clone(),
            handle: Handle::new(top, minor),
            class: class(Handle::new(top, 1), Rate::from_mbit(1), Rate::from_mbit(1)),
        };
        // Several batches long; numbers 10 and 20 ask for a class that is there already.
        let mut operations: Vec<Operation> = (16..4_016).map(add).collect();
        operations[10] = add(1);
        operations[20] = add(1);
        let executed = linux.execute(&operations);
        let positions: Vec<usize> = executed.refused.iter().map(|(position, _)| *position).collect();
        assert_eq!(positions, [10, 20]);
        assert!((500..2_000).contains(&executed.sent), "one batch of hundreds: {}", executed.sent);
        let made = observe(&mut linux, &interface).interfaces[&interface].classes.len();
        assert_eq!(made, 1 + executed.sent - 2, "the kernel went on within the batch, and nothing came behind it");
    });
}

#[test]
fn a_batch_of_refusals_loses_none_of_them() {
    in_namespace(|| {
        let interface = pair(1);
        let mut linux = linux();
        let missing = |minor| Operation::DeleteClass { interface: interface.clone(), handle: Handle::new(1, minor) };
        let operations: Vec<Operation> = (1..20_000).map(missing).collect();
        let executed = linux.execute(&operations);
        assert_eq!(executed.refused.len(), executed.sent, "each of them was refused");
        assert!(executed.sent > 1_000, "{}", executed.sent);
        println!("{} refusals in one batch", executed.sent);
        assert!(
            observe(&mut linux, &interface).interfaces[&interface].classes.is_empty(),
            "the socket is still in step"
        );
    });
}
