//! What holds of what hosts need, and of the way from one state to another.

use std::net::IpAddr;

use pleach_overlay::links::{
    Aggregates, FilterAction, Link, LinkId, LinkKind, LinkState, Operation, diff, layout, wanted,
};
use pleach_overlay::{Change, Connection, Model, VirtKey};
use proptest::prelude::*;

use crate::sound::{HOSTS, checked, draft, host, mark, name};

fn state(model: &Model, at: usize) -> LinkState {
    wanted(checked(model), &host(at), mark()).expect("every host has an interface")
}

/// Makes all changes as a kernel would, which refuses what cannot be.
fn arrive(from: &LinkState, to: &LinkState) -> Result<(), TestCaseError> {
    let plan = diff(from, to);
    let mut now = from.clone();
    for operation in &plan.operations {
        let result = now.apply(operation);
        prop_assert_eq!(result, Ok(()), "{:?} in {:#?}", operation, plan.operations);
    }
    prop_assert_eq!(&now, to);
    Ok(())
}

fn virts_on(model: &Model, net: &str) -> Vec<(VirtKey, Connection)> {
    let of_net = model.virts().filter(|(of, ..)| of.as_str() == net);
    of_net
        .filter_map(|(of, _, virt, there)| {
            Some((VirtKey { net: of.clone(), virt: virt.clone() }, there.connection.clone()?))
        })
        .collect()
}

proptest! {
    #[test]
    fn a_plan_leads_to_what_is_wanted(before in draft(), after in draft()) {
        let (before, after) = (before.model(), after.model());
        for at in 0..HOSTS {
            let (before, after) = (state(&before, at), state(&after, at));
            arrive(&before, &after)?;
            arrive(&LinkState::default(), &after)?;
            arrive(&after, &LinkState::default())?;
        }
    }

    #[test]
    fn nothing_is_done_where_nothing_changes(draft in draft()) {
        let model = draft.model();
        for at in 0..HOSTS {
            let state = state(&model, at);
            let plan = diff(&state, &state);
            prop_assert!(plan.is_empty());
            prop_assert_eq!(plan.unchanged, state.len());
        }
    }

    #[test]
    fn a_virt_that_moves_elsewhere_is_two_operations(draft in draft(), to in 0..HOSTS) {
        let before = draft.model();
        for (net_name, net) in before.nets() {
            for (key, connection) in virts_on(&before, net_name.as_str()) {
                if connection.phys == host(to) || !net.attached().contains(&host(to)) {
                    continue;
                }
                let mut after = before.clone();
                let there = Connection { phys: host(to), interface: Some("moved".parse().expect("an interface")) };
                after.apply(Change::Connect(key, there)).expect("a move");
                for at in (0..HOSTS).filter(|at| *at != to && host(*at) != connection.phys) {
                    let plan = diff(&state(&before, at), &state(&after, at));
                    prop_assert!(plan.operations.len() <= 2, "{:#?}", plan.operations);
                }
            }
        }
    }

    #[test]
    fn another_net_leaves_the_first_ones_alone(draft in draft(), more in draft()) {
        let before = draft.model();
        let after = draft.and(&more).model();
        for at in 0..HOSTS {
            let (before, after) = (state(&before, at), state(&after, at));
            for operation in &diff(&before, &after).operations {
                let is_new = match operation {
                    Operation::AddLink { .. } | Operation::AddFilter { .. } | Operation::AddFlood(_) => true,
                    Operation::AddQueue { interface }
                    | Operation::SetClass { interface, .. }
                    | Operation::AddLeaf { interface, .. } => !before.queues.contains_key(interface),
                    Operation::AddClsact { interface } | Operation::Join { interface, .. } => {
                        !before.members.contains_key(interface)
                    }
                    // A tunnel that both share, in place.
                    Operation::SetAggregates { aggregates, .. } => *aggregates == Aggregates::Split,
                    _ => false,
                };
                prop_assert!(is_new, "{operation:?}");
            }
        }
    }

    #[test]
    fn only_our_own_links_are_made_and_all_say_so(draft in draft()) {
        let model = draft.model();
        for at in 0..HOSTS {
            let state = state(&model, at);
            let mut ids: Vec<String> = state.links.values().map(|link| link.id.alias()).collect();
            prop_assert!(state.links.keys().all(|name| name.as_str().starts_with(layout::LINK_PREFIX)));
            prop_assert!(ids.iter().all(|alias| alias.starts_with(layout::ALIAS_PREFIX) && alias.len() < 256));
            let count = ids.len();
            ids.sort();
            ids.dedup();
            prop_assert_eq!(ids.len(), count);
            // The underlay's interface is nobody's to filter, and in no bridge but a direct net's.
            prop_assert!(!state.clsact.contains("eth0") && !state.members.contains_key("eth0"));
            prop_assert!(state.filters.values().all(|filter| filter.actions.len() <= layout::MOST_ACTIONS));
        }
    }
}

