//! What the records of one group state of one thing, and who is believed.

use petgraph::graph::NodeIndex;
use smallvec::SmallVec;

use crate::builder::GraphBuilder;
use crate::id::NodeId;
use crate::node::Origin;
use crate::problem::{Code, Problem};
use crate::same::report::list;
use crate::stated_reason::Aspect;

/// What is believed, and what else is stated. Each with the record that states it.
pub(super) struct Stated<T> {
    pub(super) used: (NodeIndex, T),
    pub(super) others: SmallVec<[(NodeIndex, T); 1]>,
}

impl<T> Stated<T> {
    /// Asks the records in the order in which they are believed; nothing where none of them states anything.
    pub(super) fn read(records: &[NodeIndex], mut read: impl FnMut(NodeIndex) -> Option<T>) -> Option<Self> {
        let mut stated = records.iter().filter_map(|&record| Some((record, read(record)?)));
        Some(Self { used: stated.next()?, others: stated.collect() })
    }
}

/// The records that a group's values came from, and those that state others.
pub(super) struct Origins {
    /// The record that gives the node its id.
    winner: NodeIndex,
    used: SmallVec<[NodeIndex; 2]>,
    passed: SmallVec<[NodeIndex; 2]>,
}

impl Origins {
    pub(super) fn new(winner: NodeIndex) -> Self {
        Self { winner, used: SmallVec::new(), passed: SmallVec::new() }
    }

    /// Counts one value. Where the record that gives the id states it too, it is from there.
    pub(super) fn add<T: PartialEq>(&mut self, Stated { used, others }: &Stated<T>) {
        let is_own = others.iter().any(|(other, value)| *other == self.winner && *value == used.1);
        let from = if is_own { self.winner } else { used.0 };
        if !self.used.contains(&from) {
            self.used.push(from);
        }
        for (other, _) in others.iter().filter(|(_, value)| *value != used.1) {
            if !self.passed.contains(other) {
                self.passed.push(*other);
            }
        }
    }

    /// Says where a group's values came from, unless they are those of the record that gives the id, and nobody states
    /// others. Reasons of who does are taken away.
    pub(super) fn explain(mut self, builder: &mut GraphBuilder, aspect: Aspect) {
        let winner = self.winner;
        self.passed.retain(|passed| !self.used.contains(passed));
        if self.used.is_empty() || (self.passed.is_empty() && self.used.as_slice() == [winner]) {
            return;
        }
        let names = |records: &[NodeIndex]| {
            let ids: Vec<&str> = records.iter().map(|&record| builder.graph[record].id.as_str()).collect();
            list(&ids)
        };
        let mut text = ["from ", &names(&self.used)].concat();
        if !self.passed.is_empty() {
            text = [&text, ", not from ", &names(&self.passed)].concat();
        }
        for passed in self.passed {
            builder.reasons.forget(passed, aspect);
        }
        builder.reasons.add(winner, aspect, text);
    }
}

/// A record, and what it states of something, in words.
pub(super) struct Side<'s> {
    pub(super) id: &'s NodeId,
    pub(super) origin: Origin,
    pub(super) value: &'s str,
}

/// Problem that two records of one node state different things.
pub(super) fn disagreement(
    builder: &GraphBuilder,
    winner: NodeIndex,
    field: &str,
    [used, other]: [Side<'_>; 2],
    prefer: &str,
) -> Problem {
    let node = &builder.graph[winner];
    let message = format!(
        "{} `{}` has the {field} {} by `{}` and {} by `{}`; the first is used",
        node.kind.as_str(),
        node.name,
        used.value,
        used.id,
        other.value,
        other.id
    );
    Problem::new(Code::SourcesDisagree, message)
        .at(builder.document_name(other.origin.document), other.origin.line)
        .field(field)
        .value(other.value)
        .record(&node.id)
        .hint(format!("correct one of them, or say with `{prefer}` of `[prefer]` which source is believed"))
}

/// Reports that two records of one node state different things.
pub(super) fn disagree(
    builder: &mut GraphBuilder,
    winner: NodeIndex,
    field: &str,
    sides: [(NodeIndex, &str); 2],
    prefer: &str,
) {
    let sides = sides.map(|(record, value)| {
        let record = &builder.graph[record];
        Side { id: &record.id, origin: record.origin, value }
    });
    let problem = disagreement(builder, winner, field, sides, prefer);
    builder.problems.push(problem);
}

/// The same for everything else that is stated and differs.
pub(super) fn all_disagree<T: PartialEq>(
    builder: &mut GraphBuilder,
    winner: NodeIndex,
    field: &str,
    stated: &Stated<T>,
    words: impl Fn(&GraphBuilder, &T) -> String,
    prefer: &str,
) {
    for (other, value) in stated.others.iter().filter(|(_, value)| *value != stated.used.1) {
        let used = words(builder, &stated.used.1);
        let value = words(builder, value);
        disagree(builder, winner, field, [(stated.used.0, &used), (*other, &value)], prefer);
    }
}
