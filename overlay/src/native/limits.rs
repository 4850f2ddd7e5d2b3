//! Rate limits of a virt.

use pleach_graph::Code;
use toml::de::DeTable;

use super::fields::{Fields, Report};
use super::values;
use crate::limit::Limit;
use crate::origin::Subject;
use crate::rule::Direction;

const KEYS: [&str; 3] = ["average", "burst", "burst_rate"];

/// The limits that a `rate` table states.
pub(super) fn read(report: &mut Report<'_>, subject: &Subject, table: &DeTable<'_>) -> Vec<(Direction, Limit)> {
    let mut both = Fields::new(report, Some(subject), "rate.", table, &Direction::BOTH.map(Direction::as_str));
    let tables = Direction::BOTH.map(|direction| {
        let key = direction.as_str();
        (direction, both.inner(key), both.place(key))
    });
    let mut limits = Vec::new();
    for (direction, inner, at) in tables {
        let Some(inner) = inner else { continue };
        let prefix = format!("rate.{direction}.");
        let mut fields = Fields::new(report, Some(subject), &prefix, inner, &KEYS);
        let average = fields.read("average", values::rate);
        let burst = fields.read("burst", values::bytes);
        let burst_rate = fields.read("burst_rate", values::rate);
        for key in ["average", "burst"] {
            if fields.get(key).is_none() {
                let message = format!("`{prefix}{key}` is not stated");
                fields.report.push(Code::MissingAttribute, Some(subject), &format!("{prefix}{key}"), at, message);
            }
        }
        limits.extend(average.zip(burst).map(|(average, burst)| (direction, Limit { average, burst, burst_rate })));
    }
    limits
}
