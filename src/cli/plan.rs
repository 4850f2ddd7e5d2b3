//! `pleach plan`: what `apply` would change.

use std::io::Write;

use clap::{Args, ValueEnum};
use pleach_shaper::render::{self, Changes, Lines};

use super::apply::Allow;
use super::change::{open_kernel, say_pending};
use super::inputs::{MayWrite, Strictness};
use super::shaping::Shaped;
use crate::exit::{Exit, Failure, HELP};
use crate::progress::Progress;
use crate::shaping::decide::Decided;
use crate::terminal;

/// Show what `pleach apply` would change, and change nothing
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Plan {
    #[command(flatten)]
    shaped: Shaped,
    #[command(flatten)]
    allow: Allow,
    #[command(flatten)]
    strictness: Strictness,
    /// How it is shown: a table, JSON, or a script of `tc` and `bpftool`
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
    Tc,
}

impl Plan {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let progress = Progress::start();
        let wanted = self.shaped.load(&progress)?;
        progress.stage("comparing with the kernel");
        let mut kernel = open_kernel()?;
        let decided = wanted.decide(&mut kernel, self.allow.allowed())?;
        drop(progress);
        say_pending(&wanted.chosen.folder);
        let problems = wanted.say_problems(&decided)?;
        out.write_all(self.rendered(&decided).as_bytes())?;
        if let Err(refusal) = self.allow.guard(&decided) {
            terminal::say(format!("`apply` would refuse this: {:#}\n", refusal.error).as_bytes());
        }
        Ok(match self.strictness.judge(wanted.quarantined, &problems) {
            (exit, MayWrite::No) => exit,
            (exit, MayWrite::Yes) if decided.change.plan.is_empty() => exit,
            _ => Exit::Differences, // whoever is not shaped is said by the run that finds nothing else to do
        })
    }

    fn rendered(&self, decided: &Decided) -> String {
        let (change, subjects) = (&decided.change, &decided.planned.subjects);
        let changes = || Changes::new(&change.plan, &change.observed, subjects);
        match self.format {
            Format::Table => terminal::several_lines(&render::table(&changes(), Lines::default())).into_owned(),
            Format::Json => render::json(&changes()),
            Format::Tc => render::script(&change.plan, &change.observed, subjects),
        }
    }
}
