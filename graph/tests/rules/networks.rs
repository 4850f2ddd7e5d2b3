//! Random networks of three sources that speak of the same few things, with rules and overrides for them.

use pleach_graph::overrides::{self, Overrides};
use pleach_graph::same::{By, Prefer, SameRule, SameRules};
use pleach_graph::{Assignment, Capacity, GraphBuilder, NetworkGraph, NodeId, Origin, PlanRate, Prefix, Rate, Table};
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

pub(crate) const SOURCES: [&str; 3] = ["crm", "noc", "uisp"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Site,
    AccessPoint,
    Client,
    Device,
}

impl Kind {
    fn table(self) -> &'static str {
        match self {
            Self::Site | Self::AccessPoint => "node",
            Self::Client => "client",
            Self::Device => "device",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum ParentIs {
    Unstated,
    Top,
    Unknown,
    Record(Index),
}

#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) id: NodeId,
    pub(crate) kind: Kind,
    pub(crate) name: &'static str,
    pub(crate) parent: ParentIs,
    pub(crate) rates: [Option<u64>; 4],
    pub(crate) prefixes: Vec<(Prefix, Assignment)>,
    pub(crate) mac: &'static str,
    line: u32,
}

/// A link's id, its ends, what it carries in bit/s, its cost.
type Link = (NodeId, Index, Index, [Option<u64>; 2], u32);

/// Everything that a run is given.
#[derive(Clone, Debug)]
pub(crate) struct Inputs {
    pub(crate) records: Vec<Record>,
    links: Vec<Link>,
    pub(crate) rules: SameRules,
    pub(crate) order: Vec<String>,
    pub(crate) overrides: Overrides,
}

const NAMES: [&str; 7] = ["", "", "Jones", "jones ", "Tower  A", "TOWER a", "AP"];
const MACS: [&str; 6] = ["", "", "00:00:5e:00:53:01", "0000.5E00.5301, 00-00-5e-00-53-02", "00005e005302", "jones@isp"];
const PREFIXES: [&str; 7] =
    ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.0/24", "10.0.0.4", "192.168.172.1", "2001:db8::/56"];

pub(crate) fn prefix(text: &str) -> Prefix {
    Prefix::parse(text).expect("a prefix").prefix
}

type Drawn =
    (Kind, &'static str, &'static str, ParentIs, [Option<u64>; 4], Vec<(&'static str, Assignment)>, &'static str);

fn record() -> impl Strategy<Value = Drawn> {
    let kind = prop_oneof![
        3 => Just(Kind::Site),
        1 => Just(Kind::AccessPoint),
        3 => Just(Kind::Client),
        4 => Just(Kind::Device),
    ];
    let parent = prop_oneof![
        1 => Just(ParentIs::Unstated),
        1 => Just(ParentIs::Top),
        1 => Just(ParentIs::Unknown),
        6 => any::<Index>().prop_map(ParentIs::Record),
    ];
    let rate = || prop::option::of(select(vec![1_000_000, 5_000_000, 50_000_000_u64]));
    let assignment = select(vec![Assignment::Static, Assignment::Dhcp, Assignment::Device]);
    let prefixes = prop::collection::vec((select(&PREFIXES[..]), assignment), 0..3);
    let rates = [rate(), rate(), rate(), rate()];
    (kind, select(&SOURCES[..]), select(&NAMES[..]), parent, rates, prefixes, select(&MACS[..]))
}

fn rule(ids: &[NodeId]) -> impl Strategy<Value = SameRule> + use<> {
    let tables: Vec<Table> = SOURCES
        .iter()
        .flat_map(|source| ["node", "client", "device"].map(|table| Table::new(source, table).expect("two words")))
        .collect();
    let by = select(vec![By::Name, By::Mac, By::Address]);
    let of_ids = subsequence(ids.to_vec(), 0..=3.min(ids.len()))
        .prop_filter_map("two ids", |ids| (ids.len() > 1).then_some(SameRule::Ids(ids)));
    let of_kind = (select(vec!["node", "client", "device"]), subsequence(SOURCES.to_vec(), 2..=3)).prop_map(
        |(table, sources)| {
            sources.iter().map(|source| Table::new(source, table).expect("two words")).collect::<Vec<_>>()
        },
    );
    let tables = prop_oneof![6 => of_kind, 1 => subsequence(tables, 2..=3)];
    let of_tables = (tables, by).prop_map(|(tables, by)| SameRule::Tables { tables, by });
    if ids.len() > 1 { prop_oneof![1 => of_ids, 2 => of_tables].boxed() } else { of_tables.boxed() }
}

fn prefer() -> impl Strategy<Value = Prefer> {
    let list = || subsequence(SOURCES.map(str::to_owned).to_vec(), 0..=3).prop_shuffle();
    (list(), list(), list(), list()).prop_map(|(topology, rates, addresses, names)| Prefer {
        topology,
        rates,
        addresses,
        names,
    })
}

/// An override as its file has it.
fn entry(ids: Vec<NodeId>) -> impl Strategy<Value = String> {
    let id = select(ids);
    let settings = subsequence(
        vec![
            "max.down = 77",
            "min.up = 3",
            "sqm = \"cake\"",
            "rename = \"Renamed\"",
            "prefixes = [\"10.0.0.2\", \"10.9.0.0/24\"]",
            "exclude = true",
            "exclude = false",
            "promote = true",
            "capacity.up = 9",
            "cost = 12",
            "expires = 2020-01-01",
        ],
        0..5,
    );
    (id.clone(), id.clone(), id, settings, 0..6_u8).prop_map(|(id, parent, other, settings, form)| match form {
        0 if id != other => format!("[[override]]\nbetween = [\"{id}\", \"{other}\"]\ncost = 8\ncapacity.down = 4\n"),
        1 | 2 => format!("[[override]]\nid = \"{id}\"\nparent = \"{parent}\"\n"),
        _ => {
            let mut settings: Vec<&str> = settings;
            settings.dedup_by_key(|setting| setting.split(['.', ' ']).next());
            format!("[[override]]\nid = \"{id}\"\n{}\n", settings.join("\n"))
        }
    })
}

pub(crate) fn inputs() -> impl Strategy<Value = Inputs> {
    let rate = || prop::option::of(select(vec![5_000_000, 50_000_000_u64]));
    let links =
        prop::collection::vec((select(&SOURCES[..]), any::<Index>(), any::<Index>(), [rate(), rate()], 0..3_u32), 0..5);
    (prop::collection::vec(record(), 1..22), links).prop_flat_map(|(drawn, links)| {
        let records = number(drawn);
        let ids: Vec<NodeId> = records.iter().map(|record| record.id.clone()).collect();
        let links: Vec<_> = (0..)
            .zip(links)
            .map(|(number, (source, first, second, rates, cost))| {
                let id = Table::new(source, "link").expect("two words").id(&format!("{number}"));
                (id, first, second, rates, cost)
            })
            .collect();
        let known = ids.iter().cloned().chain(links.iter().map(|link| link.0.clone()));
        let known: Vec<NodeId> = known.chain(["crm:client:gone".parse().expect("an id")]).collect();
        let rules = prop::collection::vec(rule(&ids), 0..5);
        let order = Just(SOURCES.map(str::to_owned).to_vec()).prop_shuffle();
        let overrides = prop::collection::vec(entry(known), 0..6);
        (Just(records), Just(links), rules, prefer(), order, overrides).prop_map(
            |(records, links, same, prefer, order, overrides)| Inputs {
                records,
                links,
                rules: SameRules { same, prefer },
                order,
                overrides: overrides::parse(&overrides.concat(), "overrides.toml").expect("overrides"),
            },
        )
    })
}

/// Gives each record an id of its own and a line.
fn number(drawn: Vec<Drawn>) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    for (line, (kind, source, name, parent, rates, prefixes, mac)) in (2..).zip(drawn) {
        let table = Table::new(source, kind.table()).expect("two words");
        let count = records.iter().filter(|record| table.holds(&record.id)).count();
        let prefixes = prefixes.into_iter().map(|(text, assignment)| (prefix(text), assignment)).collect();
        records.push(Record { id: table.id(&count.to_string()), kind, name, parent, rates, prefixes, mac, line });
    }
    records
}

impl Inputs {
    /// The records in this order, before any rule.
    pub(crate) fn gather(&self, order: &[usize]) -> GraphBuilder {
        let mut builder = NetworkGraph::builder();
        let documents = SOURCES.map(|source| builder.document(&format!("{source}.csv")));
        for &at in order {
            let record = &self.records[at];
            let source = SOURCES.iter().position(|source| *source == record.id.source()).expect("a source");
            self.add(&mut builder, record, documents[source]);
        }
        for (id, first, second, [down, up], cost) in &self.links {
            let end = |index: &Index| self.records[index.index(self.records.len())].id.clone();
            builder.link(id.clone(), end(first), end(second), capacity(*down, *up)).cost(*cost);
        }
        builder
    }

