//! Sites and access points: from `network.json`, and from the node table.

use hashbrown::HashMap;
use pleach_graph::delimited::{ABSENT, Delimiter, plain_decimal};
use pleach_graph::network_json::{JsonNode, NodeType, node_id};
use pleach_graph::spreadsheet::unescape;
use pleach_graph::{
    Capacity, Code, GraphBuilder, NodeEntry, NodeId, NodeIndex, Origin, Position, Problem, Problems, Text,
};

use crate::ids;
use crate::inputs::Document;
use crate::late_parents::LateParent;
use crate::places::{Places, ambiguous, is_unstated};
use crate::table::{ColumnSpec, Holds, Report, Table};

const COLUMNS: [ColumnSpec; 8] = [
    column("Site Name", &["sitename", "site", "name", "nodename"], 0, Holds::Text),
    column("Download Mbps", &["downloadmbps", "download", "downloadbandwidthmbps"], 1, Holds::Number),
    column("Upload Mbps", &["uploadmbps", "upload", "uploadbandwidthmbps"], 2, Holds::Number),
    column("Parent Site Name", &["parentsitename", "parentsite", "parentname", "parent", "parentnode"], 3, Holds::Text),
    column("type", &["type"], ABSENT, Holds::Text),
    column("id", &["id"], ABSENT, Holds::Text),
    column("latitude", &["latitude", "lat"], ABSENT, Holds::Text),
    column("longitude", &["longitude", "lon", "lng", "long"], ABSENT, Holds::Text),
];
const NAME: usize = 0;
const DOWNLOAD: usize = 1;
const UPLOAD: usize = 2;
const PARENT: usize = 3;
const TYPE: usize = 4;
const ID: usize = 5;
const LATITUDE: usize = 6;
const LONGITUDE: usize = 7;

const fn column(name: &'static str, spellings: &'static [&'static str], position: usize, holds: Holds) -> ColumnSpec {
    ColumnSpec { name, spellings, position, holds }
}

/// A row of the node table.
#[derive(Debug, PartialEq)]
pub(crate) struct NodeRow {
    name: Text,
    parent: Text,
    stated_id: Text,
    node_type: NodeType,
    capacity: Capacity,
    position: Option<Position>,
}

/// Adds the nodes of `network.json`, which state their parents by standing in them.
pub(crate) fn add_json(nodes: &[JsonNode], document: &str, builder: &mut GraphBuilder, places: &mut Places) {
    let document = builder.document(document);
    let mut indices: Vec<NodeIndex> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let entry = start(builder, node.id.clone(), &node.name, node.node_type)
            .capacity(node.capacity)
            .position(node.position)
            .origin(Origin { document, line: node.line });
        let entry = match node.parent {
            Some(parent) => entry.under(indices[parent]),
            None => entry.at_top(),
        };
        indices.push(entry.index());
    }
    for &index in &indices {
        places.add(index, builder);
    }
    for (node, &index) in nodes.iter().zip(&indices) {
        places.add_alias(&node.attachment, index, builder);
    }
}

fn start<'b>(builder: &'b mut GraphBuilder, id: NodeId, name: &str, node_type: NodeType) -> NodeEntry<'b> {
    match node_type {
        NodeType::Site => builder.site(id, name),
        NodeType::AccessPoint => builder.access_point(id, name),
        NodeType::Virtual => builder.site(id, name).virtual_site(),
    }
}

/// Reads the node table: its rows, each with its line.
pub(crate) fn read(text: &str, document: Document<'_>, problems: &mut Problems) -> Vec<(u32, NodeRow)> {
    let mut table = Table::new(text, document, &COLUMNS);
    let (delimiter, names) = (table.delimiter(), table.names());
    let mut rows = Vec::new();
    while let Some(row) = table.next(problems) {
        let mut report = Report { document: document.name, line: row.line, problems };
        let name = unescape(row.get(NAME));
        if name.is_empty() && row.get(ID).is_empty() {
            let problem = Problem::new(Code::BadNode, "the row names no site; it is set aside");
            report.push(&names[NAME], problem.hint("give the site a name, or remove the row"));
            continue;
        }
        let node_row = NodeRow {
            name: name.into(),
            parent: unescape(row.get(PARENT)).into(),
            stated_id: row.get(ID).into(),
            node_type: NodeType::of(row.get(TYPE)),
            capacity: Capacity {
                down: report.capacity(&names[DOWNLOAD], row.get(DOWNLOAD), delimiter),
                up: report.capacity(&names[UPLOAD], row.get(UPLOAD), delimiter),
            },
            position: position([row.get(LATITUDE), row.get(LONGITUDE)], delimiter, &mut report),
        };
        rows.push((row.line, node_row));
    }
    rows
}

