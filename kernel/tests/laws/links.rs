//! Commits of overlays on a simulated kernel: every operation fails once, or whoever commits dies before it.

use std::collections::BTreeSet;
use std::fmt::Write;

use pleach_graph::Problems;
use pleach_kernel::{CommitError, Failure, Fault, Faulty, LinkKernel, SimulatedLinks, commit};
use pleach_overlay::links::{
    Aggregates, Baseline, Decision, Found, Holds, InTheWay, LinkKind, LinkState, Operation, Other, Side, compare,
    decide, diff, in_the_way, wanted,
};
use pleach_overlay::{Host, Origins, check, read};
use pleach_tc::{Interface, MarkField};

const ENOMEM: i32 = 12;
/// Small, so that the operations behind a refused one are partly done and partly not.
const BATCH: usize = 3;

fn name(text: &str) -> Interface {
    text.parse().expect("a name")
}

/// A host with an underlay and interfaces of virts: one down, one with a clsact of somebody else's, one with a filter in it.
fn host() -> SimulatedLinks {
    let mut found = Found::default();
    for (number, interface) in (2..).zip(["eth0", "eth1", "tap0", "tap1", "tap2", "tap3", "br0", "port0"]) {
        let other = Other { number, mtu: 1500, is_up: interface != "tap1", ..Other::default() };
        found.others.insert(name(interface), other);
    }
    let mut of = |interface: &str, change: fn(&mut Other)| {
        change(found.others.get_mut(&name(interface)).expect("it is there"));
    };
    of("br0", |other| "bridge".clone_into(&mut other.kind));
    of("port0", |other| other.master = Some("br0".parse().expect("a name")));
    of("tap3", |other| _ = other.foreign_filters.insert((Side::Egress, 0, 0xace)));
    found.state.clsact = BTreeSet::from(["tap2", "tap3"].map(name));
    SimulatedLinks::holding(found)
}

const POLICED: &str = "rate.in = { average = \"8191.999 Kbit/s\", burst = 99999 }";
const SHAPED: &str = "rate = { in = { average = \"8191.999 Kbit/s\", burst = 99999, leaf = \"sfq\" }, out = { average = 1, leaf = \"cake\" } }";
const OTHER_LEAVES: &str =
    "rate = { in = { average = 9, leaf = \"fq_codel\" }, out = { average = 2, leaf = \"cake\" } }";

/// What host A needs where each of these interfaces is a virt of a net of this type, with rules and limits; B and C are remote.
fn net(technology: &str, virts: &[&str], remotes: &[(&str, &str)]) -> LinkState {
    net_with(POLICED, technology, virts, remotes)
}

fn net_with(rates: &str, technology: &str, virts: &[&str], remotes: &[(&str, &str)]) -> LinkState {
    let group = if technology == "vxlan/mcast" { "group = \"239.0.0.1\"\n" } else { "" };
    let phys = if technology == "direct" { "eth1" } else { "eth0" };
    let mut text = format!(
        "[overlay.settings.default]\ntype = \"{technology}\"\n{group}[overlay.phys.A]\ninterface = \"{phys}\"\nip = \"10.0.0.1\"\n"
    );
    let mut attached = vec!["A"];
    for (remote, ip) in remotes {
        let _ = write!(text, "[overlay.phys.{remote}]\ninterface = \"eth0\"\nip = \"{ip}\"\n");
        let _ = write!(
            text,
            "[overlay.net.1.virt.{remote}]\nmac = \"02:00:00:00:01:{:02x}\"\nphys = \"{remote}\"\ninterface = \"tap0\"\n",
            attached.len()
        );
        attached.push(remote);
    }
    let _ = write!(text, "[overlay.net.1]\nid = 7\nattach = {attached:?}\n");
    for (at, virt) in virts.iter().enumerate() {
        let _ = write!(
            text,
            "[overlay.net.1.virt.{virt}]\nmac = \"02:00:00:00:00:0{at}\"\nphys = \"A\"\ninterface = \"{virt}\"\n\
             {rates}\n\
             rule = [{{ direction = \"in\", priority = 1, action = \"drop\", source = \"192.0.2.0/24\" }}]\n"
        );
    }
    let reading = read(&text, "test.toml").expect("it is TOML");
    assert!(reading.problems.is_empty(), "{:#?}", reading.problems);
    let (checked, problems) = check(&reading.model, &Origins::default(), Host::unknown(), Problems::default());
    wanted(checked.unwrap_or_else(|| panic!("{problems:#?}")), &"A".parse().expect("a name"), MarkField::NONE)
        .expect("it can be")
}

