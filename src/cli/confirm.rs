//! `pleach confirm`: what was applied stays.

use std::io::Write;

use clap::Args;

use super::change::{failure, lock, open_kernel, session};
use super::shaping::Configured;
use crate::exit::{Exit, Failure, HELP};
use crate::shaping::change::{Confirmed, confirm};

/// Keep what `pleach apply --confirm` changed
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Confirm {
    #[command(flatten)]
    configured: Configured,
}

impl Confirm {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let folder = self.configured.folder()?;
        let mut kernel = open_kernel()?;
        let lock = lock(&folder, &[])?;
        let confirmed = confirm(&mut session(&mut kernel, &folder)).map_err(|error| failure(&folder, error))?;
        drop(lock); // nobody waits for a terminal
        match confirmed {
            Confirmed::Stays => {
                writeln!(out, "confirmed; `pleach rollback` can still undo it until the next apply")?;
                Ok(Exit::Done)
            }
            Confirmed::TooLate => {
                writeln!(out, "too late: the time for it was over, and the kernel is as it was before")?;
                Ok(Exit::Undone)
            }
        }
    }
}
