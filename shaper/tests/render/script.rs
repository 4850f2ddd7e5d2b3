//! The script, run by the real `tc` and `bpftool` in a network namespace.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use pleach_graph::Rate;
use pleach_shaper::Ledger;
use pleach_shaper::render::script;
use pleach_tc::wire::MapName;
use pleach_tc::{
    Class, ClassifierVersion, Handle, InterfaceState, KernelState, LeafKind, MapSizes, MapWrite, PortIndex, QdiscKind,
    TakeOver, Ticks, diff,
};
use sha2::{Digest, Sha256};

use crate::network::{Setup, changed, hierarchy, interface};

const QUEUES: u16 = 4;

/// Runs shell commands as root in a network namespace with `eth0` and `eth1`, and returns what they print.
pub(crate) fn in_namespace(commands: &str, folder: &Path) -> Option<String> {
    const INTERFACES: &str = "set -euo pipefail; mount -t sysfs sysfs /sys
        for name in eth0 eth1; do
            ip link add \"$name\" numtxqueues 4 numrxqueues 4 type veth peer name \"far$name\"
            ip link set \"$name\" up
        done\n";
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    if !is_root {
        assert!(env::var_os("CI").is_none(), "cannot be tested here: network namespaces need root");
        println!("skipped: network namespaces need root");
        return None;
    }
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "bash", "-c", &format!("{INTERFACES}{commands}")]).current_dir(folder);
    let output = command.output().expect("unshare");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{commands}\n{stdout}\n{stderr}");
    Some(stdout.into_owned())
}

/// Words of a line, by the word before them.
struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    fn after(&self, word: &str) -> Option<&'a str> {
        let at = self.0.iter().position(|found| *found == word)?;
        self.0.get(at + 1).copied()
    }
}

/// The rate that `tc` prints, which is `wanted` with its last digits cut off if it is right.
fn rate(text: &str, wanted: Rate) -> Rate {
    let text = text.strip_suffix("bit").expect("a rate");
    let (digits, unit) = [('K', 1_000), ('M', 1_000_000), ('G', 1_000_000_000), ('T', 1_000_000_000_000)]
        .into_iter()
        .find_map(|(letter, unit)| Some((text.strip_suffix(letter)?, unit)))
        .unwrap_or((text, 1));
    let number: u64 = digits.parse().expect("a number");
    if wanted.bit() / unit == number { wanted } else { Rate::from_bit(number * unit) }
}

fn ticks(text: &str) -> Ticks {
    Ticks(u32::from_str_radix(text.trim_matches(['[', ']']), 16).expect("ticks"))
}

/// What `tc -d -r class show` says of an interface.
fn classes(text: &str, wanted: &InterfaceState) -> BTreeMap<Handle, Class> {
    let lines = text.lines().filter(|line| line.starts_with("class htb "));
    lines
        .map(|line| {
            let words = Words(line.split_whitespace().collect());
            let handle: Handle = words.0[2].parse().expect("a handle");
            let parent = words.after("parent").map_or(handle.of_qdisc(), |text| text.parse().expect("a handle"));
            let mut class = wanted.classes[&handle];
            class.parent = parent;
            class.rate = rate(words.after("rate").expect("a rate"), class.rate);
            class.ceil = rate(words.after("ceil").expect("a ceiling"), class.ceil);
            class.burst = ticks(words.after("buffer").expect("ticks"));
            class.cburst = ticks(words.after("cbuffer").expect("ticks"));
            if let Some(text) = words.after("prio") {
                class.priority = text.parse().expect("a number");
                class.quantum = words.after("quantum").expect("with a priority").parse().expect("a number");
            } else {
                assert!(wanted.classes.values().any(|child| child.parent == handle), "{line}: not a leaf");
            }
            (handle, class)
        })
        .collect()
}

/// What `tc qdisc show` says: handle, kind and parent.
fn qdiscs(text: &str) -> BTreeMap<Handle, (String, Handle, Option<u32>)> {
    let lines = text.lines().filter(|line| line.starts_with("qdisc "));
    let qdiscs = lines.map(|line| {
        let words = Words(line.split_whitespace().collect());
        let parent = words.after("parent").map_or(Handle::ROOT, |text| text.parse().expect("a handle"));
        let limit = words.after("limit").map(|text| text.trim_end_matches('p').parse().expect("a number"));
        (words.0[2].parse().expect("a handle"), (words.0[1].to_owned(), parent, limit))
    });
    qdiscs.filter(|(handle, _)| *handle != Handle::NONE && *handle != Handle::CLSACT).collect()
}