/// The same on a kernel that counts aggregates of tunnels too small.
fn split(mut state: LinkState) -> LinkState {
    let is_tunnel = |kind: &LinkKind| !matches!(kind, LinkKind::Bridge | LinkKind::Dummy | LinkKind::Ifb);
    let tunnels = state.links.values_mut().filter(|link| is_tunnel(&link.kind));
    tunnels.for_each(|link| link.aggregates = Aggregates::Split);
    state
}

const REMOTES: [(&str, &str); 2] = [("B", "10.0.0.2"), ("C", "10.0.0.3")];
const TYPES: [&str; 7] = ["direct", "vlan", "vxlan/mcast", "vxlan/e2e", "vxlan/static", "geneve", "geneve/e2e"];

/// From what is wanted to what is wanted then.
fn scenarios() -> Vec<(String, LinkState, LinkState)> {
    let mut all = Vec::new();
    for technology in TYPES {
        let usual = || net(technology, &["tap0", "tap1", "tap3"], &REMOTES);
        all.push((format!("{technology}: first commit"), LinkState::default(), usual()));
        all.push((format!("{technology}: cleanup"), usual(), LinkState::default()));
        all.push((
            format!("{technology}: virts and hosts come and go"),
            usual(),
            net(technology, &["tap2", "tap0"], &REMOTES[1..]),
        ));
        let fewer = || net(technology, &["tap0"], &REMOTES);
        all.push((format!("{technology}: aggregates split"), fewer(), split(usual())));
        all.push((format!("{technology}: aggregates whole"), split(usual()), fewer()));
        let with = |rates| net_with(rates, technology, &["tap0", "tap1"], &REMOTES);
        all.push((format!("{technology}: shaped"), with(POLICED), with(SHAPED)));
        all.push((format!("{technology}: other leaves"), with(SHAPED), with(OTHER_LEAVES)));
        all.push((format!("{technology}: cleanup of shaped"), with(OTHER_LEAVES), LinkState::default()));
    }
    for (from, to) in [("vxlan/e2e", "vxlan/static"), ("vxlan/static", "vlan"), ("geneve", "geneve/e2e")] {
        all.push((format!("{from} to {to}"), net(from, &["tap0", "tap1"], &REMOTES), net(to, &["tap0"], &REMOTES)));
    }
    all
}

/// Decides as the command does; what must be remembered is remembered when it is committed.
fn decided(kernel: &mut dyn LinkKernel, wanted: &LinkState, baseline: &mut Baseline) -> Decision {
    let mut found = kernel.observe_links().expect("it answers");
    found.adopt(&baseline.making);
    assert_eq!(in_the_way(&found, wanted), []);
    baseline.learn(&found, wanted);
    decide(&found, wanted, baseline)
}

fn commit_to(kernel: &mut dyn LinkKernel, wanted: &LinkState, baseline: &mut Baseline) -> Result<usize, CommitError> {
    let decision = decided(kernel, wanted, baseline);
    commit(kernel, &decision, &mut || Ok(()))
}

/// A kernel after a commit, and what was remembered.
fn after(state: &LinkState) -> (SimulatedLinks, Baseline) {
    let (mut kernel, mut baseline) = (host(), Baseline::default());
    commit_to(&mut kernel, state, &mut baseline).expect("nothing is in the way");
    baseline.forget(state);
    (kernel, baseline)
}

