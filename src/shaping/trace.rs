//! What happens to the packets of one address: the map, the class, what is above it, its queue and its counters.

use std::collections::BTreeMap;
use std::net::IpAddr;

use pleach_graph::{Prefix, Rate};
use pleach_shaper::Subject;
use pleach_tc::{
    ClassStatistics, ClassifierState, DeviceKey, DeviceValue, Direction, Handle, Interface, KernelState,
    LeafStatistics, PacketCount, PerDirection, PortIndex, QdiscKind, Scope, Slot, Statistics, Store,
};
use serde::Serialize;

use super::flows::{Unshaped, Whose, path_up, unshaped};

/// What happens to the packets of one address.
#[derive(Debug, Serialize)]
pub struct Trace {
    /// The address.
    pub address: IpAddr,
    /// What the plan's map says, by scope: unscoped first.
    pub planned: Vec<Found>,
    /// What the kernel's map says, by scope: unscoped first.
    pub kernel: Vec<Found>,
    /// Where the kernel sends the packets that it finds without regard to VLANs, or in the first scope that knows the address.
    pub direction: PerDirection<Option<Way>>,
    /// Interfaces whose packets pass unshaped, and why.
    pub unshaped: Vec<Unshaped>,
}

/// The longest prefix of a scope that holds the address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// In which VLANs or net: `any`, `100` or `100.7`, `net 5001`.
    pub scope: String,
    /// The prefix.
    pub prefix: Prefix,
    /// The map it stands in.
    pub store: Store,
    /// Its class for each direction.
    pub class: PerDirection<Handle>,
    /// The transmit queue of that class.
    pub queue: PerDirection<u16>,
    /// Which counters it has; none where nothing is counted.
    pub slot: Option<u32>,
    /// Wider prefixes of the scope that hold the address too.
    pub wider: Vec<Prefix>,
}

/// Where packets of one direction go.
#[derive(Debug, Serialize)]
pub struct Way {
    /// Where they leave.
    pub interface: Interface,
    /// Their class, then what is above it, up to the link.
    pub classes: Vec<Step>,
    /// The kind of queue; none where HTB's own holds them, or there is no such class.
    pub leaf: Option<String>,
    /// What the queue counted.
    pub leaf_statistics: Option<LeafStatistics>,
    /// What the classifier counted as the circuit's.
    pub classified: Option<PacketCount>,
    /// Whether packets pass unshaped by this entry: it names the HTB itself.
    pub passes: bool,
}

/// A class on the way.
#[derive(Debug, Serialize)]
pub struct Step {
    /// Which.
    pub class: Handle,
    /// Whose it is, in words.
    pub whose: String,
    /// What it may send without asking.
    pub rate_bit: Rate,
    /// What it may send at most.
    pub ceiling_bit: Rate,
    /// What it counted.
    pub statistics: Option<ClassStatistics>,
}

/// Follows an address through the plan and through the kernel; with `net`, in that net alone.
pub fn trace(
    address: IpAddr,
    planned: &KernelState,
    observed: &KernelState,
    statistics: &Statistics,
    whose: &Whose<'_>,
    net: Option<Scope>,
) -> Trace {
    let look = |state: &KernelState| {
        let mut found = state.classifier.as_ref().map(|map| look_up(map, address)).unwrap_or_default();
        found.retain(|found| net.is_none_or(|net| found.scope == net.to_string()));
        found
    };
    let kernel = look(observed);
    let winner = kernel.first().and_then(|found| value_of(observed.classifier.as_ref()?, found));
    let way = |direction| winner.and_then(|value| way(observed, statistics, whose, value, direction));
    Trace {
        address,
        planned: look(planned),
        direction: PerDirection::from_fn(way),
        kernel,
        unshaped: unshaped(observed),
    }
}

impl Trace {
    /// Whether the kernel's map says what the plan's says.
    pub fn agrees(&self) -> bool {
        self.planned == self.kernel
    }
}

/// The longest match of each scope, unscoped first.
pub fn look_up(map: &ClassifierState, address: IpAddr) -> Vec<Found> {
    let mut scopes: BTreeMap<Scope, Vec<(Prefix, Store, DeviceValue)>> = BTreeMap::new();
    for (key, (store, value)) in &map.devices {
        if key.prefix.net().contains(&address) {
            scopes.entry(key.scope).or_default().push((key.prefix, *store, *value));
        }
    }
    let best = |(scope, mut all): (Scope, Vec<(Prefix, Store, DeviceValue)>)| {
        all.sort_by_key(|(prefix, ..)| std::cmp::Reverse(prefix.net().prefix_len()));
        let (prefix, store, value) = all[0];
        Found {
            scope: scope.to_string(),
            prefix,
            store,
            class: value.class,
            queue: value.queue,
            slot: (value.slot != Slot::NONE).then_some(value.slot.0),
            wider: all[1..].iter().map(|(prefix, ..)| *prefix).collect(),
        }
    };
    scopes.into_iter().map(best).collect()
}

