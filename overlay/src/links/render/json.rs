//! A plan as JSON, for programs.

use pleach_tc::Interface;
use serde::Serialize;

use super::super::operation::Operation;
use super::super::plan::LinkPlan;
use super::table::{Sign, line};

/// A plan as it is written.
#[derive(Serialize)]
struct Document<'a> {
    /// What a commit does: `nothing`, or what it did or would do.
    outcome: &'a str,
    counts: Counts,
    /// In the order in which they happen.
    operations: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Counts {
    change: usize,
    add: usize,
    remove: usize,
    unchanged: usize,
}

#[derive(Serialize)]
struct Entry<'a> {
    interface: &'a Interface,
    change: &'static str,
    what: String,
}

impl Sign {
    const fn word(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Add => "add",
            Self::Remove => "remove",
        }
    }
}

fn entry(operation: &Operation) -> Entry<'_> {
    let (sign, what) = line(operation);
    Entry { interface: operation.interface(), change: sign.word(), what }
}

/// Writes what a plan changes, and what came of it: `planned`, `committed`, or another word of whoever asks.
pub fn json(plan: &LinkPlan, outcome: &str) -> String {
    let operations: Vec<Entry<'_>> = plan.operations.iter().map(entry).collect();
    let count = |sign: Sign| operations.iter().filter(|entry| entry.change == sign.word()).count();
    let counts = Counts {
        change: count(Sign::Change),
        add: count(Sign::Add),
        remove: count(Sign::Remove),
        unchanged: plan.unchanged,
    };
    let outcome = if plan.is_empty() { "nothing" } else { outcome };
    let mut text = serde_json::to_string_pretty(&Document { outcome, counts, operations })
        .expect("invariant: it has no map, and no number that is not finite");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_the_table_says() {
        let interface = || "tap0".parse().expect("a name");
        let operations = vec![
            Operation::DeleteClsact { interface: interface() },
            Operation::AddClsact { interface: interface() },
            Operation::SetDown { interface: interface() },
        ];
        let written: serde_json::Value =
            serde_json::from_str(&json(&LinkPlan { operations, unchanged: 3 }, "planned")).expect("JSON");
        let expected = serde_json::json!({
            "outcome": "planned",
            "counts": { "change": 1, "add": 1, "remove": 1, "unchanged": 3 },
            "operations": [
                { "interface": "tap0", "change": "remove", "what": "clsact" },
                { "interface": "tap0", "change": "add", "what": "clsact" },
                { "interface": "tap0", "change": "change", "what": "down, as it was" },
            ],
        });
        assert_eq!(written, expected);
        assert!(json(&LinkPlan::default(), "committed").starts_with("{\n  \"outcome\": \"nothing\""));
    }
}