/// All but the numbers of our links, which are new when they are made again.
fn all_of(kernel: &SimulatedLinks) -> Found {
    Found { numbers: std::collections::BTreeMap::new(), ..kernel.found().clone() }
}

fn for_each_step(check: impl Fn(&str, &LinkState, &LinkState, usize)) {
    let mut steps = 0;
    for (scenario, from, to) in scenarios() {
        let (mut kernel, mut baseline) = after(&from);
        let operations = decided(&mut kernel, &to, &mut baseline).plan.operations.len();
        assert!(operations > 3, "{scenario}: {operations} operations");
        (0..operations).for_each(|at| check(&scenario, &from, &to, at));
        steps += operations;
    }
    assert!(steps > 500, "{steps}");
}

#[test]
fn a_commit_does_it_and_a_second_one_nothing_and_cleanup_leaves_all_as_it_was() {
    let before = all_of(&host());
    for (scenario, from, to) in scenarios() {
        let (mut kernel, mut baseline) = after(&from);
        let done = commit_to(&mut kernel, &to, &mut baseline).unwrap_or_else(|error| panic!("{scenario}: {error}"));
        assert!(done > 0, "{scenario}");
        baseline.forget(&to);
        let writes = kernel.writes();
        assert_eq!(commit_to(&mut kernel, &to, &mut baseline).expect("done"), 0, "{scenario}: a second commit");
        assert_eq!(kernel.writes(), writes, "{scenario}: it writes nothing");
        // What is remembered may be lost, and ownership is not.
        assert_eq!(commit_to(&mut kernel, &to, &mut Baseline::default()).expect("done"), 0, "{scenario}: forgotten");
        commit_to(&mut kernel, &LinkState::default(), &mut baseline).expect("done");
        baseline.forget(&LinkState::default());
        assert_eq!(all_of(&kernel), before, "{scenario}");
        assert_eq!(baseline, Baseline::default(), "{scenario}");
    }
}

#[test]
fn whatever_is_refused_everything_is_as_before() {
    for_each_step(|scenario, from, to, at| {
        let (kernel, mut baseline) = after(from);
        let before = all_of(&kernel);
        let mut kernel = Faulty::new(kernel, Fault::Refuse { at, errno: ENOMEM }, BATCH);
        match commit_to(&mut kernel, to, &mut baseline) {
            Err(
                CommitError::Unchanged(Failure::Refused(refused))
                | CommitError::Undone { failure: Failure::Refused(refused), .. },
            ) => {
                assert!(!refused.is_empty(), "{scenario}, operation {at}");
            }
            other => panic!("{scenario}, operation {at}: {other:?}"),
        }
        assert_eq!(all_of(&kernel.into_inner()), before, "{scenario}, operation {at}");
    });
}

#[test]
fn what_cannot_be_taken_back_is_told_exactly() {
    for_each_step(|scenario, from, to, at| {
        let (kernel, mut baseline) = after(from);
        let mut kernel = Faulty::new(kernel, Fault::RefuseFrom { at, errno: ENOMEM }, BATCH);
        let decision = decided(&mut kernel, to, &mut baseline);
        let error = commit(&mut kernel, &decision, &mut || Ok(())).expect_err("it was refused");
        let now = kernel.into_inner().found().toward(&decision.before, &decision.removable);
        let left = compare(&decision.before, &now);
        match error {
            CommitError::UndoIncomplete { undo, .. } => {
                assert_eq!(undo.differences.as_ref(), Some(&left), "{scenario}, operation {at}");
            }
            CommitError::Unchanged(_) => assert_eq!(left, [], "{scenario}, operation {at}"),
            error => panic!("{scenario}, operation {at}: {error}"),
        }
    });
}

