//! Rate limits of a virt.

use pleach_graph::Code;
use toml::de::DeTable;

use super::fields::{Fields, Report};
use super::values;
use crate::limit::{Limit, Policer, Shaper};
use crate::origin::Subject;
use crate::rule::Direction;

const KEYS: [&str; 4] = ["average", "burst", "burst_rate", "leaf"];

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
        let shaped_by = fields.read("leaf", values::leaf);
        let is_shaped = fields.get("leaf").is_some();
        let needed: &[&str] = if is_shaped { &["average"] } else { &["average", "burst"] };
        for key in needed {
            if fields.get(key).is_none() {
                let message = format!("`{prefix}{key}` is not stated");
                fields.report.push(Code::MissingAttribute, Some(subject), &format!("{prefix}{key}"), at, message);
            }
        }
        if is_shaped && fields.get("burst_rate").is_some() {
            let message = format!("`{prefix}burst_rate` is of policers, and a `leaf` shapes");
            fields.report.push(Code::BadRateLimit, Some(subject), &format!("{prefix}burst_rate"), at, message);
        }
        let limit = match (average, burst, shaped_by) {
            (Some(average), burst, Some(leaf)) => Some(Limit::Shaped(Shaper { average, burst, leaf })),
            (Some(average), Some(burst), None) if !is_shaped => {
                Some(Limit::Policed(Policer { average, burst, burst_rate }))
            }
            _ => None,
        };
        limits.extend(limit.map(|limit| (direction, limit)));
    }
    limits
}
