//! `pleach man`: manual pages, made from the same text as `--help`.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, CommandFactory};

use crate::exit::{Exit, Failure, HELP};

/// Write the manual pages, one for each verb, into a folder
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Man {
    /// Folder that is there already, such as /usr/local/share/man/man1
    folder: PathBuf,
}

impl Man {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        clap_mangen::generate_to(super::Cli::command(), &self.folder).map_err(|error| {
            let error = anyhow::Error::new(error);
            let failure =
                Failure::from(error.context(format!("cannot write manual pages to `{}`", self.folder.display())));
            failure.hint("the folder must be there already")
        })?;
        writeln!(out, "wrote the manual pages to `{}`", self.folder.display())?;
        Ok(Exit::Done)
    }
}
