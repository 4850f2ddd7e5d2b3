//! `pleach export`: the files of every shaper.

use std::collections::HashSet;
use std::io::Write;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use clap::Args;
use pleach_graph::guard::{GuardLimits, Verdict};
use pleach_graph::{Problem, View};
use serde::Serialize;

use super::inputs::{Inputs, MayWrite, Strictness, survey};
use crate::config::{Config, Shaper, folder_name};
use crate::exit::{Exit, Failure, HELP};
use crate::export::{FILE_NAMES, ShaperFiles, Which, build};
use crate::files::{Change, Staged};
use crate::progress::Progress;
use crate::report;
use crate::shapers::{Holders, Rooted, find_node};
use crate::survey::Survey;

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

/// What was done for one shaper.
#[derive(Debug, Serialize)]
struct Outcome {
    shaper: String,
    folder: PathBuf,
    circuits: usize,
    nodes: usize,
    written: Vec<&'static str>,
    guard: Verdict,
}

impl Export {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let progress = Progress::start();
        let config = self.inputs.config()?;
        let survey = ManuallyDrop::new(survey(&config, &progress)?); // the process ends here; the kernel frees it at once
        let shapers = self.shapers(&config, &survey)?;
        progress.stage("growing the shapers' trees");
        let (rooted, holders) = survey.shapers(&shapers).map_err(Failure::usage)?;
        let views = survey.views(&rooted);
        let mut problems = survey.problems(&views);
        let (exit, may_write) = self.strictness.judge(&survey, &problems);
        let (outcomes, staged) = self.stage(&survey, &rooted, &views, &holders, &progress, &mut problems)?;
        drop(progress);
        let mut errors = std::io::stderr().lock();
        report::write_problems(&mut errors, &problems)?;
        if may_write == MayWrite::No {
            writeln!(errors, "pleach: nothing is written: `--strict`, and there are problems")?;
            return Ok(exit);
        }
        if let Some(refused) = refusal(&survey, &outcomes)
            && !self.accept_changes
        {
            writeln!(errors, "pleach: {refused}\nhint: look at what changed; `--accept-changes` writes all the same")?;
            return Ok(Exit::Refused);
        }
        staged.publish()?;
        self.write_outcome(out, &survey, &rooted, &holders, &outcomes)?;
        Ok(exit)
    }

    /// The configured shapers, or one for each `--root`.
    fn shapers(&self, config: &Config, survey: &Survey) -> Result<Vec<Shaper>, Failure> {
        if self.root.is_empty() {
            return Ok(config.shaper.clone());
        }
        let mut shapers = Vec::new();
        let mut names = HashSet::new();
        for root in &self.root {
            let node = find_node(&survey.network, root).map_err(Failure::usage)?;
            let id = &survey.network.node(node).id;
            let mut name = folder_name(id);
            if !names.insert(name.clone()) {
                name = id.as_str().replace(|c: char| !c.is_alphanumeric(), "-");
            }
            shapers.push(Shaper::named(&name, Some(id.to_string())));
        }
        self.inputs.apply_to_shapers(&mut shapers);
        Ok(shapers)
    }

    /// Writes every shaper's files beside those they will replace, and compares the two.
    fn stage(
        &self,
        survey: &Survey,
        rooted: &[Rooted<'_>],
        views: &[View<'_>],
        holders: &Holders,
        progress: &Progress,
        problems: &mut Vec<Problem>,
    ) -> Result<(Vec<Outcome>, Staged), Failure> {
        let mut staged = Staged::default();
        let mut outcomes = Vec::new();
        for (index, (shaper, view)) in rooted.iter().zip(views).enumerate() {
            progress.stage(format!("writing the files of {}", shaper.shaper.name));
            let files = build(survey, shaper, view, holders, index);
            let folder = self.out.join(&files.name);
            outcomes.push(stage_one(&files, &folder, shaper.shaper.publish.as_deref(), &mut staged)?);
            problems.extend(files.problem);
        }
        Ok((outcomes, staged))
    }

    fn write_outcome(
        &self,
        out: &mut dyn Write,
        survey: &Survey,
        rooted: &[Rooted<'_>],
        holders: &Holders,
        outcomes: &[Outcome],
    ) -> Result<(), Failure> {
        if self.json {
            serde_json::to_writer_pretty(&mut *out, outcomes)?;
            writeln!(out)?;
            return Ok(());
        }
        report::write_counts(out, &survey.census)?;
        write_outcomes(out, survey, rooted, holders, outcomes)
    }
}

fn stage_one(
    files: &ShaperFiles<'_>,
    folder: &Path,
    publish: Option<&Path>,
    staged: &mut Staged,
) -> Result<Outcome, Failure> {
    let guard = files.guard(folder, GuardLimits::default());
    let changes = files.stage(staged, folder, Which::All)?;
    if let Some(publish) = publish {
        files.stage(staged, publish, Which::Readable)?;
    }
    let written = FILE_NAMES.into_iter().zip(changes).filter(|(_, change)| *change == Change::Written);
    Ok(Outcome {
        shaper: files.name.clone(),
        folder: folder.to_owned(),
        circuits: files.circuit_ids.len(),
        nodes: files.nodes,
        written: written.map(|(name, _)| name).collect(),
        guard,
    })
}

/// Why the files may not replace those that stand there, if so.
fn refusal(survey: &Survey, outcomes: &[Outcome]) -> Option<String> {
    const NAMED: usize = 5; // as many as of a group of problems
    if survey.census.circuits().is_empty() {
        return Some("refused: no circuit is left to shape".to_owned());
    }
    outcomes.iter().find_map(|outcome| match &outcome.guard {
        Verdict::Accepted => None,
        Verdict::Empty => Some(format!("refused: shaper `{}` would have no circuit left", outcome.shaper)),
        Verdict::Vanishing { vanished, previous } => {
            let named: Vec<String> = vanished.iter().take(NAMED).map(|id| format!("`{id}`")).collect();
            Some(format!(
                "refused: {} of the {previous} circuits of shaper `{}` would vanish: {}, …",
                vanished.len(),
                outcome.shaper,
                named.join(", ")
            ))
        }
    })
}

/// What was written for each shaper, and which circuits are in one, several or none of them.
fn write_outcomes(
    out: &mut dyn Write,
    survey: &Survey,
    rooted: &[Rooted<'_>],
    holders: &Holders,
    outcomes: &[Outcome],
) -> Result<(), Failure> {
    for outcome in outcomes {
        let (circuits, nodes) = (report::count(outcome.circuits, "circuit"), report::count(outcome.nodes, "node"));
        let done = if outcome.written.is_empty() {
            "unchanged".to_owned()
        } else {
            format!("wrote {}", outcome.written.join(", "))
        };
        writeln!(out, "{}: {circuits}, {nodes}; {done}", outcome.folder.display())?;
    }
    if rooted.len() > 1 {
        let mut by_count = [0_usize; 3];
        for circuit in survey.census.circuits() {
            by_count[holders.count(circuit.position).min(2)] += 1;
        }
        let [none, one, several] = by_count.map(report::number);
        writeln!(out, "circuits in one shaper: {one}, in several: {several}, in none: {none}")?;
    }
    Ok(())
}

/// Writes every shaper's files to `folder`, whatever stands there; also the demo's way.
pub(super) fn write_all(
    out: &mut dyn Write,
    folder: &Path,
    survey: &Survey,
    rooted: &[Rooted<'_>],
    views: &[View<'_>],
    holders: &Holders,
) -> Result<(), Failure> {
    let mut staged = Staged::default();
    let mut outcomes = Vec::new();
    for (index, (shaper, view)) in rooted.iter().zip(views).enumerate() {
        let files = build(survey, shaper, view, holders, index);
        outcomes.push(stage_one(&files, &folder.join(&files.name), None, &mut staged)?);
    }
    staged.publish()?;
    write_outcomes(out, survey, rooted, holders, &outcomes)
}