fn check(text: &str, wanted: &KernelState) {
    for (name, wanted) in &wanted.interfaces {
        let text = text.split("== ").find(|part| part.starts_with(name.as_str())).expect("what was printed");
        let found = classes(text, wanted);
        assert_eq!(found.keys().collect::<Vec<_>>(), wanted.classes.keys().collect::<Vec<_>>());
        for (handle, class) in &wanted.classes {
            assert!(class.is_kept_as(&found[handle]), "{name} {handle}: {class:?} is {:?}", found[handle]);
        }
        let wanted = wanted.qdiscs.iter().map(|(handle, qdisc)| {
            let (kind, limit) = match &qdisc.kind {
                QdiscKind::Mq => ("mq", None),
                QdiscKind::Htb => ("htb", None),
                QdiscKind::Leaf(pleach_tc::Leaf::Pfifo(pfifo)) => ("pfifo", Some(pfifo.limit)),
                other => panic!("{other:?}"),
            };
            (*handle, (kind.to_owned(), qdisc.parent, limit))
        });
        assert_eq!(qdiscs(text), wanted.collect());
    }
}

const SHOW: &str = "for name in eth0 eth1; do echo \"== $name\"; tc -d -r class show dev $name; tc qdisc show dev $name; \
     cat /sys/class/net/$name/queues/tx-0/xps_cpus; done; echo '== state'\n";

fn without_classifier(mut state: KernelState) -> KernelState {
    state.classifier = None;
    state.interfaces.values_mut().for_each(|interface| interface.attached = None);
    state
}

#[test]
fn tc_makes_what_was_planned() {
    let setup = Setup { leaf: LeafKind::Pfifo, queues: QUEUES, classifier: ClassifierVersion::default() };
    let mut before = setup.nothing();
    before.interfaces.get_mut(&interface("eth1")).expect("it is there").xps.insert(0, "1".into());
    let first = setup.plan(&hierarchy(), &Ledger::default());
    let second = setup.plan(&changed(), &first.ledger);
    let states = [&first, &second].map(|plan| without_classifier(plan.state.clone()));
    let folder = tempfile::tempdir().expect("a folder");
    let mut commands = "echo 1 >/sys/class/net/eth1/queues/tx-0/xps_cpus\n".to_owned();
    for (number, (state, plan)) in states.iter().zip([&first, &second]).enumerate() {
        let changes = diff(state, &before, TakeOver::No).expect("nothing is in the way");
        let script = script(&changes, &before, &plan.subjects);
        fs::write(folder.path().join(number.to_string()), script).expect("written");
        commands.extend(["bash ", &number.to_string(), "; echo '==== ", &number.to_string(), "'; ", SHOW]);
        before = state.clone();
    }
    let Some(text) = in_namespace(&commands, folder.path()) else { return };
    let parts: Vec<_> = text.split("==== ").skip(1).collect();
    check(parts[0], &states[0]);
    check(parts[1], &states[1]);
    assert_ne!(states[0], states[1]);
    assert!(parts[0].lines().any(|line| line == "0"), "the queue is free: {}", parts[0]);
}

