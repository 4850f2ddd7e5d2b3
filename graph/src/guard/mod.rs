//! The guard: whether a result may replace the one before it.
//!
//! [`judge`] compares two generations: a source that answers half of what it should, or nothing, must not take the shaping
//! away from the customers that it did not mention. [`judge_shaper`] looks at where a shaper stands and at what it carries
//! there. [`compare`] compares what two files hold.

mod circuit_ids;
mod judge;
mod limits;
mod render;
mod shaper;
#[cfg(test)]
mod shaper_tests;
mod tally;
#[cfg(test)]
mod tests;
mod topology;
#[cfg(test)]
mod topology_tests;

pub use circuit_ids::{Verdict, compare};
pub use judge::{Judgement, Refusal, judge};
pub use limits::{GuardLimits, Limits, LinkLimits, Most, NodeLimits, ShareLimit};
pub use shaper::{Carried, Root, ShaperRefusal, judge_shaper};
pub use tally::Loss;
