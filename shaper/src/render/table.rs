//! The table: a heading for each interface and direction, a line for each class of somebody, and counts.

use std::fmt::Write;

use super::details;
use super::facts::{Action, Change, Changes, ClassifierChanges, Counts, Group, Infrastructure, PortChange};
use super::name::{Name, grouped, subject_text};
use crate::subjects::Subject;
use pleach_tc::PortMode;

/// How many lines of one kind stand under a heading unless all are asked for: what fits a screen.
const SHORT: usize = 20;
/// The widest column of names. Longer ones push what is behind them.
const WIDEST: usize = 48;

/// How long the table may become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lines {
    /// At most 20 of a kind under each heading, with the number of the others.
    #[default]
    Short,
    /// All of them.
    All,
}

/// Writes the table. Without changes it is the line of counts alone.
pub fn table(changes: &Changes, lines: Lines) -> String {
    let mut text = String::new();
    for infrastructure in &changes.infrastructure {
        write_infrastructure(&mut text, infrastructure);
    }
    write_classifier(&mut text, &changes.classifier);
    for group in &changes.classes {
        write_group(&mut text, group, lines);
    }
    for note in &changes.notes {
        let _ = writeln!(text, "note: {}", Name(note));
    }
    let Counts { change, r#move, add, remove, unchanged } = changes.counts;
    let _ = write!(text, "{} to change, ", grouped(change));
    if r#move > 0 {
        let _ = write!(text, "{} to move, ", grouped(r#move));
    }
    let _ = writeln!(text, "{} to add, {} to remove, {} unchanged", grouped(add), grouped(remove), grouped(unchanged));
    text
}

fn plural(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(number)) }
}

fn write_infrastructure(text: &mut String, infrastructure: &Infrastructure) {
    let Infrastructure { interface, htbs_added, htbs_removed, .. } = infrastructure;
    let _ = writeln!(text, "{}", Name(interface.as_str()));
    if infrastructure.is_detached {
        text.push_str("  - classifier detached\n");
    }
    if infrastructure.clsact_removed {
        text.push_str("  - clsact\n");
    }
    if let Some(classes) = infrastructure.root_removed {
        let classes = plural(classes, "class", "classes");
        let then =
            if infrastructure.root_added.is_some() { "another comes" } else { "the kernel's default comes back" };
        let _ = writeln!(text, "  - root with {classes}: {then}");
    }
    if *htbs_removed > 0 {
        let _ = writeln!(text, "  - {}", plural(*htbs_removed, "qdisc", "qdiscs"));
    }
    if infrastructure.classes_beside_removed > 0 {
        let classes = plural(infrastructure.classes_beside_removed, "class", "classes");
        let _ = writeln!(text, "  - {classes} beside the tree: link, control, unknown addresses, keepers");
    }
    if infrastructure.clsact_added {
        text.push_str("  + clsact\n");
    }
    if let Some(root) = infrastructure.root_added {
        let _ = writeln!(text, "  + root {root}");
    }
    if *htbs_added > 0 {
        let _ = writeln!(text, "  + {}", plural(*htbs_added, "HTB below the root", "HTBs below the root"));
    }
    if infrastructure.classes_beside_added > 0 {
        let classes = plural(infrastructure.classes_beside_added, "class", "classes");
        let _ = writeln!(text, "  + {classes} beside the tree: link, control, unknown addresses, keepers");
    }
    if let Some(port) = infrastructure.attached {
        let _ = writeln!(text, "  + classifier attached: {}", port.entry_point());
    }
    if !infrastructure.xps.is_empty() {
        let cleared = infrastructure.xps.iter().filter(|xps| xps.after.chars().all(|c| matches!(c, '0' | ','))).count();
        for (number, what) in
            [(cleared, "freed from CPUs (XPS)"), (infrastructure.xps.len() - cleared, "reserved to CPUs (XPS)")]
        {
            if number > 0 {
                let _ = writeln!(text, "  ~ {} {what}", plural(number, "transmit queue", "transmit queues"));
            }
        }
    }
}

fn write_classifier(text: &mut String, classifier: &ClassifierChanges) {
    if *classifier == ClassifierChanges::default() {
        return;
    }
    text.push_str("classifier\n");
    if let Some(loaded) = &classifier.loaded {
        let (devices, slots) = (loaded.sizes.devices as usize, loaded.sizes.slots as usize);
        let _ = writeln!(
            text,
            "  + object {} loaded, with room for {} addresses a map and {} circuits",
            loaded.object,
            grouped(devices),
            grouped(slots)
        );
    }
    for port in &classifier.ports {
        let _ = writeln!(text, "  ~ {}: {}", port.port.entry_point(), port_words(port));
    }
    let lists = [
        ('+', "pass unshaped", &classifier.bypassed),
        ('-', "no longer pass unshaped", &classifier.no_longer_bypassed),
        ('+', "networks whose unknown addresses are recorded", &classifier.watched),
        ('-', "networks whose unknown addresses are no longer recorded", &classifier.unwatched),
        ('+', "tunnels are followed that end at", &classifier.endpoints),
        ('-', "tunnels are no longer followed that end at", &classifier.endpoints_removed),
    ];
    for (sign, what, list) in lists {
        if !list.is_empty() {
            let _ = writeln!(text, "  {sign} {what}: {}", details::some_of(list));
        }
    }
    if classifier.other_addresses > 0 {
        let _ = writeln!(
            text,
            "  ~ {} of nobody that is known",
            plural(classifier.other_addresses, "address", "addresses")
        );
    }
    if classifier.identities > 0 {
        let classes = plural(classifier.identities, "class", "classes");
        let _ = writeln!(text, "  ~ the holders of {classes} written down or forgotten");
    }
}

