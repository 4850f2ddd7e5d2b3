//! Answers of JSON, one record at a time.
//!
//! A large answer is never parsed whole: [`JsonElements`] finds where each element of a top-level array begins and ends, and
//! whoever wants it decodes it alone. So one bad record costs one record, and memory holds one record.

mod elements;
mod splitter;

pub use elements::{BadRecord, Element, ElementsError, JsonElements};
pub(crate) use splitter::Splitter;
pub use splitter::{BrokenJson, Expect, Wrong};
