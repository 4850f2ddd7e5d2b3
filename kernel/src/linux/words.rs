//! Operations in the words of the tools that an administrator would use, for messages about them.

use std::fmt::{self, Display, Formatter};

use pleach_tc::layout::{FILTER_HANDLE, FILTER_PREFERENCE};
use pleach_tc::{Handle, MapWrite, Operation, Qdisc, QdiscKind};

/// An operation as `tc` or a person would say it.
pub(super) struct Words<'a>(pub(super) &'a Operation);

impl Display for Words<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Operation::AddQdisc { interface, handle, qdisc } => {
                write!(f, "tc qdisc add dev {interface} {}", Hung(*handle, qdisc))
            }
            Operation::ChangeQdisc { interface, handle, qdisc } => {
                write!(f, "tc qdisc change dev {interface} {}", Hung(*handle, qdisc))
            }
            Operation::DeleteQdisc { interface, handle, parent } => {
                write!(f, "tc qdisc del dev {interface} {} handle {handle}", Parent(*parent))
            }
            Operation::AddClass { interface, handle, class } => {
                write!(f, "tc class add dev {interface} parent {} classid {handle} {class}", class.parent)
            }
            Operation::ChangeClass { interface, handle, class } => {
                write!(f, "tc class change dev {interface} parent {} classid {handle} {class}", class.parent)
            }
            Operation::DeleteClass { interface, handle } => write!(f, "tc class del dev {interface} classid {handle}"),
            Operation::AddClsact { interface } => write!(f, "tc qdisc add dev {interface} clsact"),
            Operation::DeleteClsact { interface } => write!(f, "tc qdisc del dev {interface} clsact"),
            Operation::LoadClassifier { .. } => f.write_str("loading the classifier"),
            Operation::Attach { interface, port } => write!(
                f,
                "tc filter replace dev {interface} egress pref {FILTER_PREFERENCE} handle {FILTER_HANDLE} bpf direct-action name {}",
                port.filter_name()
            ),
            Operation::Detach { interface } => {
                write!(f, "tc filter del dev {interface} egress pref {FILTER_PREFERENCE} handle {FILTER_HANDLE} bpf")
            }
            Operation::Map(write) => map_write(write, f),
            Operation::SetXps { interface, queue, cpus } => {
                write!(f, "writing `{cpus}` to {}", super::sysfs::xps_path(interface, *queue).display())
            }
        }
    }
}

struct Parent(Handle);

impl Display for Parent {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0 == Handle::ROOT { f.write_str("root") } else { write!(f, "parent {}", self.0) }
    }
}

struct Hung<'a>(Handle, &'a Qdisc);

impl Display for Hung<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let kind = match &self.1.kind {
            QdiscKind::Mq => "mq",
            QdiscKind::Htb => "htb",
            QdiscKind::Leaf(leaf) => leaf.kind(),
            QdiscKind::Other(kind) => kind,
        };
        write!(f, "{} handle {} {kind}", Parent(self.1.parent), self.0)
    }
}

fn map_write(write: &MapWrite, f: &mut Formatter<'_>) -> fmt::Result {
    match write {
        MapWrite::PutDevice { key, .. } => write!(f, "writing `{}` to the device map", key.prefix),
        MapWrite::RemoveDevice { key, .. } => write!(f, "removing `{}` from the device map", key.prefix),
        MapWrite::SetPort { index, port } => write!(f, "setting the classifier's port {index:?} to {:?}", port.mode),
        MapWrite::Watch(prefix) => write!(f, "watching `{prefix}`"),
        MapWrite::Unwatch(prefix) => write!(f, "no longer watching `{prefix}`"),
        MapWrite::SetEndpoint { endpoint, .. } => write!(f, "following tunnels to {endpoint}"),
        MapWrite::RemoveEndpoint(endpoint) => write!(f, "no longer following tunnels to {endpoint}"),
        MapWrite::Identify { key, .. } => write!(f, "writing whose class {} of {} is", key.class, key.interface),
        MapWrite::Forget(key) => write!(f, "forgetting whose class {} of {} was", key.class, key.interface),
    }
}
