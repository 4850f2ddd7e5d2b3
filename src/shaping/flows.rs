//! What flows now: two samples of the kernel's counters become rates, node by node and circuit by circuit.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use pleach_graph::Rate;
use pleach_shaper::Subject;
use pleach_tc::{
    CakeTin, Direction, Handle, Interface, KernelState, PacketCount, PerDirection, PortMode, Reason, Slot, Statistics,
    UnknownAddress,
};
use serde::Serialize;

/// The counters at one moment.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What was counted.
    pub statistics: Statistics,
    /// When, since some beginning.
    pub at: Duration,
}

/// What flows now.
#[derive(Debug, Serialize)]
pub struct Flows {
    /// Nodes, the one nearest to its ceiling first.
    pub nodes: Vec<Row>,
    /// Circuits, the one nearest to its ceiling first.
    pub circuits: Vec<Row>,
    /// Interfaces whose packets pass unshaped, and why.
    pub unshaped: Vec<Unshaped>,
    /// What part of the classified bytes belongs to addresses that nobody has, between the samples.
    pub unknown_share: PerDirection<Option<f64>>,
    /// Addresses of the watched networks that nobody has, since they were first seen, the one with the most bytes first.
    pub unknown: Vec<UnknownAddress>,
    /// Circuits whose classes sent much less than what was classified as theirs.
    pub gaps: Vec<Gap>,
    /// Packets that no class took between the samples: they passed unshaped.
    pub direct_packets: u64,
}

/// An interface whose packets pass unshaped.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Unshaped {
    /// Which.
    pub interface: Interface,
    /// Why.
    pub why: &'static str,
}

/// A node or a circuit.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Its typed id or its Circuit ID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Towards subscribers and from them; none where it has no class.
    pub flow: PerDirection<Option<Flow>>,
}

/// One direction of it.
#[derive(Debug, Serialize)]
pub struct Flow {
    /// Where its class is.
    pub interface: Interface,
    /// Its class.
    pub class: Handle,
    /// What it sends now; none from a single sample.
    pub rate_bit: Option<Rate>,
    /// What it may send at most.
    pub ceiling_bit: Rate,
    /// Packets dropped in it and below it, since its leaves were made.
    pub drops: u64,
    /// Packets marked in it and below it, since its leaves were made.
    pub marks: u64,
    /// Bytes waiting in it and below it.
    pub backlog_bytes: u64,
    /// CAKE's tins, of a circuit.
    pub tins: Vec<CakeTin>,
}

/// A circuit that the classifier counts more for than its class sends.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// Its Circuit ID.
    pub circuit_id: String,
    /// Which direction.
    pub direction: Direction,
    /// Bytes classified as its between the samples.
    pub classified_bytes: u64,
    /// Bytes that its class sent, dropped or kept waiting meanwhile.
    pub accounted_bytes: u64,
}

impl Row {
    /// How near it is to its ceiling in the fuller direction: 1 is full.
    pub fn pressure(&self) -> f64 {
        let flows = Direction::BOTH.into_iter().filter_map(|direction| self.flow[direction].as_ref());
        flows.map(Flow::pressure).fold(0.0, f64::max)
    }
}

impl Flow {
    /// How near it is to its ceiling: 1 is full.
    #[expect(clippy::cast_precision_loss, reason = "for people, in percent")]
    pub fn pressure(&self) -> f64 {
        let (rate, ceiling) = (self.rate_bit.unwrap_or(Rate::ZERO), self.ceiling_bit);
        rate.bit() as f64 / ceiling.bit().max(1) as f64
    }

    /// The longest mean delay of its tins, in microseconds.
    pub fn delay_microseconds(&self) -> Option<u32> {
        self.tins.iter().map(|tin| tin.average_delay.0).max()
    }
}

/// What part of a circuit's classified bytes may be unaccounted for, in percent.
const GAP_PERCENT: u64 = 10;
/// Less than this many bytes are no gap: packets on their way between two counters.
const GAP_BYTES: u64 = 100_000;

