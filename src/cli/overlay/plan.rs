//! `pleach overlay plan`: what a host needs of a model.

use std::io::Write;

use anyhow::anyhow;
use clap::{Args, ValueEnum};
use pleach_overlay::Host;
use pleach_overlay::links::{LinkState, diff, script, table};

use super::source::{Read, Source, checked, needed};
use crate::exit::{Exit, Failure, HELP};
use crate::{report, terminal};

/// Show everything that a host needs of a model; the kernel is not looked at
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Plan {
    #[command(flatten)]
    source: Source,
    /// The phys whose host it is for [default: the configured one, or those that are claimed local]
    #[arg(long, value_name = "NAME")]
    phys: Option<String>,
    /// How it is shown: a table, or a script of `ip`, `tc` and `bridge`
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Script,
}

impl Plan {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let Read { reading, phys, mark } = self.source.read()?;
        let (checked, problems) = checked(&reading, Host::unknown());
        say_problems(&problems)?;
        let Some(checked) = checked else {
            return Err(Failure::from(anyhow!("the model has errors, so nothing is planned")));
        };
        let phys = self.phys.as_deref().or(phys.as_deref());
        let plan = diff(&LinkState::default(), &needed(checked, phys, mark)?);
        let text = match self.format {
            Format::Table => table(&plan),
            Format::Script => script(&plan),
        };
        out.write_all(text.as_bytes())?;
        terminal::say(b"the kernel was not looked at: everything is shown as new\n");
        Ok(Exit::Done)
    }
}

/// Problems on standard error, where data is on standard output.
pub(super) fn say_problems(problems: &[pleach_graph::Problem]) -> Result<(), Failure> {
    terminal::say(&problem_text(problems)?);
    Ok(())
}

/// Problems as text for people.
pub(super) fn problem_text(problems: &[pleach_graph::Problem]) -> Result<Vec<u8>, Failure> {
    let mut text = terminal::Lines::new(Vec::new());
    report::write_problems(&mut text, problems)?;
    Ok(text.into_inner())
}
