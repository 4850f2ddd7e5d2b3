//! `pleach demo`: the main job, on a network embedded in the binary.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, anyhow};
use clap::Args;

use super::{check, export};
use crate::config::Config;
use crate::exit::{Exit, Failure, HELP};
use crate::load;
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
            return Err(anyhow!(
                "`{FOLDER}` is there and was not made by the demo, so it is left alone\nhint: run the demo in another folder, or move `{FOLDER}` away"
            )
            .into());
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
        writeln!(out, "a network of three towers in a ring, with a few rows broken on purpose\n")?;
        check::write_text(out, &survey, &shapers, &views, &holders, &problems)?;
        writeln!(out)?;
        export::write_all(out, folder, &survey, &shapers, &views, &holders)?;
        let code = if survey.census.counts().quarantined > 0 { Exit::NotShaped } else { Exit::Done };
        writeln!(out, "\n`pleach check` would have returned {}: a subscriber is not shaped\n", code as u8)?;
        write_next(out)?;
        Ok(Exit::Done)
    }
}

fn write_next(out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(
        out,
        "try next, in {FOLDER}/:
  pleach check                      every problem again
  pleach explain 1042               why a subscriber is where it is
  pleach lookup 100.64.1.7          whose an address is
  pleach graph > network.svg        a picture for any browser
  pleach export --root 'Tower C'    the files of a shaper somewhere else"
    )?;
    Ok(())
}
