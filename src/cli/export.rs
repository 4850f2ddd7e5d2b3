//! `pleach export`: the files of every shaper.

use std::collections::HashSet;
use std::io::{self, Write};
use std::mem::ManuallyDrop;
use std::path::PathBuf;

use clap::Args;
use pleach_graph::{Counts, NodeId, Problem, View};
use serde::Serialize;

use super::inputs::{Inputs, MayWrite, Strictness};
use super::outcome::{Outcome, refusals, write_outcomes};
use crate::config::{Config, Shaper, folder_name};
use crate::exit::{Exit, Failure, HELP};
use crate::export::build;
use crate::files::Staged;
use crate::progress::Progress;
use crate::publish::{folder_is_there, publish};
use crate::report::{self, LeftOut};
use crate::shapers::{Holders, Rooted};
use crate::survey::Survey;
use crate::terminal::{self, Lines};

/// Where files go when nothing else is said.
const DEFAULT_FOLDER: &str = "pleach-out";

/// Write network.json, ShapedDevices.csv and manifest.json for every shaper
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Export {
    #[command(flatten)]
    inputs: Inputs,
    /// Write for a shaper at this node (typed id or unique name) instead of the configured ones; may be repeated
    #[arg(long, value_name = "NODE")]
    root: Vec<String>,
    /// Folder to write to; each shaper has a folder of its name in it
    #[arg(long, value_name = "DIR", default_value = DEFAULT_FOLDER)]
    out: PathBuf,
    /// Write even if no circuit is left or many would vanish
    #[arg(long)]
    accept_changes: bool,
    #[command(flatten)]
    strictness: Strictness,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// What was done, as JSON says it.
#[derive(Serialize)]
struct Report<'a> {
    snapshot: &'a str,
    ended: Ended,
    counts: Counts,
    left_out: Vec<LeftOut>,
    circuits_in: CircuitsIn,
    shapers: &'a [Outcome],
    problems: &'a [Problem],
}

/// Whether the files are in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Ended {
    Written,
    NotWrittenStrict,
    NotWrittenGuard,
}

/// In how many shapers circuits are.
#[derive(Serialize)]
pub(super) struct CircuitsIn {
    pub(super) one: usize,
    pub(super) several: usize,
    pub(super) none: usize,
}

impl CircuitsIn {
    pub(super) fn count(survey: &Survey, holders: &Holders) -> Self {
        let mut by_count = [0_usize; 3];
        for circuit in survey.census.circuits() {
            by_count[holders.count(circuit.position).min(2)] += 1;
        }
        let [none, one, several] = by_count;
        Self { one, several, none }
    }
}