#[test]
fn who_dies_is_followed_by_one_who_finishes() {
    let before = all_of(&host());
    for_each_step(|scenario, from, to, at| {
        let (kernel, mut baseline) = after(from);
        let mut kernel = Faulty::new(kernel, Fault::Die { at }, BATCH);
        commit_to(&mut kernel, to, &mut baseline).expect_err("dead");
        assert!(kernel.is_dead());
        let mut kernel = kernel.into_inner();
        commit_to(&mut kernel, to, &mut baseline).unwrap_or_else(|error| panic!("{scenario}, {at}: {error}"));
        baseline.forget(to);
        assert_eq!(commit_to(&mut kernel, to, &mut baseline).expect("done"), 0, "{scenario}, operation {at}");
        commit_to(&mut kernel, &LinkState::default(), &mut baseline).expect("done");
        assert_eq!(all_of(&kernel), before, "{scenario}, operation {at}");
    });
}

#[test]
fn a_link_that_got_its_name_and_no_alias_is_made_anew_by_who_knows() {
    let wanted = net("vxlan/e2e", &["tap0"], &REMOTES);
    let mut baseline = Baseline::default();
    let _ = decided(&mut host(), &wanted, &mut baseline); // and then it was stopped
    let bare = Other { number: 99, mtu: 1500, kind: "bridge".to_owned(), ..Other::default() };
    let mut found = host().found().clone();
    found.others.insert(name("pl-vx7-b"), bare.clone());
    let mut kernel = SimulatedLinks::holding(found.clone());
    commit_to(&mut kernel, &wanted, &mut baseline).expect("it is ours");
    assert!(kernel.found().state.links.contains_key(&name("pl-vx7-b")));

    // Nobody else's is taken for one: that which is used, and where nothing is remembered.
    assert_eq!(in_the_way(&found, &wanted), [InTheWay::Link(name("pl-vx7-b"))]);
    for used in [
        Other { is_up: true, ..bare.clone() },
        Other { has_alias: true, ..bare.clone() },
        Other { master: Some(name("br0")), ..bare },
    ] {
        found.others.insert(name("pl-vx7-b"), used);
        let mut adopted = found.clone();
        adopted.adopt(&BTreeSet::from([name("pl-vx7-b")]));
        assert_eq!(adopted, found);
    }
}

#[test]
fn nothing_of_somebody_elses_is_taken() {
    let found = |change: &dyn Fn(&mut Found)| {
        let mut found = host().found().clone();
        change(&mut found);
        found
    };
    let other = |found: &mut Found, interface: &str, change: fn(&mut Other)| {
        change(found.others.get_mut(&name(interface)).expect("it is there"));
    };
    let wanted = net("vxlan/static", &["tap0"], &REMOTES);
    let tap0 = || name("tap0");
    let words = |found: &Found| in_the_way(found, &wanted).iter().map(ToString::to_string).collect::<Vec<_>>();
    let in_bridge = found(&|found| other(found, "tap0", |tap| tap.master = Some("br0".parse().expect("a name"))));
    assert_eq!(words(&in_bridge), ["`tap0` is in `br0`, which is not ours"]);
    let ingress = found(&|found| other(found, "tap0", |tap| tap.has_ingress = true));
    assert_eq!(words(&ingress), ["`tap0` has an `ingress` qdisc of somebody else's, which excludes clsact"]);
    let filter = found(&|found| other(found, "tap0", |tap| _ = tap.foreign_filters.insert((Side::Ingress, 0, 0xff00))));
    assert_eq!(
        words(&filter),
        ["`tap0` has a filter of somebody else's on ingress chain 0 preference 65280, which is ours"]
    );
    let vlan = found(&|found| {
        other(found, "eth1", |eth1| {
            let id = pleach_overlay::VlanId::new(7).expect("a tag");
            eth1.holds = Some(Holds::Vlan { parent: "eth0".parse().expect("a name"), id });
        });
    });
    let obstacles = in_the_way(&vlan, &net("vlan", &["tap0"], &REMOTES));
    assert_eq!(obstacles.len(), 1, "{obstacles:?}");
    assert_eq!(obstacles[0].to_string(), "`eth1`, which is not ours, excludes `pl-vlan7`: the VLAN 7 of `eth0`");
    let bridge = net("vxlan/e2e", &["br0"], &REMOTES);
    assert_eq!(in_the_way(host().found(), &bridge), [InTheWay::Bridge(name("br0"))]);
    // In a bridge of ours it may be: it moves.
    let (kernel, _) = after(&net("vxlan/e2e", &["tap0"], &REMOTES));
    assert_eq!(in_the_way(kernel.found(), &net("vxlan/static", &["tap0"], &REMOTES)), []);
    assert_eq!(kernel.found().others[&tap0()].master, Some(name("pl-vx7-b")));
}

