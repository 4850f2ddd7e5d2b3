//! `pleach rollback`: back to before the last apply.

use std::io::Write;

use clap::Args;

use super::change::{failure, lock, open_kernel, recorded, session};
use super::shaping::Configured;
use crate::exit::{Exit, Failure, HELP};
use crate::shaping::change::rollback;
use crate::state::Name;

/// Undo the last apply, confirmed or not
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Rollback {
    #[command(flatten)]
    configured: Configured,
}

impl Rollback {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let folder = self.configured.folder()?;
        let mut kernel = open_kernel()?;
        let lock = lock(&folder, &recorded(&folder, Name::Previous))?;
        let done = rollback(&mut session(&mut kernel, &folder)).map_err(|error| failure(&folder, error));
        drop(lock);
        done?;
        writeln!(out, "undone: the kernel is as it was before the last apply or stop")?;
        Ok(Exit::Done)
    }
}
