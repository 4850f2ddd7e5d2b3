//! Answers of JSON, one record at a time.
//!
//! A large answer is never parsed whole: [`JsonElements`] finds where each element of a top-level array begins and ends, and
//! whoever wants it decodes it alone. So one bad record costs one record, and memory holds one record.

mod elements;
mod splitter;

pub use elements::{BadRecord, Element, ElementsError, JsonElements};
pub(crate) use splitter::Splitter;
pub use splitter::{BrokenJson, Expect, Wrong};

use serde::Deserialize;

/// Decodes one record. Its bytes are looked at once for whether they are text, not once a string; where they are not, only
/// strings that somebody wants need to be.
pub fn decode<'r, T: Deserialize<'r>>(record: &'r [u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(record) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(record),
    }
}
