//! `pleach completions`: completion scripts for shells.

use std::io::Write;

use clap::{Args, CommandFactory};

use crate::exit::{Exit, Failure, HELP};

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Completions {
    /// Whose script
    shell: clap_complete::Shell,
}

impl Completions {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let mut script = Vec::new(); // the generator panics where a write fails
        clap_complete::generate(self.shell, &mut super::Cli::command(), "pleach", &mut script);
        out.write_all(&script)?;
        Ok(Exit::Done)
    }
}
