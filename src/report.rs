//! Problems and counts as text for people.

use std::io::{self, Write};

pub use pleach_graph::words::{count, number};
use pleach_graph::{Census, Counts, Problem, Severity};
use serde::Serialize;

/// How many problems of one code are shown before the rest is counted.
const SHOWN: usize = 5;

/// How many characters of a problem are shown: a dozen lines of a terminal. A cell may hold a megabyte.
const LONGEST: usize = 1000;

/// Writes problems grouped by code, the worst first: five of each, then a count. `problems` is in stable order.
pub fn write_problems(out: &mut dyn Write, problems: &[Problem]) -> io::Result<()> {
    for group in problems.chunk_by(|a, b| a.code == b.code) {
        let code = group[0].code;
        writeln!(out, "{} {code}: {}", severity(code.severity()), group.len())?;
        let mut last_hint = "";
        for problem in group.iter().take(SHOWN) {
            write_problem(out, problem, last_hint)?;
            last_hint = &problem.hint;
        }
        if group.len() > SHOWN {
            writeln!(out, "  … and {} more; `--json` lists them all", group.len() - SHOWN)?;
        }
    }
    Ok(())
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// One problem: where, what, and a hint unless it was just given.
fn write_problem(out: &mut dyn Write, problem: &Problem, last_hint: &str) -> io::Result<()> {
    let mut place = String::new();
    if let Some(document) = &problem.document {
        place.push_str(document);
    }
    if let Some(line) = problem.line {
        place = format!("{place} line {line}");
    }
    if let Some(field) = &problem.field {
        place = format!("{place}, {field}");
    }
    let message = &problem.message;
    let line = match (place.is_empty(), &problem.record) {
        (true, None) => message.clone(),
        (false, None) => format!("{place}: {message}"),
        (true, Some(record)) => format!("{record}: {message}"),
        (false, Some(record)) => format!("{place} ({record}): {message}"),
    };
    match line.char_indices().nth(LONGEST) {
        Some((cut, _)) => writeln!(out, "  {} …", &line[..cut])?,
        None => writeln!(out, "  {line}")?,
    }
    if !problem.hint.is_empty() && problem.hint != last_hint {
        writeln!(out, "    hint: {}", problem.hint)?;
    }
    Ok(())
}

/// Writes how many problems there are: `problems: 7 errors, 9 warnings, 3 notes`.
pub fn write_totals(out: &mut dyn Write, problems: &[Problem]) -> io::Result<()> {
    let severities = [Severity::Error, Severity::Warning, Severity::Note];
    let total = |&of: &Severity| problems.iter().filter(|problem| problem.code.severity() == of).count();
    let totals: Vec<String> =
        severities.iter().filter(|of| total(of) > 0).map(|of| count(total(of), severity(*of))).collect();
    writeln!(out, "problems: {}", if totals.is_empty() { "none".to_owned() } else { totals.join(", ") })
}

/// Circuits that a rule leaves out.
#[derive(Debug, Serialize)]
pub struct LeftOut {
    /// Which rule.
    pub rule: &'static str,
    /// How many.
    pub circuits: usize,
}

/// How many circuits each rule leaves out.
pub fn left_out(census: &Census) -> Vec<LeftOut> {
    census.left_out().map(|(rule, circuits)| LeftOut { rule: rule.as_str(), circuits }).collect()
}

/// Writes the counts, as a sum that can be checked.
pub fn write_counts(out: &mut dyn Write, census: &Census) -> io::Result<()> {
    write_sum(out, &census.counts())?;
    for (rule, count) in census.left_out() {
        writeln!(out, "  left out, {}: {}", rule.as_str(), number(count))?;
    }
    Ok(())
}

/// Writes the counts in one line.
pub fn write_sum(out: &mut dyn Write, counts: &Counts) -> io::Result<()> {
    let read = count(counts.read, "circuit");
    let [shaped, quarantined, left_out] = [counts.shaped, counts.quarantined, counts.left_out].map(number);
    writeln!(out, "{read} read = {shaped} shaped + {quarantined} quarantined + {left_out} left out by rule")
}

#[cfg(test)]
mod tests {
    use pleach_graph::Code;

    use super::*;

    #[test]
    fn five_of_each_then_a_count() {
        let problem = |line| {
            let problem = Problem::new(Code::BadRate, "`fast` is not a rate").at("ShapedDevices.csv", line);
            problem.field("Download Max").hint("write a number")
        };
        let mut problems: Vec<Problem> = (1..=7).map(problem).collect();
        problems.push(Problem::new(Code::ParentsIgnored, "no node file"));
        let mut out = Vec::new();
        write_problems(&mut out, &problems).expect("written");
        let text = String::from_utf8(out).expect("text");
        assert!(text.starts_with(
            "error bad-rate: 7\n  ShapedDevices.csv line 1, Download Max: `fast` is not a rate\n    hint: write a number\n  ShapedDevices.csv line 2"
        ));
        assert!(text.ends_with("line 5, Download Max: `fast` is not a rate\n  … and 2 more; `--json` lists them all\nwarning parents-ignored: 1\n  no node file\n"), "{text}");
        assert_eq!(text.matches("hint").count(), 1);
    }

    #[test]
    fn a_megabyte_in_a_cell_does_not_flood_the_terminal() {
        let mut out = Vec::new();
        let problem = Problem::new(Code::NoAddress, "é".repeat(1 << 20));
        write_problems(&mut out, &[problem]).expect("written");
        let text = String::from_utf8(out).expect("text");
        assert!(text.ends_with("é …\n"));
        assert_eq!(text.lines().nth(1).map(|line| line.chars().count()), Some(LONGEST + 4));
    }
}
