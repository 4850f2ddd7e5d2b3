//! Everything the `pleach` command does, as a library.

pub mod picture;