/// Every rate from 8 bit/s to 100 Gbit/s: what `tc` makes of the bytes is what was meant.
#[test]
fn bursts_reach_the_kernel() {
    let mut state = InterfaceState { queues: 1, root: pleach_tc::Root::Ours, ..InterfaceState::default() };
    let htb = pleach_tc::layout::htb(0).expect("an HTB");
    let kind = QdiscKind::Htb;
    state.qdiscs.insert(htb, pleach_tc::Qdisc { parent: Handle::ROOT, kind });
    let mut rate = 8_u64;
    for minor in 16.. {
        let [guaranteed, ceil] = [rate, rate.saturating_mul(13) / 8 * 8].map(Rate::from_bit);
        let bucket = |rate: Rate| Ticks::of_bytes((rate.bit() / 8_000).max(16_000), rate);
        let (burst, cburst) = (bucket(guaranteed), bucket(ceil));
        let class = Class {
            parent: htb,
            rate: guaranteed,
            ceil,
            burst,
            cburst,
            quantum: 1_522,
            priority: 3,
            overhead: 0,
            mpu: 0,
        };
        state.classes.insert(Handle::new(htb.major(), minor), class);
        rate = rate * 9 / 7 / 8 * 8 + 8;
        if rate > 100_000_000_000 {
            break;
        }
    }
    let wanted = KernelState { interfaces: [(interface("eth0"), state)].into(), classifier: None };
    let mut before = Setup { leaf: LeafKind::None, queues: 1, classifier: ClassifierVersion::default() }.nothing();
    before.interfaces.remove(&interface("eth1"));
    let changes = diff(&wanted, &before, TakeOver::No).expect("nothing is in the way");
    let folder = tempfile::tempdir().expect("a folder");
    let script = script(&changes, &before, &pleach_shaper::Subjects::default());
    fs::write(folder.path().join("script"), script).expect("written");
    let Some(text) = in_namespace(&format!("bash script; {SHOW}"), folder.path()) else { return };
    check(&text, &wanted);
    let found = classes(&text, &wanted.interfaces[&interface("eth0")]);
    let off = wanted.interfaces[&interface("eth0")].classes.iter().map(|(handle, class)| {
        class.burst.0.abs_diff(found[handle].burst.0).max(class.cburst.0.abs_diff(found[handle].cburst.0))
    });
    let off: Vec<_> = off.collect();
    let exact = off.iter().filter(|ticks| **ticks == 0).count();
    println!("{} classes, {exact} to the tick, at most {} ticks off", off.len(), off.iter().max().expect("some"));
}

const SHOW_MAPS: &str = r#"
    for name in eth0 eth1; do
        filter=$(tc filter show dev $name egress pref 2766); echo "filter $name $filter"
        echo "index $name $(cat /sys/class/net/$name/ifindex)"
    done
    program=$(sed -n 's/.* direct-action .* id \([0-9]*\) .*/\1/p' <<<"$filter")
    for id in $(bpftool prog show id $program | sed -n 's/.* map_ids //p' | tr , ' '); do
        bpftool map show id $id | sed -n 's/.* name \([^ ]*\) .*/map \1/p; s/.* max_entries \([0-9]*\) .*/entries \1/p'
        case $(bpftool map show id $id) in *percpu*) ;; *) bpftool -j map dump id $id; echo ;; esac
    done
"#;

#[derive(serde::Deserialize)]
struct Entry {
    key: Vec<String>,
    value: Vec<String>,
}

fn bytes(texts: &[String]) -> Vec<u8> {
    texts.iter().map(|text| u8::from_str_radix(&text[2..], 16).expect("a byte")).collect()
}

type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

/// How large each map is, and what is in it.
fn maps(text: &str) -> BTreeMap<String, (u32, Entries)> {
    let mut maps = BTreeMap::new();
    for part in text.split("\nmap ").skip(1) {
        let mut lines = part.lines();
        let name = lines.next().expect("a name").to_owned();
        let entries = lines.next().and_then(|line| line.strip_prefix("entries ")).expect("a size");
        let json = lines.find(|line| line.starts_with('[')).unwrap_or("[]");
        let found: Vec<Entry> = serde_json::from_str(json).expect(json);
        let found = found.iter().map(|entry| (bytes(&entry.key), bytes(&entry.value))).collect();
        maps.insert(name, (entries.parse().expect("a number"), found));
    }
    maps
}

/// What the maps hold of a state, as bytes. `index` is the kernel's number of an interface.
fn wanted_maps(state: &KernelState, index: impl Fn(&str) -> u32) -> BTreeMap<&'static str, Entries> {
    let classifier = state.classifier.as_ref().expect("a classifier");
    let written =
        [MapName::Exact4, MapName::Trie4, MapName::Exact6, MapName::Trie6, MapName::Ports, MapName::Identities];
    let mut maps: BTreeMap<_, BTreeMap<_, _>> = written.map(|map| (map.as_str(), BTreeMap::new())).into();
    let devices = classifier.devices.iter();
    let devices = devices.map(|(&key, &(store, value))| MapWrite::PutDevice { store, key, value });
    let ports = classifier.ports.iter().map(|(&index, &port)| MapWrite::SetPort { index, port });
    let identities = classifier.identities.iter();
    let identities = identities.map(|(key, &record)| MapWrite::Identify { key: key.clone(), record });
    for write in devices.chain(ports).chain(identities) {
        let number = if let MapWrite::Identify { key, .. } = &write { index(key.interface.as_str()) } else { 0 };
        let raw = write.to_raw(number).expect("it stands where it may");
        let value = raw.value.expect("something is put");
        maps.get_mut(raw.map.as_str()).expect("a map").insert(raw.key.to_vec(), value.to_vec());
    }
    maps
}

