//! What an override did, or why it did nothing, in words.

use petgraph::graph::NodeIndex;

use crate::builder::GraphBuilder;
use crate::id::NodeId;
use crate::overrides::entry::{Override, Subject};
use crate::overrides::setting::Setting;
use crate::problem::{Code, Problem};
use crate::stated_reason::Aspect;

/// One setting of one entry that is in force.
#[derive(Clone, Copy)]
pub(super) struct Change<'o> {
    pub(super) entry: &'o Override,
    pub(super) line: u32,
    pub(super) setting: &'o Setting,
}

impl Override {
    /// The settings, one by one.
    pub(super) fn changes(&self) -> impl Iterator<Item = Change<'_>> {
        self.settings.iter().map(move |(line, setting)| Change { entry: self, line: *line, setting })
    }

    /// The id it is known by; of two ends the first.
    pub(super) fn id(&self) -> &NodeId {
        match &self.subject {
            Subject::Id(id) | Subject::Between([id, _]) => id,
        }
    }
}

/// Where reports go.
pub(super) struct Report<'b> {
    pub(super) builder: &'b mut GraphBuilder,
    pub(super) document: &'b str,
}

impl Report<'_> {
    /// A problem of a whole entry.
    pub(super) fn entry(&mut self, code: Code, entry: &Override, message: String, hint: String) {
        let field = if matches!(entry.subject, Subject::Id(_)) { "id" } else { "between" };
        let problem = Problem::new(code, message).at(self.document, entry.line).field(field).record(entry.id());
        self.builder.problems.push(problem.hint(hint));
    }

    /// A problem of one setting.
    pub(super) fn change(&mut self, code: Code, change: Change<'_>, message: String, hint: impl Into<String>) {
        let Change { entry, line, setting } = change;
        let problem = Problem::new(code, message).at(self.document, line).field(setting.field());
        self.builder.problems.push(problem.record(entry.id()).hint(hint));
    }

    /// A setting that does not fit.
    pub(super) fn unfit(&mut self, change: Change<'_>, message: String, hint: impl Into<String>) {
        self.change(Code::UnfitOverride, change, message, hint);
    }

    pub(super) fn expired(&mut self, entry: &Override) {
        let Some((line, end)) = &entry.expires else { return };
        let message = format!("the override of `{}` has expired, on `{end}`; what the sources say holds", entry.id());
        let problem = Problem::new(Code::ExpiredOverride, message).at(self.document, *line).field("expires");
        let problem = problem.record(entry.id()).hint("remove it, or give it another `expires`");
        self.builder.problems.push(problem);
    }

    /// Of two changes of one thing the later one wins.
    pub(super) fn repeated(&mut self, earlier: Change<'_>, later: Change<'_>) {
        let message = format!(
            "`{}` of `{}` is set again in line {}, to {}; the later line wins",
            earlier.setting.field(),
            earlier.entry.id(),
            later.line,
            later.setting
        );
        self.change(Code::RepeatedOverride, earlier, message, "remove one of the two");
    }

    /// Says for `explain` which line decided: `done` is what it did, such as ``sets `cost` to 5``.
    pub(super) fn because(&mut self, node: NodeIndex, aspect: Aspect, change: Change<'_>, done: &str) {
        let mut text = format!("`{}` line {} {done}", self.document, change.line);
        if !change.entry.note.is_empty() {
            text = [&text, ": ", &change.entry.note].concat();
        }
        self.builder.reasons.add(node, aspect, text);
    }

    /// The same of a value that was another one.
    pub(super) fn sets(&mut self, node: NodeIndex, aspect: Aspect, change: Change<'_>, before: Option<String>) {
        let before = before.map(|before| format!(" instead of {before}")).unwrap_or_default();
        self.because(node, aspect, change, &format!("sets `{}` to {}{before}", change.setting.field(), change.setting));
    }
}
