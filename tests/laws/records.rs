//! Networks as importers of billing systems build them: several tables that share raw ids, links, relays, islands.

use pleach_graph::{
    Aspect, Assignment, Capacity, NetworkGraph, NodeId, PlanRate, Position, Prefix, Problems, Rate, Table,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Site,
    Virtual,
    AccessPoint,
    Client,
    Device,
}

/// How a record names its parent.
#[derive(Clone, Debug)]
enum ParentIs {
    Unstated,
    Top,
    Unknown,
    /// One of the records, itself included.
    Record(Index),
}

#[derive(Clone, Debug)]
struct Record {
    kind: Kind,
    table: &'static str,
    name: &'static str,
    parent: ParentIs,
    rates: [Option<u64>; 4],
    prefixes: Vec<(&'static str, Assignment)>,
    texts: [&'static str; 2],
    position: Option<(f64, f64)>,
    reasons: Vec<(Aspect, &'static str)>,
    /// Takes the id of the record before it, in its own table.
    is_namesake: bool,
}

/// Records and links between them.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    records: Vec<Record>,
    links: Vec<(Index, Index, [Option<u64>; 2], u32)>,
}

const NAMES: [&str; 14] = [
    "Tower",
    "Tower (site)",
    "AP",
    "AP",
    "=1+1",
    "'=1",
    "NONE",
    "children",
    "Generated_PN_3",
    "Root",
    "Orphans",
    "Internet",
    "a \"b\", c",
    "(Generated Site) Tower",
];
const PREFIXES: [&str; 12] = [
    "100.64.0.1",
    "100.64.0.2",
    "100.64.0.3",
    "100.64.0.0/24",
    "0.0.0.0/0",
    "10.9.0.0/17",
    "10.9.0.1",
    "2001:db8::1",
    "2001:db8:9:1::/64",
    "::/0",
    "127.0.0.1",
    "10.8.0.0/13",
];

const BITS: [u64; 8] = [0, 1, 80_000, 250_000, 1_500_000, 59_765_625, 10_000_000_000, 40_000_000_000];

pub(crate) fn records() -> impl Strategy<Value = Records> {
    let bit = || prop::option::weighted(0.7, select(BITS.to_vec()));
    let links = prop::collection::vec((any::<Index>(), any::<Index>(), [bit(), bit()], 0..4_u32), 0..6);
    (prop::collection::vec(record(), 0..20), links).prop_map(|(records, links)| Records { records, links })
}

fn record() -> impl Strategy<Value = Record> {
    let kind = prop_oneof![
        4 => Just(Kind::Site),
        1 => Just(Kind::Virtual),
        3 => Just(Kind::AccessPoint),
        5 => Just(Kind::Client),
        6 => Just(Kind::Device),
    ];
    let parent = prop_oneof![
        1 => Just(ParentIs::Unstated),
        1 => Just(ParentIs::Top),
        1 => Just(ParentIs::Unknown),
        6 => any::<Index>().prop_map(ParentIs::Record),
    ];
    let bit = || prop::option::weighted(0.7, select(BITS.to_vec()));
    let assignment = select(vec![Assignment::Static, Assignment::Session, Assignment::Dhcp, Assignment::Device]);
    let prefixes = prop::collection::vec((select(&PREFIXES[..]), assignment), 0..4);
    let text = || select(vec!["", "-3 dB", "two\nlines", "plain, with \"quotes\""]);
    let position = prop::option::of((-90.0..=90.0_f64, -180.0..=180.0_f64));
    let aspect = select(vec![Aspect::Identity, Aspect::Parent, Aspect::Rates]);
    let reasons = prop::collection::vec((aspect, select(vec!["the device names `AP`", "a \"quoted\" reason"])), 0..3);
    (
        (kind, select(vec!["crm", "radius"]), select(&NAMES[..]), parent),
        ([bit(), bit(), bit(), bit()], prefixes, [text(), text()], position, reasons, prop::bool::weighted(0.1)),
    )
        .prop_map(|((kind, table, name, parent), (rates, prefixes, texts, position, reasons, is_namesake))| {
            Record { kind, table, name, parent, rates, prefixes, texts, position, reasons, is_namesake }
        })
}

impl Records {
    /// How many circuits there are: records that are clients. Two that share an id differ, as their names or plans do,
    /// unless they are alike in everything.
    pub(crate) fn clients(&self) -> usize {
        let (network, problems) = self.build();
        let copies = problems.as_slice().iter().filter(|problem| {
            let is_client = |id| network.find(id).is_some_and(|node| network.node(node).client().is_some());
            problem.code == pleach_graph::Code::DuplicateRow
                && problem.value.is_none()
                && problem.record.as_ref().is_some_and(is_client)
        });
        self.records.iter().filter(|record| record.kind == Kind::Client).count() - copies.count()
    }

    pub(crate) fn build(&self) -> (NetworkGraph, Problems) {
        let mut builder = NetworkGraph::builder();
        for (at, record) in self.records.iter().enumerate() {
            self.add(&mut builder, at, record);
        }
        let links = Table::new("noc", "link").expect("two words");
        for (number, (first, second, [down, up], cost)) in self.links.iter().enumerate() {
            let (Some(first), Some(second)) = (self.at(*first), self.at(*second)) else { continue };
            let _ = builder.link(links.id(&number.to_string()), first, second, capacity(*down, *up)).cost(*cost);
        }
        builder.build()
    }

    fn add(&self, builder: &mut pleach_graph::GraphBuilder, at: usize, record: &Record) {
        let id = self.id(at);
        let [down, up, down_min, up_min] = record.rates;
        let entry = match record.kind {
            Kind::Site => builder.site(id, record.name),
            Kind::Virtual => builder.site(id, record.name).virtual_site(),
            Kind::AccessPoint => builder.access_point(id, record.name),
            Kind::Client => builder.client(id, record.name),
            Kind::Device => builder.device(id, record.name),
        };
        let rate = |min: Option<u64>, max: Option<u64>| PlanRate {
            min: min.map(Rate::from_bit),
            max: max.map(Rate::from_bit),
        };
        let position = record.position.and_then(|(latitude, longitude)| Position::new(latitude, longitude));
        let mut entry = entry
            .capacity(capacity(down, up))
            .plan_rates(rate(down_min, down), rate(up_min, up))
            .position(position)
            .mac(record.texts[0])
            .comment(record.texts[1]);
        for (prefix, assignment) in &record.prefixes {
            entry = entry.prefix(Prefix::parse(prefix).expect("a prefix").prefix, *assignment);
        }
        for (aspect, reason) in &record.reasons {
            entry = entry.because(*aspect, reason);
        }
        let _ = match &record.parent {
            ParentIs::Unstated => entry,
            ParentIs::Top => entry.at_top(),
            ParentIs::Unknown => entry.unknown_parent("nowhere"),
            ParentIs::Record(index) => entry.parent(self.at(*index).expect("there is this record at least")),
        };
    }

    fn at(&self, index: Index) -> Option<NodeId> {
        (!self.records.is_empty()).then(|| self.id(index.index(self.records.len())))
    }

    /// Raw ids are few, so that tables share them; two tables of one source, two sources.
    fn id(&self, at: usize) -> NodeId {
        let record = &self.records[at];
        let table = match record.kind {
            Kind::Site | Kind::Virtual => "site",
            Kind::AccessPoint => "ap",
            Kind::Client => "service",
            Kind::Device => "device",
        };
        let of_kind = |other: &Record| (other.kind, other.table) == (record.kind, record.table);
        let number = self.records[..at].iter().filter(|other| of_kind(other) && !other.is_namesake).count();
        let number = if record.is_namesake { number.saturating_sub(1) } else { number };
        let is_lookalike = at % 5 == 4; // of the whole typed id of a record in this or the other source
        let raw = if is_lookalike { format!("crm:{table}:{}", number % 2) } else { number.to_string() };
        Table::new(record.table, table).expect("two words").id(&raw)
    }
}

fn capacity(down: Option<u64>, up: Option<u64>) -> Capacity {
    Capacity { down: down.map(Rate::from_bit).into(), up: up.map(Rate::from_bit).into() }
}
