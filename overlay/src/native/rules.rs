//! Firewall rules of a virt.

use pleach_graph::Code;
use toml::Spanned;
use toml::de::DeValue;

use super::fields::{Fields, Report, not};
use super::values::{self, Unusable};
use crate::origin::Subject;
use crate::rule::{Direction, Match, Priority, Rule, RuleAction};

const KEYS: [&str; 10] = [
    "direction",
    "priority",
    "action",
    "source_mac",
    "destination_mac",
    "source",
    "destination",
    "protocol",
    "source_ports",
    "destination_ports",
];

/// A rule, if all of it can be used: half of a rule would match what it should not.
pub(super) fn read<'t>(report: &mut Report<'_>, subject: &Subject, value: &'t Spanned<DeValue<'t>>) -> Option<Rule> {
    let at = value.span().start;
    let Some(table) = value.get_ref().as_table() else {
        let Unusable { text, why } = not(value.get_ref(), "a table");
        report.push(Code::BadOverlayValue, Some(subject), "rule", at, format!("`{text}` {why}"));
        return None;
    };
    let before = report.problems.len();
    let mut fields = Fields::new(report, Some(subject), "rule.", table, &KEYS);
    let direction = fields.read("direction", direction);
    let priority = fields.read("priority", |value| values::numbered(value, Priority::new));
    let action = fields.read("action", action);
    let matches = Match {
        source_mac: fields.read("source_mac", values::parsed),
        destination_mac: fields.read("destination_mac", values::parsed),
        source: fields.read("source", values::prefix),
        destination: fields.read("destination", values::prefix),
        protocol: fields.read("protocol", values::parsed),
        source_ports: fields.read("source_ports", values::ports),
        destination_ports: fields.read("destination_ports", values::ports),
    };
    for key in ["direction", "priority", "action"] {
        if fields.get(key).is_none() {
            let message = format!("the rule states no `{key}`");
            fields.report.push(Code::MissingAttribute, Some(subject), &format!("rule.{key}"), at, message);
        }
    }
    let is_whole = fields.report.problems.len() == before;
    let rule = Rule { direction: direction?, priority: priority?, matches, action: action? };
    is_whole.then_some(rule)
}

fn direction(value: &DeValue<'_>) -> Result<Direction, Unusable> {
    let text = values::text(value)?;
    Direction::BOTH.into_iter().find(|one| one.as_str() == text).ok_or_else(|| not(value, "`in` or `out`"))
}

fn action(value: &DeValue<'_>) -> Result<RuleAction, Unusable> {
    match values::text(value)? {
        "drop" => Ok(RuleAction::Drop),
        "accept" => Ok(RuleAction::Accept),
        _ => Err(not(value, "`drop` or `accept`")),
    }
}
