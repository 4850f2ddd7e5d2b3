//! An independent reader of the default form of the two files, so that faults of reader and writer do not cancel.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A row of ShapedDevices.csv.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) circuit: String,
    pub(crate) device: String,
    pub(crate) parent: String,
    pub(crate) prefixes: Vec<String>,
    /// Download and upload minimum, download and upload maximum, in Mbit/s.
    pub(crate) rates: [f64; 4],
}

/// A node of network.json.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) parent: Option<String>,
    pub(crate) down: f64,
    pub(crate) up: f64,
}

/// Both files.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) rows: Vec<Row>,
    pub(crate) nodes: BTreeMap<String, Node>,
}

/// Parses both files; every name must be there once.
pub(crate) fn parse(json: &[u8], csv: &[u8]) -> Written {
    let Value::Object(top) = serde_json::from_slice(json).expect("JSON") else { panic!("network.json is an object") };
    let mut nodes = BTreeMap::new();
    collect(&top, None, &mut nodes);
    // A parser that merges equal keys of one object would hide the second.
    let keys = String::from_utf8_lossy(json).matches("\"downloadBandwidthMbps\":").count();
    assert_eq!(keys, nodes.len(), "names are unique");
    Written { rows: rows(csv), nodes }
}

fn collect(level: &Map<String, Value>, parent: Option<&str>, nodes: &mut BTreeMap<String, Node>) {
    for (name, node) in level {
        let rate = |key: &str| node[key].as_f64().expect("a number");
        let (down, up) = (rate("downloadBandwidthMbps"), rate("uploadBandwidthMbps"));
        let known = nodes.insert(name.clone(), Node { parent: parent.map(str::to_owned), down, up });
        assert!(known.is_none(), "`{name}` is there twice");
        if let Some(Value::Object(children)) = node.get("children") {
            collect(children, Some(name), nodes);
        }
    }
}

fn rows(csv: &[u8]) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(csv);
    let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let at = |name: &str| header.iter().position(|column| column == name).expect("a column");
    let rates_at = ["Download Min Mbps", "Upload Min Mbps", "Download Max Mbps", "Upload Max Mbps"].map(at);
    reader
        .records()
        .map(|record| {
            let record = record.expect("a row as wide as the header");
            let lists = [&record[at("IPv4")], &record[at("IPv6")]];
            Row {
                circuit: record[at("Circuit ID")].to_owned(),
                device: record[at("Device ID")].to_owned(),
                parent: record[at("Parent Node")].to_owned(),
                prefixes: lists
                    .iter()
                    .flat_map(|list| list.split(", "))
                    .filter(|p| !p.is_empty())
                    .map(str::to_owned)
                    .collect(),
                rates: rates_at.map(|column| record[column].parse().expect("a number")),
            }
        })
        .collect()
}
