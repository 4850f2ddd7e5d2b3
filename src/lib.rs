//! Everything the `pleach` command does, as a library.

pub mod cli;
pub mod colour;
pub mod config;
pub mod exit;
pub mod explain;
pub mod export;
pub mod files;
pub mod generations;
pub mod load;
pub mod lookup;
pub mod nets;
pub mod picture;
pub mod policy;
pub mod progress;
pub mod publish;
pub mod report;
pub mod shapers;
pub mod shaping;
pub mod sources;
pub mod state;
pub mod survey;
pub mod sync;
pub mod terminal;
pub mod toml_error;
pub mod units;
pub mod usable;
