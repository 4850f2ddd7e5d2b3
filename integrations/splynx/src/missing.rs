//! References to records that are not listed: one problem for all of a kind.

use std::collections::{BTreeMap, BTreeSet};

use pleach_graph::{Code, GraphBuilder, Problem};

use crate::list::List;

/// What was looked for and not found.
#[derive(Default)]
pub(crate) struct Missing(BTreeMap<(List, &'static str), Reference>);

struct Reference {
    wanted_list: List,
    /// Who wants what.
    pairs: BTreeSet<(u64, u64)>,
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
        let new = || Reference { wanted_list, pairs: BTreeSet::new(), then };
        self.0.entry((list, field)).or_insert_with(new).pairs.insert((by, wanted));
    }

    /// Forgets what these records of a list want: it matters to nobody.
    pub(crate) fn forget(&mut self, list: List, who: impl Fn(u64) -> bool) {
        let of_list = self.0.iter_mut().filter(|((of, _), _)| *of == list);
        of_list.for_each(|(_, reference)| reference.pairs.retain(|(by, _)| !who(*by)));
    }

    /// Reports all of it; `document` says where a list was read.
    pub(crate) fn report(self, network: &mut GraphBuilder, document: impl Fn(List) -> String) {
        for ((list, field), Reference { wanted_list, pairs, then }) in self.0 {
            let (by, wanted): (BTreeSet<u64>, BTreeSet<u64>) = pairs.into_iter().unzip();
            if by.is_empty() {
                continue;
            }
            let message = format!(
                "{} {} a {} that is not listed ({}); {then}",
                counted(&by, list.record()),
                if by.len() == 1 { "names" } else { "name" },
                wanted_list.record(),
                named(&wanted),
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
