//! Operations as commands of `tc`.

use pleach_tc::{Handle, Interface, Operation, Qdisc, QdiscKind, layout};

use pleach_tc::options::{Form, Saying, options, words};

/// A command: what is done, then, behind the interface, to what.
pub(super) struct Command {
    pub(super) verb: &'static str,
    pub(super) rest: String,
}

/// The command of an operation; none for those that `tc` does not do by one command.
pub(super) fn command(operation: &Operation) -> Option<Command> {
    let filter = format!("egress protocol all pref {} handle {} bpf", layout::FILTER_PREFERENCE, layout::FILTER_HANDLE);
    let (verb, rest) = match operation {
        Operation::AddQdisc { handle, qdisc, .. } => ("qdisc add", qdisc_words(*handle, qdisc, Saying::All)),
        Operation::ChangeQdisc { handle, qdisc, .. } => {
            ("qdisc change", qdisc_words(*handle, qdisc, Saying::Changeable))
        }
        Operation::DeleteQdisc { handle, parent, .. } => ("qdisc del", place_to_delete(*handle, *parent)),
        Operation::AddClass { handle, class, .. } => {
            ("class add", format!("parent {} classid {handle} {class}", class.parent))
        }
        Operation::ChangeClass { handle, class, .. } => {
            ("class change", format!("parent {} classid {handle} {class}", class.parent))
        }
        Operation::DeleteClass { handle, .. } => ("class del", format!("classid {handle}")),
        Operation::AddClsact { .. } => ("qdisc add", "clsact".to_owned()),
        Operation::DeleteClsact { .. } => ("qdisc del", "clsact".to_owned()),
        Operation::Detach { .. } => ("filter del", filter),
        Operation::LoadClassifier { .. } | Operation::Attach { .. } | Operation::Map(_) | Operation::SetXps { .. } => {
            return None;
        }
    };
    Some(Command { verb, rest })
}

/// Where an operation of `tc` happens.
pub(super) fn interface(operation: &Operation) -> &Interface {
    match operation {
        Operation::AddQdisc { interface, .. }
        | Operation::ChangeQdisc { interface, .. }
        | Operation::DeleteQdisc { interface, .. }
        | Operation::AddClass { interface, .. }
        | Operation::ChangeClass { interface, .. }
        | Operation::DeleteClass { interface, .. }
        | Operation::AddClsact { interface }
        | Operation::DeleteClsact { interface }
        | Operation::Attach { interface, .. }
        | Operation::Detach { interface }
        | Operation::SetXps { interface, .. } => interface,
        Operation::LoadClassifier { .. } | Operation::Map(_) => {
            unreachable!("invariant: only asked of operations that `command` has words for")
        }
    }
}

/// The class that an operation is about.
pub(super) fn class(operation: &Operation) -> Option<(&Interface, Handle)> {
    match operation {
        Operation::AddClass { interface, handle, .. }
        | Operation::ChangeClass { interface, handle, .. }
        | Operation::DeleteClass { interface, handle } => Some((interface, *handle)),
        Operation::AddQdisc { interface, qdisc, .. } | Operation::ChangeQdisc { interface, qdisc, .. } => {
            Some((interface, qdisc.parent))
        }
        Operation::DeleteQdisc { interface, parent, .. } => Some((interface, *parent)),
        _ => None,
    }
}

/// What `tc` has no words for in an operation.
pub(super) fn unsaid(operation: &Operation) -> Option<String> {
    let (Operation::AddQdisc { qdisc, .. } | Operation::ChangeQdisc { qdisc, .. }) = operation else { return None };
    let QdiscKind::Leaf(leaf) = &qdisc.kind else { return None };
    let unsaid: Vec<_> = options(leaf)
        .into_iter()
        .filter(|option| option.form == Form::Unsaid)
        .map(|option| format!("{} {}", option.name, option.value))
        .collect();
    (!unsaid.is_empty())
        .then(|| format!("tc has no word for what is wanted here: {} {}", leaf.kind(), unsaid.join(" ")))
}

fn place(handle: Handle, parent: Handle) -> String {
    if parent == Handle::ROOT { format!("root handle {handle}") } else { format!("parent {parent} handle {handle}") }
}

/// A root is deleted as such: it may be another hand's, without a handle. `ingress` has a word of its own.
fn place_to_delete(handle: Handle, parent: Handle) -> String {
    match parent {
        Handle::ROOT => "root".to_owned(),
        Handle::CLSACT_PARENT => "ingress".to_owned(),
        _ => place(handle, parent),
    }
}

fn qdisc_words(handle: Handle, qdisc: &Qdisc, saying: Saying) -> String {
    let place = place(handle, qdisc.parent);
    match &qdisc.kind {
        QdiscKind::Mq => format!("{place} mq"),
        QdiscKind::Htb => format!("{place} htb default 0"),
        QdiscKind::Leaf(leaf) => format!("{place} {}", words(leaf, saying)),
        QdiscKind::Other(kind) => format!("{place} {kind}"),
    }
}