/// Says whose class it is: as the plan's subjects do.
pub type Whose<'a> = dyn Fn(&Interface, Handle) -> Option<&'a Subject> + 'a;

/// What flows, from the kernel's state and one or two samples, the older first.
pub fn flows(state: &KernelState, whose: &Whose<'_>, before: Option<&Sample>, now: &Sample) -> Flows {
    let reader = Reader { state, whose, before, now };
    let mut nodes = BTreeMap::new();
    let mut circuits = BTreeMap::new();
    for (interface, hanging) in &state.interfaces {
        let below = reader.totals(interface);
        for handle in hanging.classes.keys() {
            let (rows, id, name) = match whose(interface, *handle) {
                Some(Subject::Node { id, name, .. }) => (&mut nodes, id.as_ref().unwrap_or(name).to_string(), name),
                Some(Subject::Circuit { circuit_id, name, .. }) => (&mut circuits, circuit_id.to_string(), name),
                _ => continue,
            };
            let Some(direction) = reader.direction(interface, *handle) else { continue };
            let empty = || Row { id: id.clone(), name: name.to_string(), flow: PerDirection::default() };
            let row: &mut Row = rows.entry(id.clone()).or_insert_with(empty);
            row.flow[direction] = Some(reader.flow(interface, *handle, below.get(handle)));
        }
    }
    Flows {
        nodes: by_pressure(nodes),
        circuits: by_pressure(circuits),
        unshaped: unshaped(state),
        unknown_share: PerDirection::from_fn(|direction| reader.unknown_share(direction)),
        unknown: by_bytes(&now.statistics.unknown),
        gaps: reader.gaps(),
        direct_packets: reader.direct_packets(),
    }
}

fn by_bytes(unknown: &[UnknownAddress]) -> Vec<UnknownAddress> {
    let mut unknown = unknown.to_vec();
    unknown.sort_by_key(|unknown| (std::cmp::Reverse(unknown.count.bytes), unknown.address));
    unknown
}

fn by_pressure(rows: BTreeMap<String, Row>) -> Vec<Row> {
    let mut rows: Vec<Row> = rows.into_values().collect();
    rows.sort_by(|a, b| b.pressure().total_cmp(&a.pressure())); // stable: equals stay in the order of their ids
    rows
}

/// The interfaces whose packets pass unshaped, and why.
pub fn unshaped(state: &KernelState) -> Vec<Unshaped> {
    let why = |hanging: &pleach_tc::InterfaceState| {
        let Some(port) = hanging.attached else { return Some("no classifier is attached") };
        let ports = state.classifier.as_ref().map(|classifier| &classifier.ports);
        match ports.and_then(|ports| ports.get(&port)).map(|port| port.mode) {
            Some(PortMode::Shape) if hanging.root == pleach_tc::Root::Ours => None,
            Some(PortMode::Shape) => Some("its queue tree is not there"),
            Some(PortMode::Bypass) => Some("the shaper is bypassed"),
            None => Some("the classifier was not told what to do"),
        }
    };
    let of =
        |(interface, hanging): (&Interface, _)| why(hanging).map(|why| Unshaped { interface: interface.clone(), why });
    state.interfaces.iter().filter_map(of).collect()
}

/// What is below a class, added up.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    drops: u64,
    marks: u64,
    backlog: u64,
}

struct Reader<'a, 's> {
    state: &'a KernelState,
    whose: &'a Whose<'s>,
    before: Option<&'a Sample>,
    now: &'a Sample,
}

impl Reader<'_, '_> {
    /// Which direction a class carries: that of the link class it is under.
    fn direction(&self, interface: &Interface, handle: Handle) -> Option<Direction> {
        path_up(self.state, interface, handle).find_map(|handle| match (self.whose)(interface, handle) {
            Some(Subject::Link { direction }) => Some(*direction),
            _ => None,
        })
    }

