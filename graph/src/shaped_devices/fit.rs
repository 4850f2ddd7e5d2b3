//! Rows with another number of fields than their header or the first row: whether their rates are in their columns.

use crate::delimited::{Delimiter, Fields, looks_like_number};

use super::header::{Layout, RATE_COLUMNS};

const RATES: usize = RATE_COLUMNS.len();

/// How a row's fields lie in the file's columns.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// In their columns, as far as can be told.
    InPlace,
    /// As in a dialect with fewer columns than the header names: `ShapedDevices.example.csv` of LibreQoS 2.2 has 15
    /// names and 14 fields a row.
    AsIn(Box<Layout>),
    /// The rates stand so many fields further right or, below 0, further left: a comma too many or too few.
    Shifted(isize),
}

impl Fit {
    pub(super) fn of(layout: &Layout, fields: Fields<'_>, delimiter: Delimiter) -> Self {
        let shift = layout.width().map_or(0, |width| fields.len().cast_signed() - width.cast_signed());
        if shift == 0 {
            return Self::InPlace;
        }
        let Some(meant_at) = layout.rates_at() else { return Self::InPlace };
        let are_numbers = |from: usize, to: usize| (from..to).all(|at| looks_like_number(fields.get(at), delimiter));
        if are_numbers(meant_at, meant_at + RATES) {
            return Self::InPlace;
        }
        if shift < 0
            && let Some(narrower) = layout.narrower(fields, delimiter)
        {
            return Self::AsIn(Box::new(narrower));
        }
        let Some(found_at) = meant_at.checked_add_signed(shift) else { return Self::InPlace };
        // Minimums may be blank; the maximums then tell.
        let maximums_moved =
            are_numbers(found_at + 2, found_at + RATES) && !are_numbers(meant_at + 2, meant_at + RATES);
        if are_numbers(found_at, found_at + RATES) || maximums_moved { Self::Shifted(shift) } else { Self::InPlace }
    }
}
