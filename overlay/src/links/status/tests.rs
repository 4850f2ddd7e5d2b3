use std::collections::BTreeMap;

use pleach_tc::PacketCount;

use super::*;
use crate::check::{Host, check};
use crate::links::counters::LinkCount;
use crate::links::{Other, wanted_here};
use crate::native::read;

const MODEL: &str = "
    overlay.settings.default.type = 'vxlan/static'
    overlay.phys.A = { ip = '172.16.0.1', interface = 'eth0', local = true }
    overlay.phys.B = { ip = '172.16.0.2' }
    overlay.net.1.id = 1
    overlay.net.1.attach = ['A', 'B']
    overlay.net.2.id = 2
    overlay.net.2.attach = ['A', 'B']
    overlay.net.1.virt.a.phys = 'A'
    overlay.net.1.virt.a.interface = 'tap0'
    overlay.net.1.virt.a.mac = '02:00:00:00:00:01'
    overlay.net.1.virt.b = { phys = 'B', interface = 'tap0', mac = '02:00:00:00:00:02' }
    overlay.net.1.virt.a.rate.out = { average = 10, burst = '64 KiB' }
    overlay.net.1.virt.a.rule = [{ direction = 'out', priority = 7, action = 'drop', destination = '10.0.0.9' }]";

fn count(packets: u64) -> PacketCount {
    PacketCount { packets, bytes: packets * 100 }
}

fn name(text: &str) -> Interface {
    text.parse().expect("a name")
}

/// Everything is as it is wanted, and counted as `of` says.
fn statuses_of(of: impl Fn(&FilterKey) -> Vec<u64>, change: impl Fn(&mut Found, &mut LinkPlan)) -> Vec<NetStatus> {
    let reading = read(MODEL, "overlay.toml").expect("TOML");
    let (checked, problems) = check(&reading.model, &reading.origins, Host::unknown(), reading.problems.clone());
    let checked = checked.unwrap_or_else(|| panic!("{problems:?}"));
    let state = wanted_here(checked, MarkField::NONE).expect("it can be");
    let others =
        [("tap0", true), ("eth0", true)].map(|(name, is_up)| (self::name(name), Other { is_up, ..Other::default() }));
    let mut found = Found { state, others: others.into(), numbers: BTreeMap::new() };
    let filters = found.state.filters.keys().map(|key| (key.clone(), of(key).into_iter().map(count).collect()));
    let mut counters = Counters { filters: filters.collect(), ..Counters::default() };
    let link = LinkCount { received: count(100), sent: count(50), send_dropped: 2, send_errors: 1 };
    counters.links = ["tap0", "pl-vx-p4789"].map(|of| (name(of), link)).into();
    let mut plan = LinkPlan::default();
    change(&mut found, &mut plan);
    statuses(checked, MarkField::NONE, (&found, &plan), &counters).expect("it can be")
}

#[test]
fn every_drop_has_its_reason_and_copies_that_end_are_none() {
    let counts = |key: &FilterKey| match (key.interface.as_str(), key.chain, key.preference) {
        ("pl-vx-p4789", 0, REST) => vec![3],
        ("pl-vx1-s", 0, REST) => vec![4],
        ("pl-vx-p4789", chain, REST) if chain == 1 + (1 << 24) => vec![5],
        ("tap0", 0, 0x4007) => vec![6],
        ("tap0", FORWARD_CHAIN, LIMIT) => vec![80, 70],
        _ => vec![1_000; 3],
    };
    let all = statuses_of(counts, |_, _| {});
    assert_eq!(all.iter().map(|net| (net.id, net.differences)).collect::<Vec<_>>(), [(1, 0), (2, 0)]);
    let tunnel = all[0].links.iter().find(|link| link.link.as_str() == "pl-vx-p4789").expect("it is there");
    assert_eq!((tunnel.strangers, tunnel.unsent, tunnel.condition), (Some(count(3)), 3, Condition::Up));
    assert_eq!(all[0].links.iter().find(|link| link.link.as_str() == "pl-vx1-s").expect("there").strangers, None);
    let unknown = UnknownStations { from_virts: count(4), from_hosts: count(5) };
    assert_eq!(all[0].unknown_stations, Some(unknown));
    let [virt] = &all[0].virts[..] else { panic!("{all:?}") };
    assert_eq!((virt.into.passed, &virt.into.rules[..], virt.into.policed), (count(50), &[][..], None));
    assert_eq!(virt.out.policed, Some(count(10)));
    assert_eq!(virt.out.passed, count(100 - 6 - 10));
    let rule = RuleStatus { priority: 7, action: "drop", matches: "dst_ip 10.0.0.9".to_owned(), applied: count(6) };
    assert_eq!(virt.out.rules, [rule]);
    assert!(all[1].virts.is_empty());
}

#[test]
fn what_is_missing_is_the_nets_that_needs_it() {
    let all = statuses_of(
        |_| Vec::new(),
        |found, plan| {
            found.state.links.remove("pl-vx2-s");
            found.state.members.remove("pl-vx1-s");
            found.others.get_mut("tap0").expect("there").is_up = false;
            let of_two = |key: &&FilterKey| key.interface.as_str() == "pl-vx-p4789" && key.chain == 2;
            let key = found.state.filters.keys().find(of_two).expect("there").clone();
            plan.operations = vec![
                Operation::DeleteFilter { key },
                Operation::AddClsact { interface: name("pl-vx2-s") },
                Operation::AddClsact { interface: name("tap0") },
                Operation::AddClsact { interface: name("pl-vx-p4789") },
                Operation::DeleteLink { name: name("pl-vx9-s") },
            ];
        },
    );
    assert_eq!(all.iter().map(|net| net.differences).collect::<Vec<_>>(), [2, 3]);
    let condition =
        |at: usize, of: &str| all[at].links.iter().find(|link| link.link.as_str() == of).expect("there").condition;
    assert_eq!((condition(0, "pl-vx1-s"), condition(1, "pl-vx2-s")), (Condition::Down, Condition::Missing));
    assert_eq!(all[0].virts[0].condition, Condition::Down);
}
