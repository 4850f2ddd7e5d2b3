//! `pleach check`: reads everything and reports every problem.

use std::io::Write;

use clap::Args;
use pleach_graph::{Counts, Problem, View};
use serde::Serialize;

use super::inputs::{Inputs, Strictness, say_exposure};
use crate::exit::{Exit, Failure, HELP};
use crate::progress::Progress;
use crate::report::{self, LeftOut};
use crate::shapers::{Holders, Rooted};
use crate::survey::Survey;

/// Read the network, report every problem, and count what would be shaped
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Check {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    strictness: Strictness,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    documents: &'a [String],
    snapshot: &'a str,
    counts: Counts,
    left_out: Vec<LeftOut>,
    shapers: Vec<ShaperCounts<'a>>,
    problems: &'a [Problem],
}

#[derive(Serialize)]
struct ShaperCounts<'a> {
    name: &'a str,
    root: &'a str,
    circuits: usize,
    nodes: usize,
}

impl Check {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let progress = Progress::start();
        let config = self.inputs.config()?;
        say_exposure(&config);
        let survey = self.inputs.survey(&config, &progress)?;
        progress.stage("growing the shapers' trees");
        let (shapers, holders) = self.inputs.shapers(&survey, &config.shaper)?;
        let views = survey.views(&shapers);
        let problems = survey.problems(&views);
        drop(progress);
        if self.json {
            write_json(out, &survey, &shapers, &views, &holders, &problems)?;
        } else {
            write_text(out, &survey, &shapers, &views, &holders, &problems)?;
        }
        // What the last run found in records that changed no file, it counted.
        let later = self.inputs.counted_later(&config)?.map_or(0, |counts| counts.quarantined);
        Ok(self.strictness.judge(survey.census.counts().quarantined.max(later), &problems).0)
    }
}

/// The report of `check`, also of the demo.
pub(super) fn write_text(
    out: &mut dyn Write,
    survey: &Survey,
    shapers: &[Rooted<'_>],
    views: &[View<'_>],
    holders: &Holders,
    problems: &[Problem],
) -> Result<(), Failure> {
    report::write_problems(out, problems)?;
    if !problems.is_empty() {
        writeln!(out)?;
    }
    writeln!(out, "read from {}", survey.documents.join(", "))?;
    report::write_totals(out, problems)?;
    report::write_counts(out, &survey.census)?;
    if survey.census.circuits().is_empty() {
        writeln!(out, "no circuit is left to shape: `export` would refuse to write that")?;
    }
    let width = shapers.iter().map(|rooted| rooted.shaper.name.chars().count()).max().unwrap_or(0);
    for counts in shaper_counts(survey, shapers, views, holders) {
        let (circuits, nodes) = (report::count(counts.circuits, "circuit"), report::count(counts.nodes, "node"));
        writeln!(out, "shaper {:width$}  at {}: {circuits}, {nodes}", counts.name, counts.root)?;
    }
    Ok(())
}

fn shaper_counts<'a>(
    survey: &'a Survey,
    shapers: &'a [Rooted<'_>],
    views: &[View<'_>],
    holders: &Holders,
) -> Vec<ShaperCounts<'a>> {
    let counts = |(index, (rooted, view)): (usize, (&'a Rooted<'_>, &View<'_>))| {
        let is_held = |circuit: &&pleach_graph::Circuit| holders.holds(index, circuit.position);
        ShaperCounts {
            name: &rooted.shaper.name,
            root: survey.network.node(rooted.tree.root()).id.as_str(),
            circuits: survey.census.circuits().iter().filter(is_held).count(),
            nodes: view.entries().len(),
        }
    };
    shapers.iter().zip(views).enumerate().map(counts).collect()
}

fn write_json(
    out: &mut dyn Write,
    survey: &Survey,
    shapers: &[Rooted<'_>],
    views: &[View<'_>],
    holders: &Holders,
    problems: &[Problem],
) -> Result<(), Failure> {
    let report = Report {
        documents: &survey.documents,
        snapshot: &survey.snapshot,
        counts: survey.census.counts(),
        left_out: report::left_out(&survey.census),
        shapers: shaper_counts(survey, shapers, views, holders),
        problems,
    };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)?;
    Ok(())
}
