//! What quirks do to records. Records that are there twice are left alone otherwise, so that it is clear which of them counts.

mod device;
mod fields;
mod link;
mod service;
mod site;

/// An id that nothing has.
const NOBODY: &str = "deadbeef-0000-4000-8000-000000000000";

/// One record in so many, for quirks that are everyday, uncommon, and rare.
const EVERYDAY: usize = 20;
const UNCOMMON: usize = 100;
const RARE: usize = 300;
