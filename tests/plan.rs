//! Golden plans: folders of input files and what the kernel should hold of them.
//!
//! `testdata/golden/plan/<case>/` holds a README.md that says what the case shows, the input files that every golden case has
//! (`pleach.toml`, `ShapedDevices.csv`, `nodes.csv`), `plan.toml` with what is configured about shaping, and
//! `expected/plan.txt`. In `before/` the same files may stand as they were: then the plan is the one that follows. Files that
//! `before/` does not have are those of the case. `BLESS=1 cargo test --test plan` rewrites expectations, to be read as a diff.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use pleach::config::{Config, CsvFiles, Shaper};
use pleach::load;
use pleach::survey::Survey;
use pleach_shaper::{
    CircuitSettings, Control, HeldMemory, Hierarchy, Host, LeafSettings, Ledger, Ports, QueuePlan, Rebalance,
    RootSpread, Settings, Share, Subject, Unknown, plan,
};
use pleach_tc::{Handle, Interface, InterfaceState, KernelState, Leaf, PerDirection, QdiscKind, Root};
use serde::Deserialize;

#[test]
fn golden_plans() {
    let mut cases: Vec<PathBuf> = folders(&golden());
    cases.sort();
    assert!(cases.len() >= 12, "there are golden plans");
    let failures: Vec<String> =
        cases.iter().filter_map(|case| run(case).err().map(|why| format!("{}\n{why}", case.display()))).collect();
    assert!(failures.is_empty(), "{} of {} plans differ\n\n{}", failures.len(), cases.len(), failures.join("\n\n"));
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/golden/plan")
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    entries.map(|entry| entry.expect("listed").path()).filter(|path| path.is_dir()).collect()
}

/// What a case's `plan.toml` says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Given {
    queues: u16,
    /// The VLANs of downloads and uploads, where one interface is for both.
    stick: Option<(u16, u16)>,
    share: Share,
    root_spread: RootSpread,
    control: Control,
    unknown: Unknown,
    leaf: LeafSettings,
    circuits: BTreeMap<String, CircuitSettings>,
    overhead: u16,
    mpu: u16,
    memory_mib: u64,
    rebalance: bool,
    /// So many more circuits at the top, each with an IPv4 address and 10 Mbit/s; then only what is said is shown.
    more_circuits: u32,
}

impl Default for Given {
    fn default() -> Self {
        Self {
            queues: 1,
            stick: None,
            share: Share::default(),
            root_spread: RootSpread::default(),
            control: Control::default(),
            unknown: Unknown::default(),
            leaf: LeafSettings::default(),
            circuits: BTreeMap::default(),
            overhead: 0,
            mpu: 0,
            memory_mib: 4_096,
            rebalance: false,
            more_circuits: 0,
        }
    }
}

fn interface(name: &str) -> Interface {
    name.parse().expect("an interface")
}

impl Given {
    fn settings(&self) -> Settings {
        let ports = match self.stick {
            None => Ports::Two(PerDirection { download: interface("eth1"), upload: interface("eth0") }),
            Some((download, upload)) => {
                Ports::Stick { interface: interface("eth0"), vlan: PerDirection { download, upload } }
            }
        };
        let circuits = self.circuits.iter().map(|(id, settings)| (id.as_str().into(), settings.clone())).collect();
        Settings {
            ports,
            share: self.share,
            root_spread: self.root_spread,
            leaf: self.leaf.clone(),
            circuits,
            control: self.control.clone(),
            unknown: self.unknown.clone(),
            overhead: self.overhead,
            mpu: self.mpu,
            tunnels: pleach_shaper::Tunnels::default(),
            memory_limit: None,
        }
    }

    fn host(&self, before: &KernelState) -> Host {
        let queues = ["eth0", "eth1"].into_iter().map(|name| (interface(name), self.queues)).collect();
        let held = HeldMemory::of(before);
        Host { queues, memory_available: self.memory_mib << 20, held, possible_cpus: 4, ..Host::default() }
    }
}

fn run(case: &Path) -> Result<(), String> {
    let before = case.join("before");
    let (ledger, there) = if before.is_dir() {
        let made = planned(&[&before, case], &Ledger::default(), &KernelState::default())?.1;
        (made.ledger, made.state)
    } else {
        (Ledger::default(), KernelState::default())
    };
    let (given, made) = planned(&[case], &ledger, &there)?;
    let again = plan_of(&given, &hierarchy(&[case], &given)?, &made.ledger, &made.state)?;
    if again.state != made.state {
        return Err("planning again changes the state".to_owned());
    }
    let text = text(&given, made);
    let path = case.join("expected/plan.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(case.join("expected")).expect("made");
        std::fs::write(&path, &text).expect("written");
    }
    let wanted = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    if wanted == text { Ok(()) } else { Err(format!("expected:\n{wanted}\nmade:\n{text}")) }
}