fn check_maps(text: &str, state: &KernelState) {
    let classifier = state.classifier.as_ref().expect("a classifier");
    let line = |start: &str| text.lines().find_map(|line| line.strip_prefix(start)).expect(start);
    let found = maps(text);
    let wanted = wanted_maps(state, |name| line(&format!("index {name} ")).parse().expect("a number"));
    for (name, mut entries) in wanted {
        if name == "ports" {
            // An array always has all of its entries.
            entries.entry(2_u32.to_ne_bytes().to_vec()).or_insert(vec![0; MapName::Ports.sizes().1]);
        }
        assert_eq!(found[name].1, entries, "{name}");
    }
    let about = &found["about"].1[&vec![0; 4]];
    assert_eq!(about[8..], classifier.version.0);
    let sizes = ["exact4", "trie6", "identities", "slots"].map(|name| found[name].0);
    let MapSizes { devices, identities, slots } = classifier.sizes;
    assert_eq!(sizes[..3], [devices, devices, identities]);
    assert!(sizes[3] >= 2 * slots && sizes[3].is_multiple_of(2 * slots), "a row for each CPU");
    for (name, port) in [("eth1", PortIndex::Download), ("eth0", PortIndex::Upload)] {
        let (filter, program) = (port.filter_name(), port.entry_point());
        let lines: Vec<_> = text.lines().filter(|line| line.contains(" direct-action ")).collect();
        let is_it = |line: &&str| line.contains(filter) && line.contains(&format!(" name {program} "));
        assert_eq!(lines.iter().copied().filter(|line| is_it(line)).count(), 1, "{name}: {lines:?}");
    }
}

#[test]
fn bpftool_fills_what_was_planned() {
    let object = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bpf/classifier.o");
    let Ok(bytes) = fs::read(&object) else {
        assert!(env::var_os("CI").is_none(), "there is no {}", object.display());
        return println!("skipped: there is no {}", object.display());
    };
    let mut version = ClassifierVersion::default();
    version.0.copy_from_slice(&Sha256::digest(bytes)[..8]);
    let setup = Setup { leaf: LeafKind::Pfifo, queues: QUEUES, classifier: version };
    let mut before = setup.nothing();
    let first = setup.plan(&hierarchy(), &Ledger::default());
    let second = setup.plan(&changed(), &first.ledger);
    let folder = tempfile::tempdir().expect("a folder");
    let mut commands = format!("export CLASSIFIER='{}'\n", object.display());
    for (number, plan) in [&first, &second].into_iter().enumerate() {
        let changes = diff(&plan.state, &before, TakeOver::No).expect("nothing is in the way");
        fs::write(folder.path().join(number.to_string()), script(&changes, &before, &plan.subjects)).expect("written");
        commands.extend(["bash ", &number.to_string(), "; echo '==== ", &number.to_string(), "'; ", SHOW, SHOW_MAPS]);
        before = plan.state.clone();
    }
    // What `stop` does.
    let mut stopped = setup.nothing();
    stopped.classifier.clone_from(&second.state.classifier);
    let changes = diff(&stopped, &before, TakeOver::No).expect("nothing is in the way");
    fs::write(folder.path().join("stop"), script(&changes, &before, &second.subjects)).expect("written");
    commands += "bash stop; echo '==== stopped'; for name in eth0 eth1; do tc qdisc show dev $name; done";
    let Some(text) = in_namespace(&commands, folder.path()) else { return };
    let parts: Vec<_> = text.split("==== ").skip(1).collect();
    for (text, plan) in parts.iter().zip([&first, &second]) {
        check(text, &plan.state);
        check_maps(text, &plan.state);
    }
    assert!(!parts[2].contains("htb") && !parts[2].contains("clsact"), "{}", parts[2]);
}
