//! Table and document of a first apply, a change, nothing, and a stop: as files, written anew with `BLESS=1`.

use std::path::Path;
use std::{env, fs};

use pleach_shaper::render::{Changes, Lines, json, script, table};
use pleach_shaper::{Ledger, QueuePlan};
use pleach_tc::{Carried, ClassifierVersion, Endpoint, KernelState, LeafKind, MarkField, Plan, TakeOver, diff};

use crate::network::{Setup, changed, circuit, hierarchy};

const SETUP: Setup = Setup { leaf: LeafKind::Cake, queues: 4, classifier: ClassifierVersion([7; 8]) };

fn planned(desired: &KernelState, observed: &KernelState) -> Plan {
    diff(desired, observed, TakeOver::No).expect("nothing is in the way")
}

/// Compares with a file of `testdata/golden/plan-text`.
fn compare(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/golden/plan-text").join(name);
    if env::var_os("BLESS").is_some() {
        return fs::write(path, found).expect("written");
    }
    let expected = fs::read_to_string(&path).expect(name);
    assert!(expected == found, "{name} is\n{expected}\nand not\n{found}");
}

fn changes(plan: &QueuePlan, observed: &KernelState) -> Changes {
    Changes::new(&planned(&plan.state, observed), observed, &plan.subjects)
}

/// The commands of a script, without its functions, which the script itself holds.
fn commands(script: &str) -> &str {
    script.rsplit_once("\n}\n").expect("functions").1
}

#[test]
fn a_first_apply() {
    let plan = SETUP.plan(&hierarchy(), &Ledger::default());
    let found = table(&changes(&plan, &SETUP.nothing()), Lines::Short);
    compare("first.txt", &found);
}

#[test]
fn a_change() {
    let first = SETUP.plan(&hierarchy(), &Ledger::default());
    let second = SETUP.plan(&changed(), &first.ledger);
    let changes = changes(&second, &first.state);
    compare("change.txt", &table(&changes, Lines::Short));
    compare("change.json", &json(&changes));
    let plan = planned(&second.state, &first.state);
    compare("change.sh", commands(&script(&plan, &first.state, &second.subjects)));
}

#[test]
fn nothing_to_do() {
    let plan = SETUP.plan(&hierarchy(), &Ledger::default());
    let changes = changes(&plan, &plan.state);
    assert!(changes.is_empty());
    let text = table(&changes, Lines::Short);
    assert!(text.starts_with("0 to change, 0 to add, 0 to remove, ") && text.ends_with(" unchanged\n"), "{text}");
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn a_stop() {
    let plan = SETUP.plan(&hierarchy(), &Ledger::default());
    let mut stopped = SETUP.nothing();
    stopped.classifier.clone_from(&plan.state.classifier);
    let changes = Changes::new(&planned(&stopped, &plan.state), &plan.state, &plan.subjects);
    compare("stop.txt", &table(&changes, Lines::Short));
}

#[test]
fn an_address_alone() {
    let first = SETUP.plan(&hierarchy(), &Ledger::default());
    let mut hierarchy = hierarchy();
    hierarchy.circuits[1].addresses.extend(circuit(20_000, "", 0, 1).addresses);
    let second = SETUP.plan(&hierarchy, &first.ledger);
    let text = table(&changes(&second, &first.state), Lines::Short);
    let line = "  ~ class 4:13   circuit `10017` (Jones, AP North)    + 100.64.78.32\n";
    assert!(text.starts_with(&format!("eth1 download\n{line}1 to change, ")), "{text}");
}

#[test]
fn a_crowd_is_cut() {
    let first = SETUP.plan(&hierarchy(), &Ledger::default());
    let mut crowd = hierarchy();
    crowd.circuits.extend((0..10_000).map(|number| circuit(20_000 + number, "Crowd", number % 2, 10)));
    let second = SETUP.plan(&crowd, &first.ledger);
    let changes = changes(&second, &first.state);
    let text = table(&changes, Lines::Short);
    assert!(text.contains("\n  + … 9 980 more to add; `--format json` has them all\n"), "{text}");
    assert!(text.lines().count() < 70, "{text}");
    assert!(text.contains(", 20 000 to add, "), "{text}");
    assert!(table(&changes, Lines::All).lines().count() > 20_000);
}

#[test]
fn tunnels() {
    let first = SETUP.plan(&hierarchy(), &Ledger::default());
    let mut second = first.state.clone();
    let classifier = second.classifier.as_mut().expect("a classifier");
    for (address, port, carried) in [
        ("172.16.0.1", 0, Carried::Fragments),
        ("172.16.0.1", 4_789, Carried::Vxlan),
        ("2001:db8::1", 6_081, Carried::Geneve),
    ] {
        let endpoint = Endpoint { address: address.parse().expect("an address"), port };
        classifier.endpoints.insert(endpoint, carried);
    }
    for port in classifier.ports.values_mut() {
        port.mark = MarkField::new(0x00ff_ffff).expect("together");
    }
    let told = |desired: &KernelState, observed: &KernelState| {
        let plan = planned(desired, observed);
        let text = table(&Changes::new(&plan, observed, &first.subjects), Lines::Short);
        (text, script(&plan, observed, &first.subjects))
    };
    let (text, commands) = told(&second, &first.state);
    for line in [
        "  ~ download: nets of uploads by mark 0x00000000 -> 0x00ffffff\n",
        "  + tunnels are followed that end at: 172.16.0.1:4789 [2001:db8::1]:6081\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    // RFC 4291, 2.5.5.2: IPv4 as IPv6. The number of VXLAN is in the byte order of the machine.
    let key = "00 00 00 00 00 00 00 00 00 00 ff ff ac 10 00 01 00 00 12 b5";
    let [a, b, c, d] = 1_u32.to_ne_bytes();
    let value = format!(" {a:02x} {b:02x} {c:02x} {d:02x}");
    let line = format!("map update @endpoints@ key hex {key} value hex{value} # VXLAN to 172.16.0.1:4789\n");
    assert!(commands.contains(&line), "{commands}");
    let (text, commands) = told(&first.state, &second);
    let line = "  - tunnels are no longer followed that end at: 172.16.0.1:4789 [2001:db8::1]:6081\n";
    assert!(text.contains(line), "{text}");
    assert!(commands.contains(&format!("map delete @endpoints@ key hex {key} # 172.16.0.1:4789\n")), "{commands}");
}
