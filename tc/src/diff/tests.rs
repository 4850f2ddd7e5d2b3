//! Cases by hand; the laws on random states are in the kernel crate, beside the simulated kernel.

use std::collections::BTreeMap;

use super::*;
use crate::classifier::{ClassifierState, ClassifierVersion};
use crate::layout;
use crate::operation::MapWrite;
use crate::qdisc::{Qdisc, QdiscKind};
use crate::state::Root;
use crate::tunnel::{Carried, Endpoint};

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

/// So many ends of tunnels, from this number on.
fn ends(count: u32, from: u32) -> BTreeMap<Endpoint, Carried> {
    let end = |number: u32| (Endpoint { address: std::net::Ipv4Addr::from(number).into(), port: 4789 }, Carried::Vxlan);
    (from..from + count).map(end).collect()
}

#[test]
fn ends_of_tunnels_fit_at_every_moment_and_those_that_stay_are_followed() {
    let with = |endpoints: BTreeMap<Endpoint, Carried>| {
        let classifier =
            ClassifierState { version: ClassifierVersion([1; 8]), endpoints, ..ClassifierState::default() };
        KernelState { classifier: Some(classifier), ..KernelState::default() }
    };
    // How many there are before and after, how many stay, and how many must go before the new ones come.
    for (before, after, stay, first) in [
        (3_000, 3_000, 0, 1_904),
        (3_000, 3_000, 1_500, 404),
        (4_096, 4_096, 0, 4_096),
        (4_096, 4_096, 4_095, 1),
        (4_096, 1, 0, 1),
        (2_000, 2_096, 0, 0),
        (4_096, 0, 0, 0),
    ] {
        let (have, want) = (ends(before, 0), ends(after, before - stay));
        let plan = diff(&with(want.clone()), &with(have.clone()), TakeOver::No).expect("all ours");
        let mut now = have.clone();
        let mut gone_before_the_last_came = 0;
        let mut removed = 0;
        for operation in plan.operations() {
            match operation {
                Operation::Map(MapWrite::SetEndpoint { endpoint, carried }) => {
                    now.insert(*endpoint, *carried);
                    gone_before_the_last_came = removed;
                }
                Operation::Map(MapWrite::RemoveEndpoint(endpoint)) => {
                    assert!(!want.contains_key(endpoint), "{endpoint} stays");
                    assert!(now.remove(endpoint).is_some(), "{endpoint} was there");
                    removed += 1;
                }
                other => panic!("{other:?}"),
            }
            assert!(now.len() <= 4_096, "{before} to {after}: {} at a time", now.len());
        }
        assert_eq!(now, want);
        assert_eq!(gone_before_the_last_came, first, "{before} to {after}, {stay} stay");
    }
}
