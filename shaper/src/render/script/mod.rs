//! A plan as a bash script of `tc` and `bpftool`, for a person to read and to run.
//!
//! It does what the executor does, in the same order, and stops at the first refusal; it does not undo. Neighbouring
//! commands of `tc` and map writes go to one `tc -batch` or `bpftool batch`: a process per command would take half a minute
//! for 10 000 circuits.
//!
//! Names stand in comments only, without control characters, inside quoted documents and behind `#`: no name is ever run.

mod maps;
mod tc;

use std::collections::BTreeMap;
use std::fmt::Write;

use pleach_tc::{
    ClassifierVersion, Handle, Interface, KernelState, MapSizes, Operation, Phase, Plan, PortIndex, layout,
};

use super::name::{Hexadecimal, Name, subject_text};
use crate::subjects::Subjects;

const FUNCTIONS: &str = include_str!("functions.sh");
/// The bytes of a number as this machine has them, as the shell computes them.
const INDEX_BYTES: &str = if cfg!(target_endian = "little") {
    "$((number & 255)) $((number >> 8 & 255)) $((number >> 16 & 255)) $((number >> 24))"
} else {
    "$((number >> 24)) $((number >> 16 & 255)) $((number >> 8 & 255)) $((number & 255))"
};
/// What ends a document of commands. No command is this word.
const END: &str = "END";

/// Writes the script. `observed` says where the classifier is attached whose maps are written.
///
/// The path of the classifier's object is the environment variable `CLASSIFIER`, `bpf/classifier.o` where it is not set.
pub fn script(plan: &Plan, observed: &KernelState, subjects: &Subjects) -> String {
    let mut writer = Writer {
        text: String::new(),
        subjects,
        observed,
        indices: indices(plan),
        has_maps: false,
        has_programs: false,
        document: None,
    };
    writer.head(plan);
    for (at, phase) in plan.phases.iter().enumerate() {
        writer.close();
        let _ = write!(writer.text, "\n# Step {} of {}: {}\n", at + 1, plan.phases.len(), words(phase));
        match phase {
            Phase::Operations(operations) => operations.iter().for_each(|operation| writer.operation(operation)),
            Phase::Drain(classes) => writer.drain(classes),
        }
    }
    writer.close();
    writer.text
}

/// What the lines between a command and its end are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Document {
    Tc,
    Maps,
}

struct Writer<'a> {
    text: String,
    subjects: &'a Subjects,
    observed: &'a KernelState,
    /// The number in the script of each interface whose number in the kernel is part of a key.
    indices: BTreeMap<Interface, usize>,
    /// Whether the script knows the maps.
    has_maps: bool,
    /// Whether the script has loaded the programs.
    has_programs: bool,
    document: Option<Document>,
}

