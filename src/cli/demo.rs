//! `pleach demo`: the main job, on a network embedded in the binary.

use std::borrow::Cow;
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, anyhow};
use clap::Args;
use pleach_graph::View;

use super::check;
use super::outcome::{Outcome, write_outcomes};
use crate::config::Config;
use crate::exit::{Exit, Failure, HELP};
use crate::export::build;
use crate::files::Staged;
use crate::load;
use crate::publish::publish;
use crate::report;
use crate::shapers::{Holders, Rooted};
use crate::survey::Survey;

/// Read a network of three towers, reroot it at two shapers and write their files to ./pleach-demo/
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Demo {}

const FOLDER: &str = "pleach-demo";
/// Marks the folder as the demo's own: another one is not written to.
const MARKER: &str = ".made-by-pleach-demo";

/// The network, as files that an operator could keep.
const FILES: [(&str, &str); 4] = [
    ("pleach.toml", include_str!("../../templates/demo/pleach.toml")),
    ("ShapedDevices.csv", include_str!("../../templates/demo/ShapedDevices.csv")),
    ("nodes.csv", include_str!("../../templates/demo/nodes.csv")),
    ("links.csv", include_str!("../../templates/demo/links.csv")),
];

impl Demo {
    #[allow(clippy::unused_self)] // every verb has this signature
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let folder = Path::new(FOLDER);
        if folder.exists() && !folder.join(MARKER).exists() {
            let error = anyhow!("`{FOLDER}` is there and was not made by the demo, so it is left alone");
            return Err(Failure::from(error).hint(format!("run the demo in another folder, or move `{FOLDER}` away")));
        }
        fs::create_dir_all(folder).with_context(|| format!("cannot make `{FOLDER}`"))?;
        for (name, text) in [(MARKER, "")].into_iter().chain(FILES) {
            fs::write(folder.join(name), text).with_context(|| format!("cannot write `{FOLDER}/{name}`"))?;
        }
        let config = Config::read(&folder.join("pleach.toml")).map_err(Failure::usage)?;
        let survey = Survey::new(load::load(&config.csv)?, &config);
        let (shapers, holders) = survey.shapers(&config.shaper).map_err(Failure::usage)?;
        let views = survey.views(&shapers);
        let problems = survey.problems(&views);
        writeln!(out, "a network of three towers in a ring, with a few rows broken on purpose")?;
        writeln!(out)?;
        check::write_text(out, &survey, &shapers, &views, &holders, &problems)?;
        writeln!(out)?;
        let outcomes = write_files(folder, &survey, &shapers, &views, &holders)?;
        write_outcomes(out, &survey, &holders, &outcomes)?;
        let quarantined = survey.census.counts().quarantined;
        let code = if quarantined > 0 { Exit::NotShaped } else { Exit::Done };
        writeln!(out)?;
        writeln!(out, "`check` would have returned {}: {} not shaped", code as u8, are(quarantined))?;
        writeln!(out)?;
        write_next(out)?;
        Ok(Exit::Done)
    }
}

fn are(circuits: usize) -> String {
    format!("{} {}", report::count(circuits, "circuit"), if circuits == 1 { "is" } else { "are" })
}

/// Writes every shaper's files, whatever stands there: the folder is the demo's own.
fn write_files(
    folder: &Path,
    survey: &Survey,
    rooted: &[Rooted<'_>],
    views: &[View<'_>],
    holders: &Holders,
) -> Result<Vec<Outcome>, Failure> {
    let mut staged = Staged::default();
    let mut outcomes = Vec::new();
    for (index, (shaper, view)) in rooted.iter().zip(views).enumerate() {
        let files = build(survey, shaper, view, holders, index);
        outcomes.push(Outcome::stage(&files, &folder.join(&files.name), None, &mut staged)?);
    }
    publish(staged)?;
    Ok(outcomes)
}

/// Commands that work from the folder where the demo was started.
fn write_next(out: &mut dyn Write) -> Result<(), Failure> {
    let pleach = std::env::args_os().next().unwrap_or_else(|| "pleach".into());
    let pleach = pleach.to_string_lossy();
    let pleach = quoted(&pleach);
    let config = format!("--config {FOLDER}/pleach.toml");
    writeln!(out, "try next:")?;
    for (command, what) in [
        (format!("check {config}"), "every problem again".to_owned()),
        (format!("explain 1042 {config}"), "why a subscriber is where it is".to_owned()),
        (format!("lookup 100.64.1.7 {config}"), "whose an address is".to_owned()),
        (format!("graph {config} > {FOLDER}/network.svg"), "a picture for any browser".to_owned()),
        (
            format!("export --root 'Tower B' --out {FOLDER} {config}"),
            format!("the files of a third shaper, in {FOLDER}/Tower-B/"),
        ),
    ] {
        writeln!(out, "  # {what}")?;
        writeln!(out, "  {pleach} {command}")?;
    }
    Ok(())
}

/// A word as a shell takes it.
fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+');
    if !word.is_empty() && word.chars().all(is_plain) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
}
