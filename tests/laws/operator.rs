//! Files as operators keep them, with everything that is wrong in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use pleach_csv::read_bytes;
use pleach_graph::{NetworkGraph, Prefix, Problems};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Names of sites and access points; parents are taken from here and from what follows.
pub(crate) const PLACES: [&str; 8] =
    ["Tower A", "Tower B", "AP 1", "AP 2", "=cmd|' /C calc'!A0", "Łódź \"Old\", mast", "None", "children"];
/// What is no place: unknown, nothing, and subscribers.
const OTHER_PARENTS: [&str; 6] = ["", "none", "Atlantis", "Internet", "csv:circuit:c1", "Jones"];
const CIRCUITS: [&str; 12] = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", " c1 ", "", "#7", "pleach", BYPASS];
/// The generated circuit of what passes unshaped: no subscriber, where it is read back.
pub(crate) const BYPASS: &str = "pleach-bypass";
const NAMES: [&str; 6] = ["Jones", "Ng", "+Smith", "", "O'Brien", "12 Main St"];
const IPV4: [&str; 16] = [
    "",
    "",
    "100.64.0.1",
    "100.64.0.2",
    "100.64.0.2/32",
    "100.64.0.9/30",
    "100.64.0.0/24",
    "0.0.0.0/0",
    "10.9.0.7",
    "10.9.0.0/16",
    "192.168.172.3",
    "100.64.0.3, 100.64.0.4",
    "nonsense",
    "2001:db8::5",
    "100.64.0.1;10.8.0.1",
    "224.0.0.1",
];
const IPV6: [&str; 6] = ["", "", "2001:db8::1", "2001:db8:9::/56", "::/0", "::ffff:100.64.0.2"];
const RATES: [&str; 14] =
    ["10", "100", "2.5", "0.05", "0", "", "59.765625", "1e3", "3G", "NaN", "inf", "-1", "fast", "1000000000"];

/// A row of ShapedDevices.csv, cut short after so many columns.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) cells: [&'static str; 14],
    pub(crate) width: usize,
}

impl Row {
    pub(crate) fn circuit(&self) -> &'static str {
        self.cells[0].trim()
    }
}

/// A line of the node table: name, type, parent, rates.
#[derive(Clone, Debug)]
pub(crate) struct PlaceRow {
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) parent: &'static str,
    pub(crate) rates: [&'static str; 2],
}

/// How the places are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Nodes {
    Missing,
    Table,
    Json,
}

/// An operator's files.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    pub(crate) rows: Vec<Row>,
    pub(crate) nodes: Nodes,
    pub(crate) places: Vec<PlaceRow>,
    pub(crate) links: Vec<[&'static str; 5]>,
}

pub(crate) fn files() -> impl Strategy<Value = Files> {
    let nodes = prop_oneof![1 => Just(Nodes::Missing), 3 => Just(Nodes::Table), 3 => Just(Nodes::Json)];
    (
        prop::collection::vec(row(), 0..14),
        nodes,
        prop::collection::vec(place(), 0..10),
        prop::collection::vec(link(), 0..5),
    )
        .prop_map(|(rows, nodes, places, links)| Files { rows, nodes, places, links })
}

fn parent() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => select(&PLACES[..]), 1 => select(&OTHER_PARENTS[..])]
}

fn rate() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => select(&RATES[..9]), 1 => select(&RATES[..])]
}

fn row() -> impl Strategy<Value = Row> {
    let device = select(vec!["d0", "d1", "d2", "d3", "d4", "d5", ""]);
    let mac = select(vec!["", "", "00:00:5e:00:53:01", "@radius"]);
    let (comment, sqm) = (select(vec!["", "-2 dB", "tall\r\ntower"]), select(vec!["", "cake", "none/", "fast"]));
    let width = prop_oneof![9 => Just(14_usize), 1 => 2..12_usize];
    let who = (select(&CIRCUITS[..]), select(&NAMES[..]), device, select(&NAMES[..]), parent());
    let what = (mac, select(&IPV4[..]), select(&IPV6[..]), [rate(), rate(), rate(), rate()], comment, sqm);
    (who, what, width).prop_map(
        |((circuit, name, device, device_name, parent), (mac, v4, v6, rates, comment, sqm), width)| {
            // A row with nothing in it is no row.
            let name = if circuit.trim().is_empty() { "nameless row" } else { name };
            let [a, b, c, d] = rates;
            Row { cells: [circuit, name, device, device_name, parent, mac, v4, v6, a, b, c, d, comment, sqm], width }
        },
    )
}

fn place() -> impl Strategy<Value = PlaceRow> {
    let kind = select(vec!["site", "site", "ap", "virtual"]);
    let rates = select(vec!["100", "40", "2.5", "0.3", "", "0", "bad"]);
    (select(&PLACES[..]), kind, parent(), [rates.clone(), rates]).prop_map(|(name, kind, parent, rates)| PlaceRow {
        name,
        kind,
        parent,
        rates,
    })
}

