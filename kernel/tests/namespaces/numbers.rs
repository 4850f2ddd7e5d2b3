//! Numbers of interfaces that were observed.

use pleach_kernel::LinkKernel;
use pleach_overlay::links::{Membership, Operation};

use crate::harness::{in_namespace, linux, run};

#[test]
fn a_request_for_an_interface_that_was_made_anew_reaches_nobody() {
    in_namespace(|| {
        let make = || run("ip link add tap0 type veth peer name tap0p");
        let mut linux = linux();
        make();
        linux.observe_links().expect("it answers");
        run("ip link delete tap0");
        make();
        let up = [Operation::Join { interface: "tap0".parse().expect("a name"), membership: Membership::Alone }];
        let executed = linux.execute_links(&up);
        let [(0, refused)] = &executed.refused[..] else { panic!("{executed:?}") };
        assert_eq!(refused.to_string(), "ip link set dev tap0 up: No such device (os error 19)");
        assert!(!run("ip -o link show tap0").contains(",UP"));
        // What was observed is used once.
        assert!(linux.execute_links(&up).is_complete(1));
        assert!(run("ip -o link show tap0").contains(",UP"));
    });
}
