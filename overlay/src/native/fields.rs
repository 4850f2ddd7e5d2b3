//! One table: its keys are taken one by one, and what cannot be used is reported.

use pleach_graph::suggest::{list, nearest};
use pleach_graph::{Code, Problem, Problems};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::lines::Lines;
use super::values::Unusable;
use crate::name::Name;
use crate::origin::{Origin, Origins, Subject};

/// What is collected while a file is read.
pub(super) struct Report<'a> {
    pub(super) document: &'a str,
    pub(super) lines: Lines,
    pub(super) origins: Origins,
    pub(super) problems: Problems,
}

impl Report<'_> {
    pub(super) fn push(&mut self, code: Code, subject: Option<&Subject>, field: &str, at: usize, message: String) {
        let problem = Problem::new(code, message).at(self.document, self.lines.line(at));
        let problem = if field.is_empty() { problem } else { problem.field(field) };
        self.problems.push(match subject {
            Some(subject) => problem.record(&subject.id()),
            None => problem,
        });
    }

    pub(super) fn origin(&self, at: usize) -> Origin {
        Origin { document: self.document.into(), line: self.lines.line(at) }
    }
}

/// A table of a file.
pub(super) struct Fields<'r, 'd, 't> {
    pub(super) report: &'r mut Report<'d>,
    pub(super) subject: Option<&'r Subject>,
    table: &'t DeTable<'t>,
    /// What stands before a key in messages: `rate.in.`
    prefix: &'r str,
}

impl<'r, 'd, 't> Fields<'r, 'd, 't> {
    /// A table that may have the `known` keys; any other is reported.
    pub(super) fn new(
        report: &'r mut Report<'d>,
        subject: Option<&'r Subject>,
        prefix: &'r str,
        table: &'t DeTable<'t>,
        known: &[&str],
    ) -> Self {
        for key in table.keys() {
            let name = key.get_ref();
            if known.contains(&name.as_ref()) {
                continue;
            }
            let hint = match nearest(name, known.iter().copied()).as_slice() {
                [] => format!("known here: {}", list(known)),
                alike => format!("did you mean {}?", list(alike)),
            };
            let problem = Problem::new(Code::UnknownKey, format!("key `{prefix}{name}` is not known here"));
            let problem =
                problem.at(report.document, report.lines.line(key.span().start)).field(&format!("{prefix}{name}"));
            let problem = problem.hint(hint);
            report.problems.push(match subject {
                Some(subject) => problem.record(&subject.id()),
                None => problem,
            });
        }
        Self { report, subject, table, prefix }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.table.get(key)
    }

    /// Where a key's value stands.
    pub(super) fn place(&self, key: &str) -> usize {
        self.get(key).map_or(0, |value| value.span().start)
    }

    /// The value of a key, where there is one that can be used.
    pub(super) fn read<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&'t DeValue<'t>) -> Result<T, Unusable>,
    ) -> Option<T> {
        let value = self.get(key)?;
        self.usable(key, Code::BadOverlayValue, value, read)
    }

    /// The same for one value, which may be an element of the key's array.
    pub(super) fn usable<T>(
        &mut self,
        key: &str,
        code: Code,
        value: &'t Spanned<DeValue<'t>>,
        read: impl FnOnce(&'t DeValue<'t>) -> Result<T, Unusable>,
    ) -> Option<T> {
        read(value.get_ref())
            .map_err(|Unusable { text, why }| self.refuse(key, code, value.span().start, &text, &why))
            .ok()
    }

    /// Reports a value that cannot be used.
    pub(super) fn refuse(&mut self, key: &str, code: Code, at: usize, text: &str, why: &str) {
        let field = format!("{}{key}", self.prefix);
        let problem =
            Problem::new(code, format!("`{text}` {why}")).at(self.report.document, self.report.lines.line(at));
        let problem = problem.field(&field).value(text);
        self.report.problems.push(match self.subject {
            Some(subject) => problem.record(&subject.id()),
            None => problem,
        });
        if let Some(subject) = self.subject {
            self.report.origins.spoil(subject.clone(), &field);
        }
    }

    /// The elements of an array.
    pub(super) fn elements(&mut self, key: &str) -> &'t [Spanned<DeValue<'t>>] {
        let array = self.read(key, |value| value.as_array().ok_or_else(|| not(value, "a list in brackets")));
        array.map_or(&[], |array| array.as_ref())
    }

    /// A table within.
    pub(super) fn inner(&mut self, key: &str) -> Option<&'t DeTable<'t>> {
        self.read(key, |value| value.as_table().ok_or_else(|| not(value, "a table")))
    }

    /// The tables within, by names that objects can have.
    pub(super) fn named(&mut self, key: &str) -> Vec<(Name, usize, &'t DeTable<'t>)> {
        let mut found = Vec::new();
        for (name, value) in self.inner(key).into_iter().flatten() {
            let at = name.span().start;
            let table = self.usable(key, Code::BadOverlayValue, value, |value| {
                value.as_table().ok_or_else(|| not(value, "a table"))
            });
            match name.get_ref().parse::<Name>() {
                Ok(name) => found.extend(table.map(|table| (name, at, table))),
                Err(error) => self.refuse(key, Code::BadOverlayValue, at, name.get_ref(), &error.to_string()),
            }
        }
        found
    }
}

pub(super) fn not(value: &DeValue<'_>, what: &str) -> Unusable {
    Unusable { text: super::values::shown(value), why: format!("is not {what}") }
}
