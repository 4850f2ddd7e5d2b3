//! What is told of an interface besides what is shaped in it.

use pleach_kernel::Kernel;
use pleach_tc::{Handle, Operation, QdiscKind};

use crate::harness::{DEVICE, execute, in_namespace, linux, observe, pair, refused, run};

#[test]
fn an_interface_is_told_as_it_is() {
    in_namespace(|| {
        let interface = pair(16);
        let mut linux = linux();
        for _ in 0..2 {
            let facts = linux.facts(&interface).expect("facts");
            assert_eq!((facts.queues, facts.most_queues, facts.mtu), (16, 16, 1_500));
            assert!(facts.sends_aggregates && !facts.has_ingress, "asking twice changes nothing: {facts:?}");
        }
        run(&format!("ethtool -K {DEVICE} gso off gro on"));
        run(&format!("ip link set {DEVICE} mtu 1400"));
        let facts = linux.facts(&interface).expect("facts");
        assert!(!facts.sends_aggregates && facts.receives_aggregates, "{facts:?}");
        assert_eq!(linux.facts(&interface).expect("facts").mtu, 1_400);
    });
}

#[test]
fn the_ingress_qdisc_is_a_conflict_that_is_seen() {
    in_namespace(|| {
        let interface = pair(1);
        run(&format!("tc qdisc add dev {DEVICE} ingress"));
        let mut linux = linux();
        assert!(linux.facts(&interface).expect("facts").has_ingress);
        let state = observe(&mut linux, &interface).interfaces.remove(&interface).expect("the interface");
        assert!(!state.has_clsact);
        assert_eq!(state.qdiscs[&Handle::CLSACT].kind, QdiscKind::Other("ingress".into()));
        let said = refused(&mut linux, Operation::AddClsact { interface: interface.clone() });
        assert!(said.contains("clsact"), "{said}");
        // It has the same handle as clsact, and is not taken for it.
        refused(&mut linux, Operation::DeleteClsact { interface: interface.clone() });
        assert!(linux.facts(&interface).expect("facts").has_ingress);
    });
}

#[test]
fn queues_are_reserved_to_cpus_and_set_free_again() {
    in_namespace(|| {
        let interface = pair(4);
        let mut linux = linux();
        let set = |cpus: &str| Operation::SetXps { interface: interface.clone(), queue: 2, cpus: cpus.into() };
        let xps = |linux: &mut pleach_kernel::Linux| observe(linux, &interface).interfaces[&interface].xps.clone();
        assert!(xps(&mut linux).is_empty());
        execute(&mut linux, &[set("1")]);
        let seen = xps(&mut linux);
        assert_eq!(seen.keys().copied().collect::<Vec<_>>(), [2]);
        assert!(seen[&2].ends_with('1'), "{seen:?}");
        execute(&mut linux, &[set("0")]);
        assert!(xps(&mut linux).is_empty());
        let said = refused(&mut linux, Operation::SetXps { interface: interface.clone(), queue: 99, cpus: "1".into() });
        assert!(said.contains("tx-99"), "{said}");
    });
}

#[test]
fn another_namespaces_sysfs_is_not_believed() {
    in_namespace(|| {
        let interface = pair(1);
        let mut linux = linux();
        // The name is there in both, with another number.
        run("ip netns list");
        rustix::mount::unmount("/sys", rustix::mount::UnmountFlags::DETACH).expect("the old sysfs");
        let error = linux.observe(std::slice::from_ref(&interface)).expect_err("it cannot be told");
        assert!(error.to_string().contains("/sys/class/net/shaped"), "{error}");
    });
}
