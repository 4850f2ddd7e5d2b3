//! The guard: whether a result may replace the one before it.
//!
//! [`judge`] compares two generations: a source that answers half of what it should, or nothing, must not take the shaping
//! away from the customers that it did not mention. [`compare`] compares what two files hold.

mod circuit_ids;
mod judge;
mod limits;
mod render;
mod tally;
#[cfg(test)]
mod tests;

pub use circuit_ids::{Verdict, compare};
pub use judge::{Judgement, Refusal, judge};
pub use limits::{GuardLimits, Limits};
pub use tally::Loss;
