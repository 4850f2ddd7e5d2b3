//! `pleach overlay cleanup`: takes every overlay out of the kernel.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::change::cleanup;
use super::source::State;
use crate::exit::{Exit, Failure, HELP};
use crate::overlay::{Acceptance, Mode};
use crate::terminal;

/// Take every overlay out of the kernel, and leave everything else as it was before
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Cleanup {
    /// Say what would be removed, and change nothing; exit code 7 if that is anything
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    state: State,
    /// Configuration file [default: ./pleach.toml, then /etc/pleach/pleach.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Cleanup {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let folder = self.state.local(self.config.as_deref(), Acceptance::Everything)?.folder;
        let told = cleanup(&folder, if self.dry_run { Mode::DryRun } else { Mode::Do }, &mut terminal::say)?;
        out.write_all(told.text.as_bytes())?;
        Ok(told.exit)
    }
}
