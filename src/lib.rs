//! Everything the `pleach` command does, as a library.

pub mod config;
pub mod export;
pub mod files;
pub mod load;
pub mod shapers;
pub mod survey;