/// The first of the folders that has a file.
fn standing(folders: &[&Path], name: &str) -> Option<PathBuf> {
    folders.iter().map(|folder| folder.join(name)).find(|path| path.exists())
}

fn planned(folders: &[&Path], ledger: &Ledger, before: &KernelState) -> Result<(Given, QueuePlan), String> {
    let given = match standing(folders, "plan.toml") {
        None => Given::default(),
        Some(path) => {
            let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?
        }
    };
    let made = plan_of(&given, &hierarchy(folders, &given)?, ledger, before)?;
    Ok((given, made))
}

fn plan_of(given: &Given, hierarchy: &Hierarchy, ledger: &Ledger, before: &KernelState) -> Result<QueuePlan, String> {
    let rebalance = if given.rebalance { Rebalance::Afresh } else { Rebalance::Never };
    plan(hierarchy, &given.settings(), &given.host(before), ledger, rebalance).map_err(|error| error.to_string())
}

fn hierarchy(folders: &[&Path], given: &Given) -> Result<Hierarchy, String> {
    let mut config = match standing(folders, "pleach.toml") {
        Some(file) => Config::read(&file).map_err(|error| error.to_string())?,
        None => Config::default(),
    };
    config.csv = CsvFiles {
        shaped_devices: standing(folders, "ShapedDevices.csv"),
        nodes: standing(folders, "nodes.csv"),
        links: None,
    };
    if config.shaper.is_empty() {
        config.shaper.push(Shaper::named("default", None));
    }
    let loaded = load::load(&config.csv).map_err(|error| format!("{:#}", anyhow::Error::new(error)))?;
    let survey = Survey::new(loaded, &config);
    let (shapers, _) = survey.shapers(&config.shaper).map_err(|error| error.to_string())?;
    let views = survey.views(&shapers);
    let mut hierarchy = Hierarchy::from_view(&views[0], &survey.census, |_| true);
    let pattern = hierarchy.circuits.first().cloned();
    for number in 0..given.more_circuits {
        let mut circuit = pattern.clone().expect("a circuit to take for a pattern");
        circuit.circuit_id = format!("more-{number}").into();
        circuit.id = format!("test:client:{number:06}").parse().expect("an id");
        let address = std::net::Ipv4Addr::from_bits(0x0b00_0000 + number);
        let prefix = pleach_graph::Prefix::host(address.into());
        circuit.addresses = [pleach_tc::DeviceKey { scope: pleach_tc::Scope::ANY, prefix }].into_iter().collect();
        hierarchy.circuits.push(circuit);
    }
    Ok(hierarchy)
}

fn text(given: &Given, made: QueuePlan) -> String {
    let mut text = String::new();
    if given.more_circuits > 0 {
        for (name, state) in &made.state.interfaces {
            let leaves = state.qdiscs.values().filter(|qdisc| matches!(qdisc.kind, QdiscKind::Leaf(_))).count();
            let _ = writeln!(text, "{name}: {} classes, {leaves} leaves", state.classes.len());
        }
        let classifier = made.state.classifier.as_ref().expect("a classifier");
        let _ = writeln!(text, "{} devices", classifier.devices.len());
    } else {
        for (name, state) in &made.state.interfaces {
            write_interface(&mut text, name, state, &made);
        }
        write_classifier(&mut text, &made);
    }
    let mib = |bytes: u64| bytes >> 20;
    let memory = made.memory;
    let verdict = if memory.check().is_ok() { "" } else { ", refused" };
    let (before, after, peak) = (mib(memory.before), mib(memory.after), mib(memory.peak));
    let _ = writeln!(text, "memory {before} MiB -> {after} MiB, peak {peak} of {} MiB{verdict}", mib(memory.limit));
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    for problem in made.problems.into_sorted() {
        let times = shown.entry(problem.code.as_str()).or_default();
        *times += 1;
        if given.more_circuits == 0 || *times <= 3 {
            let record = problem.record.map(|id| id.to_string()).unwrap_or_default();
            let _ = writeln!(text, "{} {record} {}", problem.code, problem.message);
        }
    }
    for (code, times) in shown.iter().filter(|(_, times)| given.more_circuits > 0 && **times > 3) {
        let _ = writeln!(text, "{code}: {times} in all");
    }
    text
}