    fn add(&self, builder: &mut GraphBuilder, record: &Record, document: u32) {
        let [down, up, min_down, min_up] = record.rates;
        let rate = |min: Option<u64>, max: Option<u64>| PlanRate {
            min: min.map(Rate::from_bit),
            max: max.map(Rate::from_bit),
        };
        let id = record.id.clone();
        let entry = match record.kind {
            Kind::Site => builder.site(id, record.name),
            Kind::AccessPoint => builder.access_point(id, record.name),
            Kind::Client => builder.client(id, record.name),
            Kind::Device => builder.device(id, record.name),
        };
        let mut entry = entry
            .origin(Origin { document, line: record.line })
            .capacity(capacity(down, up))
            .plan_rates(rate(min_down, down), rate(min_up, up))
            .mac(record.mac);
        for (prefix, assignment) in &record.prefixes {
            entry = entry.prefix(*prefix, *assignment);
        }
        match &record.parent {
            ParentIs::Unstated => entry,
            ParentIs::Top => entry.at_top(),
            ParentIs::Unknown => entry.unknown_parent("nowhere"),
            ParentIs::Record(index) => entry.parent(self.records[index.index(self.records.len())].id.clone()),
        };
    }
}

fn capacity(down: Option<u64>, up: Option<u64>) -> Capacity {
    Capacity { down: down.map(Rate::from_bit).into(), up: up.map(Rate::from_bit).into() }
}
