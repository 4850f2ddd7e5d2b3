//! Cases by hand; the laws on random states are in the kernel crate, beside the simulated kernel.

use super::*;
use crate::classifier::{ClassifierState, ClassifierVersion};
use crate::layout;
use crate::qdisc::{Qdisc, QdiscKind};
use crate::state::Root;

fn interface() -> Interface {
    "eth0".parse().expect("a name")
}

fn state(root: Root) -> KernelState {
    let state = InterfaceState { queues: 1, root, ..InterfaceState::default() };
    KernelState { interfaces: [(interface(), state)].into(), classifier: None }
}

fn ours() -> KernelState {
    let mut ours = state(Root::Ours);
    let htb = Qdisc { parent: Handle::ROOT, kind: QdiscKind::Htb };
    let eth0 = ours.interfaces.get_mut("eth0").expect("it is there");
    eth0.qdiscs.insert(layout::htb(0).expect("an HTB"), htb);
    eth0.has_clsact = true;
    ours
}

#[test]
fn what_is_not_ours_is_refused_unless_asked_for() {
    let mut observed = state(Root::Foreign { kind: "fq".into(), handle: Handle::qdisc(0x8001) });
    let eth0 = observed.interfaces.get_mut("eth0").expect("it is there");
    let ingress = Qdisc { parent: Handle::CLSACT_PARENT, kind: QdiscKind::Other("ingress".into()) };
    eth0.qdiscs.insert(Handle::CLSACT, ingress);
    let refused = diff(&ours(), &observed, TakeOver::No).expect_err("two strangers");
    assert_eq!(
        refused.0.iter().map(|foreign| foreign.what).collect::<Vec<_>>(),
        [ForeignPlace::Root, ForeignPlace::Ingress]
    );
    assert!(refused.to_string().contains("a root qdisc `fq` with handle `8001:`"), "{refused}");
    let plan = diff(&ours(), &observed, TakeOver::Yes).expect("as asked");
    let operations: Vec<_> = plan.operations().collect();
    assert!(matches!(operations[0], Operation::DeleteQdisc { parent: Handle::ROOT, .. }), "{operations:?}");
    assert!(matches!(operations[1], Operation::DeleteQdisc { handle: Handle::CLSACT, .. }), "{operations:?}");
    assert_eq!(plan.notes.len(), 2);
}

#[test]
fn a_foreign_root_stays_where_none_of_ours_is_wanted() {
    let observed = state(Root::Foreign { kind: "fq".into(), handle: Handle::qdisc(0x8001) });
    let plan = diff(&state(Root::KernelDefault), &observed, TakeOver::Yes).expect("nothing in the way");
    assert!(plan.is_empty(), "{plan:?}");
}

#[test]
fn clsact_stays_where_others_use_it() {
    let mut observed = ours();
    let wanted = state(Root::KernelDefault);
    let plan = diff(&wanted, &observed, TakeOver::No).expect("all ours");
    assert!(plan.operations().any(|operation| matches!(operation, Operation::DeleteClsact { .. })));
    observed.interfaces.get_mut("eth0").expect("it is there").other_filters = 1;
    let plan = diff(&wanted, &observed, TakeOver::No).expect("all ours");
    assert!(!plan.operations().any(|operation| matches!(operation, Operation::DeleteClsact { .. })));
    assert_eq!(plan.notes, [Note::ClsactKept { interface: interface() }]);
}

#[test]
fn a_new_version_is_filled_before_it_is_attached() {
    let mut wanted = ours();
    let eth0 = wanted.interfaces.get_mut("eth0").expect("it is there");
    eth0.attached = Some(crate::classifier::PortIndex::Download);
    wanted.classifier = Some(ClassifierState { version: ClassifierVersion([2; 8]), ..ClassifierState::default() });
    let mut observed = wanted.clone();
    observed.classifier = Some(ClassifierState { version: ClassifierVersion([1; 8]), ..ClassifierState::default() });
    let plan = diff(&wanted, &observed, TakeOver::No).expect("all ours");
    let operations: Vec<_> = plan.operations().collect();
    assert!(matches!(operations.first(), Some(Operation::LoadClassifier { .. })), "{operations:?}");
    assert!(matches!(operations.last(), Some(Operation::Attach { .. })), "{operations:?}");
}
