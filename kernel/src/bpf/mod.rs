//! The eBPF classifier: loaded, found again through the filter it is attached by, written to and read.
//!
//! Its source is `bpf/classifier.bpf.c`; the object compiled from it is embedded. An instance is a set of maps and the
//! programs that name them. Nothing is pinned: an instance lives as long as one of its programs is attached, or a
//! [`Classifier`] holds it.

mod classifier;
mod driver;
mod map;
mod object;
mod observe;
mod sys;
mod test_run;
mod write;

pub use classifier::Classifier;
pub use driver::{Allocation, Driver};
pub use map::possible_cpus;
pub use object::{embedded_version, object_file};
pub use observe::Counters;
pub use test_run::{Verdict, test_run, test_run_marked};
