//! `pleach overlay commit`: puts this host's part of a model into effect.

use std::io::Write;

use clap::Args;

use super::change::commit;
use super::source::{Read, Source, State, claim};
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
    #[command(flatten)]
    state: State,
}

impl Commit {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let Read { mut reading, phys, .. } = self.source.read()?;
        if let Some(phys) = self.phys.as_deref().or(phys.as_deref()) {
            claim(&mut reading.model, phys)?;
        }
        let local = self.state.local(self.source.config())?;
        let told = commit(&reading, &local, if self.dry_run { Mode::DryRun } else { Mode::Do }, &mut terminal::say)?;
        out.write_all(told.text.as_bytes())?;
        Ok(told.exit)
    }
}
