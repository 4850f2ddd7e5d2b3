//! What a run that made, refused or left a generation has to say.

use std::io::{self, Write};

use pleach_graph::Problem;
use serde::Serialize;

use super::sync::Saying;
use crate::exit::{Exit, Failure};
use crate::report;
use crate::sync::{Difference, Ended, Level, Log, LogFormat, Outcome, Report, SourceRead};
use crate::terminal::Lines;

/// What came of a run, as JSON.
#[derive(Serialize)]
struct Json<'a, D> {
    #[serde(flatten)]
    report: &'a Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    done: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<D>,
    problem_list: &'a [Problem],
}

/// Says it: data on standard output, the rest on standard error. A failure is said here too, so that a quiet run can keep one
/// to itself that was said before.
pub(super) fn say_ended(out: &mut dyn Write, ended: &Ended, saying: Saying) -> Result<Exit, Failure> {
    let log = Log { format: saying.log };
    say_problems(ended, saying, log)?;
    if saying.json {
        write_json(out, ended)?;
    } else if !saying.quiet {
        write_text(out, ended)?;
    } else {
        say_quietly(ended, log);
    }
    if let Some(failure) = &ended.failure
        && (!saying.quiet || ended.news.is_new_failure)
    {
        log.say(Level::Error, &failure.to_string());
    }
    Ok(ended.exit)
}

fn say_problems(ended: &Ended, saying: Saying, log: Log) -> io::Result<()> {
    let problems = if saying.quiet { &ended.news.problems } else { &ended.problems };
    if problems.is_empty() || saying.json {
        return Ok(());
    }
    if log.format == LogFormat::Json {
        for problem in problems {
            let level = Level::of(problem.code.severity());
            log.say(level, &format!("{}: {}", problem.code, problem.message));
        }
        return Ok(());
    }
    let mut text = Lines::new(Vec::new());
    if saying.quiet {
        writeln!(text, "new since the last run:")?;
    }
    report::write_problems(&mut text, problems)?;
    report::write_totals(&mut text, problems)?;
    crate::terminal::say(&text.into_inner());
    Ok(())
}

/// What a quiet run says beside problems and failures: that an older answer stands in, and what did not go well, as far as the
/// run before did not say it.
fn say_quietly(ended: &Ended, log: Log) {
    let is_news = |source: &&SourceRead| ended.news.fallbacks.contains(&source.name);
    for source in ended.report.sources.iter().filter(is_news) {
        log.say(Level::Warning, &format!("warning: {}", fallback_words(source)));
    }
    for line in &ended.news.warnings {
        log.say(Level::Warning, line);
    }
}

fn write_text(out: &mut dyn Write, ended: &Ended) -> io::Result<()> {
    let report = &ended.report;
    if let Some(difference) = &ended.difference {
        // Of the first generation everything is new: nobody wants a list of all that there is.
        let is_first =
            report.generation.is_none() || (report.outcome == Outcome::Published && report.previous.is_none());
        let text = if is_first { format!("{}\n", difference.in_a_line()) } else { difference.text() };
        out.write_all(text.as_bytes())?;
    }
    for source in report.sources.iter().filter(|source| source.fell_back.is_some()) {
        writeln!(out, "{}", fallback_words(source))?;
    }
    for line in &ended.done {
        writeln!(out, "{line}")?;
    }
    if let Some(counts) = &report.counts {
        report::write_sum(out, counts)?;
    }
    writeln!(out, "{}", last_line(report))
}

fn fallback_words(source: &SourceRead) -> String {
    let why = source.fell_back.as_deref().unwrap_or_default();
    format!("source `{}` could not be read ({why}); its answers of {} are used", source.name, source.taken)
}

fn last_line(report: &Report) -> String {
    let number = report.generation.map_or_else(|| "none".to_owned(), |number| number.to_string());
    let seconds = report.seconds;
    match report.outcome {
        Outcome::Published => {
            let before = report.previous.map_or_else(String::new, |before| format!(", before it {before}"));
            format!("generation {number} is the current one{before}; {seconds:.2} s")
        }
        Outcome::Unchanged => format!("unchanged: every file is as generation {number} has it; {seconds:.2} s"),
        Outcome::Differences => {
            format!("not changed: this is what a sync would do; the current generation is {number}")
        }
        Outcome::Refused | Outcome::Pinned | Outcome::Undelivered | Outcome::Failed | Outcome::Killed => {
            format!("the current generation is {number}")
        }
    }
}

fn write_json(out: &mut dyn Write, ended: &Ended) -> Result<(), Failure> {
    let json = Json {
        report: &ended.report,
        hint: ended.failure.as_ref().and_then(|failure| failure.hint.as_deref()),
        done: &ended.done,
        difference: ended.difference.as_ref().map(Difference::facts),
        problem_list: &ended.problems,
    };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    writeln!(out)?;
    Ok(())
}
