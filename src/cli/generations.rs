//! `pleach generations`: what has been kept.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::inputs::read_config;
use crate::exit::{Exit, Failure, HELP};
use crate::generations::{Manifest, Origin, Store};
use crate::report;
use crate::sync::Pin;

/// List the generations that are kept, the newest first
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Generations {
    /// Configuration file [default: ./pleach.toml, then /etc/pleach/pleach.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the manifests as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Listed<'a> {
    current: Option<u64>,
    pinned: Option<Pin>,
    generations: Vec<&'a Manifest>,
}

impl Generations {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let config = read_config(self.config.as_deref())?;
        let store = Store::at(&config.state);
        let (current, pinned) = (store.current()?, Pin::read(&config.state)?);
        let manifests = store.manifests()?;
        let generations: Vec<&Manifest> = manifests.iter().rev().collect();
        if self.json {
            serde_json::to_writer_pretty(&mut *out, &Listed { current, pinned, generations })?;
            writeln!(out)?;
            return Ok(Exit::Done);
        }
        if generations.is_empty() {
            writeln!(out, "there is no generation yet: `pleach sync` makes the first")?;
        }
        for manifest in generations {
            let mark = if Some(manifest.generation) == current { "*" } else { " " };
            let circuits = report::count(manifest.counts.shaped, "circuit");
            let problems: usize = manifest.problems.values().sum();
            let time = manifest.created.strftime("%Y-%m-%d %H:%M:%S UTC");
            writeln!(
                out,
                "{mark} {:>6}  {time}  {circuits} shaped, {}{}",
                manifest.generation,
                report::count(problems, "problem"),
                origin(&manifest.origin)
            )?;
        }
        if let Some(pin) = pinned {
            writeln!(
                out,
                "pinned to generation {} since {}: syncs change nothing until `pleach rollback --resume`",
                pin.generation, pin.since
            )?;
        }
        Ok(Exit::Done)
    }
}

fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Sync => String::new(),
        Origin::Accepted => ", accepted by hand".to_owned(),
        Origin::RollbackTo(of) => format!(", a rollback to {of}"),
    }
}