/// So many hosts, one virt on each, in one net of this type.
fn net_of(hosts: u8, technology: &str) -> Model {
    use std::fmt::Write;
    let mut text = format!("[overlay.settings.default]\ntype = \"{technology}\"\n[overlay.net.1]\nid = 1\nattach = [");
    (0..hosts).for_each(|at| _ = write!(text, "\"{at}\", "));
    text.push_str("]\n");
    for at in 0..hosts {
        let _ = write!(
            text,
            "[overlay.phys.{at}]\nip = \"10.0.0.{at}\"\ninterface = \"eth0\"\n[overlay.net.1.virt.{at}]\nphys = \"{at}\"\ninterface = \"tap0\"\nmac = \"02:00:00:00:00:{at:02x}\"\n"
        );
    }
    let reading = pleach_overlay::read(&text, "test.toml").expect("it is TOML");
    assert!(reading.problems.is_empty());
    reading.model
}

#[test]
fn every_remote_host_gets_its_copy() {
    for remotes in [1, 14, 15, 16, 30, 31, 32, 64] {
        let model = net_of(remotes + 1, "vxlan/static");
        let state = wanted(checked(&model), &name("0"), mark()).expect("it states an interface");
        let copies = state.filters.iter().filter(|(key, _)| key.chain == layout::COPY_CHAIN);
        let mut destinations: Vec<IpAddr> = Vec::new();
        let mut filters = 0;
        for (_, filter) in copies.filter(|(key, _)| key.preference != layout::REST) {
            filters += 1;
            assert!(filter.actions.len() <= 31, "{} actions", filter.actions.len());
            assert_eq!(filter.actions.last(), Some(&FilterAction::Continue));
            for pair in filter.actions.chunks_exact(2) {
                let FilterAction::SetTunnel { destination, .. } = &pair[0] else { panic!("{pair:?}") };
                assert!(matches!(&pair[1], FilterAction::Mirror(to) if to.as_str() == "pl-vx-p4789"));
                destinations.push(*destination);
            }
        }
        assert_eq!(filters, usize::from(remotes).div_ceil(15));
        destinations.sort_unstable();
        let expected: Vec<IpAddr> = (1..=remotes).map(|at| IpAddr::from([10, 0, 0, at])).collect();
        assert_eq!(destinations, expected);
    }
}

/// A net that changes its technology on the same port: the old tunnel has to go first, and what sent to it.
#[test]
fn tunnels_that_exclude_each_other_follow_each_other() {
    let types = ["vxlan/static", "vxlan/e2e", "geneve", "geneve/e2e", "vlan"];
    for from in types {
        for to in types {
            let [from, to] = [from, to].map(|kind| {
                let model = net_of(3, kind);
                wanted(checked(&model), &name("1"), mark()).expect("it states an interface")
            });
            arrive(&from, &to).expect("the kernel takes every operation");
        }
    }
}

/// A VLAN whose name another virt's going frees: the kernel has it once.
#[test]
fn a_link_that_holds_what_another_needs_goes_first() {
    let named = |name: &str| {
        let parent = "tap0".parse().expect("a name");
        let kind = LinkKind::Vlan { parent, id: layout::RETURN_TAG };
        let link = Link { id: LinkId("virt/tap0/return".to_owned()), kind, mtu: None, aggregates: Aggregates::Whole };
        LinkState { links: [(name.parse().expect("a name"), link)].into(), ..LinkState::default() }
    };
    arrive(&named("pl-r-00000001"), &named("pl-r-00000000")).expect("the kernel takes every operation");
}
