//! Whether a kernel holds what it should, said field by field.

use std::collections::BTreeMap;

use crate::class::Class;
use crate::classifier::{ClassifierState, DeviceKey, MapSizes, PortIndex};
use crate::handle::Handle;
use crate::interface::Interface;
use crate::qdisc::Qdisc;
use crate::state::{InterfaceState, KernelState, Root};
use crate::told::{Told, told};
use crate::tunnel::Endpoint;

/// One place where a kernel does not hold what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where: `eth1 class 3:2a`, `device any 10.0.0.1`.
    pub path: String,
    /// The class that it is about, where it is about one.
    pub class: Option<(Interface, Handle)>,
    /// What it should hold there, of two that differ only where they do; none: nothing.
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
            let is_there = |state: &Option<ClassifierState>| state.as_ref().map(|_| "attached".to_owned());
            one(&mut differences, "classifier".to_owned(), is_there(want), is_there(have));
        }
    }
    differences
}

fn compare_interface(all: &mut Vec<Difference>, name: &Interface, want: &InterfaceState, have: &InterfaceState) {
    let is_ours = |state: &InterfaceState| state.root == Root::Ours;
    if is_ours(want) != is_ours(have) {
        let (desired, found) = told(Some(&want.root), Some(&have.root));
        one(all, format!("{name} root"), desired, found);
    }
    if is_ours(want) {
        let (mut wanted, mut found) = (want.qdiscs.clone(), have.qdiscs.clone());
        wanted.remove(&Handle::CLSACT);
        found.remove(&Handle::CLSACT);
        let parent = |handle: &Handle| want.qdiscs.get(handle).or(have.qdiscs.get(handle)).map(|qdisc| qdisc.parent);
        let place = |handle: &Handle| {
            let class = parent(handle).filter(|parent| parent.minor() != 0 && *parent != Handle::ROOT);
            (format!("{name} qdisc {handle}"), class.map(|class| (name.clone(), class)))
        };
        compare_maps(all, &wanted, &found, place, Qdisc::is_kept_as);
        let place = |handle: &Handle| (format!("{name} class {handle}"), Some((name.clone(), *handle)));
        compare_maps(all, &want.classes, &have.classes, place, Class::is_kept_as);
    }
    if want.has_clsact != have.has_clsact && (want.has_clsact || have.other_filters == 0) {
        let there = |is_there: bool| is_there.then(|| "there".to_owned());
        one(all, format!("{name} clsact"), there(want.has_clsact), there(have.has_clsact));
    }
    if want.attached != have.attached {
        let text = |port: Option<PortIndex>| port.map(|port| port.entry_point().to_owned());
        one(all, format!("{name} classifier"), text(want.attached), text(have.attached));
    }
    compare_maps(all, &want.xps, &have.xps, |queue| (format!("{name} XPS of queue {queue}"), None), PartialEq::eq);
}

fn compare_classifier(all: &mut Vec<Difference>, want: &ClassifierState, have: &ClassifierState) {
    if want.version != have.version {
        let text = |state: &ClassifierState| Some(state.version.to_string());
        one(all, "classifier object".to_owned(), text(want), text(have));
    }
    if want.sizes != have.sizes {
        let text = |MapSizes { devices, identities, slots }: &MapSizes| {
            Some(format!("room for {devices} addresses a map, {identities} classes, {slots} circuits"))
        };
        one(all, "classifier maps".to_owned(), text(&want.sizes), text(&have.sizes));
    }
    for (index, port) in &want.ports {
        let found = have.ports.get(index);
        if found != Some(port) {
            let (desired, found) = told(Some(port), found);
            one(all, format!("classifier {}", index.entry_point()), desired, found);
        }
    }
    let place = |key: &DeviceKey| (path_of_device(key), None);
    compare_maps(all, &want.devices, &have.devices, place, PartialEq::eq);
    let place = |key: &crate::classifier::IdentityKey| {
        let class = (key.interface.clone(), key.class);
        (format!("holder of {} class {}", key.interface, key.class), Some(class))
    };
    compare_maps(all, &want.identities, &have.identities, place, PartialEq::eq);
    for key in &have.doubled {
        one(all, path_of_device(key), None, Some("a second entry in the trie".to_owned()));
    }
    let place = |endpoint: &Endpoint| (format!("tunnels to {endpoint}"), None);
    compare_maps(all, &want.endpoints, &have.endpoints, place, PartialEq::eq);
    for prefix in want.watched.symmetric_difference(&have.watched) {
        let text = |is_watched: bool| is_watched.then(|| "recorded".to_owned());
        let (want, have) = (want.watched.contains(prefix), have.watched.contains(prefix));
        one(all, format!("unknown addresses of {prefix}"), text(want), text(have));
    }
}

/// Where a difference is, and the class it is about.
type Place = (String, Option<(Interface, Handle)>);

fn compare_maps<K: Ord, V: Told>(
    all: &mut Vec<Difference>,
    want: &BTreeMap<K, V>,
    have: &BTreeMap<K, V>,
    place: impl Fn(&K) -> Place,
    is_same: impl Fn(&V, &V) -> bool,
) {
    let mut push = |key, want, have| {
        let ((path, class), (desired, found)) = (place(key), told(want, have));
        all.push(Difference { path, class, desired, found });
    };
    for (key, wanted) in want {
        let found = have.get(key);
        if !found.is_some_and(|found| is_same(wanted, found)) {
            push(key, Some(wanted), found);
        }
    }
    for (key, found) in have.iter().filter(|(key, _)| !want.contains_key(key)) {
        push(key, None, Some(found));
    }
}

fn path_of_device(key: &DeviceKey) -> String {
    format!("device {} {}", key.scope, key.prefix)
}

fn one(all: &mut Vec<Difference>, path: String, desired: Option<String>, found: Option<String>) {
    all.push(Difference { path, class: None, desired, found });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::Ticks;
    use pleach_graph::Rate;

    #[test]
    fn only_what_differs_is_told_in_units_for_people() {
        let interface: Interface = "eth1".parse().expect("a name");
        let (rate, burst) = (Rate::from_mbit(100), Ticks(20_000));
        let parent = Handle::new(3, 1);
        let class =
            Class { parent, rate, ceil: rate, burst, cburst: burst, quantum: 1_522, priority: 3, overhead: 0, mpu: 0 };
        let state = |class: Class, handle| {
            let mut state = KernelState::default();
            let classes = BTreeMap::from([(handle, class)]);
            let here = InterfaceState { root: Root::Ours, classes, ..InterfaceState::default() };
            state.interfaces.insert(interface.clone(), here);
            state
        };
        let (here, there) = (Handle::new(3, 0x2a), Handle::new(3, 0x2b));
        let half = Class { ceil: Rate::from_mbit(50), ..class };
        let found = compare(&state(class, here), &state(half, here));
        assert_eq!(found[0].class, Some((interface.clone(), here)));
        assert_eq!(
            found[0].to_string(),
            "eth1 class 3:2a: should be ceil 100 Mbit/s, cburst 16000 bytes, is ceil 50 Mbit/s, cburst 8000 bytes"
        );
        let found = compare(&state(class, here), &state(class, there));
        let words: Vec<String> = found.iter().map(ToString::to_string).collect();
        let whole = "parent 3:1, rate 100 Mbit/s, ceil 100 Mbit/s";
        assert_eq!(
            words,
            [
                format!("eth1 class 3:2a: should be {whole}, is nothing"),
                format!("eth1 class 3:2b: should be nothing, is {whole}"),
            ]
        );
    }
}
