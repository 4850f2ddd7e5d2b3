//! Rates written with their unit, so that they read back: serde writes a [`Rate`] as a number of bit/s, and reads a bare
//! number as Mbit/s, the unit of configuration files.
//!
//! For `#[serde(serialize_with = "…")]`.

use serde::Serializer;

use crate::rate::Rate;

/// Writes `2.5 Gbit/s`.
pub fn write<S: Serializer>(rate: &Rate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(rate)
}

/// The same of a rate that may not be there.
pub fn write_option<S: Serializer>(rate: &Option<Rate>, serializer: S) -> Result<S::Ok, S::Error> {
    match rate {
        Some(rate) => serializer.collect_str(rate),
        None => serializer.serialize_none(),
    }
}
