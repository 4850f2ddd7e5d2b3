//! A plan as a bash script of `ip`, `tc` and `bridge`.

use std::fmt::{self, Write};

use pleach_tc::QdiscKind;
use pleach_tc::options::{self, Saying};

use super::super::filter::{Filter, FilterKey};
use super::super::link::{Aggregates, Isolation, Link, LinkKind, Membership};
use super::super::operation::Operation;
use super::super::plan::LinkPlan;
use super::super::queue::Queue;
use super::Shell;

/// Writes the script: a command a request, in the plan's order. It stops at the first refusal and undoes nothing.
pub fn script(plan: &LinkPlan) -> String {
    let mut text = "#!/usr/bin/env bash\n# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.\nset -euo pipefail\n".to_owned();
    for operation in &plan.operations {
        write_operation(&mut text, operation);
    }
    text
}

/// The longest command that is said whole: a filter may have dozens of actions.
const LONGEST_COMMAND: usize = 300;

/// An operation as the commands that would do it, for messages.
pub fn command(operation: &Operation) -> String {
    let mut text = String::new();
    write_operation(&mut text, operation);
    let mut text = text.trim_end().replace('\n', " && ");
    if let Some((end, _)) = text.char_indices().nth(LONGEST_COMMAND) {
        text.truncate(end);
        text.push('…');
    }
    text
}

fn write_operation(text: &mut String, operation: &Operation) {
    let name = Shell(operation.interface());
    let _ = match operation {
        Operation::AddLink { link, .. } => return add_link(text, &name, link),
        Operation::DeleteLink { .. } => writeln!(text, "ip link delete dev {name}"),
        Operation::SetMtu { mtu, .. } => writeln!(text, "ip link set dev {name} mtu {mtu}"),
        Operation::SetAggregates { aggregates, .. } => writeln!(text, "ip link set dev {name} {aggregates}"),
        Operation::Join { membership, .. } => return join(text, &name, membership),
        Operation::Leave { .. } => writeln!(text, "ip link set dev {name} nomaster"),
        Operation::SetDown { .. } => writeln!(text, "ip link set dev {name} down"),
        Operation::AddClsact { .. } => writeln!(text, "tc qdisc add dev {name} clsact"),
        Operation::DeleteClsact { .. } => writeln!(text, "tc qdisc delete dev {name} clsact"),
        Operation::AddQueue { .. } => {
            writeln!(text, "tc qdisc add dev {name} root handle {} htb default {:x}", Queue::HTB, Queue::CLASS.minor())
        }
        Operation::DeleteQueue { .. } => writeln!(text, "tc qdisc delete dev {name} root handle {}", Queue::HTB),
        Operation::SetClass { class, .. } => {
            writeln!(text, "tc class replace dev {name} parent {} classid {} {class}", class.parent, Queue::CLASS)
        }
        Operation::AddLeaf { leaf, .. } => put_leaf(text, "add", &name, leaf),
        Operation::ChangeLeaf { leaf, .. } => put_leaf(text, "change", &name, leaf),
        Operation::DeleteLeaf { .. } => {
            writeln!(text, "tc qdisc delete dev {name} parent {} handle {}", Queue::CLASS, Queue::LEAF)
        }
        Operation::AddFlood(entry) => {
            writeln!(text, "bridge fdb append 00:00:00:00:00:00 dev {name} dst {} self permanent", entry.destination)
        }
        Operation::DeleteFlood(entry) => {
            writeln!(text, "bridge fdb delete 00:00:00:00:00:00 dev {name} dst {} self permanent", entry.destination)
        }
        Operation::AddFilter { key, filter } => return put_filter(text, "add", key, filter),
        Operation::ReplaceFilter { key, filter } => return put_filter(text, "replace", key, filter),
        Operation::DeleteFilter { key } => {
            let FilterKey { side, chain, preference, handle, .. } = key;
            // The kernel deletes by number; what the filter looks at does not matter.
            writeln!(
                text,
                "tc filter delete dev {name} {} chain {chain} pref {preference} handle {handle:#x} flower",
                side.as_str()
            )
        }
    };
}

fn put_leaf(text: &mut String, verb: &str, name: &Shell<'_>, leaf: &QdiscKind) -> fmt::Result {
    let saying = if verb == "change" { Saying::Changeable } else { Saying::All };
    let words = match leaf {
        QdiscKind::Leaf(leaf) => options::words(leaf, saying),
        other => other.name().to_owned(),
    };
    writeln!(text, "tc qdisc {verb} dev {name} parent {} handle {} {words}", Queue::CLASS, Queue::LEAF)
}

fn add_link(text: &mut String, name: &Shell<'_>, link: &Link) {
    let on = match &link.kind {
        LinkKind::Vlan { parent, .. } => format!(" link {}", Shell(parent)),
        _ => String::new(),
    };
    let mtu = link.mtu.map_or_else(String::new, |mtu| format!(" mtu {mtu}"));
    let device = match &link.kind {
        LinkKind::Vxlan { parent, .. } => format!(" dev {}", Shell(parent)),
        _ => String::new(),
    };
    let aggregates = match link.aggregates {
        Aggregates::Whole => String::new(),
        Aggregates::Split => format!(" {}", link.aggregates),
    };
    let _ = writeln!(text, "ip link add{on} name {name}{mtu}{aggregates} type {}{device}", link.kind);
    let _ =
        writeln!(text, "ip link set dev {name} alias '{}' addrgenmode none", link.id.alias().replace('\'', "'\\''"));
}

fn join(text: &mut String, name: &Shell<'_>, membership: &Membership) {
    let _ = match membership {
        Membership::Alone => writeln!(text, "ip link set dev {name} up"),
        Membership::Bridged { bridge, isolation } => {
            let _ = writeln!(text, "ip link set dev {name} master {}", Shell(bridge));
            if *isolation == Isolation::Isolated {
                let _ = writeln!(text, "bridge link set dev {name} isolated on");
            }
            writeln!(text, "ip link set dev {name} up")
        }
    };
}

fn put_filter(text: &mut String, verb: &str, key: &FilterKey, filter: &Filter) {
    let FilterKey { interface, side, chain, preference, handle } = key;
    let _ = write!(
        text,
        "tc filter {verb} dev {} {} chain {chain} pref {preference} handle {handle:#x} protocol {} flower",
        Shell(interface),
        side.as_str(),
        filter.matches.protocol()
    );
    let matches = filter.matches.to_string();
    if !matches.is_empty() {
        let _ = write!(text, " {matches}");
    }
    for action in &filter.actions {
        let _ = write!(text, " action {action}");
    }
    text.push('\n');
}
