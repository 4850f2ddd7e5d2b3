//! Which source is believed first.

use crate::builder::GraphBuilder;
use crate::id::NodeId;
use petgraph::graph::NodeIndex;

/// An order of sources.
pub(super) struct Preference<'r>(Vec<&'r str>);

impl<'r> Preference<'r> {
    /// The listed sources, then the rest in their own order.
    pub(super) fn new(listed: &'r [String], order: &'r [String]) -> Self {
        let mut sources: Vec<&str> = Vec::new();
        for source in listed.iter().chain(order) {
            if !sources.contains(&source.as_str()) {
                sources.push(source);
            }
        }
        Self(sources)
    }

    /// The place of a record's source, from 0; a source that nobody named comes last.
    pub(super) fn rank(&self, id: &NodeId) -> usize {
        let source = id.source();
        self.0.iter().position(|listed| *listed == source).unwrap_or(self.0.len())
    }

    /// Sorts records, the one that is believed first before the others; of one source by id.
    pub(super) fn sort(&self, records: &mut [NodeIndex], builder: &GraphBuilder) {
        self.sort_by(records, |record| *record, builder);
    }

    /// The same of what has a record.
    pub(super) fn sort_by<T>(&self, items: &mut [T], record: impl Fn(&T) -> NodeIndex, builder: &GraphBuilder) {
        let key = |item: &T| {
            let id = &builder.graph[record(item)].id;
            (self.rank(id), id)
        };
        items.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
    }
}

/// The same order for every aspect that has its own.
pub(super) struct Preferences<'r> {
    pub(super) topology: Preference<'r>,
    pub(super) rates: Preference<'r>,
    pub(super) addresses: Preference<'r>,
    pub(super) names: Preference<'r>,
}

impl<'r> Preferences<'r> {
    pub(super) fn new(prefer: &'r super::Prefer, order: &'r [String]) -> Self {
        let preference = |listed| Preference::new(listed, order);
        Self {
            topology: preference(&prefer.topology),
            rates: preference(&prefer.rates),
            addresses: preference(&prefer.addresses),
            names: preference(&prefer.names),
        }
    }
}