impl Writer<'_> {
    fn head(&mut self, plan: &Plan) {
        self.text.push_str("#!/usr/bin/env bash\n# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.\n");
        for note in &plan.notes {
            let _ = writeln!(self.text, "# Note: {}", Name(&note.to_string()));
        }
        let _ = write!(
            self.text,
            "set -euo pipefail\n\n# Where the filter stands on egress.\nreadonly PREFERENCE={}\n{}",
            layout::FILTER_PREFERENCE,
            FUNCTIONS.replace("INDEX_BYTES", INDEX_BYTES)
        );
        let versions = plan.operations().filter_map(|operation| match operation {
            Operation::LoadClassifier { version, .. } => Some(*version),
            Operation::Attach { .. } => self.observed.classifier.as_ref().map(|classifier| classifier.version),
            _ => None,
        });
        // An upgrade loads once: what it loads is attached.
        let loaded = plan.operations().find_map(|operation| match operation {
            Operation::LoadClassifier { version, .. } => Some(*version),
            _ => None,
        });
        if let Some(version) = loaded.or_else(|| versions.last()) {
            let _ = write!(self.text, "\ncheck_classifier {}\n", Hexadecimal(version));
        }
        for (interface, number) in &self.indices {
            let name = quoted(interface);
            let _ = writeln!(self.text, "index[{number}]=$(index_of {name})");
        }
    }

    fn operation(&mut self, operation: &Operation) {
        match operation {
            Operation::Map(write) => {
                self.learn_maps();
                self.open(Document::Maps);
                maps::write(&mut self.text, write, &self.indices);
                maps::comment(&mut self.text, write, self.subjects);
            }
            Operation::LoadClassifier { version, sizes } => self.load(*version, *sizes),
            Operation::Attach { interface, port } => self.attach(interface, *port),
            Operation::SetXps { interface, queue, cpus } => {
                self.close();
                let file = shell(&format!("/sys/class/net/{interface}/queues/tx-{queue}/xps_cpus"));
                let _ = writeln!(self.text, "echo {} >{file}", shell(cpus));
            }
            _ => {
                let command = tc::command(operation).expect("invariant: the operations of `tc` are left");
                self.tc(&command, tc::interface(operation));
                if let Some((interface, class)) = tc::class(operation)
                    && let Some(subject) = self.subjects.get(interface, class)
                {
                    let _ = write!(self.text, " # {}", Name(&subject_text(subject)));
                }
                self.text.push('\n');
                if let Some(unsaid) = tc::unsaid(operation) {
                    let _ = writeln!(self.text, "# {unsaid}");
                }
            }
        }
    }

    /// A command without its end of line.
    fn tc(&mut self, command: &tc::Command, interface: &Interface) {
        if is_plain(interface.as_str()) {
            self.open(Document::Tc);
            let _ = write!(self.text, "{} dev {interface} {}", command.verb, command.rest);
        } else {
            // A batch has no way to quote every character that the kernel takes.
            self.close();
            let _ = write!(self.text, "tc {} dev {} {}", command.verb, quoted(interface), command.rest);
        }
    }

    fn load(&mut self, version: ClassifierVersion, sizes: MapSizes) {
        self.close();
        self.text.push_str("map=()\n");
        maps::make(&mut self.text, sizes);
        self.text.push_str("load_programs\n");
        (self.has_maps, self.has_programs) = (true, true);
        self.open(Document::Maps);
        maps::about(&mut self.text, version);
    }

    fn attach(&mut self, interface: &Interface, port: PortIndex) {
        self.learn_maps();
        self.close();
        if !self.has_programs {
            self.text.push_str("load_programs\n");
            self.has_programs = true;
        }
        let name = quoted(interface);
        let _ = writeln!(self.text, "attach {name} {} {}", port.entry_point(), port.filter_name());
    }

    /// Once: finds the maps of what is attached.
    fn learn_maps(&mut self) {
        if self.has_maps {
            return;
        }
        self.close();
        let attached = self.observed.interfaces.iter().find(|(_, state)| state.attached.is_some());
        if let Some((interface, _)) = attached {
            let _ = writeln!(self.text, "adopt_maps {}", quoted(interface));
        }
        self.has_maps = true;
    }

    fn drain(&mut self, classes: &[(Interface, Handle)]) {
        self.text.push_str("drain <<'END'\n");
        for (interface, class) in classes {
            let _ = writeln!(self.text, "{interface} {class}");
        }
        let _ = writeln!(self.text, "{END}");
    }

    fn open(&mut self, document: Document) {
        if self.document == Some(document) {
            return;
        }
        self.close();
        self.text.push_str(match document {
            Document::Tc => "tc -batch - <<'END'\n",
            Document::Maps => "map_writes <<'END'\n",
        });
        self.document = Some(document);
    }

    fn close(&mut self) {
        if self.document.take().is_some() {
            let _ = writeln!(self.text, "{END}");
        }
    }
}

/// Numbers the interfaces whose number in the kernel is part of a key.
fn indices(plan: &Plan) -> BTreeMap<Interface, usize> {
    let mut indices = BTreeMap::new();
    for operation in plan.operations() {
        if let Operation::Map(write) = operation
            && let Some(interface) = maps::interface(write)
        {
            let number = indices.len() + 1;
            if !indices.contains_key(interface) {
                indices.insert(interface.clone(), number);
            }
        }
    }
    indices
}

/// What a phase does, in words.
fn words(phase: &Phase) -> String {
    let Phase::Operations(operations) = phase else {
        return "wait until classes on their way out are empty".to_owned();
    };
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for operation in operations {
        let kind = match operation {
            Operation::AddQdisc { .. } | Operation::AddClsact { .. } => "qdiscs added",
            Operation::ChangeQdisc { .. } => "qdiscs changed",
            Operation::DeleteQdisc { .. } | Operation::DeleteClsact { .. } => "qdiscs deleted",
            Operation::AddClass { .. } => "classes added",
            Operation::ChangeClass { .. } => "classes changed",
            Operation::DeleteClass { .. } => "classes deleted",
            Operation::LoadClassifier { .. } => "programs loaded",
            Operation::Attach { .. } => "programs attached",
            Operation::Detach { .. } => "programs detached",
            Operation::Map(_) => "map writes",
            Operation::SetXps { .. } => "queues freed from CPUs, or reserved again",
        };
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((kind, 1)),
        }
    }
    kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>().join(", ")
}

fn is_plain(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ',');
    !text.is_empty() && !text.starts_with('-') && text.chars().all(is_plain)
}

/// A word for the shell.
fn shell(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

fn quoted(interface: &Interface) -> String {
    shell(interface.as_str())
}