fn position(cells: [&str; 2], delimiter: Delimiter, report: &mut Report<'_>) -> Option<Position> {
    if cells.iter().all(|cell| cell.is_empty()) {
        return None;
    }
    let [latitude, longitude] = cells.map(|cell| plain_decimal(cell, delimiter).parse().unwrap_or(f64::NAN));
    let position = Position::new(latitude, longitude);
    if position.is_none() {
        let value = format!("{}, {}", cells[0], cells[1]);
        let message = format!("`{value}` is no latitude and longitude; the node has no position");
        let hint = "write degrees: latitude from -90 to 90, longitude from -180 to 180";
        report.push(COLUMNS[LATITUDE].name, Problem::new(Code::BadPosition, message).value(&value).hint(hint));
    }
    position
}

/// Adds the rows of the node table, and returns those whose parent is no site or access point.
pub(crate) fn add_rows(
    rows: Vec<(u32, NodeRow)>,
    document_name: &str,
    builder: &mut GraphBuilder,
    places: &mut Places,
    problems: &mut Problems,
) -> Vec<LateParent> {
    let document = builder.document(document_name);
    let mut added: HashMap<NodeIndex, NodeRow> = HashMap::with_capacity(rows.len());
    let mut in_order = Vec::with_capacity(rows.len());
    let ids = row_ids(&rows);
    name_records(&rows, &ids, document_name, problems);
    for ((line, row), id) in rows.into_iter().zip(ids) {
        if let Some(holder) = builder.find(&id) {
            let is_copy = added.get(&holder) == Some(&row);
            problems.push(taken(&row, holder, is_copy, builder).at(document_name, line).record(&id));
            continue;
        }
        let entry = start(builder, id, &row.name, row.node_type)
            .capacity(row.capacity)
            .position(row.position)
            .origin(Origin { document, line });
        let index = entry.index();
        in_order.push((index, row.parent.clone()));
        added.insert(index, row);
    }
    for (index, _) in &in_order {
        places.add(*index, builder);
    }
    in_order.into_iter().filter_map(|(child, parent)| place(child, parent, builder, places)).collect()
}

/// Says of the problems that were found while the rows were read which node they are about.
fn name_records(rows: &[(u32, NodeRow)], ids: &[NodeId], document: &str, problems: &mut Problems) {
    let found = problems.as_mut_slice().iter_mut();
    for problem in found.filter(|problem| problem.document.as_deref() == Some(document)) {
        let at = problem.line.and_then(|line| rows.binary_search_by_key(&line, |(line, _)| *line).ok());
        if let Some(at) = at {
            problem.record.get_or_insert_with(|| ids[at].clone());
        }
    }
}

/// Gives a node its parent, or returns it if that is not known yet.
fn place(child: NodeIndex, parent: Text, builder: &mut GraphBuilder, places: &Places) -> Option<LateParent> {
    if is_unstated(&parent) {
        let _ = builder.edit(child).at_top();
        return None;
    }
    let Some(found) = places.by_name(&parent, builder) else { return Some(LateParent { child, text: parent }) };
    if found.holders > 1 {
        builder.report(ambiguous(child, &parent, found, builder));
    }
    let _ = builder.edit(child).under(found.node);
    None
}

fn taken(row: &NodeRow, holder: NodeIndex, is_copy: bool, builder: &GraphBuilder) -> Problem {
    let first = builder.node(holder);
    let place = format!("`{}` line {}", builder.document_name(first.origin.document), first.origin.line);
    if is_copy {
        return Problem::new(Code::DuplicateRow, format!("`{}` repeats {place}; one copy is dropped", row.name));
    }
    Problem::new(Code::DuplicateId, format!("`{}` has the id of {place}, which is kept", row.name))
        .hint("give each record an id of its own, or remove one of them")
}

/// The id of each row: stated, else by name, else, for a name that stands under several parents, by both.
fn row_ids(rows: &[(u32, NodeRow)]) -> Vec<NodeId> {
    let mut parents: HashMap<&str, (&str, bool)> = HashMap::new();
    for (_, row) in rows.iter().filter(|(_, row)| row.stated_id.is_empty()) {
        let first = parents.entry(&row.name).or_insert((&row.parent, false));
        first.1 |= first.0 != row.parent;
    }
    let table = ids::nodes();
    let id = |row: &NodeRow| match parents.get(row.name.as_str()) {
        _ if !row.stated_id.is_empty() => node_id(&row.stated_id),
        Some((_, true)) => table.id(&format!("{}/{}", row.parent, row.name)),
        _ => table.id(&row.name),
    };
    rows.iter().map(|(_, row)| id(row)).collect()
}
