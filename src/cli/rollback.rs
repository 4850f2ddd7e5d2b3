//! `pleach rollback`: back to before the last apply.

use std::io::Write;

use clap::Args;

use super::change::{failure, lock, not_as_before, open_kernel, recorded, session};
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
        let left = done?;
        if left.is_empty() {
            writeln!(out, "undone: the kernel is as it was before the last apply or stop")?;
            return Ok(Exit::Done);
        }
        writeln!(out, "undone as far as that can be; not as it was before:{}", not_as_before(&left))?;
        Ok(Exit::UndoIncomplete)
    }
}