fn value_of(map: &ClassifierState, found: &Found) -> Option<DeviceValue> {
    let is_it = |key: &DeviceKey| key.prefix == found.prefix && key.scope.to_string() == found.scope;
    map.devices.iter().find(|(key, _)| is_it(key)).map(|(_, (_, value))| *value)
}

fn way(
    state: &KernelState,
    statistics: &Statistics,
    whose: &Whose<'_>,
    value: DeviceValue,
    direction: Direction,
) -> Option<Way> {
    let serves = |port: PortIndex| match port {
        PortIndex::Download => direction == Direction::Download,
        PortIndex::Upload => direction == Direction::Upload,
        PortIndex::Stick => true,
    };
    let (interface, hanging) = state.interfaces.iter().find(|(_, hanging)| hanging.attached.is_some_and(serves))?;
    let class = value.class[direction];
    let step = |handle: Handle| {
        let class = hanging.classes.get(&handle)?;
        Some(Step {
            class: handle,
            whose: whose(interface, handle).map_or_else(|| "nobody that the plan knows".to_owned(), described),
            rate_bit: class.rate,
            ceiling_bit: class.ceil,
            statistics: statistics.classes.get(&(interface.clone(), handle)).copied(),
        })
    };
    let leaf = hanging.qdiscs.values().find(|qdisc| qdisc.parent == class).map(|qdisc| match &qdisc.kind {
        QdiscKind::Leaf(leaf) => leaf.kind().to_owned(),
        QdiscKind::Mq => "mq".to_owned(),
        QdiscKind::Htb => "htb".to_owned(),
        QdiscKind::Other(name) => name.to_string(),
    });
    Some(Way {
        interface: interface.clone(),
        classes: path_up(state, interface, class).filter_map(step).collect(),
        leaf,
        leaf_statistics: statistics.leaves.get(&(interface.clone(), class)).cloned(),
        classified: statistics.slots.get(&(value.slot, direction)).copied(),
        passes: value.passes(direction),
    })
}

/// Whose a class is, in words.
pub fn described(subject: &Subject) -> String {
    match subject {
        Subject::Link { direction } => format!("link, {direction}"),
        Subject::Control { direction } => format!("control, {direction}"),
        Subject::Unknown { direction } => format!("addresses that nobody has, {direction}"),
        Subject::Keeper { node } => format!("keeper of `{node}`"),
        Subject::Node { name, .. } => format!("node `{name}`"),
        Subject::Circuit { circuit_id, name, .. } if name.is_empty() => format!("circuit `{circuit_id}`"),
        Subject::Circuit { circuit_id, name, .. } => format!("circuit `{circuit_id}` ({name})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_of_each_scope() {
        let prefix = |text| Prefix::parse(text).expect("a prefix").prefix;
        let value = |minor, slot| DeviceValue {
            class: PerDirection::from_fn(|_| Handle::new(3, minor)),
            queue: PerDirection::default(),
            slot,
        };
        let entry = |scope, text, store, minor, slot| {
            ((DeviceKey { scope, prefix: prefix(text) }), (store, value(minor, slot)))
        };
        let map = ClassifierState {
            devices: BTreeMap::from([
                entry(Scope::ANY, "0.0.0.0/0", Store::Trie, 3, Slot::NONE),
                entry(Scope::ANY, "10.0.0.0/24", Store::Trie, 17, Slot(4)),
                entry(Scope::ANY, "10.0.0.7", Store::Exact, 18, Slot(5)),
                entry(Scope::vlan(100, 7), "10.0.0.0/8", Store::Trie, 19, Slot(6)),
                entry(Scope::ANY, "2001:db8::/32", Store::Trie, 20, Slot(7)),
            ]),
            ..ClassifierState::default()
        };
        let found = look_up(&map, "10.0.0.7".parse().expect("an address"));
        let short: Vec<_> = found.iter().map(|found| (found.scope.as_str(), found.prefix, found.slot)).collect();
        assert_eq!(short, [("any", prefix("10.0.0.7"), Some(5)), ("100.7", prefix("10.0.0.0/8"), Some(6))]);
        assert_eq!(found[0].wider, [prefix("10.0.0.0/24"), prefix("0.0.0.0/0")]);
        let found = look_up(&map, "192.0.2.1".parse().expect("an address"));
        assert_eq!((found.len(), found[0].slot), (1, None));
        assert_eq!(look_up(&map, "2001:db9::1".parse().expect("an address")), []);
    }
}
