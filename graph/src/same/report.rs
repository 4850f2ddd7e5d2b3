//! What can be wrong with a rule, in words.

use petgraph::graph::NodeIndex;

use crate::builder::GraphBuilder;
use crate::find::NearMisses;
use crate::id::{NodeId, Table};
use crate::problem::{Code, Problem};
use crate::same::keys::Shared;
use crate::same::matching::Class;
use crate::same::rules::{By, SameRule};
use crate::suggest;

/// How many records a message names.
const NAMED: usize = 5;

/// "`a`, `b` and 3 more".
pub(super) fn list(names: &[impl AsRef<str>]) -> String {
    let mut text = String::new();
    for (at, name) in names.iter().take(NAMED).enumerate() {
        let is_last = at + 1 == names.len();
        text.push_str(if at == 0 {
            "`"
        } else if is_last {
            " and `"
        } else {
            ", `"
        });
        text.push_str(name.as_ref());
        text.push('`');
    }
    if names.len() > NAMED { format!("{text} and {} more", names.len() - NAMED) } else { text }
}

/// The ids of records, in order.
fn ids(builder: &GraphBuilder, nodes: &[NodeIndex]) -> Vec<String> {
    let mut ids: Vec<String> = nodes.iter().map(|&node| builder.graph[node].id.to_string()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn push(builder: &mut GraphBuilder, node: NodeIndex, problem: Problem) {
    let record = &builder.graph[node];
    let document = builder.document_name(record.origin.document);
    let problem = problem.at(document, record.origin.line).record(&record.id);
    builder.problems.push(problem);
}

pub(super) fn no_such_record(builder: &mut GraphBuilder, misses: &mut NearMisses, rule: usize, id: &NodeId) {
    let hint = misses.hint(builder, id, "correct the id, or remove the rule");
    let message = format!("rule {rule} of `same` names `{id}`, which is not in the network");
    builder.problems.push(Problem::new(Code::UnmatchedJoin, message).record(id).hint(hint));
}

pub(super) fn top(builder: &mut GraphBuilder, rule: usize) {
    let top = builder.top();
    let message = format!("rule {rule} of `same` names the unnamed top, which no source has a record of");
    push(builder, top, Problem::new(Code::UnfitJoin, message).hint("take its id out of the rule"));
}

pub(super) fn different_kinds(builder: &mut GraphBuilder, rule: usize, ends: [NodeIndex; 2]) {
    let [a, b] = ends.map(|end| {
        let record = &builder.graph[end];
        format!("{} `{}`", record.kind.as_str(), record.id)
    });
    let message = format!("rule {rule} of `same` makes one of {a} and {b}, which cannot be");
    let hint = "join sites and access points, clients, and devices only with their like";
    push(builder, ends[1], Problem::new(Code::UnfitJoin, message).hint(hint));
}

/// Reports tables that are empty, or hold what cannot be one by this rule. Says whether the rule can join anything.
pub(super) fn tables(
    builder: &mut GraphBuilder,
    number: usize,
    rule: &SameRule,
    tables: &[Table],
    classes: &[[usize; 3]],
) -> bool {
    let SameRule::Tables { by, .. } = rule else { return true };
    let mut can_be_one = true;
    for (table, counts) in tables.iter().zip(classes) {
        let (code, trouble, hint) = if counts.iter().sum::<usize>() == 0 {
            let known = known_tables(builder);
            let near = suggest::nearest(table.as_str(), known.iter().map(String::as_str));
            let hint = match near.as_slice() {
                [] => format!("the tables are {}", list(&known)),
                near => format!("did you mean {}?", suggest::list(near)),
            };
            (Code::UnmatchedJoin, "no record is of", hint)
        } else if *by != By::Name && counts[Class::Infrastructure as usize] > 0 {
            let hint = "name tables of clients or of devices";
            (Code::UnfitJoin, "sites and access points are of", hint.to_owned())
        } else {
            continue;
        };
        can_be_one = false;
        let what = by.as_str();
        let message = format!("rule {number} of `same` joins by {what}, and {trouble} the table `{table}`");
        builder.problems.push(Problem::new(code, message).value(table.as_str()).hint(hint));
    }
    if !can_be_one {
        return false;
    }
    for (at, pair) in (1..).zip(tables.windows(2)) {
        let shares = |class: &Class| classes[at - 1][*class as usize] > 0 && classes[at][*class as usize] > 0;
        if ![Class::Infrastructure, Class::Client, Class::Device].iter().any(shares) {
            can_be_one = false;
            let message = format!(
                "rule {number} of `same` makes one of records of `{}` and `{}`, which are of different kinds",
                pair[0], pair[1]
            );
            let hint = "join sites and access points, clients, and devices only with their like";
            builder.problems.push(Problem::new(Code::UnfitJoin, message).hint(hint));
        }
    }
    can_be_one
}

/// Every `source:table` of the network but Pleach's own.
fn known_tables(builder: &GraphBuilder) -> Vec<String> {
    let mut tables: Vec<String> = Vec::new();
    for node in builder.graph.node_weights().skip(1) {
        let table = node.id.whole_table();
        if tables.last().is_none_or(|last| last != table) && !tables.iter().any(|known| known == table) {
            tables.push(table.to_owned());
        }
    }
    tables.sort_unstable();
    tables
}

pub(super) fn joins_nothing(builder: &mut GraphBuilder, number: usize, rule: &SameRule) {
    let SameRule::Tables { tables, by } = rule else { return };
    let tables: Vec<String> = tables.iter().map(Table::to_string).collect();
    let message = format!(
        "rule {number} of `same` joins nothing: no record of {} has the {} of another",
        list(&tables),
        by.as_str()
    );
    let hint = "correct the rule, or remove it";
    builder.problems.push(Problem::new(Code::UnmatchedJoin, message).hint(hint));
}

pub(super) fn shared_by_several(
    builder: &mut GraphBuilder,
    rule: usize,
    by: By,
    shared: Shared,
    subjects: &[NodeIndex],
) {
    let ids = ids(builder, subjects);
    let what = by.as_str();
    let first = subjects.iter().copied().min_by(|a, b| builder.graph[*a].id.cmp(&builder.graph[*b].id));
    let first = first.expect("invariant: a key is shared by some");
    let key = match shared {
        Shared::Name => builder.graph[first].name.to_string(),
        Shared::Mac(mac) => mac.to_string(),
        Shared::Address(prefix) => prefix.to_string(),
    };
    let message = format!(
        "{} have the {what} `{key}`, and several of them are of one table, so rule {rule} of `same` joins none of them",
        list(&ids)
    );
    let problem = Problem::new(Code::AmbiguousJoin, message).field(what).value(&key);
    push(builder, first, problem.hint("make them differ, or say with `ids` which are one"));
}

/// Records that rules make one in a roundabout way, two of them of one table.
pub(super) fn chained(builder: &mut GraphBuilder, members: &[NodeIndex], twins: [NodeIndex; 2]) {
    let ids = ids(builder, members);
    let [a, b] = twins.map(|twin| builder.graph[twin].id.clone());
    let message = format!(
        "rules of `same` make one of {}, and with that of `{a}` and `{b}`, of which no rule says so; none is joined",
        list(&ids)
    );
    let hint = format!("say `ids = [\"{a}\", \"{b}\"]` if they are one, or make what they share differ");
    push(builder, twins[0], Problem::new(Code::AmbiguousJoin, message).hint(hint));
}

/// A source that `[prefer]` names and that is none.
pub(super) fn unknown_source(builder: &mut GraphBuilder, list: &str, source: &str, sources: &[String]) {
    let near = suggest::nearest(source, sources.iter().map(String::as_str));
    let hint = match near.as_slice() {
        [] => format!("the sources are {}", self::list(sources)),
        near => format!("did you mean {}?", suggest::list(near)),
    };
    let message = format!("`{list}` of `[prefer]` names `{source}`, which is no source");
    builder.problems.push(Problem::new(Code::UnmatchedJoin, message).field(list).value(source).hint(hint));
}