fn link() -> impl Strategy<Value = [&'static str; 5]> {
    let rate = || select(vec!["1000", "50", "0.7", "", "x"]);
    (parent(), parent(), rate(), rate(), select(vec!["", "1", "500", "-3"]))
        .prop_map(|(a, b, down, up, cost)| [a, b, down, up, cost])
}

impl Files {
    pub(crate) fn read(&self) -> (NetworkGraph, Problems) {
        let (csv, nodes, links) = (self.csv(), self.node_table(), self.link_table());
        let json = self.json();
        let json = (self.nodes == Nodes::Json).then_some(json.as_bytes());
        let nodes = (self.nodes == Nodes::Table).then_some(nodes.as_bytes());
        read_bytes(csv.as_bytes(), json, nodes, Some(links.as_bytes())).expect("files that can be read")
    }

    /// The lines of each row that states this circuit, and those that state none under the empty text.
    pub(crate) fn lines(&self) -> BTreeMap<&'static str, BTreeSet<u32>> {
        let mut lines: BTreeMap<_, BTreeSet<u32>> = BTreeMap::new();
        let mut line = 2;
        for row in &self.rows {
            lines.entry(row.circuit()).or_default().insert(line);
            line += 1 + u32::from(row.width > 12 && row.cells[12].contains('\n'));
        }
        lines
    }

    /// How many circuits these files have: each id once, and each row without one.
    pub(crate) fn circuits(&self) -> usize {
        let lines = self.lines();
        let count = |(id, lines): (&&str, &BTreeSet<u32>)| match *id {
            "" => lines.len(),
            _ => 1, // also Pleach's own id: no row here has it as Device ID too
        };
        lines.iter().map(count).sum()
    }

    /// What the rows that can be used claim, by the rules of the manual and not by the reader's code.
    pub(crate) fn claims(&self) -> BTreeSet<Prefix> {
        let is_rate = |text: &&str| !["NaN", "inf", "-1", "fast"].contains(text);
        let is_usable = |row: &&Row| {
            let id = row.circuit();
            row.width == 14
                && !id.is_empty()
                && !id.starts_with('#')
                && id != BYPASS
                && row.cells[8..12].iter().all(is_rate)
        };
        let cells = self.rows.iter().filter(is_usable).flat_map(|row| &row.cells[6..8]);
        let texts = cells.flat_map(|cell| cell.split([',', ';', ' '])).filter(|text| !text.is_empty());
        texts.filter_map(|text| Prefix::parse(text).ok()).map(|reading| reading.prefix).collect()
    }

    fn csv(&self) -> String {
        let mut text = "Circuit ID,Circuit Name,Device ID,Device Name,Parent Node,MAC,IPv4,IPv6,Download Min Mbps,\
            Upload Min Mbps,Download Max Mbps,Upload Max Mbps,Comment,sqm\r\n"
            .to_owned();
        for row in &self.rows {
            text += &quoted(&row.cells[..row.width]);
        }
        text
    }

    fn node_table(&self) -> String {
        let mut text = "Site Name,Download Mbps,Upload Mbps,Parent Site Name,type\r\n".to_owned();
        for PlaceRow { name, kind, parent, rates: [down, up] } in &self.places {
            text += &quoted(&[name, down, up, parent, kind]);
        }
        text
    }

    fn link_table(&self) -> String {
        let mut text = "from,to,download,upload,cost\r\n".to_owned();
        for link in &self.links {
            text += &quoted(link);
        }
        text
    }

    /// The places as a tree: each stands in the first one before it that has its parent's name.
    fn json(&self) -> String {
        let mut text = "{".to_owned();
        self.json_level(None, &mut text);
        text + "}"
    }

    fn json_level(&self, above: Option<usize>, text: &mut String) {
        let mut comma = "";
        for (at, place) in self.places.iter().enumerate() {
            if self.places[..at].iter().position(|before| before.name == place.parent) != above {
                continue;
            }
            let PlaceRow { name, kind, rates: [down, up], .. } = place;
            let name = serde_json::to_string(name).expect("a text");
            let _ = write!(
                text,
                "{comma}\n{name}: {{\"downloadBandwidthMbps\": \"{down}\", \"uploadBandwidthMbps\": \"{up}\", \"type\": \"{kind}\", \"children\": {{"
            );
            self.json_level(Some(at), text);
            text.push_str("}}");
            comma = ",";
        }
    }
}

fn quoted(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
    cells.join(",") + "\r\n"
}

/// A permutation, drawn before the length is known.
pub(crate) fn shuffled<T: Clone>(items: &[T], keys: &[Index]) -> Vec<T> {
    let mut left = items.to_vec();
    let mut order = Vec::with_capacity(left.len());
    for key in keys.iter().cycle() {
        if left.is_empty() {
            break;
        }
        order.push(left.remove(key.index(left.len())));
    }
    order
}