    fn totals(&self, interface: &Interface) -> HashMap<Handle, Totals> {
        let mut totals: HashMap<Handle, Totals> = HashMap::new();
        let Some(hanging) = self.state.interfaces.get(interface) else { return totals };
        for handle in hanging.classes.keys() {
            let key = (interface.clone(), *handle);
            let leaf = self.now.statistics.leaves.get(&key);
            let class = self.now.statistics.classes.get(&key);
            let own = Totals {
                drops: leaf.map_or(0, |leaf| leaf.drops).max(class.map_or(0, |class| class.drops)),
                marks: leaf.map_or(0, |leaf| leaf.marks),
                backlog: leaf.map_or(0, |leaf| leaf.backlog.bytes).max(class.map_or(0, |class| class.backlog.bytes)),
            };
            if own.drops == 0 && own.marks == 0 && own.backlog == 0 {
                continue;
            }
            // An inner class of HTB counts no drops of its own, so what is found is a leaf's, and goes up the tree once.
            for above in path_up(self.state, interface, *handle) {
                let sum = totals.entry(above).or_default();
                sum.drops += own.drops;
                sum.marks += own.marks;
                sum.backlog += own.backlog;
            }
        }
        totals
    }

    fn flow(&self, interface: &Interface, handle: Handle, below: Option<&Totals>) -> Flow {
        let key = (interface.clone(), handle);
        let below = below.copied().unwrap_or_default();
        let sent = |sample: &Sample| sample.statistics.classes.get(&key).map(|class| class.sent.bytes);
        let rate = self.before.and_then(|before| {
            let time = self.now.at.checked_sub(before.at)?;
            Some(rate_of(sent(before)?, sent(self.now)?, time))
        });
        Flow {
            interface: interface.clone(),
            class: handle,
            rate_bit: rate,
            ceiling_bit: self.state.interfaces[interface].classes[&handle].ceil,
            drops: below.drops,
            marks: below.marks,
            backlog_bytes: below.backlog,
            tins: self.now.statistics.leaves.get(&key).map(|leaf| leaf.tins.clone()).unwrap_or_default(),
        }
    }

    /// The increase of a counter between the samples; since it began where there is one sample only.
    fn increase<K: Ord>(&self, key: &K, counters: impl Fn(&Statistics) -> &BTreeMap<K, PacketCount>) -> PacketCount {
        let now = counters(&self.now.statistics).get(key).copied().unwrap_or_default();
        let before = self.before.and_then(|before| counters(&before.statistics).get(key).copied()).unwrap_or_default();
        PacketCount {
            packets: now.packets.saturating_sub(before.packets),
            bytes: now.bytes.saturating_sub(before.bytes),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "for people, in percent")]
    fn unknown_share(&self, direction: Direction) -> Option<f64> {
        let bytes = |reason| self.increase(&(reason, direction), |statistics| &statistics.reasons).bytes;
        let unknown = [Reason::UnknownIpv4, Reason::UnknownIpv6, Reason::UnknownInNet, Reason::TunnelFragment];
        let unknown: u64 = unknown.into_iter().map(bytes).sum();
        let all: u64 = Reason::ALL.into_iter().filter(|reason| *reason != Reason::NotRecorded).map(bytes).sum();
        (all > 0).then(|| unknown as f64 / all as f64)
    }

    fn direct_packets(&self) -> u64 {
        let count = |statistics: &Statistics, key: &(Interface, Handle)| {
            statistics.direct_packets.get(key).copied().unwrap_or(0)
        };
        let increase = |key: &(Interface, Handle)| {
            let before = self.before.map_or(0, |before| count(&before.statistics, key));
            count(&self.now.statistics, key).saturating_sub(before)
        };
        self.now.statistics.direct_packets.keys().map(increase).sum()
    }

