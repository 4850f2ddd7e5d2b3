//! References to records that are not listed: one problem for all of a kind.

use std::collections::{BTreeMap, BTreeSet};

use pleach_graph::{Code, GraphBuilder, Problem};

use crate::list::List;

/// What was looked for and not found.
#[derive(Default)]
pub(crate) struct Missing(BTreeMap<(List, &'static str), Reference>);

#[derive(Default)]
struct Reference {
    wanted_list: Option<List>,
    wanted: BTreeSet<u64>,
    by: BTreeSet<u64>,
    then: &'static str,
}

/// So many ids are named in a problem; the rest are counted.
const NAMED: usize = 5;

impl Missing {
    /// Remembers that record `by` of a list names a record in `field` that is not listed, and what is done `then`.
    pub(crate) fn add(
        &mut self,
        (list, by): (List, u64),
        field: &'static str,
        (wanted_list, wanted): (List, u64),
        then: &'static str,
    ) {
        let reference = self.0.entry((list, field)).or_default();
        reference.wanted_list = Some(wanted_list);
        reference.wanted.insert(wanted);
        reference.by.insert(by);
        reference.then = then;
    }

    /// Reports all of it; `document` says where a list was read.
    pub(crate) fn report(self, network: &mut GraphBuilder, document: impl Fn(List) -> String) {
        for ((list, field), reference) in self.0 {
            let Some(wanted_list) = reference.wanted_list else { continue };
            let (kind, wanted) = (list.record(), wanted_list.record());
            let message = format!(
                "{} {} a {wanted} that is not listed ({}); {}",
                counted(&reference.by, kind),
                if reference.by.len() == 1 { "names" } else { "name" },
                named(&reference.wanted),
                reference.then,
            );
            let problem = Problem::new(Code::MissingRecord, message)
                .at(&document(list), 0)
                .field(field)
                .hint("correct it in Splynx, or let the API key see the records of all partners and locations");
            network.report(problem);
        }
    }
}

/// `service 7`, `services 7, 9`, `12 services (7, 9, 10, 11, 12, …)`.
pub(crate) fn counted(ids: &BTreeSet<u64>, kind: &str) -> String {
    match ids.len() {
        1 => format!("{kind} {}", named(ids)),
        count => format!("{count} {} ({})", plural(kind), named(ids)),
    }
}

/// `` `7`, `9`, … ``.
fn named(ids: &BTreeSet<u64>) -> String {
    let mut text = ids.iter().take(NAMED).map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    if ids.len() > NAMED {
        text.push_str(", …");
    }
    text
}

fn plural(kind: &str) -> String {
    match kind.strip_suffix("ss") {
        Some(_) => format!("{kind}es"),
        None => format!("{kind}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_are_counted_and_few_are_named() {
        let ids = |count: u64| (1..=count).collect();
        assert_eq!(counted(&ids(1), "service"), "service `1`");
        assert_eq!(counted(&ids(2), "IPv4 address"), "2 IPv4 addresses (`1`, `2`)");
        assert_eq!(counted(&ids(12), "service"), "12 services (`1`, `2`, `3`, `4`, `5`, …)");
    }
}
