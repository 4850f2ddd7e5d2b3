//! `pleach recover`: for the boot unit, before `apply`.

use std::io::Write;

use clap::Args;

use super::change::{lock, open_kernel, session, settled};
use super::shaping::Configured;
use crate::exit::{Exit, Failure, HELP};
use crate::shaping::change::Settled;

/// Undo an apply that nobody confirmed and whose watcher is gone: for a boot unit, before `apply`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Recover {
    #[command(flatten)]
    configured: Configured,
}

impl Recover {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let folder = self.configured.folder()?;
        let mut kernel = open_kernel()?;
        let lock = lock(&folder, &[])?;
        let mut said = Vec::new();
        let done = settled(&mut session(&mut kernel, &folder), &mut said);
        drop(lock);
        if let Settled::CutShort(_) = done? {
            said.push("`pleach apply` goes on from there, `pleach rollback` goes back to before it".to_owned());
        }
        if said.is_empty() {
            said.push("nothing to undo".to_owned());
        }
        for line in said {
            writeln!(out, "{line}")?;
        }
        Ok(Exit::Done)
    }
}
