//! What an export does for each shaper: files staged, compared with those that stand there, and said.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use pleach_graph::guard::{GuardLimits, Verdict};
use serde::Serialize;

use super::export::CircuitsIn;
use crate::exit::Failure;
use crate::export::{FILE_NAMES, ShaperFiles, Which};
use crate::files::{Change, Staged};
use crate::report;
use crate::shapers::Holders;
use crate::survey::Survey;

/// What was done for one shaper.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    shaper: String,
    circuits: usize,
    nodes: usize,
    /// Its own folder, then the one it publishes to.
    folders: Vec<FolderOutcome>,
}

/// What was done in one folder.
#[derive(Debug, Serialize)]
struct FolderOutcome {
    folder: PathBuf,
    written: Vec<&'static str>,
    guard: Verdict,
}

impl Outcome {
    /// Writes a shaper's files beside those they will replace, in its folder and in the one it publishes to.
    pub(super) fn stage(
        files: &ShaperFiles<'_>,
        folder: &Path,
        publish: Option<&Path>,
        staged: &mut Staged,
    ) -> Result<Self, Failure> {
        let mut folders = vec![FolderOutcome::stage(files, folder, Which::All, staged)?];
        if let Some(publish) = publish {
            folders.push(FolderOutcome::stage(files, publish, Which::Readable, staged)?);
        }
        Ok(Self { shaper: files.name.clone(), circuits: files.circuit_ids.len(), nodes: files.nodes, folders })
    }
}

impl FolderOutcome {
    fn stage(files: &ShaperFiles<'_>, folder: &Path, which: Which, staged: &mut Staged) -> Result<Self, Failure> {
        let guard = files.guard(folder, GuardLimits::default())?;
        let stay = "the old files stay as they are";
        let changes = files.stage(staged, folder, which).map_err(|error| Failure::from(error).hint(stay))?;
        let written = FILE_NAMES.into_iter().zip(changes).filter(|(_, change)| *change == Change::Written);
        Ok(Self { folder: folder.to_owned(), written: written.map(|(name, _)| name).collect(), guard })
    }

    fn refusal(&self, shaper: &str) -> Option<String> {
        const NAMED: usize = 5; // as many as of a group of problems
        let file = self.folder.join(FILE_NAMES[1]);
        match &self.guard {
            Verdict::Accepted => None,
            Verdict::Empty => {
                Some(format!("shaper `{shaper}` would have no circuit left, and `{}` has some", file.display()))
            }
            Verdict::Vanishing { vanished, previous } => {
                let named: Vec<String> = vanished.iter().take(NAMED).map(|id| format!("`{id}`")).collect();
                let more = if vanished.len() > NAMED { ", …" } else { "" };
                let (vanished, previous) = (report::number(vanished.len()), report::number(*previous));
                let named = named.join(", ");
                let file = file.display();
                Some(format!("{vanished} of the {previous} circuits in `{file}` would vanish: {named}{more}"))
            }
        }
    }
}

/// Why the files may not replace those that stand there, a text for each folder where it is so.
pub(super) fn refusals(survey: &Survey, outcomes: &[Outcome]) -> Vec<String> {
    if survey.census.circuits().is_empty() {
        return vec!["no circuit is left to shape".to_owned()];
    }
    let folders = outcomes.iter().flat_map(|outcome| outcome.folders.iter().map(|folder| (folder, &outcome.shaper)));
    folders.filter_map(|(folder, shaper)| folder.refusal(shaper)).collect()
}

/// What was written for each shaper, and which circuits are in one, several or none of them.
pub(super) fn write_outcomes(
    out: &mut dyn Write,
    survey: &Survey,
    holders: &Holders,
    outcomes: &[Outcome],
) -> io::Result<()> {
    for outcome in outcomes {
        let (circuits, nodes) = (report::count(outcome.circuits, "circuit"), report::count(outcome.nodes, "node"));
        for (at, folder) in outcome.folders.iter().enumerate() {
            let whose =
                if at == 0 { format!("{circuits}, {nodes}") } else { format!("published `{}`", outcome.shaper) };
            let done = if folder.written.is_empty() {
                "unchanged".to_owned()
            } else {
                format!("wrote {}", folder.written.join(", "))
            };
            writeln!(out, "{}: {whose}; {done}", folder.folder.display())?;
        }
    }
    if outcomes.len() > 1 {
        let CircuitsIn { one, several, none } = CircuitsIn::count(survey, holders);
        let [one, several, none] = [one, several, none].map(report::number);
        writeln!(out, "circuits in one shaper: {one}, in several: {several}, in none: {none}")?;
    }
    Ok(())
}
