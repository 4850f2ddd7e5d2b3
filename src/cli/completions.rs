//! `pleach completions`: completion scripts for shells.

use std::io::Write;

use clap::{Args, CommandFactory};

use crate::exit::{Exit, Failure};

/// Print a completion script for a shell
#[derive(Debug, Args)]
pub(super) struct Completions {
    shell: clap_complete::Shell,
}

impl Completions {
    #[allow(clippy::unnecessary_wraps)] // every verb has this signature
    pub(super) fn run(&self, mut out: &mut dyn Write) -> Result<Exit, Failure> {
        clap_complete::generate(self.shell, &mut super::Cli::command(), "pleach", &mut out);
        Ok(Exit::Done)
    }
}
