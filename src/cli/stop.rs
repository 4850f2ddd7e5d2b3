//! `pleach stop`: takes everything that is ours out of the kernel.

use std::io::Write;

use clap::Args;

use super::change::{failure, lock, open_kernel, session, settled, undecided};
use super::shaping::Configured;
use crate::exit::{Exit, Failure, HELP};
use crate::report;
use crate::shaping::change::{Applied, Settled, apply};
use crate::shaping::decide::{decide_stop, interfaces};

/// Stop shaping: remove what Pleach made, and nothing else
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Stop {
    #[command(flatten)]
    configured: Configured,
}

impl Stop {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let chosen = self.configured.choose()?;
        let folder = &chosen.folder;
        let mut kernel = open_kernel()?;
        let interfaces = interfaces(&chosen.settings.ports);
        let lock = lock(folder, &interfaces)?;
        let mut said = Vec::new();
        let cut_short = match settled(&mut session(&mut kernel, folder), &mut said)? {
            Settled::CutShort(pending) => Some(*pending),
            _ => None,
        };
        let change = decide_stop(&mut kernel, folder, interfaces).map_err(undecided)?;
        let applied = apply(&mut session(&mut kernel, folder), &change, cut_short.as_ref(), None)
            .map_err(|error| failure(folder, error));
        drop(lock);
        for line in said {
            writeln!(out, "{line}")?;
        }
        match applied? {
            Applied::Nothing => writeln!(out, "nothing of Pleach's is there")?,
            Applied::Changed { .. } => {
                let count = report::count(change.plan.operations().count(), "operation");
                writeln!(out, "stopped: packets pass unshaped; {count}")?;
            }
        }
        Ok(Exit::Done)
    }
}
