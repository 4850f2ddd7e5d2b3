//! What stands between records and the graph: joins of several sources, and overrides.

use std::fmt::Write as _;

use anyhow::{Result, ensure};
use pleach_graph::overrides::{self, Overrides};
use pleach_graph::same::{self, By, SameRule, SameRules};
use pleach_graph::{GraphBuilder, NetworkGraph, Rate, Table};

use crate::graph::{ParentsBy, gather};
use crate::measure::Measure;
use crate::network::Network;

/// How many overrides an operator keeps who keeps many.
const OVERRIDES: usize = 1_000;

fn table(source: &str) -> Table {
    Table::new(source, "client").expect("invariant: a literal word")
}

/// No rule and no override for a whole network.
pub(crate) fn none(network: &Network) -> Measure {
    let mut builder = gather(network, ParentsBy::Index);
    let (rules, overrides) = (SameRules::default(), Overrides::default());
    Measure::of(|| {
        same::apply(&mut builder, &rules, &[]);
        overrides.apply(&mut builder, now())
    })
}

/// A rule by name that joins every record of two sources with one of the other, and overrides for some of them: as many
/// records as there are customers.
pub(crate) fn by_name(network: &Network) -> Result<Measure> {
    let pairs = network.customer_count() / 2;
    let sources = ["billing".to_owned(), "radio".to_owned()];
    let tables: Vec<Table> = sources.iter().map(|source| table(source)).collect();
    let mut builder = clients(network, &tables, pairs);
    let rules = SameRules { same: vec![SameRule::Tables { tables, by: By::Name }], ..SameRules::default() };
    let overrides = overrides::parse(&text(network, pairs), "overrides.toml")?;
    let measure = Measure::of(|| {
        same::apply(&mut builder, &rules, &sources);
        overrides.apply(&mut builder, now())
    });
    ensure!(builder.node_count() == pairs + 1, "{} nodes are left of {pairs} pairs", builder.node_count());
    Ok(measure)
}

fn clients(network: &Network, tables: &[Table], pairs: usize) -> GraphBuilder {
    let mut builder = NetworkGraph::builder();
    builder.reserve(2 * pairs);
    for table in tables {
        for customer in network.customers().take(pairs) {
            let plan = customer.plan;
            let name = format!("{} {}", customer.name, customer.id); // names alone are not unique
            let entry = builder.client(table.id(customer.id), &name);
            entry.plan(Rate::from_mbit(plan.down), Rate::from_mbit(plan.up)).at_top();
        }
    }
    builder
}

/// Overrides by the ids of the source that does not give the node its id.
fn text(network: &Network, pairs: usize) -> String {
    let table = table("radio");
    let mut text = String::new();
    for customer in network.customers().take(pairs.min(OVERRIDES)) {
        let id = table.id(customer.id);
        let _ = writeln!(text, "[[override]]\nid = \"{id}\"\nmax.down = 77\nnote = \"promised\"");
    }
    text
}

fn now() -> jiff::Timestamp {
    jiff::Timestamp::UNIX_EPOCH
}
