//! Reading the fields of one record, and saying which of them hold what they cannot mean.

use std::fmt;

use compact_str::CompactString;
use pleach_graph::{Code, NodeId, Problem, Problems, Rate, RateUnit};

use crate::scalar::{Scalar, Unreadable};
use crate::settings::Kilobit;

/// The fields of a record.
pub(crate) struct Fields<'c> {
    pub(crate) record: NodeId,
    /// What the record is: `service`.
    pub(crate) kind: &'static str,
    pub(crate) document: &'c str,
    pub(crate) kilobit: Kilobit,
    pub(crate) problems: &'c mut Problems,
}

/// A number in thousandths: a percentage or a ratio with what stands behind its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Thousandths(pub(crate) u64);

impl fmt::Display for Thousandths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1000, self.0 % 1000);
        if rest == 0 { write!(f, "{whole}") } else { f.write_str(format!("{whole}.{rest:03}").trim_end_matches('0')) }
    }
}

impl Fields<'_> {
    /// The id of another record.
    pub(crate) fn reference(&mut self, name: &'static str, field: &Scalar<'_>) -> Option<u64> {
        self.read(name, field, "id", field.id())
    }

    pub(crate) fn flag(&mut self, name: &'static str, field: &Scalar<'_>) -> Option<bool> {
        self.read(name, field, "flag", field.flag())
    }

    /// A rate in kbit/s; 0 is none.
    pub(crate) fn rate(&mut self, name: &'static str, field: &Scalar<'_>) -> Option<Rate> {
        let rate = self.read(name, field, "rate in kbit/s", thousands(field))?;
        Some(self.kilobit.apply(rate)).filter(|rate| *rate != Rate::ZERO)
    }

    /// A percentage or a ratio; 0 is none.
    pub(crate) fn thousandths(&mut self, name: &'static str, field: &Scalar<'_>) -> Option<Thousandths> {
        let number = self.read(name, field, "number", thousands(field))?; // a kilo has as many parts as are wanted
        Some(Thousandths(number.bit())).filter(|number| number.0 != 0)
    }

    /// A text; what is no text is none.
    pub(crate) fn text(&mut self, name: &'static str, field: &Scalar<'_>) -> CompactString {
        let text = field.text().map(|text| CompactString::from(&*text));
        if text.is_none() && !matches!(field, Scalar::Absent | Scalar::Flag(false)) {
            self.report(name, field, "text");
        }
        text.unwrap_or_default()
    }

    /// A list of addresses, or of what else stands in such lists.
    pub(crate) fn list(&mut self, name: &'static str, field: &Scalar<'_>) -> CompactString {
        let list = field.list().map(|list| list.map(|text| CompactString::from(&*text)));
        self.read(name, field, "address", list).unwrap_or_default()
    }

    fn read<T>(
        &mut self,
        name: &'static str,
        field: &Scalar<'_>,
        what: &str,
        read: Result<Option<T>, Unreadable>,
    ) -> Option<T> {
        read.unwrap_or_else(|Unreadable| {
            self.report(name, field, what);
            None
        })
    }

    fn report(&mut self, name: &'static str, field: &Scalar<'_>, what: &str) {
        let (kind, id, value) = (self.kind, &self.record, field.to_string());
        let message =
            format!("{kind} `{}` has `{value}` as `{name}`, which is no {what}; it is taken as not stated", id.raw());
        let problem = Problem::new(Code::BadField, message)
            .at(self.document, 0)
            .field(name)
            .value(&value)
            .record(id)
            .hint(format!("correct it in Splynx, or remove it there if the {kind} has none"));
        self.problems.push(problem);
    }
}

/// So many thousands, exactly: a rate's parser reads decimals without rounding.
fn thousands(field: &Scalar<'_>) -> Result<Option<Rate>, Unreadable> {
    let parse = |text: &str| Rate::parse(text, RateUnit::Kilobit).map_err(|_| Unreadable);
    field.number()?.map(|text| parse(&text)).transpose()
}
