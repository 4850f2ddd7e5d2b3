//! Delimited text as spreadsheets save it: records with their line numbers, and no record lost to another's quote.

mod cells;
mod columns;
mod records;
mod sniff;

pub use cells::{looks_like_number, plain_decimal, read_rate};
pub use columns::{ABSENT, normalised};
pub use records::{Fields, MOST_RECORD_LINES, Outcome, Records};
pub use sniff::Delimiter;

#[cfg(test)]
mod tests;
