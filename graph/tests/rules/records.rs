//! The records of a source as a golden case has them: a table, a record a row.
//!
//! | Column | What it holds |
//! |---|---|
//! | `kind` | `site`, `virtual`, `ap`, `client`, `device` or `link` |
//! | `id` | `table:raw`; the file's name is the source's |
//! | `name`, `mac` | as they are |
//! | `parent` | an id with its source, `top`, or `?` and the name of what is not there; empty: not stated |
//! | `down`, `up` | Mbit/s: a capacity, or a client's maximum |
//! | `min down`, `min up`, `sqm` | of a client |
//! | `addresses` | of a device; `session`, `dhcp` or `device` before them says how they came by |
//! | `from`, `to`, `cost` | of a link |
//! | `because` | why it has its parent |

use pleach_graph::{
    Aspect, Assignment, Capacity, Code, GraphBuilder, NodeEntry, NodeId, Origin, PlanRate, Prefix, Rate, RateUnit,
};

/// Adds the rows of `text`, the file of `source`.
pub(crate) fn add(builder: &mut GraphBuilder, source: &str, text: &str) {
    let document = builder.document(&format!("{source}.csv"));
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    for row in reader.records() {
        let row = row.expect("a row");
        let line = u32::try_from(row.position().expect("a position").line()).expect("a short file");
        let cell = |name: &str| {
            let column = header.iter().position(|column| column == name);
            column.and_then(|column| row.get(column)).unwrap_or_default().trim()
        };
        add_row(builder, source, Origin { document, line }, &cell);
    }
}

fn id(source: &str, text: &str) -> NodeId {
    format!("{source}:{text}").parse().expect("an id")
}

fn add_row<'c>(builder: &mut GraphBuilder, source: &str, origin: Origin, cell: &impl Fn(&str) -> &'c str) {
    let rate =
        |name: &str| (!cell(name).is_empty()).then(|| Rate::parse(cell(name), RateUnit::Megabit).expect("a rate"));
    let capacity = Capacity { down: rate("down").into(), up: rate("up").into() };
    let (id, name) = (id(source, cell("id")), cell("name"));
    let entry = match cell("kind") {
        "site" => builder.site(id, name),
        "virtual" => builder.site(id, name).virtual_site(),
        "ap" => builder.access_point(id, name),
        "client" => builder.client(id, name),
        "device" => builder.device(id, name),
        "set aside" => return builder.set_aside(Some(id), Code::BadRate),
        "link" => {
            let [from, to] = ["from", "to"].map(|end| cell(end).parse().expect("an id"));
            builder.link(id, from, to, capacity).cost(cell("cost").parse().unwrap_or(0)).origin(origin);
            return;
        }
        kind => panic!("`{kind}` is no kind"),
    };
    let down = PlanRate { min: rate("min down"), max: rate("down") };
    let up = PlanRate { min: rate("min up"), max: rate("up") };
    let entry = entry.origin(origin).capacity(capacity).plan_rates(down, up).mac(cell("mac"));
    let entry = entry.sqm(cell("sqm").parse().expect("an sqm cell"));
    let entry = with_parent(with_addresses(entry, cell("addresses")), cell("parent"));
    if !cell("because").is_empty() {
        entry.because(Aspect::Parent, cell("because"));
    }
}

fn with_addresses<'b>(mut entry: NodeEntry<'b>, list: &str) -> NodeEntry<'b> {
    let mut assignment = Assignment::Static;
    for text in Prefix::split_list(list) {
        match text {
            "session" => assignment = Assignment::Session,
            "dhcp" => assignment = Assignment::Dhcp,
            "device" => assignment = Assignment::Device,
            prefix => entry = entry.prefix(Prefix::parse(prefix).expect("a prefix").prefix, assignment),
        }
    }
    entry
}

fn with_parent<'b>(entry: NodeEntry<'b>, parent: &str) -> NodeEntry<'b> {
    match parent {
        "" => entry,
        "top" => entry.at_top(),
        parent => match parent.strip_prefix('?') {
            Some(name) => entry.unknown_parent(name),
            None => entry.parent(parent.parse().expect("an id")),
        },
    }
}
