//! Whether a kernel holds what it should, said field by field.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

use crate::classifier::ClassifierState;
use crate::interface::Interface;
use crate::state::{InterfaceState, KernelState, Root};

/// One place where a kernel does not hold what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where: `eth1 class 3:2a`, `device any 10.0.0.1`.
    pub path: String,
    /// What it should hold there; none: nothing.
    pub desired: Option<String>,
    /// What it holds there.
    pub found: Option<String>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
        write!(f, "{}: should be {}, is {}", self.path, text(&self.desired), text(&self.found))
    }
}

/// Everything in which `found` differs from `desired`, on the interfaces of `desired`.
///
/// The kernel's own roundings ([`crate::Class::is_kept_as`]) are no differences; nor is a clsact that stays because others
/// use it.
pub fn compare(desired: &KernelState, found: &KernelState) -> Vec<Difference> {
    let mut differences = Vec::new();
    let nothing = InterfaceState::default();
    for (name, want) in &desired.interfaces {
        let have = found.interfaces.get(name).unwrap_or(&nothing);
        compare_interface(&mut differences, name, want, have);
    }
    match (&desired.classifier, &found.classifier) {
        (None, None) => {}
        (Some(want), Some(have)) => compare_classifier(&mut differences, want, have),
        (want, have) => {
            let version = |state: &Option<ClassifierState>| state.as_ref().map(|state| format!("{:?}", state.version));
            push(&mut differences, "classifier".to_owned(), version(want), version(have));
        }
    }
    differences
}

fn compare_interface(all: &mut Vec<Difference>, name: &Interface, want: &InterfaceState, have: &InterfaceState) {
    let is_ours = |state: &InterfaceState| state.root == Root::Ours;
    if is_ours(want) != is_ours(have) {
        push(all, format!("{name} root"), Some(format!("{:?}", want.root)), Some(format!("{:?}", have.root)));
    }
    if is_ours(want) {
        let path = |handle: &crate::handle::Handle| format!("{name} qdisc {handle}");
        let (mut wanted, mut found) = (want.qdiscs.clone(), have.qdiscs.clone());
        wanted.remove(&crate::handle::Handle::CLSACT);
        found.remove(&crate::handle::Handle::CLSACT);
        compare_maps(all, &wanted, &found, path, crate::qdisc::Qdisc::is_kept_as);
        let path = |handle: &crate::handle::Handle| format!("{name} class {handle}");
        compare_maps(all, &want.classes, &have.classes, path, crate::class::Class::is_kept_as);
    }
    if want.has_clsact != have.has_clsact && (want.has_clsact || have.other_filters == 0) {
        scalar(all, format!("{name} clsact"), want.has_clsact, have.has_clsact);
    }
    if want.attached != have.attached {
        let text = |port: &Option<crate::classifier::PortIndex>| port.map(|port| format!("{port:?}"));
        push(all, format!("{name} program"), text(&want.attached), text(&have.attached));
    }
    compare_maps(all, &want.xps, &have.xps, |queue| format!("{name} xps of queue {queue}"), PartialEq::eq);
}

fn compare_classifier(all: &mut Vec<Difference>, want: &ClassifierState, have: &ClassifierState) {
    if want.version != have.version {
        let (want, have) = (format!("{:?}", want.version), format!("{:?}", have.version));
        push(all, "classifier version".to_owned(), Some(want), Some(have));
    }
    if want.sizes != have.sizes {
        let (want, have) = (format!("{:?}", want.sizes), format!("{:?}", have.sizes));
        push(all, "classifier sizes".to_owned(), Some(want), Some(have));
    }
    for (index, port) in &want.ports {
        if have.ports.get(index) != Some(port) {
            let found = have.ports.get(index).map(|port| format!("{port:?}"));
            push(all, format!("port {index:?}"), Some(format!("{port:?}")), found);
        }
    }
    let path = |key: &crate::classifier::DeviceKey| format!("device {} {}", key.scope, key.prefix);
    compare_maps(all, &want.devices, &have.devices, path, PartialEq::eq);
    let path = |key: &crate::classifier::IdentityKey| format!("identity of {} {}", key.interface, key.class);
    compare_maps(all, &want.identities, &have.identities, path, PartialEq::eq);
    for prefix in want.watched.symmetric_difference(&have.watched) {
        scalar(all, format!("watch {prefix}"), want.watched.contains(prefix), have.watched.contains(prefix));
    }
}

fn compare_maps<K: Ord, V: Debug>(
    all: &mut Vec<Difference>,
    want: &BTreeMap<K, V>,
    have: &BTreeMap<K, V>,
    path: impl Fn(&K) -> String,
    is_same: impl Fn(&V, &V) -> bool,
) {
    let text = |value: Option<&V>| value.map(|value| format!("{value:?}"));
    for (key, wanted) in want {
        let found = have.get(key);
        if !found.is_some_and(|found| is_same(wanted, found)) {
            push(all, path(key), text(Some(wanted)), text(found));
        }
    }
    for (key, found) in have.iter().filter(|(key, _)| !want.contains_key(key)) {
        push(all, path(key), None, text(Some(found)));
    }
}

fn scalar(all: &mut Vec<Difference>, path: String, want: impl Display, have: impl Display) {
    push(all, path, Some(want.to_string()), Some(have.to_string()));
}

fn push(all: &mut Vec<Difference>, path: String, desired: Option<String>, found: Option<String>) {
    all.push(Difference { path, desired, found });
}