fn port_words(change: &PortChange) -> String {
    let PortChange { before, after, .. } = change;
    let mut words = Vec::new();
    match (before.map(|before| before.mode), after.mode) {
        (Some(PortMode::Shape), PortMode::Shape) if change.is_bypassed_meanwhile => {
            words.push("packets pass unshaped meanwhile".to_owned());
        }
        (Some(PortMode::Shape), PortMode::Shape) | (Some(PortMode::Bypass), PortMode::Bypass) => {}
        (Some(PortMode::Bypass), PortMode::Shape) => words.push("bypassed -> shaped".to_owned()),
        (Some(PortMode::Shape), PortMode::Bypass) => words.push("shaped -> bypassed: packets pass unshaped".to_owned()),
        (None, PortMode::Shape) => words.push("shaped when all is in place, bypassed until then".to_owned()),
        (None, PortMode::Bypass) => words.push("bypassed: packets pass unshaped".to_owned()),
    }
    if let Some(before) = before.filter(|before| before.default_class != after.default_class) {
        for direction in pleach_tc::Direction::BOTH {
            let (old, new) = (before.default_class[direction], after.default_class[direction]);
            if old != new {
                words.push(format!("{direction} of unknown addresses goes to class {new} instead of {old}"));
            }
        }
    }
    if let Some(before) = before.filter(|before| before.vlan != after.vlan) {
        let (old, new) = (before.vlan, after.vlan);
        words.push(format!("VLANs {}/{} -> {}/{}", old.download, old.upload, new.download, new.upload));
    }
    if let Some(before) = before.filter(|before| before.mark != after.mark) {
        words.push(format!("nets of uploads by mark {:#010x} -> {:#010x}", before.mark.mask(), after.mark.mask()));
    }
    if words.is_empty() {
        words.push("queue of unknown addresses".to_owned());
    }
    words.join(", ")
}

fn write_group(text: &mut String, group: &Group, lines: Lines) {
    let _ = write!(text, "{}", Name(group.interface.as_str()));
    if let Some(direction) = group.direction {
        let _ = write!(text, " {direction}");
    }
    text.push('\n');
    let kinds = group.changes.chunk_by(|one, next| sign(one.action) == sign(next.action)).map(|changes| {
        let shown = if lines == Lines::All { changes.len() } else { changes.len().min(SHORT) };
        (&changes[..shown], changes.len() - shown)
    });
    let kinds: Vec<_> = kinds.collect();
    let all = || kinds.iter().flat_map(|(shown, _)| shown.iter());
    let class_width = all().map(|change| change.class.to_string().len()).max().unwrap_or(0);
    let name_width = all().map(|change| subject(change).chars().count()).max().unwrap_or(0).min(WIDEST);
    for (shown, hidden) in kinds.iter().copied() {
        for change in shown {
            let (class, name) = (change.class.to_string(), subject(change));
            let line = format!(
                "  {} class {class:class_width$}   {name:name_width$}    {}",
                sign(change.action),
                details::of(change)
            );
            let _ = writeln!(text, "{}", line.trim_end());
        }
        if let Some(change) = shown.first().filter(|_| hidden > 0) {
            let what = match change.action {
                Action::Change | Action::Move => "to change",
                Action::Add => "to add",
                Action::Remove => "to remove",
            };
            let _ = writeln!(
                text,
                "  {} … {} more {what}; `--format json` has them all",
                sign(change.action),
                grouped(hidden)
            );
        }
    }
}

const fn sign(action: Action) -> char {
    match action {
        Action::Change | Action::Move => '~',
        Action::Add => '+',
        Action::Remove => '-',
    }
}

/// Whose class it is, on one line.
fn subject(change: &Change) -> String {
    match &change.subject {
        // Where it goes from and to is told behind it.
        Some(Subject::Circuit { circuit_id, name, .. }) if change.action == Action::Move => {
            let about = if name.is_empty() { String::new() } else { format!(" ({name})") };
            Name(&format!("circuit `{circuit_id}`{about}")).to_string()
        }
        Some(subject) => Name(&subject_text(subject)).to_string(),
        None => "of nobody that is known".to_owned(),
    }
}
