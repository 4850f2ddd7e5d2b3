//! Delimited text as spreadsheets save it: records with their line numbers, and no record lost to another's quote.

mod columns;
mod records;
mod sniff;

pub use columns::{ABSENT, normalised};
pub use records::{Fields, MOST_RECORD_LINES, Outcome, Records};
pub use sniff::{Delimiter, looks_like_number, plain_decimal};

#[cfg(test)]
mod tests;