    /// Needs two samples: the counters of classifier and classes did not begin together.
    fn gaps(&self) -> Vec<Gap> {
        let (Some(before), Some(classifier)) = (self.before, &self.state.classifier) else { return Vec::new() };
        let mut gaps = Vec::new();
        for (key, record) in &classifier.identities {
            let Some(Subject::Circuit { circuit_id, .. }) = (self.whose)(&key.interface, key.class) else {
                continue;
            };
            let Some(direction) = self.direction(&key.interface, key.class) else { continue };
            if record.slot == Slot::NONE {
                continue;
            }
            let counted = self.increase(&(record.slot, direction), |statistics| &statistics.slots);
            let class = (key.interface.clone(), key.class);
            let accounted = accounted(&before.statistics, &self.now.statistics, &class, counted);
            let missing = counted.bytes.saturating_sub(accounted);
            if missing > GAP_BYTES && missing > counted.bytes / 100 * GAP_PERCENT {
                let circuit_id = circuit_id.to_string();
                gaps.push(Gap { circuit_id, direction, classified_bytes: counted.bytes, accounted_bytes: accounted });
            }
        }
        gaps
    }
}

/// What a class sent, dropped or holds more of than before. The kernel counts dropped packets, not their bytes: they
/// count as packets of the mean size.
fn accounted(before: &Statistics, now: &Statistics, key: &(Interface, Handle), classified: PacketCount) -> u64 {
    let class = |statistics: &Statistics| statistics.classes.get(key).copied().unwrap_or_default();
    let leaf_drops = |statistics: &Statistics| statistics.leaves.get(key).map_or(0, |leaf| leaf.drops);
    let (old, new) = (class(before), class(now));
    let sent = new.sent.bytes.saturating_sub(old.sent.bytes);
    let waiting = new.backlog.bytes.saturating_sub(old.backlog.bytes);
    let dropped = new.drops.saturating_sub(old.drops).max(leaf_drops(now).saturating_sub(leaf_drops(before)));
    sent + waiting + dropped * (classified.bytes / classified.packets.max(1))
}

/// Bytes in a time as a rate.
fn rate_of(before: u64, now: u64, time: Duration) -> Rate {
    let bits = u128::from(now.saturating_sub(before)) * 8;
    let per_second = bits * 1_000_000 / time.as_micros().max(1);
    Rate::from_bit(u64::try_from(per_second).unwrap_or(u64::MAX))
}

/// A class and those above it, up to its HTB. A state of a kernel has no more levels than HTB allows.
pub(super) fn path_up<'s>(
    state: &'s KernelState,
    interface: &Interface,
    handle: Handle,
) -> impl Iterator<Item = Handle> + use<'s> {
    const LEVELS: usize = 8;
    let classes = state.interfaces.get(interface).map(|hanging| &hanging.classes);
    let parent = move |at: &Handle| classes?.get(at).map(|class| class.parent).filter(|above| above.minor() != 0);
    std::iter::successors(Some(handle), parent).take(LEVELS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unknown_address_with_the_most_bytes_comes_first() {
        let unknown = |last: u8, bytes| UnknownAddress {
            address: std::net::Ipv4Addr::new(100, 64, 0, last).into(),
            count: PacketCount { packets: 1, bytes },
        };
        let sorted = by_bytes(&[unknown(1, 5), unknown(3, 7), unknown(2, 7)]);
        assert_eq!(sorted, [unknown(2, 7), unknown(3, 7), unknown(1, 5)]);
    }

    #[test]
    fn bytes_become_rates() {
        assert_eq!(rate_of(1_000, 1_251_000, Duration::from_millis(500)), Rate::from_mbit(20));
        assert_eq!(rate_of(5, 4, Duration::from_secs(1)), Rate::ZERO, "a class that was made anew begins at 0");
        assert_eq!(rate_of(0, 1, Duration::ZERO), Rate::from_mbit(8), "no time is a microsecond");
    }
}
