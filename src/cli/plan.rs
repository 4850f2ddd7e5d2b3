//! `pleach plan`: what `apply` would change.

use std::io::Write;

use clap::Args;

use super::apply::Allow;
use super::change::open_kernel;
use super::shaping::Shaped;
use crate::exit::{Exit, Failure, HELP};
use crate::progress::Progress;
use crate::report;
use crate::terminal;

/// Show what `pleach apply` would change, and change nothing
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Plan {
    #[command(flatten)]
    shaped: Shaped,
    #[command(flatten)]
    allow: Allow,
}

impl Plan {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let progress = Progress::start();
        let wanted = self.shaped.load(&progress)?;
        progress.stage("comparing with the kernel");
        let mut kernel = open_kernel()?;
        let decided = wanted.decide(&mut kernel, self.allow.allowed())?;
        drop(progress);
        let mut problems = wanted.problems;
        problems.extend(decided.problems());
        let mut said = Vec::new();
        report::write_problems(&mut said, &problems)?;
        terminal::say(&said);
        for operation in decided.change.plan.operations() {
            writeln!(out, "{operation:?}")?;
        }
        let (count, unchanged) = (decided.change.plan.operations().count(), decided.change.plan.unchanged);
        writeln!(out, "{}, {} unchanged", report::count(count, "operation"), report::number(unchanged))?;
        Ok(if decided.change.plan.is_empty() { Exit::Done } else { Exit::Differences })
    }
}
