//! `pleach overlay commit`: puts this host's part of a model into effect.

use std::io::Write;

use clap::Args;

use super::change::{Format, commit};
use super::source::{Accept, Read, Source, State, claim};
use crate::exit::{Exit, Failure, HELP};
use crate::overlay::Mode;
use crate::terminal;

/// Put this host's part of a model into effect: change what differs, and nothing else
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Commit {
    #[command(flatten)]
    source: Source,
    /// The phys that is this host's [default: the configured one, or those that are claimed local]
    #[arg(long, value_name = "NAME")]
    phys: Option<String>,
    /// Say what would be changed, and change nothing; exit code 7 if that is anything
    #[arg(long)]
    dry_run: bool,
    /// How what is changed is shown: a table, or JSON
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    accept: Accept,
    #[command(flatten)]
    state: State,
}

impl Commit {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let Read { mut reading, phys, .. } = self.source.read()?;
        if let Some(phys) = self.phys.as_deref().or(phys.as_deref()) {
            claim(&mut reading.model, phys)?;
        }
        let local = self.state.local(self.source.config(), self.accept.acceptance())?;
        let mode = if self.dry_run { Mode::DryRun } else { Mode::Do };
        let told = commit(&reading, &local, (mode, self.format), &mut terminal::say)?;
        out.write_all(told.text.as_bytes())?;
        Ok(told.exit)
    }
}