fn write_interface(text: &mut String, name: &Interface, state: &InterfaceState, made: &QueuePlan) {
    assert_eq!((&state.root, state.has_clsact, state.xps.len()), (&Root::Ours, true, 0));
    let program = state.attached.expect("a program");
    let _ = writeln!(text, "{name}: {} queues, program {program:?}", state.queues);
    for (handle, qdisc) in &state.qdiscs {
        let kind = match qdisc.kind {
            QdiscKind::Mq => "mq",
            QdiscKind::Htb => "htb",
            _ => continue,
        };
        let _ = writeln!(text, "  {handle} {kind} at {}", qdisc.parent);
        for (class, it) in state.classes.iter().filter(|(_, class)| class.parent == *handle) {
            write_class(text, name, state, made, (*class, it.parent), 2);
        }
    }
    for (class, subject) in made.subjects.of(name).filter(|(class, _)| !state.classes.contains_key(class)) {
        let _ = writeln!(text, "  gone {class} {}", subject_text(subject));
    }
}

fn write_class(
    text: &mut String,
    name: &Interface,
    state: &InterfaceState,
    made: &QueuePlan,
    (handle, _): (Handle, Handle),
    depth: usize,
) {
    let class = &state.classes[&handle];
    let subject = made.subjects.get(name, handle).map_or_else(|| "?".to_owned(), subject_text);
    let (rate, ceil) = (class.rate, class.ceil);
    let _ = write!(text, "{:depth$}{handle} {subject}: rate {rate}, ceil {ceil}", "", depth = depth * 2);
    let has_children = state.classes.values().any(|child| child.parent == handle);
    if !has_children && !subject.starts_with("keeper") {
        let _ = write!(text, ", quantum {}, prio {}", class.quantum, class.priority);
    }
    if class.overhead > 0 || class.mpu > 0 {
        let _ = write!(text, ", overhead {}, mpu {}", class.overhead, class.mpu);
    }
    let leaf = state.qdiscs.iter().find(|(_, qdisc)| qdisc.parent == handle);
    if let Some((major, QdiscKind::Leaf(leaf))) = leaf.map(|(major, qdisc)| (major, &qdisc.kind)) {
        let _ = write!(text, ", {major} {}", leaf_text(leaf));
    }
    text.push('\n');
    for (child, _) in state.classes.iter().filter(|(_, child)| child.parent == handle) {
        write_class(text, name, state, made, (*child, handle), depth + 1);
    }
}

fn leaf_text(leaf: &Leaf) -> String {
    match leaf {
        Leaf::Cake(cake) => format!("cake {:?} rtt {} target {} us", cake.diffserv, cake.rtt.0, cake.target.0),
        Leaf::FqCodel(codel) => {
            format!("fq_codel flows {} interval {} target {} us", codel.flows, codel.interval.0, codel.target.0)
        }
        Leaf::Sfq(sfq) => format!("sfq limit {} perturb {} s", sfq.limit, sfq.perturb_seconds),
        Leaf::Pfifo(pfifo) => format!("pfifo limit {}", pfifo.limit),
    }
}

fn subject_text(subject: &Subject) -> String {
    match subject {
        Subject::Link { direction } => format!("link {direction}"),
        Subject::Control { direction } => format!("control {direction}"),
        Subject::Unknown { direction } => format!("unknown {direction}"),
        Subject::Keeper { node } => format!("keeper of {node}"),
        Subject::Node { name, .. } => format!("node {name}"),
        Subject::Circuit { circuit_id, .. } => format!("circuit {circuit_id}"),
    }
}

fn write_classifier(text: &mut String, made: &QueuePlan) {
    let classifier = made.state.classifier.as_ref().expect("a classifier");
    for (index, port) in &classifier.ports {
        let (class, vlan) = (port.default_class, port.vlan);
        let _ = write!(text, "port {index:?} {:?}: default {} {}", port.mode, class.download, class.upload);
        let _ =
            if vlan.download > 0 { writeln!(text, ", vlan {} {}", vlan.download, vlan.upload) } else { writeln!(text) };
    }
    for (key, (store, value)) in &classifier.devices {
        let (class, queue) = (value.class, value.queue);
        let _ = write!(text, "{store:?} {} {}: {} {}", key.scope, key.prefix, class.download, class.upload);
        let _ = write!(text, ", queues {} {}", queue.download, queue.upload);
        let _ = match value.slot {
            pleach_tc::Slot::NONE => writeln!(text),
            pleach_tc::Slot(slot) => writeln!(text, ", slot {slot}"),
        };
    }
    for prefix in &classifier.watched {
        let _ = writeln!(text, "watched {prefix}");
    }
    let total: u64 = made.state.interfaces.values().map(|state| state.classes.len() as u64).sum();
    let _ = writeln!(text, "{total} classes, {} identities", classifier.identities.len());
}
