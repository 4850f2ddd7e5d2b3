//! Inputs that no operator has: they take long only where something is quadratic.

use std::fmt::Write as _;

use pleach_graph::overrides;
use pleach_graph::same::{self, By, SameRule, SameRules};
use pleach_graph::{Code, GraphBuilder, NetworkGraph, NodeId, Table};

const MANY: usize = 10_000;

fn table(source: &str, table: &str) -> Table {
    Table::new(source, table).expect("two words")
}

fn joined(mut builder: GraphBuilder, same: Vec<SameRule>) -> (NetworkGraph, Vec<Code>) {
    let order = ["a".to_owned(), "b".to_owned()];
    same::apply(&mut builder, &SameRules { same, ..SameRules::default() }, &order);
    let (network, problems) = builder.build();
    (network, problems.into_sorted().into_iter().map(|problem| problem.code).collect())
}

/// Two customers, one of each source, with so many devices each; `address` and `mac` by number.
fn two_customers(address: impl Fn(&str, usize) -> String, mac: impl Fn(usize) -> String) -> GraphBuilder {
    let mut builder = NetworkGraph::builder();
    for source in ["a", "b"] {
        builder.client(table(source, "client").id("1"), "Jones").at_top();
        for number in 0..MANY {
            let device = builder.device(table(source, "device").id(&number.to_string()), "");
            let device = device.parent(table(source, "client").id("1"));
            device.addresses(&address(source, number)).mac(&mac(number));
        }
    }
    builder
}

fn clients_by(by: By) -> Vec<SameRule> {
    vec![SameRule::Tables { tables: vec![table("a", "client"), table("b", "client")], by }]
}

#[test]
fn a_rule_with_many_ids() {
    let mut builder = NetworkGraph::builder();
    let ids: Vec<NodeId> = (0..MANY).map(|number| table("a", "site").id(&number.to_string())).collect();
    for id in &ids {
        builder.site(id.clone(), &format!("Site {id}")).at_top();
    }
    let (network, _) = joined(builder, vec![SameRule::Ids(ids.clone())]);
    assert_eq!(network.node_count(), 2);
    let node = network.find(&ids[MANY - 1]).expect("its id leads to the node");
    assert_eq!(network.stated_reasons(node).count(), MANY, "one a pair, and one for the name");
    assert!(network.stated_reasons(node).all(|reason| reason.text.len() < 500));
}

#[test]
fn many_devices_of_one_customer() {
    let address = |source: &str, number: usize| {
        let last = if source == "a" { 0 } else { 128 };
        format!("10.{}.{}.{}", number / 250, number % 250, last + number % 2)
    };
    let (network, codes) = joined(two_customers(address, |number| format!("00005e{number:06}")), clients_by(By::Mac));
    assert_eq!(network.circuits().len(), 1);
    assert_eq!(network.circuits().devices(0).len(), MANY, "each is one with its like");
    assert_eq!(codes, vec![Code::SourcesDisagree; MANY], "each address that is dropped");
}

#[test]
fn one_address_for_all() {
    let (network, codes) =
        joined(two_customers(|_, _| "10.0.0.1".to_owned(), |_| String::new()), clients_by(By::Address));
    assert_eq!(network.circuits().len(), 1);
    assert_eq!(network.circuits().devices(0).len(), 2 * MANY, "no telling which is which");
    assert!(codes.iter().all(|code| *code == Code::DuplicateRow), "of one customer's devices one has the address");
    let (network, codes) = joined(
        two_customers(|_, _| "10.0.0.1".to_owned(), |_| String::new()),
        vec![SameRule::Tables { tables: vec![table("a", "device"), table("b", "device")], by: By::Address }],
    );
    assert_eq!(network.circuits().len(), 2);
    assert_eq!(codes.iter().filter(|code| **code == Code::AmbiguousJoin).count(), 1);
}

#[test]
fn many_overrides_that_match_nothing_and_many_of_one_node() {
    let mut builder = NetworkGraph::builder();
    let sites = table("a", "site");
    for number in 0..MANY {
        builder.site(sites.id(&number.to_string()), "").at_top();
    }
    let mut text = String::new();
    for number in 0..MANY {
        let _ = writeln!(text, "[[override]]\nid = \"a:site:gone-{number}\"\nrename = \"x\"");
        let _ = writeln!(text, "[[override]]\nid = \"a:site:1\"\nrename = \"{number}\"\ncost = {}", number + 1);
    }
    let overrides = overrides::parse(&text, "overrides.toml").expect("overrides");
    let now = "2026-06-01T12:00:00Z".parse().expect("a time");
    overrides.apply(&mut builder, now);
    let (network, problems) = builder.build();
    let site = network.find(&sites.id("1")).expect("a site");
    assert_eq!(network.node(site).name, (MANY - 1).to_string());
    let count = |code| problems.as_slice().iter().filter(|problem| problem.code == code).count();
    assert_eq!(count(Code::UnmatchedOverride), MANY);
    assert_eq!(count(Code::RepeatedOverride), 2 * (MANY - 1));
}