impl Export {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let progress = Progress::start();
        let config = self.inputs.config()?;
        let survey = ManuallyDrop::new(self.inputs.survey(&config, &progress)?); // the kernel frees it, all at once
        let shapers = self.shapers(&config, &survey)?;
        shapers.iter().try_for_each(folder_is_there)?;
        progress.stage("growing the shapers' trees");
        let (rooted, holders) = self.inputs.shapers(&survey, &shapers)?;
        let views = survey.views(&rooted);
        let mut problems = survey.problems(&views);
        let (exit, may_write) = self.strictness.judge(survey.census.counts().quarantined, &problems);
        let (outcomes, staged, found) = match may_write {
            MayWrite::Yes => {
                let staged = Staged::protecting(config.csv.paths());
                self.stage(staged, &survey, &rooted, &views, &holders, &progress)?
            }
            MayWrite::No => (Vec::new(), Staged::default(), Vec::new()),
        };
        problems.extend(found);
        drop(progress);
        let refused = if self.accept_changes { Vec::new() } else { refusals(&survey, &outcomes) };
        let ended = if may_write == MayWrite::No {
            Ended::NotWrittenStrict
        } else if refused.is_empty() {
            publish(staged)?;
            Ended::Written
        } else {
            Ended::NotWrittenGuard
        };
        self.say(&survey, &problems, ended, &refused)?;
        let report = Report {
            snapshot: &survey.snapshot,
            ended,
            counts: survey.census.counts(),
            left_out: report::left_out(&survey.census),
            circuits_in: CircuitsIn::count(&survey, &holders),
            shapers: &outcomes,
            problems: &problems,
        };
        let reported = self.report(out, &report, &survey, &holders);
        match ended {
            // What is done is done: that nobody can be told makes it no failure.
            Ended::Written => reported.unwrap_or_else(|error| say_unreported(&error)),
            Ended::NotWrittenStrict | Ended::NotWrittenGuard => reported?,
        }
        Ok(if ended == Ended::NotWrittenGuard { Exit::Refused } else { exit })
    }

    fn report(&self, out: &mut dyn Write, report: &Report<'_>, survey: &Survey, holders: &Holders) -> io::Result<()> {
        if self.json {
            serde_json::to_writer_pretty(&mut *out, report)?;
            writeln!(out)?;
        } else if report.ended == Ended::Written {
            report::write_counts(out, &survey.census)?;
            write_outcomes(out, survey, holders, report.shapers)?;
        }
        out.flush()
    }

    /// Says on standard error what was found wrong and why nothing is written, if so; nothing if all is well.
    fn say(&self, survey: &Survey, problems: &[Problem], ended: Ended, refused: &[String]) -> io::Result<()> {
        let mut text = Lines::new(Vec::new());
        if !self.json && !problems.is_empty() {
            report::write_problems(&mut text, problems)?;
            writeln!(text)?;
            report::write_totals(&mut text, problems)?;
        }
        if !self.json && ended != Ended::Written {
            writeln!(text, "read from {}", survey.documents.join(", "))?;
            report::write_counts(&mut text, &survey.census)?;
        }
        if ended == Ended::NotWrittenStrict {
            writeln!(text, "pleach: nothing is written: `--strict` takes errors and warnings for a failure")?;
            writeln!(text, "hint: correct them, or leave `--strict` out")?;
        }
        for refusal in refused {
            writeln!(text, "pleach: refused: {refusal}")?;
        }
        if ended == Ended::NotWrittenGuard {
            writeln!(text, "hint: nothing is written; if that is meant, `--accept-changes` writes it")?;
        }
        terminal::say(&text.into_inner());
        Ok(())
    }

    /// The configured shapers, or one for each `--root`.
    fn shapers(&self, config: &Config, survey: &Survey) -> Result<Vec<Shaper>, Failure> {
        if self.root.is_empty() {
            return Ok(config.shaper.clone());
        }
        let find = |root: &String| survey.network.find_named(root).map(|node| &survey.network.node(node).id);
        let roots: Vec<&NodeId> = self.root.iter().map(find).collect::<Result<_, _>>().map_err(Failure::usage)?;
        let mut shapers = shapers_at(&roots);
        self.inputs.apply_to_shapers(&mut shapers);
        Ok(shapers)
    }

    /// Writes every shaper's files beside those they will replace, and compares the two.
    fn stage(
        &self,
        mut staged: Staged,
        survey: &Survey,
        rooted: &[Rooted<'_>],
        views: &[View<'_>],
        holders: &Holders,
        progress: &Progress,
    ) -> Result<(Vec<Outcome>, Staged, Vec<Problem>), Failure> {
        let mut problems = Vec::new();
        let mut outcomes = Vec::new();
        for (index, (shaper, view)) in rooted.iter().zip(views).enumerate() {
            progress.stage(format!("writing the files of {}", shaper.shaper.name));
            let files = build(survey, shaper, view, holders, index);
            let folder = self.out.join(&files.name);
            outcomes.push(Outcome::stage(&files, &folder, shaper.shaper.publish.as_deref(), &mut staged)?);
            problems.extend(files.problems);
        }
        Ok((outcomes, staged, problems))
    }
}

fn say_unreported(error: &io::Error) {
    if error.kind() != io::ErrorKind::BrokenPipe {
        terminal::say(format!("pleach: the files are written, but not the report of it: {error}\n").as_bytes());
    }
}

/// A shaper for each of these roots, once, named after its root: by its own id, by the whole one where two would share a
/// folder.
fn shapers_at(roots: &[&NodeId]) -> Vec<Shaper> {
    let (mut seen, mut names) = (HashSet::new(), HashSet::new());
    let mut shapers = Vec::new();
    for root in roots.iter().filter(|root| seen.insert(**root)) {
        let mut name = folder_name(root);
        if names.contains(&name) {
            name = root.as_str().replace(|c: char| !c.is_alphanumeric(), "-");
        }
        while !names.insert(name.clone()) {
            name.push('-'); // two ids that differ only in what no folder is named with
        }
        shapers.push(Shaper::named(&name, Some(root.to_string())));
    }
    shapers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_root_has_a_folder_of_its_own() {
        let ids = ["a:site:x", "b:site:x", "a:site:x", "a:site:x.y", "a:site:x y", "a:site:x/y"];
        let ids = ids.map(|text| text.parse::<NodeId>().expect("an id"));
        let shapers = shapers_at(&ids.iter().collect::<Vec<_>>());
        let names: Vec<&str> = shapers.iter().map(|shaper| shaper.name.as_str()).collect();
        assert_eq!(names, ["x", "b-site-x", "x-y", "a-site-x-y", "a-site-x-y-"]);
    }
}
