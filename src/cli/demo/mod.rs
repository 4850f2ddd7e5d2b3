//! `pleach demo`: the main job, on a network embedded in the binary.

#[cfg(feature = "demo-uisp")]
mod uisp;

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
pub(super) struct Demo {
    /// Where the network comes from: files that are built in, or a fake UISP that is synced from end to end
    #[arg(long, value_enum, default_value_t)]
    source: DemoSource,
}

/// Where the demo's network comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum DemoSource {
    /// CSV files that are built in.
    #[default]
    Csv,
    /// A generated network behind a fake UISP on 127.0.0.1.
    #[cfg(feature = "demo-uisp")]
    Uisp,
}

const FOLDER: &str = "pleach-demo";
/// Marks the folder as the demo's own: another one is not written to.
const MARKER: &str = ".made-by-pleach-demo";

/// The network, as files that an operator could keep.
const FILES: [(&str, &str); 4] = [
    ("pleach.toml", include_str!("../../../templates/demo/pleach.toml")),
    ("ShapedDevices.csv", include_str!("../../../templates/demo/ShapedDevices.csv")),
    ("nodes.csv", include_str!("../../../templates/demo/nodes.csv")),
    ("links.csv", include_str!("../../../templates/demo/links.csv")),
];

impl Demo {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        match self.source {
            DemoSource::Csv => Self::of_files(out),
            #[cfg(feature = "demo-uisp")]
            DemoSource::Uisp => uisp::run(out),
        }
    }

    fn of_files(out: &mut dyn Write) -> Result<Exit, Failure> {
        let folder = made_folder()?;
        for (name, text) in FILES {
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

/// The demo's folder, made where it is missing; another one of that name is left alone.
fn made_folder() -> Result<&'static Path, Failure> {
    let folder = Path::new(FOLDER);
    if folder.exists() && !folder.join(MARKER).exists() {
        let error = anyhow!("`{FOLDER}` is there and was not made by the demo, so it is left alone");
        return Err(Failure::from(error).hint(format!("run the demo in another folder, or move `{FOLDER}` away")));
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make `{FOLDER}`"))?;
    fs::write(folder.join(MARKER), "").with_context(|| format!("cannot write `{FOLDER}/{MARKER}`"))?;
    Ok(folder)
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
    let config = format!("--config {FOLDER}/pleach.toml");
    let commands = [
        (format!("check {config}"), "every problem again".to_owned()),
        (format!("explain 1042 {config}"), "why a subscriber is where it is".to_owned()),
        (format!("lookup 100.64.1.7 {config}"), "whose an address is".to_owned()),
        (format!("graph {config} > {FOLDER}/network.svg"), "a picture for any browser".to_owned()),
        (
            format!("export --root 'Tower B' --out {FOLDER} {config}"),
            format!("the files of a third shaper, in {FOLDER}/Tower-B/"),
        ),
    ];
    write_commands(out, &commands)
}

/// Commands, each with what it does.
fn write_commands(out: &mut dyn Write, commands: &[(String, String)]) -> Result<(), Failure> {
    let pleach = std::env::args_os().next().unwrap_or_else(|| "pleach".into());
    let pleach = pleach.to_string_lossy();
    let pleach = quoted(&pleach);
    writeln!(out, "try next:")?;
    for (command, what) in commands {
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