/// Attributes of links that somebody changed, actions that are lost, limits that are another: all is put right.
#[test]
fn what_somebody_changed_is_put_right() {
    let wanted = net("vxlan/static", &["tap0", "tap1"], &REMOTES);
    let (kernel, mut baseline) = after(&wanted);
    let whole = all_of(&kernel);
    let breakages: [fn(&mut Found); 6] = [
        |found| {
            let link = found.state.links.values_mut().next().expect("one");
            link.kind = pleach_overlay::links::LinkKind::Changed { kind: "vxlan".to_owned() };
        },
        |found| found.state.filters.values_mut().for_each(|filter| _ = filter.actions.pop()),
        |found| _ = found.state.filters.pop_last(),
        |found| _ = found.state.members.pop_first(),
        |found| found.others.get_mut("tap0").expect("there").is_up = false,
        |found| {
            found.state.clsact.retain(|name| !name.as_str().starts_with("tap0"));
            found.state.filters.retain(|key, _| key.interface.as_str() != "tap0");
        },
    ];
    for (at, breakage) in breakages.into_iter().enumerate() {
        let mut broken = kernel.found().clone();
        breakage(&mut broken);
        assert_ne!(broken, *kernel.found(), "breakage {at}");
        let mut kernel = SimulatedLinks::holding(broken);
        let done = commit_to(&mut kernel, &wanted, &mut baseline).unwrap_or_else(|error| panic!("{at}: {error}"));
        assert!(done > 0, "breakage {at}");
        assert_eq!(all_of(&kernel), whole, "breakage {at}");
    }
}

#[test]
fn a_remote_virt_that_moves_is_one_write_and_a_host_its_own_entries() {
    for technology in ["vxlan/static", "geneve"] {
        let state = |first: &str, second: &str| net(technology, &["tap0"], &[("B", first), ("C", second)]);
        let (mut kernel, mut baseline) = after(&state("10.0.0.2", "10.0.0.3"));
        // The stations of B and C change their places.
        let mut moved = state("10.0.0.2", "10.0.0.3");
        let switch: Vec<_> = moved.filters.iter().filter(|(key, _)| key.interface.as_str().ends_with("-s")).collect();
        let (first, second) = (switch[0], switch[1]);
        let (first_key, second_actions) = (first.0.clone(), second.1.actions.clone());
        moved.filters.get_mut(&first_key).expect("there").actions = second_actions;
        let plan = decided(&mut kernel, &moved, &mut baseline).plan;
        assert!(matches!(plan.operations.as_slice(), [Operation::ReplaceFilter { .. }]), "{:#?}", plan.operations);
    }
}

#[test]
fn more_actions_than_the_kernel_keeps_are_noticed() {
    let wanted = net("vxlan/static", &["tap0"], &REMOTES);
    let mut too_many = wanted.clone();
    let copies = too_many.filters.values_mut().max_by_key(|filter| filter.actions.len()).expect("filters");
    let copy = copies.actions[..2].to_vec();
    while copies.actions.len() <= 32 {
        copies.actions.splice(0..0, copy.clone());
    }
    let (mut kernel, mut baseline) = (host(), Baseline::default());
    let before = all_of(&kernel);
    let decision = decided(&mut kernel, &too_many, &mut baseline);
    let error = commit(&mut kernel, &decision, &mut || Ok(())).expect_err("some are lost").to_string();
    assert!(error.contains("(of its actions 32 are there)") && error.ends_with("everything was taken back"), "{error}");
    assert_eq!(all_of(&kernel), before);
    assert!(diff(&wanted, &wanted).is_empty());
}
