//! The network Pleach is measured on, and the measurements.
//!
//! `pleach-bench generate --customers 100000 --out DIR` writes the network as files; `pleach-bench run` measures.
//! To measure something new, add a [`Stage`] to [`STAGES`].

mod classifier;
mod datagrams;
mod export;
mod files;
mod floors;
mod graph;
pub mod kernel;
mod lab;
mod measure;
mod network;
pub mod overlay;
mod places;
mod records;
mod report;
mod rules;
mod splynx;
mod stages;
mod subject;
mod sync;
mod uisp;

pub use classifier::measure_classifier;
pub use files::{IGNORED_FILE, NETWORK_FILE, SUBSCRIBERS_FILE, write_files, write_ignored, write_rows};
pub use graph::{ParentsBy, build};
pub use measure::{Measure, Memory, Series};
pub use network::{AccessPointRecord, Address, CustomerParent, CustomerRecord, Network, PlanMbit, SiteRecord};
pub use records::measure_records;
pub use report::{Row, sizes, table};
pub use splynx::measure_splynx;
pub use stages::{Goal, Process, STAGES, Stage, find, run_child, run_stages};
pub use subject::Subject;
pub use sync::{measure_sync, sync_child};
pub use uisp::measure_uisp;
