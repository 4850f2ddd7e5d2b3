//! Rows and elements of another shape, read through a mapping.

use std::borrow::Cow;

use pleach_graph::RateUnit;

use crate::field::{Field, RecordKind};
use crate::map::{ANY, Map, Mapping, Take};
use crate::notes::Notes;
use crate::raw::{Raw, Scalar};
use crate::record::Found;
use crate::typed::{self, Units};

/// A row or an element: what stands in each of its places.
pub(crate) trait Places {
    /// What stands in a column, or where a pointer leads.
    fn at(&self, place: &str) -> Scalar<'_>;
}

/// The units that a mapping states. A constant is written with its unit.
impl Units for Map {
    fn of(&self, field: Field, _: &Scalar<'_>) -> Option<RateUnit> {
        self.get(field)?.0.iter().find_map(|take| take.unit).map(RateUnit::from)
    }
}

/// How many circuits may be lost with a row that cannot be read.
pub(crate) fn lost(maps: &[Map]) -> usize {
    usize::from(maps.iter().any(|map| map.record == RecordKind::Circuit))
}

/// Makes of a row the records that the maps say.
pub(crate) fn read(maps: &[Map], row: &impl Places, line: u32, found: &mut Found, notes: &mut Notes<'_>) {
    for map in maps {
        let is_meant = map.when.as_ref().is_none_or(|when| {
            let value = row.at(&when.from);
            when.is.iter().any(|wanted| value.text().unwrap_or_default() == wanted)
        });
        if !is_meant {
            continue;
        }
        let mut raw = Raw::default();
        for (field, mapping) in map.fields() {
            raw.put(field, mapping.value(field, row));
        }
        typed::read(map.record, &raw, line, map, found, notes);
    }
}

impl Mapping {
    fn value<'r>(&'r self, field: Field, row: &'r impl Places) -> Scalar<'r> {
        let values = self.0.iter().map(|take| take.value(row)).filter(|value| !value.is_nothing());
        if field != Field::Addresses {
            return { values }.next().unwrap_or_default();
        }
        let all = values.flat_map(|value| match value {
            Scalar::List(list) => list,
            one => vec![one],
        });
        Scalar::List(all.collect())
    }
}

impl Take {
    fn value<'r>(&'r self, row: &'r impl Places) -> Scalar<'r> {
        let value = match (&self.from, &self.constant) {
            (Some(from), _) => row.at(from),
            (None, Some(constant)) => Scalar::Text(Cow::Borrowed(constant)),
            (None, None) => Scalar::Nothing,
        };
        if self.values.is_empty() {
            return value;
        }
        let stands_for = value.text().and_then(|text| self.values.get(text));
        match stands_for.or_else(|| self.values.get(ANY)) {
            Some(meaning) => Scalar::Text(Cow::Borrowed(meaning)),
            None => value,
        }
    }
}
