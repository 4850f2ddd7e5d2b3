//! The links table: what a tree of parents cannot say.

use hashbrown::HashMap;
use pleach_graph::delimited::ABSENT;
use pleach_graph::{Capacity, Code, GraphBuilder, Limit, NodeId, Origin, Problem, Problems};

use crate::ids;
use crate::inputs::Document;
use crate::places::Places;
use crate::table::{ColumnSpec, Holds, Report, Table};

const COLUMNS: [ColumnSpec; 6] = [
    ColumnSpec { name: "from", spellings: &["from", "a", "source"], position: 0, holds: Holds::Text },
    ColumnSpec { name: "to", spellings: &["to", "b", "target"], position: 1, holds: Holds::Text },
    ColumnSpec { name: "download", spellings: &["download", "downloadmbps"], position: 2, holds: Holds::Number },
    ColumnSpec { name: "upload", spellings: &["upload", "uploadmbps"], position: 3, holds: Holds::Number },
    ColumnSpec { name: "cost", spellings: &["cost"], position: 4, holds: Holds::Number },
    ColumnSpec { name: "id", spellings: &["id"], position: ABSENT, holds: Holds::Text },
];
const FROM: usize = 0;
const TO: usize = 1;
const DOWNLOAD: usize = 2;
const UPLOAD: usize = 3;
const COST: usize = 4;
const ID: usize = 5;

/// A link as its row states it.
#[derive(Clone, PartialEq)]
struct LinkRow {
    ends: [NodeId; 2],
    capacity: Capacity,
    cost: u32,
}

/// Adds the links of a table. Their ends must be in the network by now.
pub(crate) fn add(
    text: &str,
    document: Document<'_>,
    builder: &mut GraphBuilder,
    places: &Places,
    problems: &mut Problems,
) {
    let number = builder.document(document.name);
    let mut table = Table::new(text, document, &COLUMNS);
    let (delimiter, names) = (table.delimiter(), table.names());
    let mut added: HashMap<NodeId, (LinkRow, u32)> = HashMap::new();
    while let Some(row) = table.next(problems) {
        let line = row.line;
        let mut report = Report { document: document.name, line, problems };
        let capacity = Capacity {
            down: report.capacity(&names[DOWNLOAD], row.get(DOWNLOAD), delimiter),
            up: report.capacity(&names[UPLOAD], row.get(UPLOAD), delimiter),
        };
        let cost = cost(&names[COST], row.get(COST), &mut report);
        let [from, to] = [FROM, TO].map(|column| end(&names[column], row.get(column), builder, places, &mut report));
        let (Some(from), Some(to)) = (from, to) else { continue };
        let stated = LinkRow { ends: [from, to], capacity, cost };
        let id = link_id(row.get(ID), &stated);
        if let Some((first, first_line)) = added.get(&id) {
            problems.push(taken(&id, *first == stated, *first_line).at(document.name, line).record(&id));
            continue;
        }
        let ([from, to], origin) = (stated.ends.clone(), Origin { document: number, line });
        let _ = builder.link(id.clone(), from, to, capacity).cost(cost).origin(origin);
        added.insert(id, (stated, line));
    }
}

/// The node an end names; a link without it is set aside.
fn end(field: &str, text: &str, builder: &GraphBuilder, places: &Places, report: &mut Report<'_>) -> Option<NodeId> {
    let (message, hint) = match places.by_id_or_name(text, builder) {
        _ if text.is_empty() => {
            ("an end of the link has no name; the link is set aside".to_owned(), "name both ends".to_owned())
        }
        Some(found) if found.holders == 1 => return Some(builder.node(found.node).id.clone()),
        Some(found) => (
            format!("`{text}` is the name of {} nodes; the link is set aside", found.holders),
            format!("write the id instead, such as `{}`", builder.node(found.node).id),
        ),
        None => (
            format!("`{text}` is not in the network; the link is set aside"),
            "write a node's name or id as the node file has it".to_owned(),
        ),
    };
    report.push(field, Problem::new(Code::BadLink, message).value(text).hint(hint));
    None
}

/// A cost, 0 where it is not stated.
fn cost(field: &str, text: &str, report: &mut Report<'_>) -> u32 {
    match text.parse() {
        Ok(cost @ 1..) => return cost,
        _ if text.is_empty() => {}
        _ => {
            let problem = Problem::new(Code::BadCapacity, format!("`{text}` is no cost; it is taken as not stated"));
            let hint = "write a whole number of at least 1, or leave the cell blank";
            report.push(field, problem.value(text).hint(hint));
        }
    }
    0
}

/// The id a row states, else one made of what it says: the same wherever in the file the row stands.
fn link_id(stated: &str, link: &LinkRow) -> NodeId {
    match stated.parse() {
        Ok(typed) => typed,
        Err(_) if !stated.is_empty() => ids::links().id(stated),
        Err(_) => {
            let limit = |limit: Limit| limit.rate().map_or(String::new(), |rate| rate.mbit().to_string());
            let ([from, to], Capacity { down, up }) = (&link.ends, link.capacity);
            let cost = if link.cost == 0 { String::new() } else { format!("|{}", link.cost) };
            let ends = format!("{}|{}", ids::short(from), ids::short(to));
            ids::links().id(&format!("{ends}|{}|{}{cost}", limit(down), limit(up)))
        }
    }
}

fn taken(id: &NodeId, is_copy: bool, first_line: u32) -> Problem {
    if is_copy {
        return Problem::new(Code::DuplicateRow, format!("the link repeats line {first_line}; one copy is dropped"))
            .hint("give each of two parallel links an `id`, or remove one row");
    }
    Problem::new(Code::DuplicateId, format!("link `{id}` differs from line {first_line}, which is kept"))
        .hint("give each link an id of its own")
}
