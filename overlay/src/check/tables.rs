//! Addresses of nets that one table routes.

use std::collections::{BTreeMap, BTreeSet};

use pleach_graph::{Code, Prefix};

use super::Checks;
use crate::name::Name;
use crate::origin::Subject;

impl Checks<'_> {
    pub(super) fn tables(&mut self) {
        let mut tables: BTreeMap<&Name, Vec<(Prefix, &Name)>> = BTreeMap::new();
        for (name, net) in self.model.nets() {
            if let Some(table) = &net.table {
                let prefixes = net.prefixes.iter().map(|prefix| (*prefix, name));
                tables.entry(table).or_default().extend(prefixes);
            } else if !net.prefixes.is_empty() && net.at.is_none() {
                let message =
                    "`prefixes` are stated without the `table` that routes them, or the node that the net is `at`";
                self.report(Code::MissingAttribute, &Subject::Net(name.clone()), "table", message.to_owned(), "");
            }
        }
        for (table, mut prefixes) in tables {
            // Sorted by address, then length: what contains a prefix stands before it.
            prefixes.sort_unstable();
            let mut open: Vec<(Prefix, &Name)> = Vec::new();
            let mut reported: BTreeSet<(&Name, &Name)> = BTreeSet::new();
            for (prefix, net) in prefixes {
                open.retain(|(outer, _)| outer.contains(prefix));
                for (outer, other) in &open {
                    let pair = (net.min(other), net.max(other));
                    if net != *other && reported.insert(pair) {
                        let message = format!(
                            "nets `{}` and `{}` are both routed by table `{table}`, and `{outer}` contains `{prefix}`",
                            pair.0, pair.1
                        );
                        let hint = "an address may repeat only in tables (VRFs) of their own, up to the far side";
                        self.report(Code::OverlappingNets, &Subject::Net(pair.1.clone()), "prefixes", message, hint);
                    }
                }
                open.push((prefix, net));
            }
        }
    }
}
