//! Rates written with their unit, so that they read back: a bare number is written as bit/s and read as Mbit/s, the unit
//! of configuration files.

use pleach_graph::Rate;
use serde::Serializer;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
pub(crate) fn write<S: Serializer>(rate: &Rate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(rate)
}

#[expect(clippy::ref_option, reason = "serde hands fields over by reference")]
pub(crate) fn write_option<S: Serializer>(rate: &Option<Rate>, serializer: S) -> Result<S::Ok, S::Error> {
    match rate {
        Some(rate) => serializer.collect_str(rate),
        None => serializer.serialize_none(),
    }
}
